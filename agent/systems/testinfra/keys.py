"""Keys that no test may see: those that write, and the usual ones of this account, which writing falls back on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agent.systems.host.answer import SilentError
from agent.systems.host.connection import target

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from agent.model.policy import Host
    from agent.systems.host.connection import Target

_OF_READING = ("driftbell_read_user", "driftbell_read_key")
_OTHERS = (".pub", "config", "known_hosts", "known_hosts.old", "authorized_keys")  # what is no key in ~/.ssh


def writing(hosts: Iterable[Host], root: Path, me: str, home: Path) -> frozenset[Path]:
    """Give the keys that playbooks log in with, as far as the inventory tells, and the usual ones."""
    usual = {p for p in (home / ".ssh").glob("id_*") if not p.name.endswith(_OTHERS)}
    found = set(usual)
    for host in hosts:
        variables = {name: value for name, value in host.variables.items() if name not in _OF_READING}
        try:
            way = target(replace(host, variables=variables), root, me)
        except SilentError:  # what Ansible alone understands names no key that a test would be given
            continue
        found |= used(way)
    return frozenset(found)


def used(way: Target) -> set[Path]:
    """Give the keys that a way names."""
    return {hop.key for hop in (way.hop, *way.jumps) if hop and hop.key}


def refusal(way: Target, secret: frozenset[Path]) -> str:
    """Say, as a clause, why the keys of a reading account may not be shown to tests, or give nothing."""
    hops = [hop for hop in (way.hop, *way.jumps) if hop]
    if any(hop.key is None for hop in hops):
        return (
            "its reading account logs in with this server's usual keys, which tests are not given: "
            "name one that only reads (driftbell_read_key)"
        )
    shared = next((key for key in used(way) if _is_one_of(key, secret)), None)
    if shared is None:
        return ""
    return f"its reading account logs in with a key that writes ({shared}): give it one of its own (driftbell_read_key)"


def _is_one_of(key: Path, others: frozenset[Path]) -> bool:
    """Say whether a key is one of others, under another name or as a copy."""
    held = _content(key)
    return any(key.resolve() == other.resolve() or (held and held == _content(other)) for other in others)


def _content(key: Path) -> bytes:
    try:
        return key.read_bytes().strip()
    except OSError:  # what cannot be read by us cannot be read by a test of ours
        return b""


def exposed(secret: Iterable[Path], readable: Iterable[Path]) -> str:
    """Say, as a sentence, what tests could read that they must not, as it lies where they have to read; or nothing."""
    places = [place.resolve() for place in readable]
    for one in secret:
        real = one.resolve()
        place = next((p for p in places if real.is_relative_to(p)), None)
        if place is not None and one.exists():
            return f"Tests could read {one}, as it lies below {place}, which every test has to read; move it elsewhere."
    return ""
