"""Promotion: what a policy would have done while it only watched or asked, and what speaks against letting it go on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from agent.model.finding import Closed
    from agent.model.policy import Mode


@dataclass(frozen=True, slots=True)
class Past:
    """What came of a policy's findings over its time in one mode with one content.

    Attributes:
        since: the first run that judged by this content, None where no run did yet.
        days: whole days from then on.
        looks: how many runs looked since then, and `look_days` on how many days of the district.
        before: findings that were open already.
        opened: what it would have asked for, a finding being one resource.
        open: those that are open now, of both.
        closed: how the others ended.
        returned: openings of something that had come right, by itself or by us, before.
        by_day: how many opened on each day on which any did; `by_run` the same of each run, the most first.
    """

    since: datetime | None
    days: int = 0
    looks: int = 0
    look_days: int = 0
    before: int = 0
    opened: int = 0
    open: int = 0
    closed: Mapping[Closed, int] = field(default_factory=dict)
    returned: int = 0
    by_day: Mapping[date, int] = field(default_factory=dict)
    by_run: tuple[int, ...] = ()

    @property
    def a_day(self) -> float:
        """Give how many opened on a day of the whole time, those without any included."""
        return self.opened / max(self.days, 1)


@dataclass(frozen=True, slots=True)
class Decided:
    """What people said of a policy's proposals: each plan number once, and one no that stands is a no."""

    approved: int = 0
    denied: int = 0
    whys: tuple[str, ...] = ()  # of the denials, the newest first

    @property
    def all(self) -> int:
        """Give how many were decided."""
        return self.approved + self.denied

    @property
    def rejected(self) -> float:
        """Give the share of denials, in percent."""
        return 100 * self.denied / self.all if self.all else 0.0


@dataclass(frozen=True, slots=True)
class Sight:
    """How a policy stands on the last look: verdicts, and what is wrong with a list that they rest on, as clauses."""

    judged: int = 0
    unknown: int = 0
    at: datetime | None = None  # the oldest of the lists
    flaws: tuple[str, ...] = ()

    @property
    def dark(self) -> float:
        """Give the share that could not be checked, in percent."""
        return 100 * self.unknown / self.judged if self.judged else 0.0


@dataclass(frozen=True, slots=True)
class Stop:
    """What a guard would hold, on how many resources."""

    guard: str
    sentence: str
    lifted_by: str
    number: int


@dataclass(frozen=True, slots=True)
class Present:
    """What a policy would want now, were it in the wanted mode already. `free` is what no guard but its mode holds."""

    wants: int = 0
    free: int = 0
    stops: tuple[Stop, ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """Why a policy may not go on yet. `early` says whether a person with a reason may let it all the same."""

    name: str
    sentence: str
    lifted_by: str
    early: bool = False


@dataclass(frozen=True, slots=True)
class Promotion:
    """One step on the trust path: audit, propose, enforce.

    Attributes:
        sites: where, by id and name; empty for the policy's own mode.
        run_limit, day_limit: what its caps allow, None for no limit.
        why: a person's reason for going on early, or empty.
        caveats: what else a reader has to know.
        patch: the change, where nothing holds it.
    """

    policy: str
    title: str
    place: str
    kind: str
    district: str
    timezone: str
    revision: str
    at: datetime
    mode: Mode
    wanted: Mode
    sites: Mapping[str, str]
    past: Past
    decided: Decided
    sight: Sight
    present: Present
    run_limit: int | None
    day_limit: int | None
    bars: tuple[Bar, ...]
    why: str = ""
    caveats: tuple[str, ...] = ()
    patch: bytes = b""

    @property
    def held(self) -> tuple[Bar, ...]:
        """Give what no reason of a person lifts here."""
        return tuple(b for b in self.bars if not (self.why and b.early))
