"""When a school is open, by policies/calendars, for making up times that somebody could have asked for help at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import yaml

from agent.example.riverton.district import ZONE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
YEAR = timedelta(weeks=52)  # keeps the weekday
JUNE = 6

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Year:
    """One school year: its ends, its days without school, and when bells ring at other times on some days."""

    start: date
    end: date
    closed: frozenset[date]
    first_bell: Mapping[date, time]
    last_bell: Mapping[date, time]


@dataclass(frozen=True, slots=True)
class Hours:
    """The bells of one calendar."""

    bells: Mapping[str, tuple[tuple[time, time], ...]]
    years: tuple[Year, ...]

    def spans(self, day: date) -> tuple[Span, ...]:
        """Give the open spans of a day. A day of a year that the calendar lacks is taken for one of a year it has."""
        alike = self._known(day)
        year = next((y for y in self.years if y.start <= alike <= y.end), None)
        if year is None or alike in year.closed:
            return ()
        first, last = year.first_bell.get(alike, time.min), year.last_bell.get(alike, time.max)
        zone = ZoneInfo(ZONE)
        return tuple(
            (datetime.combine(day, max(start, first), zone), datetime.combine(day, min(end, last), zone))
            for start, end in self.bells.get(WEEKDAYS[alike.weekday()], ())
            if max(start, first) < min(end, last)
        )

    def open_days(self, since: date, until: date) -> list[date]:
        """Give the days with school, both ends included."""
        days = (since + timedelta(days=n) for n in range((until - since).days + 1))
        return [day for day in days if self.spans(day)]

    def _known(self, day: date) -> date:
        """Give the day like this one that lies between the beginning of the first year and the end of the last."""
        while day >= self.years[-1].start + YEAR:
            day -= YEAR
        while day < self.years[0].start:
            day += YEAR
        return day


def read(path: Path) -> Hours:
    """Read a calendar of policies/calendars/."""
    said = yaml.safe_load(path.read_text(encoding="utf-8"))
    bells = {day: tuple(_span(text) for text in spans) for day, spans in said["bells"].items()}
    return Hours(bells, tuple(_year(year) for year in said["years"].values()))


def _year(said: Mapping[str, Any]) -> Year:
    return Year(
        start=said["from"],
        end=said["to"],
        closed=frozenset(day for entry in said.get("closed", ()) for day in _days(entry)),
        first_bell={day: time.fromisoformat(e["from"]) for e in said.get("delays", ()) for day in _days(e)},
        last_bell={day: time.fromisoformat(e["until"]) for e in said.get("early_release", ()) for day in _days(e)},
    )


def _days(entry: Mapping[str, Any]) -> Iterator[date]:
    start = entry.get("day") or entry["first"]
    end = entry.get("last", start)
    yield from (start + timedelta(days=n) for n in range((end - start).days + 1))


def _span(text: str) -> tuple[time, time]:
    start, _, end = text.partition("-")
    return time.fromisoformat(start), time.fromisoformat(end)


def school_year(day: date) -> Year:
    """Give the ends of the school year that a day is in, or that comes next: August to June, whatever the bells."""
    end = day.year + (day.month > JUNE)
    return Year(date(end - 1, 8, 12), date(end, 6, 4), frozenset(), {}, {})
