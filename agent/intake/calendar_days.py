"""The parts of a calendar as they stand in YAML: bells, years, and days that differ; each mistake at its place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from agent.intake.calendar_schema import DAYS
from agent.intake.nodes import Node, text_at
from agent.intake.wording import problem, quote
from agent.model.calendar import Days, Kept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.errors import Problem
    from agent.model.calendar import Spans

SORTS = {
    "closed": Kept.CLOSED,
    "delays": Kept.DELAY,
    "early_release": Kept.EARLY_RELEASE,
    "hours": Kept.HOURS,
    "breaks": Kept.BREAK,
    "testing": Kept.TESTING,
    "freezes": Kept.FREEZE,
    "seasons": Kept.SEASON,
}
LONGEST = 366  # days of one entry
LONGEST_YEAR = 732
MINUTE, HOUR, MIDNIGHT = 60, 3_600, 86_400  # seconds
_SPAN = len("08:10-11:40")


@dataclass(frozen=True, slots=True)
class Year:
    """One school year as it stands."""

    name: str
    first: date
    last: date
    node: Node


@dataclass(frozen=True, slots=True)
class Entry:
    """Special days and where they stand. `year` is the year that lists them, if one does."""

    days: Days
    node: Node
    year: Node | None = None


def bells(node: Node, problems: list[Problem]) -> dict[int, Spans]:
    """Give the open spans of each weekday."""
    found = node.get("bells")
    return {DAYS.index(day): spans(listed, problems) for day, listed in (found.pairs() if found else ()) if day in DAYS}


def years(node: Node, problems: list[Problem]) -> list[Year]:
    """Give the school years, as far as their ends are days."""
    found = node.get("years")
    made = []
    for name, year in found.pairs() if found else ():
        first, last = day_at(year, "from", problems), day_at(year, "to", problems)
        if first and last and _in_order(first, last, year.get("to"), problems):
            made.append(Year(name, first, last, year))
            if (last - first).days > LONGEST_YEAR:
                problems.append(problem(year.place, f"The year {quote(name)} is longer than two years"))
    return made


def entries(node: Node, problems: list[Problem]) -> list[Entry]:
    """Give every entry of days that differ, those of the whole calendar first."""
    found = [e for sort in SORTS for e in _listed(node.get(sort), SORTS[sort], None, problems)]
    held = node.get("years")
    for _, year in held.pairs() if held else ():
        found += [e for sort in SORTS for e in _listed(year.get(sort), SORTS[sort], year, problems)]
    return found


def _listed(node: Node | None, what: Kept, year: Node | None, problems: list[Problem]) -> Iterator[Entry]:
    for item in node.items() if node else ():
        ends = stretch(item, problems)
        if ends is None:
            continue
        listed = item.get("spans")
        days = Days(
            what=what,
            name=text_at(item, "name"),
            first=ends[0],
            last=ends[1],
            from_second=_clock_at(item, "from"),
            until_second=_clock_at(item, "until"),
            spans=spans(listed, problems) if listed else (),
            source=str(item.place),
        )
        yield Entry(days, item, year)


def stretch(item: Node, problems: list[Problem]) -> tuple[date, date] | None:
    """Give the first and the last day of an entry."""
    day = day_at(item, "day", problems)
    first, last = (day, day) if day else (day_at(item, "first", problems), day_at(item, "last", problems))
    if not first or not last or not _in_order(first, last, item.get("last"), problems):
        return None
    if (last - first).days >= LONGEST:
        sentence = f"From {first} to {last} is more than a year: write an entry for each year"
        problems.append(problem(item.place, sentence))
        return None
    return first, last


def day_at(node: Node, key: str, problems: list[Problem]) -> date | None:
    """Give the day under a key; one that no calendar has is a problem."""
    found = node.get(key)
    text = found.text() if found else None
    if found is None or text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        if len(text) == len("2026-08-12"):
            problems.append(problem(found.place, f"{quote(text)} is not on the calendar"))
        return None


def spans(node: Node, problems: list[Problem]) -> Spans:
    """Give spans in seconds; each ends after it begins, and none begins before the one above it has ended."""
    found: list[tuple[int, int]] = []
    for item in node.items():
        span = _span(item.text() or "")
        if span is None:
            continue
        if span[1] <= span[0]:
            sentence = (
                f"{quote(item.text())} does not end after it begins: what goes past midnight is two spans, up to 24:00"
            )
            problems.append(problem(item.place, f"{sentence} and from 00:00 on the next day"))
        elif found and span[0] < found[-1][1]:
            before = next(i.text() for i in node.items() if _span(i.text() or "") == found[-1])
            word = "overlaps" if span[1] > found[-1][0] else "stands behind the later"
            problems.append(problem(item.place, f"{quote(item.text())} {word} {quote(before)}"))
        else:
            found.append(span)
    return tuple(found)


def second(text: str) -> int | None:
    """Give the second of the day of a time such as 08:10."""
    hour, colon, minute = text.partition(":")
    if not colon or len(text) != len("08:10") or not (hour + minute).isdecimal():
        return None
    found = int(hour) * HOUR + int(minute) * MINUTE
    return found if found <= MIDNIGHT and int(minute) < MINUTE else None


def _span(text: str) -> tuple[int, int] | None:
    start, _, end = text.partition("-")
    one, other = second(start), second(end)
    return (one, other) if len(text) == _SPAN and one is not None and other is not None else None


def _clock_at(node: Node, key: str) -> int | None:
    return second(text_at(node, key))


def _in_order(first: date, last: date, node: Node | None, problems: list[Problem]) -> bool:
    if last < first and node:
        problems.append(problem(node.place, f"{last} is before {first}"))
    return first <= last
