"""Reads one iCalendar file, as a process of its own: `python -m agent.intake.ics_reading FILE FIRST LAST ZONE`.

Anybody can publish such a file, and what it asks for can take for ever. So the reading is bounded from outside, by
time and memory, and prints what it found, or one sentence of what is wrong, as JSON.
Source: https://www.rfc-editor.org/rfc/rfc5545 (3.6.1: the end of an event of days is the day after its last)
"""

from __future__ import annotations

import json
import re
import resource
import sys
from datetime import date, datetime, time, timedelta
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 10  # of computing
MEMORY = 768 << 20
MOST = 5_000  # occurrences of one file
NAME = 80  # characters
_RULES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_LINE = re.compile(r"Content line could not be parsed into parts: ?(['\"])(.*?)\1(?:: |$)", re.DOTALL)
_FINER = ("BYHOUR", "BYMINUTE", "BYSECOND")

Found = list[tuple[str, str, str, int | None, int | None]]  # name, first, last day; for a break from and until second


class RefusedError(Exception):
    """The file holds what is not read; the text is a clause."""


def main() -> None:
    """Read the file named on the command line."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    file, first, last, zone = sys.argv[1:]
    try:
        said = read(Path(file).read_bytes(), date.fromisoformat(first), date.fromisoformat(last), ZoneInfo(zone))
    except RefusedError as error:
        said = {"error": str(error)}
    except MemoryError:
        said = {"error": "what it repeats is too much"}
    except Exception as error:  # ruff: ignore[blind-except] - the library raises whatever a file drives it to
        said = {"error": _plainly(error)}
    sys.stdout.write(json.dumps(said))


def _plainly(error: Exception) -> str:
    """Say what the library stumbled over, in words of a person."""
    line = _LINE.search(str(error))
    if line is not None:
        return f"the line {line[2][:NAME]!r} is none that a calendar can have"
    return f"it has a part that has no meaning: {error}" if str(error) else "it has a part that has no meaning"


def read(data: bytes, first: date, last: date, zone: ZoneInfo) -> dict[str, Any]:
    """Give what is closed between two days, both included."""
    from icalendar import Calendar  # ruff: ignore[import-outside-top-level] - 0.1 s, and only here
    from recurring_ical_events import of  # ruff: ignore[import-outside-top-level] - the same

    found: Found = []
    free = 0
    calendars = Calendar.from_ical(data, multiple=True)
    begun = sum(line.strip().upper() == b"BEGIN:VCALENDAR" for line in data.splitlines())
    if not begun or len(calendars) < begun:
        msg = "it breaks off before END:VCALENDAR" if begun else "it holds no VCALENDAR"
        raise RefusedError(msg)
    for calendar in calendars:
        if calendar.name != "VCALENDAR":
            msg = f"it holds {calendar.name}, not VCALENDAR"
            raise RefusedError(msg)
        for event in calendar.walk("VEVENT"):
            _check(event)
        for event in of(calendar).between(first, last + timedelta(days=1)):
            status = str(event.get("STATUS", "")).upper()
            transparent = str(event.get("TRANSP", "")).upper() == "TRANSPARENT"
            free += transparent and status != "CANCELLED"
            if status != "CANCELLED" and not transparent:
                found += _closed(event, first, last, zone)
            if len(found) > MOST:
                msg = f"it closes more than {MOST:,} times between {first} and {last}"
                raise RefusedError(msg)
    return {"closed": sorted(found, key=itemgetter(1, 2)), "free": free}


def _check(event: Any) -> None:  # ruff: ignore[any-type] - a component of the library
    """Refuse an event that was not understood whole, and rules that repeat within a day or not at all."""
    name = _name(event)
    for key, text in event.errors:
        msg = f"the event {name!r}: {key}: {text}"
        raise RefusedError(msg)
    if "DTSTART" not in event:
        msg = f"the event {name!r} has no DTSTART"
        raise RefusedError(msg)
    _check_ends(event, name)
    rules = event.get("RRULE", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        frequency = str((rule.get("FREQ") or ["?"])[0]).upper()
        if frequency not in _RULES or any(rule.get(word) for word in _FINER):
            msg = f"the event {name!r} repeats within a day ({frequency}); days, weeks, months and years are read"
            raise RefusedError(msg)
        if any(int(step) < 1 for step in rule.get("INTERVAL", [1])):
            msg = f"the event {name!r} repeats with an INTERVAL below 1"
            raise RefusedError(msg)


def _check_ends(event: Any, name: str) -> None:  # ruff: ignore[any-type] - a component of the library
    """Refuse a zone that is not known, which the library takes for none, and an end before the beginning."""
    for key in ("DTSTART", "DTEND"):
        named = event[key].params.get("TZID") if key in event else None
        if named and isinstance(event[key].dt, datetime) and event[key].dt.tzinfo is None:
            msg = f"the event {name!r} names the time zone {named!r}, which is not known"
            raise RefusedError(msg)
    start, end = event["DTSTART"].dt, event["DTEND"].dt if "DTEND" in event else None
    same = type(start) is type(end) and getattr(start, "tzinfo", None) == getattr(end, "tzinfo", None)
    if same and end < start:
        msg = f"the event {name!r} ends before it begins"
        raise RefusedError(msg)


def _closed(event: Any, first: date, last: date, zone: ZoneInfo) -> Iterator[tuple[Any, ...]]:  # ruff: ignore[any-type]
    """Give what an occurrence closes: whole days, or a part of each day that it touches."""
    start, end = event["DTSTART"].dt, event["DTEND"].dt if "DTEND" in event else event["DTSTART"].dt
    name = _name(event)
    if not isinstance(start, datetime):
        until = end.date() if isinstance(end, datetime) else end - timedelta(days=1)
        begin, until = max(start, first), min(max(start, until), last)
        if begin <= until:
            yield name, str(begin), str(until), None, None
        return
    begin, stop = _local(start, zone), _local(end, zone)
    day = max(begin.date(), first)
    while day <= min(stop.date(), last):
        one = _second(begin) if day == begin.date() else 0
        other = _second(stop) if day == stop.date() else 86_400
        if one < other:
            yield name, str(day), str(day), one, other
        day += timedelta(days=1)


def _local(at: date, zone: ZoneInfo) -> datetime:
    """Give a time on the calendar's own clock; one without a zone is meant there."""
    if not isinstance(at, datetime):
        at = datetime.combine(at, time.min)
    return at.astimezone(zone) if at.tzinfo else at


def _second(at: datetime) -> int:
    return (at.hour * 60 + at.minute) * 60 + at.second


def _name(event: Any) -> str:  # ruff: ignore[any-type] - a component of the library
    text = " ".join(str(event.get("SUMMARY", "")).split())
    return "".join(c for c in text if c.isprintable())[:NAME] or "an event without a name"


if __name__ == "__main__":
    main()
