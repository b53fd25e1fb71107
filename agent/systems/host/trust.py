"""Trusting host keys: fetch what servers show, without logging in to them, and add what a person has accepted.

A host behind a jump host is reached only once that jump host is trusted, so trust comes in rounds: look, accept, look
again until nothing is new.
"""

from __future__ import annotations

import getpass
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from agent.errors import InputError
from agent.systems.host import known_hosts
from agent.systems.host.answer import SilentError
from agent.systems.host.connection import target
from agent.systems.host.known_hosts import HostKey, KnownHosts, host_name
from agent.systems.host.login import server_key
from agent.systems.host.ssh import Ssh

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from agent.model.policy import Host
    from agent.settings import HostSettings
    from agent.systems.host.connection import Hop, Target


class Standing(StrEnum):
    """How the key that a server shows stands to the ones that are trusted."""

    NEW = "new"
    KNOWN = "known"
    CHANGED = "changed"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Offer:
    """What one server showed.

    Attributes:
        host: the inventory's name of the host, or the address of a jump host.
        name: the name that known_hosts files it under.
        key: None when it is silent.
        trusted: the keys that known_hosts holds for it now.
        why: why it is silent.
    """

    host: str
    name: str
    standing: Standing
    key: HostKey | None = None
    trusted: tuple[HostKey, ...] = ()
    why: str = ""


def look(hosts: Iterable[Host], known: Path, settings: HostSettings, root: Path) -> tuple[Offer, ...]:
    """Fetch the keys of hosts, and of their jump hosts first; hosts on this machine itself have none.

    `root` is the repository's directory, as for reading. Never raises for a host: a silent one says why.
    """
    trusted = known_hosts.read(known)
    me = getpass.getuser()
    targets: list[tuple[str, Target | SilentError]] = [(host.name, _target(host, root, me)) for host in hosts]
    with ThreadPoolExecutor(max(1, settings.workers)) as pool, Ssh(trusted, settings) as ssh:
        jumps = list(dict.fromkeys(_jumps(way for _, way in targets)))
        first = list(pool.map(lambda way: _offer(way[-1].host, way[-1], way[:-1], ssh, trusted), jumps))
        rest = pool.map(lambda item: _host(item[0], item[1], ssh, trusted), targets)
        return (*first, *(offer for offer in rest if offer))


def add(known: Path, offers: Iterable[Offer], *, replace: bool = False) -> None:
    """Trust the keys of new servers, and with `replace` those of changed ones in place of the old.

    Raises:
        InputError: a key has changed, and `replace` was not given; then nothing is written.
    """
    wanted = [offer for offer in offers if offer.key and offer.standing in {Standing.NEW, Standing.CHANGED}]
    changed = [offer for offer in wanted if offer.standing is Standing.CHANGED]
    if changed and not replace:
        raise InputError("\n".join(map(_refusal, changed)))
    lines = known_hosts.read(known).lines
    for offer in changed:
        lines = tuple(kept for line in lines if (kept := line.without(offer.name)))
    added = dict.fromkeys(known_hosts.line(offer.name, offer.key) for offer in wanted if offer.key)
    known_hosts.write(known, (*lines, *added))


def _refusal(offer: Offer) -> str:
    old = ", ".join(map(str, offer.trusted))
    return (
        f"The host key of {offer.host} has changed from {old} to {offer.key}, so it was not added. If the host was "
        f"installed anew, say so by replacing the key; if not, another machine answers in its place."
    )


def _target(host: Host, root: Path, me: str) -> Target | SilentError:
    try:
        return target(host, root, me)
    except SilentError as error:
        return error


def _jumps(ways: Iterable[Target | SilentError]) -> Iterable[tuple[Hop, ...]]:
    for way in ways:
        if not isinstance(way, SilentError):
            yield from (way.jumps[: n + 1] for n in range(len(way.jumps)))


def _host(name: str, way: Target | SilentError, ssh: Ssh, trusted: KnownHosts) -> Offer | None:
    if isinstance(way, SilentError):
        return Offer(name, "", Standing.SILENT, why=str(way))
    return _offer(name, way.hop, way.jumps, ssh, trusted) if way.hop else None


def _offer(name: str, hop: Hop, jumps: tuple[Hop, ...], ssh: Ssh, trusted: KnownHosts) -> Offer:
    filed = host_name(hop.host, hop.port)
    held = trusted.keys(filed)
    try:
        key = _fetch(name, hop, jumps, ssh)
    except SilentError as error:
        return Offer(name, filed, Standing.SILENT, None, held, str(error))
    standing = Standing.NEW if not held else Standing.KNOWN if key in held else Standing.CHANGED
    return Offer(name, filed, standing, key, held)


def _fetch(name: str, hop: Hop, jumps: tuple[Hop, ...], ssh: Ssh) -> HostKey:
    held = ssh.connections()
    try:
        return server_key(ssh.shake(name, hop, jumps, held))
    finally:
        held.close()
