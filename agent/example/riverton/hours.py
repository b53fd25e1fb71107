"""When a school is open, by policies/calendars, for making up times that somebody could have asked for help at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.decide import hours
from agent.errors import InputError
from agent.example.riverton.district import ZONE
from agent.intake import yaml
from agent.intake.calendars import bare

if TYPE_CHECKING:
    from pathlib import Path

    from agent.errors import Problem

YEAR = timedelta(weeks=52)  # keeps the weekday
JUNE = 6

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Year:
    """The ends of a school year."""

    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Hours:
    """The bells of one calendar, for days before and after its years too."""

    kept: hours.Hours

    def spans(self, day: date) -> tuple[Span, ...]:
        """Give the open spans of a day. A day of a year that the calendar lacks is taken for one of a year it has."""
        midnight = datetime.combine(day, time.min, ZoneInfo(ZONE))
        spans = self.kept.clock(self._known(day))
        return tuple((midnight + timedelta(seconds=start), midnight + timedelta(seconds=stop)) for start, stop in spans)

    def open_days(self, since: date, until: date) -> list[date]:
        """Give the days with school, both ends included."""
        days = (since + timedelta(days=n) for n in range((until - since).days + 1))
        return [day for day in days if self.spans(day)]

    def school_day(self, day: date, back: int) -> date:
        """Give the day of school that lies so many before a day, which is not counted.

        After the last year of the calendar there is no school; before the first, nobody can know, and it is made up.
        """
        first = self.kept.calendar.years[0][1]
        while back:
            day -= timedelta(days=1)
            back -= bool(self.kept.clock(day) if day >= first else self.spans(day))
        return day

    def _known(self, day: date) -> date:
        """Give the day like this one that lies between the beginning of the first year and the end of the last."""
        years = self.kept.calendar.years
        while day >= years[-1][1] + YEAR:
            day -= YEAR
        while day < years[0][1]:
            day += YEAR
        return day


def read(path: Path) -> Hours:
    """Read a calendar of policies/calendars/, without what its .ics files close."""
    problems: list[Problem] = []
    calendar = bare(yaml.read(path, path.name), ZONE, problems)
    if problems:
        raise InputError(problems)
    return Hours(hours.compiled(calendar))


def school_year(day: date) -> Year:
    """Give the ends of the school year that a day is in, or that comes next: August to June, whatever the bells."""
    end = day.year + (day.month > JUNE)
    return Year(date(end - 1, 8, 12), date(end, 6, 4))
