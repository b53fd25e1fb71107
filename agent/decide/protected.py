"""Which machines nothing may write to, whatever name they go by. Source: GUARDS.md, 6."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ANY = "*"  # in a name that the district protects: any text, or none
SOURCE = "policies/district.yaml says so"


def named(never: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """Give every resource that the district's own list protects, and why: each name of the list, and what it covers.

    A name covers what is written like it in capitals or small letters, and the same with `@system` behind it, as
    resources are called that several systems show. `*` in a name stands for any text.

    Args:
        never: `kind/name`, as the list has them.
        known: the ids that there are.
    """
    exact = {name.casefold(): name for name in never if ANY not in name}
    patterns = [(name, _pattern(name)) for name in sorted(never) if ANY in name]
    found = dict.fromkeys(exact.values(), SOURCE)
    for resource in known:
        spellings = [s.casefold() for s in _spellings(resource)]
        if any(s in exact for s in spellings):
            found.setdefault(resource, SOURCE)
        for name, pattern in patterns:
            if any(pattern.fullmatch(s) for s in spellings):
                found.setdefault(resource, f"{SOURCE} of {name}")
    return found


def idle(never: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    """Give the names with `*` that cover nothing there is: somebody believes that something is protected."""
    spellings = {s.casefold() for resource in known for s in _spellings(resource)}
    return tuple(name for name in sorted(never) if ANY in name and not any(map(_pattern(name).fullmatch, spellings)))


def protected_resources(
    never: Mapping[str, str], addresses: Mapping[str, str], identities: Mapping[str, str], own: str
) -> dict[str, str]:
    """Give every resource that may not be written to, and why, whatever name it goes by.

    Args:
        never: the ids that the district protects, each with who says so.
        addresses: resource id to the address that its changes would go to.
        identities: resource id to the machine's own identity, as read now or remembered.
        own: the identity of the server that the agent runs on, or empty where it has none.
    """
    protected = dict(never)
    machines = {identities[r]: r for r in never if r in identities}
    places = {addresses[r]: r for r in never if r in addresses}
    for resource, address in addresses.items():
        machine = identities.get(resource, "")
        if resource in protected:
            continue
        if not own:
            protected[resource] = "this server has no machine id of its own, so it cannot be told from that host"
        elif not machine:
            protected[resource] = "its machine id could not be read, so it may be a protected machine by another name"
        elif machine == own:
            protected[resource] = "it is this server itself, or a copy of it with the same machine id"
        elif machine in machines:
            protected[resource] = f"it is the same machine as {machines[machine]}"
        elif address in places:
            protected[resource] = f"it has the same address as {places[address]}"
    return protected


def _pattern(name: str) -> re.Pattern[str]:
    """Give what a name with `*` matches; it stands for text only, so that nothing else in a name means anything."""
    return re.compile(".*".join(re.escape(part) for part in name.casefold().split(ANY)), re.DOTALL)


def _spellings(resource: str) -> Iterator[str]:
    yield resource
    bare, at, _ = resource.rpartition("@")
    if at:
        yield bare
