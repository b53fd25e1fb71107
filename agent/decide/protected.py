"""Which machines nothing may write to, whatever name they go by. Source: GUARDS.md, 6."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


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
