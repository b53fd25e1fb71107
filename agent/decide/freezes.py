"""Freezes: the days on which nothing is changed at a site, and what was said against them.

A site is frozen by the state tests and the freezes of its own calendar, and by the freezes of the district's; what
belongs to no site by those of the district's own calendar alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.decide.spans import EPOCH, MICROSECOND, instant
from agent.model.calendar import Kept
from agent.model.window import Freeze

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime, timedelta
    from zoneinfo import ZoneInfo

    from agent.decide.hours import Keeping
    from agent.model.window import Override

OWN = frozenset({Kept.TESTING, Kept.FREEZE})  # what freezes those who keep a calendar
EVERYWHERE = frozenset({Kept.FREEZE})  # what of the district's own calendar freezes everybody


@dataclass(frozen=True, slots=True)
class Frozen:
    """A freeze, and the zone whose days it lasts."""

    freeze: Freeze
    zone: ZoneInfo


def frozen_days(keeping: Keeping, site: str) -> tuple[Frozen, ...]:
    """Give every freeze that a site ever meets, those of the whole district first; each once."""
    found: dict[tuple[str, str], Frozen] = {}
    for frozen in (*_of(keeping, "", EVERYWHERE), *_of(keeping, site, OWN)):
        found.setdefault((_written(frozen.freeze), frozen.zone.key), frozen)
    return tuple(found.values())


def _of(keeping: Keeping, site: str, kinds: frozenset[Kept]) -> Iterator[Frozen]:
    hours = keeping.hours(site, "school")
    if isinstance(hours, str):
        return
    for days in hours.calendar.days:
        if days.what in kinds:
            wide = kinds is EVERYWHERE
            yield Frozen(Freeze(site, days.name, days.first, days.last, days.source, wide), hours.open.zone)


def bounds(frozen: Frozen) -> tuple[int, int]:
    """Give 00:00 of its first day and 24:00 of its last, in microseconds since 1970."""
    first, last = frozen.freeze.first.toordinal(), frozen.freeze.last.toordinal()
    return instant(first, 0, frozen.zone), instant(last + 1, 0, frozen.zone)


def coming(keeping: Keeping, sites: Iterable[str], now: datetime, within: timedelta) -> tuple[Freeze, ...]:
    """Give the freezes that are in force at these sites or begin within so long, the soonest first.

    What the whole district meets is there once.
    """
    at = (now - EPOCH) // MICROSECOND
    until = at + within // MICROSECOND
    found: dict[tuple[str, str], tuple[int, Freeze]] = {}
    for site in sites:
        for frozen in frozen_days(keeping, site):
            begin, end = bounds(frozen)
            if end > at and begin < until:
                found.setdefault((frozen.freeze.site, _written(frozen.freeze)), (begin, frozen.freeze))
    return tuple(f for _, f in sorted(found.values(), key=lambda one: (one[0], one[1].site, one[1].name)))


def standing(overrides: Iterable[Override], site: str, now: datetime) -> Override | None:
    """Give what lifts a site's freezes at an instant: of several the one that ends last."""
    here = [o for o in overrides if site in o.sites and stands(o, now)]
    return max(here, key=lambda o: (o.until, o.id), default=None)


def stands(override: Override, now: datetime) -> bool:
    """Say whether an override counts at an instant; before it was given, by a clock that was set back, it does not."""
    return override.at <= now < override.until and override.ended_at is None


def in_force(overrides: Sequence[Override], now: datetime) -> tuple[Override, ...]:
    """Give the overrides that count at an instant."""
    return tuple(o for o in overrides if stands(o, now))


def _written(freeze: Freeze) -> str:
    return f"{freeze.name} {freeze.first} {freeze.last} {freeze.source}"
