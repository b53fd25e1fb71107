"""Recall: the last recorded look, as far as it can answer what policies ask now."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from agent.decide.columns import Row, build
from agent.decide.evaluate import converge_field, fields_read
from agent.decide.references import needed
from agent.errors import InputError
from agent.eyes import HOST, doubted
from agent.model.kind import FieldRef, nearest
from agent.model.source import ExportSource
from agent.observe import SITE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from agent.decide.columns import Columns
    from agent.deliberate import Ports
    from agent.model.kind import Catalog
    from agent.model.policy import Host, Policy, Repository
    from agent.model.reading import Reading
    from agent.model.sweep import Sweep

    Told = Callable[[Host, FieldRef], Reading]

LISTED = frozenset({"groups", "var"})  # families of a host's fields that the inventory tells
MOST_MEANT = 4  # resources that one word could mean, as an error names them


def recalled(ports: Ports, repository: Repository, kinds: Iterable[str] | None = None) -> tuple[Sweep, ...]:
    """Give the last sweep of each system that still shows these kinds (default: any kind).

    A list that was doubted at that look still is, and is as old as it may be by the repository's word.
    """
    readers = ports.eyes.readers
    fresh_for = {s.name: s.fresh_for for s in repository.sources if isinstance(s, ExportSource)}
    found = (
        ports.hands.ledger.last_sweep(kind, system)
        for kind in (readers if kinds is None else kinds)
        for system in readers.get(kind, {})
    )
    return tuple(
        doubted(ports.eyes, replace(s, fresh_for=fresh_for.get(s.system), trouble=_trouble(s)))
        for s in found
        if s is not None
    )


def _trouble(sweep: Sweep) -> str:
    """A list that showed nothing, and is not proven to be empty, could not be read."""
    return sweep.membership if not sweep.proven and not sweep.expected else ""


def kinds_of(policy: Policy, catalog: Catalog) -> dict[str, frozenset[FieldRef]]:
    """Give the fields that a policy has read of each kind, its own first."""
    return needed(fields_read(policy), catalog.kinds[policy.kind], catalog)


def unread(policy: Policy, catalog: Catalog, sweeps: Iterable[Sweep], shown: Iterable[str]) -> tuple[str, ...]:
    """Give what a policy asks for that a look did not read, such as `device.os_version`.

    Args:
        shown: the kinds that some system shows.
    """
    looked: dict[str, list[Sweep]] = {}
    for sweep in sweeps:
        looked.setdefault(sweep.kind, []).append(sweep)
    missing: list[str] = []
    for kind, fields in kinds_of(policy, catalog).items():
        names = sorted(f.name for f in fields if f.reckoned is None)
        if kind == policy.kind and policy.converge is not None:
            names.append(converge_field(policy).name)
        if kind in looked:
            missing += [f"{kind}.{n}" for n in names if not _told(n, looked[kind])]
        elif kind in set(shown) - {SITE}:
            missing += [f"{kind}.{n}" for n in names] or [f"every {kind}"]
    return tuple(dict.fromkeys(missing))


def _told(name: str, sweeps: Sequence[Sweep]) -> bool:
    """Say whether every list that could be read has a column; where none could, one of them was asked for it."""
    return all(name in _fields(s) for s in sweeps if not s.trouble) and any(name in _fields(s) for s in sweeps)


def _fields(sweep: Sweep) -> Iterable[str]:
    return cast("Columns", sweep.table).fields


def policy_named(repository: Repository, name: str) -> Policy:
    """Give the policy of an id, in small letters too.

    Raises:
        InputError: there is none; with the nearest.
    """
    found = next((p for p in repository.policies if p.id.lower() == name.lower()), None)
    if found is None:
        msg = f"There is no policy {name!r}{nearest(name, [p.id for p in repository.policies]) or '.'}"
        raise InputError(msg)
    return found


def resource_named(ids: Iterable[str], kind: str, wanted: str) -> str:
    """Give the id that is meant: whole, without its kind, or without the system behind it, whatever the case.

    Raises:
        InputError: the last look shows none, or several.
    """
    known = [r for r in ids if r.startswith(f"{kind}/")]
    for name in (wanted, f"{kind}/{wanted}"):
        if name in known:
            return name
    bare = wanted.removeprefix(f"{kind}/").casefold()
    names = {r: r.partition("/")[2].casefold() for r in known}
    close = [r for r, n in names.items() if bare and bare in {n, n.rpartition("@")[0]}]
    if len(close) == 1:
        return close[0]
    if close:
        msg = f"{wanted!r} could be {' or '.join(close[:MOST_MEANT])}: write it whole."
        raise InputError(msg)
    hint = nearest(wanted, [*known, *(r.partition("/")[2] for r in known)])
    msg = f"There is no {kind} {wanted!r} in the last look{hint or '.'}"
    raise InputError(msg)


def with_inventory(sweeps: Iterable[Sweep], repository: Repository, told: Told, catalog: Catalog) -> tuple[Sweep, ...]:
    """Give the look as if the hosts had been those of this revision's inventory, in its groups, with its variables.

    Of a host that the look did not have nothing else is known; one that is not in the inventory drops out.
    """
    asked = {f for p in repository.policies for f in kinds_of(p, catalog).get(HOST, ()) if f.family in LISTED}
    return tuple(_listed(s, repository, sorted(asked), told) if s.kind == HOST else s for s in sweeps)


def _listed(sweep: Sweep, repository: Repository, asked: Iterable[FieldRef], told: Told) -> Sweep:
    table = cast("Columns", sweep.table)
    old = [FieldRef(name, name, "", "", kind) for name, kind in table.fields.items()]
    asked, rows = tuple(asked), []
    for host in repository.hosts:
        seen = table.row(host.id).readings if host.id in table.index else {}
        rows.append(Row(host.id, host.site, {**seen, **{f.name: told(host, f) for f in asked}}))
    fields = [*(f for f in old if f.name not in {a.name for a in asked}), *asked]
    hosts = {h.id for h in repository.hosts}
    unseen = tuple(u for u in sweep.unseen if u.resource in hosts)
    dark = {u.resource for u in unseen} | (hosts - set(table.index))
    return replace(sweep, table=build(fields, rows), expected=len(rows), seen=len(rows) - len(dark), unseen=unseen)
