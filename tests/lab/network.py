"""A lab's network: a bridge that this machine is on, and an inner one that only jump hosts reach.

Addresses are of 198.18.0.0/15, which RFC 2544 keeps for tests of network equipment: no district, cloud or container
engine hands them out. A lab has a /21: the lower half is the bridge's, the upper half the inner bridge's.
"""

from __future__ import annotations

import json
import secrets
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import TYPE_CHECKING

from tests.lab.commands import LabError, attempt, tool

if TYPE_CHECKING:
    from collections.abc import Iterable

POOL = IPv4Network("198.18.0.0/15")
BLOCK = 21
LAST_INDEX = 1020  # a half holds 1,022 addresses; the first is this machine's
NAMESPACES = Path("/run/netns")


def free_block(taken: Iterable[IPv4Network]) -> IPv4Network:
    """Choose a block that neither another lab (`taken`) nor anything on this machine uses."""
    used = [*taken, *_used_here()]
    free = [block for block in POOL.subnets(new_prefix=BLOCK) if not any(block.overlaps(other) for other in used)]
    if not free:
        msg = f"No free addresses for a lab in {POOL}: see `python -m tests.lab list`, and take labs down."
        raise LabError(msg)
    return secrets.choice(free)  # not the first: labs that follow each other should differ


def namespace(lab: str, index: int) -> str:
    """Return the name of a host's network namespace."""
    return f"dbl-{lab}-{index}"


def address(block: IPv4Network, index: int, *, inner: bool) -> IPv4Address:
    """Return the address of the lab's host `index` (from 1) on the bridge, or on the inner one."""
    return _half(block, inner=inner)[index + 1]


def create(lab: str, block: IPv4Network) -> None:
    """Make the bridge, with this machine on it, and the inner bridge in a namespace of its own."""
    # A MAC set by hand: udev would give the bridge another one later, under open connections.
    bridge = _bridge(lab)
    tool("ip", "link", "add", bridge, "address", _mac(), "type", "bridge")
    # The mask covers the inner half: a packet for it must find nobody, not leave by the default route.
    tool("ip", "address", "add", f"{block[1]}/{BLOCK}", "dev", bridge)
    tool("ip", "link", "set", bridge, "up")
    tool("ip", "netns", "add", _inner(lab))
    tool("ip", "-n", _inner(lab), "link", "add", bridge, "type", "bridge")
    tool("ip", "-n", _inner(lab), "link", "set", bridge, "up")


def join(lab: str, block: IPv4Network, index: int, *, inner: bool) -> None:
    """Make the namespace of a host and put it on the bridge, or on the inner one."""
    home = namespace(lab, index)
    tool("ip", "netns", "add", home)
    tool("ip", "-n", home, "link", "set", "lo", "up")
    _plug(lab, block, index, inner=inner)


def join_inner(lab: str, block: IPv4Network, index: int) -> None:
    """Put a host that is on the bridge onto the inner one as well: it becomes a jump host."""
    if attempt("ip", "-n", namespace(lab, index), "link", "show", "dev", "eth1").returncode:
        _plug(lab, block, index, inner=True, device="eth1")


def switch(lab: str, index: int, *, inner: bool, on: bool) -> None:
    """Connect or disconnect a host's cable at the bridge's end."""
    where = ["-n", _inner(lab)] if inner else []
    tool("ip", *where, "link", "set", _port(lab, index, inner=inner), "up" if on else "down")


def expect(lab: str, block: IPv4Network, index: int, *, always: bool) -> None:
    """Remember a host's MAC whether or not it answers, so that packets to it are lost rather than refused at home."""
    there, words = str(address(block, index, inner=False)), ["dev", _bridge(lab)]
    if always:
        shown = json.loads(tool("ip", "-j", "-n", namespace(lab, index), "link", "show", "eth0"))
        tool("ip", "neighbour", "replace", there, "lladdr", shown[0]["address"], "nud", "permanent", *words)
    else:
        attempt("ip", "neighbour", "delete", there, *words)


def leave(lab: str, index: int) -> None:
    """Take a host's cables and namespace away; what is not there is passed over."""
    # The cable goes first and by name: a namespace that a dying process still holds would keep it for a while.
    attempt("ip", "link", "delete", _port(lab, index, inner=False))
    if (NAMESPACES / _inner(lab)).exists():
        attempt("ip", "-n", _inner(lab), "link", "delete", _port(lab, index, inner=True))
    if (NAMESPACES / namespace(lab, index)).exists():
        tool("ip", "netns", "delete", namespace(lab, index))


def remove(lab: str) -> None:
    """Take the bridges away; what is not there is passed over."""
    attempt("ip", "link", "delete", _bridge(lab))
    if (NAMESPACES / _inner(lab)).exists():
        tool("ip", "netns", "delete", _inner(lab))


def _plug(lab: str, block: IPv4Network, index: int, *, inner: bool, device: str = "eth0") -> None:
    home, port, where = namespace(lab, index), _port(lab, index, inner=inner), ["-n", _inner(lab)] if inner else []
    tool("ip", *where, "link", "add", port, "type", "veth", "peer", "name", device, "netns", home)
    tool("ip", *where, "link", "set", port, "master", _bridge(lab), "up")
    mask = _half(block, inner=inner).prefixlen
    tool("ip", "-n", home, "address", "add", f"{address(block, index, inner=inner)}/{mask}", "dev", device)
    tool("ip", "-n", home, "link", "set", device, "up")


def _half(block: IPv4Network, *, inner: bool) -> IPv4Network:
    return list(block.subnets(prefixlen_diff=1))[inner]


def _used_here() -> list[IPv4Network]:
    routes = json.loads(tool("ip", "-j", "-4", "route", "show", "table", "all") or "[]")
    places = (route["dst"] for route in routes if route["dst"] != "default")
    return [IPv4Network(place, strict=False) for place in places]


def _mac() -> str:
    return f"02:{secrets.token_bytes(5).hex(':')}"


def _bridge(lab: str) -> str:
    return f"dbr{lab}"


def _inner(lab: str) -> str:
    return f"dbl-{lab}-inner"


def _port(lab: str, index: int, *, inner: bool) -> str:
    return f"db{'i' if inner else 'o'}{lab}-{index}"
