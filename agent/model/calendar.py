"""Calendars: when a school, an office or a help desk is open, as the repository has them. Arithmetic: decide/hours."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from agent.errors import Place

# From the first second to the last, both counted from 00:00 on the clock of the calendar's zone; 86,400 is midnight.
Spans = tuple[tuple[int, int], ...]

ROLES = ("school", "staff", "desk")  # whose hours: `3 school days`, `2 staff days`, `4 desk hours`


class Kept(StrEnum):
    """What a stretch of days means."""

    CLOSED = "closed"
    DELAY = "delay"
    EARLY_RELEASE = "early_release"
    HOURS = "hours"  # these spans in place of the bells
    BREAK = "break"  # closed for a part of the day
    TESTING = "testing"  # nothing is changed on what is tested with
    FREEZE = "freeze"  # nothing is changed
    SEASON = "season"


@dataclass(frozen=True, slots=True)
class Days:
    """A named stretch of local days, both ends included, and what it means.

    Attributes:
        from_second: for a delay, when it opens that day.
        until_second: for an early release, when it closes that day.
        spans: for `hours`, what is open in place of the bells; for a `break`, what is closed.
        source: where it comes from, for `driftbell calendar`: file:line:column, an .ics file, or who closed it.
    """

    what: Kept
    name: str
    first: date
    last: date
    from_second: int | None = None
    until_second: int | None = None
    spans: Spans = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Calendar:
    """One calendar. Outside its `years` it is closed; without any it goes on for ever.

    `bells` are the open spans of a weekday, Monday being 0; `timezone` is an IANA name, never empty.
    """

    id: str
    name: str
    timezone: str
    bells: Mapping[int, Spans]
    years: tuple[tuple[str, date, date], ...] = ()  # name, first day, last day
    days: tuple[Days, ...] = ()
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class CalendarChange:
    """A closure or a delay that somebody declared at once: a snow day. `sites` are ids; `days` says what it means.

    An undone one stays on record; it counts no more, also where it was committed meanwhile. `roles` are whose hours
    it moves; a site with an empty id is what belongs to no site.
    """

    id: str
    sites: tuple[str, ...]
    days: Days
    by: str
    at: datetime
    roles: tuple[str, ...] = ("school",)
    undone_by: str = ""
    undone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Timetable:
    """Every calendar of a district, and who keeps which.

    `keeps` maps a site id ("" for what belongs to no site) to its calendar's id by role; `changes` come on top.
    `names` are what people call the sites, by id; `zones` the time zones of those that name their own, "" being the
    district.
    """

    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    keeps: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    changes: tuple[CalendarChange, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    zones: Mapping[str, str] = field(default_factory=dict)
