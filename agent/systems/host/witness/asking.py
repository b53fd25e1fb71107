"""Asking a host: which files stand behind the fields, then who writes them."""

from __future__ import annotations

import getpass
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent.systems.host import known_hosts, local, shell
from agent.systems.host.answer import Frame, SilentError
from agent.systems.host.connection import target
from agent.systems.host.probes.base import BASE, identity
from agent.systems.host.probes.service import unit
from agent.systems.host.script import assemble, hear, sendable
from agent.systems.host.witness import questions as ask
from agent.systems.host.witness.telling import short, telling

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agent.model.policy import Host, Repository
    from agent.model.reading import Unknown
    from agent.settings import HostSettings
    from agent.systems.host.answer import Heard
    from agent.systems.host.probe import Step

MOST = 5  # files, or units, that one question is about


@dataclass(frozen=True, slots=True)
class Subjects:
    """What fields are about: files, units, keywords of sshd and values of sysctl, at most a few of each."""

    paths: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


def subjects(fields: Sequence[str]) -> Subjects:
    """Say what fields are about; what is behind any other field nobody can be asked."""
    named = [u for key in _keys(fields, "service") if (u := unit(key))]
    return Subjects(
        paths=tuple(path for path in _keys(fields, "file") if path.startswith("/"))[:MOST],
        units=tuple(dict.fromkeys(named))[:MOST],
        keywords=_all(fields, "sshd"),
        values=_all(fields, "sysctl"),
    )


class HostWitness:
    """Asks hosts who else writes, with the reading account."""

    def __init__(self, known: Path, settings: HostSettings) -> None:
        """Take the file of trusted host keys and the time limits."""
        self._known, self._settings = known, settings

    def __call__(self, repository: Repository, resource: str, fields: Sequence[str]) -> tuple[str, ...]:
        """Give what a host tells of who else writes what stands behind fields: clauses for a person."""
        host = next((h for h in repository.hosts if h.id == resource), None)
        if host is None:
            return ()
        about = subjects(fields)
        try:
            paths = [*about.paths, *self._behind(repository, host, about)][:MOST]
            return telling(self._hear(repository, host, _asked(paths, about.units)), paths, about.units)
        except SilentError as error:
            return (f"it could not be asked: {error}",)

    def _behind(self, repository: Repository, host: Host, about: Subjects) -> list[str]:
        """Give the files that set keywords of sshd and values of sysctl there."""
        asked = {step: keys for step, keys in ((ask.SSHD, about.keywords), (ask.SYSCTL, about.values)) if keys}
        heard = self._hear(repository, host, asked) if asked else None
        frames = [heard.frame(step.name, key) for step, keys in asked.items() for key in keys] if heard else []
        return [path for path in dict.fromkeys(p for frame in frames for p in _files(frame)) if sendable(path)]

    def _hear(self, repository: Repository, host: Host, asked: Mapping[Step, tuple[str, ...]]) -> Heard:
        from agent.systems.host.ssh import Ssh  # ruff: ignore[import-outside-top-level]  # paramiko is slow to import

        me, script, nonce = getpass.getuser(), assemble({BASE: (), **asked}), secrets.token_hex(16)
        way = target(host, Path(repository.root), me)
        with Ssh(known_hosts.read(self._known), self._settings) as ssh:
            said = script.stdin(nonce)
            answer = local.ask(way, said, self._settings) if way.hop is None else ssh.ask(host.name, way, said)
        heard = hear(script, nonce, answer)
        if identity(heard) is None:
            raise SilentError(shell.why_nothing(answer, way.hop.user if way.hop else me))
        return heard


def _asked(paths: Sequence[str], units: Sequence[str]) -> dict[Step, tuple[str, ...]]:
    named = [*paths, *(short(u) for u in units)]
    steps = {
        **dict.fromkeys((ask.WRITTEN, ask.AROUND, ask.AUDIT), paths),
        **dict.fromkeys((ask.NAMING, ask.PLACES), named),
        ask.UNIT: units,
    }
    asked = {step: tuple(keys) for step, keys in steps.items() if keys}
    return {**asked, ask.TIMERS: (), ask.AGENTS: ()}


def _keys(fields: Sequence[str], family: str) -> list[str]:
    """Give the keys of a family whose fields have an attribute behind them, once each."""
    rest = [f.removeprefix(f"{family}.").rpartition(".")[0] for f in fields if f.startswith(f"{family}.")]
    return [key for key in dict.fromkeys(rest) if sendable(key)]


def _all(fields: Sequence[str], family: str) -> tuple[str, ...]:
    """Give the keys of a family whose fields are nothing but a key."""
    rest = (f.removeprefix(f"{family}.") for f in fields if f.startswith(f"{family}."))
    return tuple(key for key in dict.fromkeys(rest) if sendable(key))[:MOST]


def _files(frame: Frame | Unknown) -> list[str]:
    lines = frame.text.splitlines() if isinstance(frame, Frame) else []
    return [line for line in lines if line.startswith("/")]
