"""Reading services: a look at all that are asked for, and a table of what they showed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from agent.decide.columns import Row, build
from agent.model.reading import NONE, Unknown
from agent.model.sweep import Sweep, Unseen
from agent.systems.probe.look import Look, look_at_all
from agent.systems.probe.notes import notes
from agent.systems.probe.preparing import Maker
from agent.systems.probe.sampling import Pace
from agent.systems.probe.spec import KIND, MEASURES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from agent.model.policy import Repository
    from agent.model.reading import Reading
    from agent.model.source import Check, ProbeSource
    from agent.model.sweep import Request

_GIVEN = frozenset({"check", "target", "site"})  # known without asking
_STANDING = frozenset({"up", "failed_percent", "latency"})  # measured by every sort of check


class ProbeReader:
    """Asks services as inventory/systems.yaml lists them. Implements model.ports.Reader."""

    def __init__(self, source: ProbeSource, clock: Callable[[], datetime]) -> None:
        """Take the list of checks, and the clock that says when the look ended."""
        self._source, self._clock = source, clock

    def observe(self, repository: Repository, request: Request) -> Sweep:
        """Ask every service that is asked for. Not to be called from within a running event loop."""
        checks = [c for c in self._source.checks if request.only is None or _id(c) in request.only]
        names = tuple(ref.name for ref in request.fields)
        icmp = _icmp(checks)
        looks = self._look(Path(repository.root), checks, names, icmp=icmp)
        unseen = tuple(Unseen(_id(look.check), look.unseen) for look in looks if look.unseen)
        listed = len(self._source.checks)
        return Sweep(
            system=self._source.name,
            kind=request.kind,
            table=build(request.fields, [_row(look, names) for look in looks]),
            expected=len(checks),
            seen=len(checks) - len(unseen),
            proven=True,
            membership=f"inventory/systems.yaml lists {listed} check{'s' * (listed != 1)}",
            as_of=self._clock(),
            unseen=unseen,
            notes=notes(looks, icmp=icmp),
        )

    def _look(self, root: Path, checks: Sequence[Check], names: Sequence[str], *, icmp: bool) -> list[Look]:
        if not checks or _GIVEN.issuperset(names):
            return [Look(check) for check in checks]
        pace = Pace(self._source.samples, self._source.timeout, self._source.pause)
        return look_at_all(checks, names, Maker(root, pace.timeout, "http.body" in names, icmp, self._clock), pace)


def _icmp(checks: Sequence[Check]) -> bool:
    if all(check.ask != "ping" for check in checks):
        return False
    from agent.systems.probe.ping import allowed  # ruff: ignore[import-outside-top-level]

    return allowed()


def _id(check: Check) -> str:
    return f"{KIND}/{check.name}"


def _row(look: Look, names: Sequence[str]) -> Row:
    return Row(_id(look.check), look.check.site, {name: _reading(look, name) for name in names})


def _reading(look: Look, name: str) -> Reading:
    check = look.check
    if name in _GIVEN:
        return {"check": check.ask, "target": check.target, "site": check.site}[name] or NONE
    if name not in _STANDING and not name.startswith(MEASURES.get(check.ask, ())):
        return NONE
    if name in look.readings:
        return look.readings[name]
    return Unknown(look.unseen) if look.unseen else NONE
