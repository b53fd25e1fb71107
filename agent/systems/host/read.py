"""Reading hosts: one look at each, side by side, and a table of what they showed."""

from __future__ import annotations

import getpass
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent.decide.columns import Row, build
from agent.model.reading import Unknown
from agent.model.sweep import Sweep, Unseen
from agent.systems.host import inventory, known_hosts, local, shell
from agent.systems.host.answer import SilentError
from agent.systems.host.connection import target
from agent.systems.host.probes import PROBES
from agent.systems.host.probes.base import identity
from agent.systems.host.script import UNSENDABLE, compose, hear, sendable
from agent.systems.host.spec import FROM_INVENTORY, SYSTEM

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from agent.model.kind import FieldRef
    from agent.model.policy import Host, Repository
    from agent.model.reading import Reading
    from agent.model.sweep import Request
    from agent.settings import HostSettings
    from agent.systems.host.answer import Answer, Heard
    from agent.systems.host.connection import Target
    from agent.systems.host.script import Script
    from agent.systems.host.sessions import Sessions
    from agent.systems.host.ssh import Ssh

MACHINE_ID = Path("/etc/machine-id")


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look at one host gave. `at` is when it ended, None for a silent host, whose reason is `why`."""

    readings: Mapping[str, Reading]
    machine_id: str = ""
    at: datetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a sweep asks of every host."""

    fields: tuple[FieldRef, ...]
    script: Script
    root: Path
    me: str


class HostReader:
    """Reads hosts as the inventory lists them, over SSH or on this machine. Implements model.ports.Reader."""

    def __init__(
        self, known: Path, settings: HostSettings, clock: Callable[[], datetime], sessions: Sessions | None = None
    ) -> None:
        """Take the file of trusted host keys, the time limits, and the clock that says when a look ended.

        `sessions` keeps sessions from one look to the next.
        """
        self._known, self._settings, self._clock, self._sessions = known, settings, clock, sessions

    def observe(self, repository: Repository, request: Request) -> Sweep:
        """Look once at every host that is asked for; a silent one is a row of unknowns with the reason."""
        hosts = [host for host in repository.hosts if request.only is None or host.id in request.only]
        asked = tuple(ref for ref in request.fields if ref.family not in FROM_INVENTORY)
        plan = _Plan(asked, compose(asked), Path(repository.root), getpass.getuser())
        looks = self._look_at_all(hosts, plan) if hosts else []
        rows = [_row(host, request.fields, look) for host, look in zip(hosts, looks, strict=True)]
        ended = [look.at for look in looks if look.at]
        pairs = list(zip(hosts, looks, strict=True))
        return Sweep(
            system=SYSTEM,
            kind=request.kind,
            table=build(request.fields, rows),
            expected=len(hosts),
            seen=len(ended),
            proven=True,
            membership=f"the Ansible inventory lists {len(repository.hosts)} host{'s' * (len(repository.hosts) != 1)}",
            as_of=min(ended, default=self._clock()),
            unseen=tuple(Unseen(host.id, look.why) for host, look in pairs if look.at is None),
            identities={host.id: look.machine_id for host, look in pairs if look.machine_id},
        )

    def _look_at_all(self, hosts: list[Host], plan: _Plan) -> list[_Look]:
        from agent.systems.host.ssh import Ssh  # ruff: ignore[import-outside-top-level]  # paramiko is slow to import

        workers = max(1, min(self._settings.workers, len(hosts)))
        # Leaving `ssh` first closes what is still open, so that an interrupt need not wait for hosts that hang.
        known = known_hosts.read(self._known)
        with ThreadPoolExecutor(workers) as pool, Ssh(known, self._settings, self._sessions) as ssh:
            return list(pool.map(lambda host: self._look(host, plan, ssh), hosts))

    def _look(self, host: Host, plan: _Plan, ssh: Ssh) -> _Look:
        try:
            way = target(host, plan.root, plan.me)
            nonce = secrets.token_hex(16)
            answer = self._ask(host, way, plan.script.stdin(nonce), ssh)
        except SilentError as error:
            return _Look({}, why=str(error))
        heard = hear(plan.script, nonce, answer)
        machine = identity(heard)
        if machine is None:
            return _Look({}, why=shell.why_nothing(answer, way.hop.user if way.hop else plan.me))
        return _Look(_read_all(heard, plan.fields), machine.machine_id, self._clock())

    def _ask(self, host: Host, way: Target, script: bytes, ssh: Ssh) -> Answer:
        if way.hop is None:
            return local.ask(way, script, self._settings)
        return ssh.ask(host.name, way, script)


def own_identity() -> str:
    """Give the machine id of this server, or an empty text where it has none."""
    try:
        return MACHINE_ID.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""


def _read_all(heard: Heard, fields: tuple[FieldRef, ...]) -> dict[str, Reading]:
    return {ref.name: _read(heard, ref) for ref in fields}


def _read(heard: Heard, ref: FieldRef) -> Reading:
    if not sendable(ref.key):
        return UNSENDABLE
    try:
        return PROBES[ref.family].read(heard, ref)
    except (ValueError, LookupError) as error:  # a host may answer anything; its answer must not end the sweep
        return Unknown(f"the host's answer cannot be understood ({type(error).__name__})")


def _row(host: Host, fields: tuple[FieldRef, ...], look: _Look) -> Row:
    silent = Unknown(look.why) if look.at is None else None
    readings = {
        ref.name: inventory.read(host, ref) if ref.family in FROM_INVENTORY else silent or look.readings[ref.name]
        for ref in fields
    }
    return Row(host.id, host.site, readings)
