"""When something may be changed at a site: its windows, from its school's calendar, and its freezes.

Deny first: a freeze holds whatever window is open, and a window that cannot be told is not open.

Source of the rules: after school is from the closing bell until an hour before the next first bell; overnight is from
20:00 to 05:00 on the clock; breaks are the days of a run of five or more without school; days are whole local days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.decide.freezes import bounds, frozen_days, standing
from agent.decide.spans import EPOCH, MICROSECOND, SECOND, instant
from agent.model.window import Gate, Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from agent.decide.freezes import Frozen
    from agent.decide.hours import Hours, Keeping
    from agent.model.window import Override

BEFORE_BELL = 3_600 * SECOND  # how long before the first bell what is done after school has to be over
EVENING, MORNING = 20 * 3_600, 5 * 3_600  # seconds of the day: from when to when it is night
BREAK = 5  # days without school in a row
AHEAD = 800  # days in which an opening is looked for
_EVER = -(1 << 63)  # before every instant

Period = tuple[int, int]  # its first instant and the one that it is over at, in microseconds since 1970


def gate(
    keeping: Keeping, site: str, now: datetime, overrides: Sequence[Override], asked: Iterable[Window] = Window
) -> Gate:
    """Give what the calendar says of a site at an instant; times that come out are on that site's clock.

    Only the windows that are asked for are worked out, or the reason why they cannot be told.
    """
    hours, zone, wanted = keeping.hours(site, "school"), site_zone(keeping, site), set(asked)
    periods: dict[Window, Iterable[Period]] = {}
    trouble = "" if zone is not None or not wanted else "nobody says which time zone it is in"
    if zone is not None and Window.OVERNIGHT in wanted:
        periods[Window.OVERNIGHT] = _nights(zone, now)
    if wanted - {Window.OVERNIGHT}:
        trouble = trouble or (hours if isinstance(hours, str) else unusable(hours, now))
        if not isinstance(hours, str) and not trouble:
            periods |= {w: found for w, found in _by_school(hours, now).items() if w in wanted}
    clock = _Clock(zone or ZoneInfo("UTC"), _microseconds(now))
    found = {window: first for window, them in periods.items() if (first := clock.first(them)) is not None}
    frost = _Frost(clock, frozen_days(keeping, site), standing(overrides, site, now))
    return Gate(
        site=site,
        name=keeping.timetable.names.get(site, site),
        open={w: clock.time(end) for w, (begin, end) in found.items() if begin <= clock.now},
        next={w: clock.time(begin) for w, (begin, _) in found.items() if begin > clock.now},
        frozen=tuple(f.freeze for f in frost.now),
        thaws=clock.time(frost.thaws) if frost.now else None,
        freezes=None if frost.begins is None else clock.time(frost.begins),
        override=frost.override,
        trouble=trouble,
    )


def site_zone(keeping: Keeping, site: str) -> ZoneInfo | None:
    """Give the zone that a site's clocks show: its calendar's, or its own, or the district's; None where none is."""
    hours, zones = keeping.hours(site, "school"), keeping.timetable.zones
    named = (zones.get(site) or zones.get("", "")) if isinstance(hours, str) else hours.calendar.timezone
    return ZoneInfo(named) if named else None


def unusable(hours: Hours, now: datetime) -> str:
    """Say, as a clause, why the windows of a school cannot be told by its calendar; empty where they can."""
    name = hours.calendar.name or hours.calendar.id
    if hours.never_opens:
        return f"its calendar, {name}, never opens"
    today = _today(hours, now)
    if hours.open.days_on(today, 1) is not None:
        return ""
    last = hours.open.days_on(today + 1, -1)
    ended = f" after {date.fromordinal(last)}" if last is not None else ""
    return f"its calendar, {name}, has no school day{ended}, so nobody knows when school begins again"


@dataclass(frozen=True, slots=True)
class _Clock:
    """A site's clock, at an instant."""

    zone: ZoneInfo
    now: int

    def first(self, periods: Iterable[Period]) -> Period | None:
        """Give the first period that is not over yet."""
        return next(((begin, end) for begin, end in periods if end > self.now), None)

    def time(self, at: int) -> datetime:
        """Give an instant as the clock shows it."""
        return (EPOCH + timedelta(microseconds=at)).astimezone(self.zone)


class _Frost:
    """The freezes of a site at an instant: those in force, when they are over, and when the next begins."""

    def __init__(self, clock: _Clock, days: Sequence[Frozen], override: Override | None) -> None:
        spans = [(*bounds(frozen), frozen) for frozen in days]
        here = [(end, frozen) for begin, end, frozen in spans if begin <= clock.now < end]
        self.override = override
        self.now = tuple(f for _, f in sorted(here, key=lambda one: (-one[0], one[1].freeze.name)))
        self.thaws = clock.now
        for begin, end in sorted((begin, end) for begin, end, _ in spans):
            if begin <= self.thaws < end:
                self.thaws = end
        lifted = _EVER if override is None else _microseconds(override.until)
        starts = (max(begin, lifted) for begin, end, _ in spans if end > lifted)
        self.begins = min((start for start in starts if start > clock.now), default=None)


def _by_school(hours: Hours, now: datetime) -> Mapping[Window, Iterable[Period]]:
    today = _today(hours, now)
    return {
        Window.AFTER_SCHOOL: _after_school(hours, today),
        Window.NO_SCHOOL_DAYS: _gaps(hours, today, 1),
        Window.BREAKS: _gaps(hours, today, BREAK),
    }


def _after_school(hours: Hours, today: int) -> Iterator[Period]:
    """Give the times out of school, from before today on. Breaks within a day are school."""
    begin = _EVER
    for day in _school_days(hours, today - 2):
        spans = hours.spans(date.fromordinal(day))
        bell, closing = (_microseconds(at) for at in (spans[0][0], spans[-1][1]))
        if begin < bell - BEFORE_BELL:
            yield begin, bell - BEFORE_BELL
        begin = max(begin, closing)


def _gaps(hours: Hours, today: int, least: int) -> Iterator[Period]:
    """Give the runs of so many and more days without school, from before today on."""
    zone = hours.open.zone
    before = hours.open.days_on(today - 1, -1)
    for day in _school_days(hours, today - 1):
        if before is None or day - before > least:
            begin, end = _EVER if before is None else instant(before + 1, 0, zone), instant(day, 0, zone)
            if begin < end:  # a day that a zone leaves out is none
                yield begin, end
        before = day


def _school_days(hours: Hours, first: int) -> Iterator[int]:
    """Give the days with school from one on: as far as an opening is looked for, and at least one."""
    day: int | None = first - 1
    while day is not None and day <= first + AHEAD:
        day = hours.open.days_on(day, 1)
        if day is not None:
            yield day


def _nights(zone: ZoneInfo, now: datetime) -> Iterator[Period]:
    """Give the nights from the one before yesterday on; two that touch, on a day that was left out, are one."""
    today = now.astimezone(zone).toordinal()
    begin, end = _night(zone, today - 2)
    for evening in range(today - 1, today + 3):
        other = _night(zone, evening)
        if other[0] > end:
            yield begin, end
            begin = other[0]
        end = other[1]
    yield begin, end


def _night(zone: ZoneInfo, evening: int) -> Period:
    return instant(evening, EVENING, zone), instant(evening + 1, MORNING, zone)


def _today(hours: Hours, now: datetime) -> int:
    """Give the local day of an instant; of an evening that the clock shows twice it is the day that has begun."""
    day, at = hours.day(now), _microseconds(now)
    return day + 1 if at >= instant(day + 1, 0, hours.open.zone) else day


def _microseconds(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND
