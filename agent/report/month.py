"""A month of a calendar as people draw it: a week a row, Sunday first, what each mark means, and where it stands."""

from __future__ import annotations

import calendar
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from agent.decide.spans import in_year
from agent.decide.why import clock
from agent.model.calendar import Kept
from agent.report.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from agent.decide.hours import Hours
    from agent.model.calendar import Days, Spans

WIDTH = 80
CELL = 11
WEEK = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
NOTHING = "-"
MARKS = {  # in the order in which they decide
    Kept.CLOSED: "closed",
    Kept.HOURS: "other",
    Kept.DELAY: "late",
    Kept.EARLY_RELEASE: "early",
    Kept.BREAK: "break",
}
_LABELS = {**MARKS, Kept.TESTING: "testing*", Kept.FREEZE: "frozen", Kept.SEASON: "season"}


@dataclass(frozen=True, slots=True)
class Shown:
    """One day as the month shows it. `mark` is a word of MARKS, `open`, or `-` where it is never open that day."""

    day: date
    mark: str
    spans: Spans
    testing: bool
    season: str
    special: tuple[Days, ...]


def month(hours: Hours, first: date) -> tuple[Shown, ...]:
    """Give every day of the month that a day is the first of."""
    _, length = calendar.monthrange(first.year, first.month)
    return tuple(_shown(hours, first + timedelta(days=n)) for n in range(length))


def _shown(hours: Hours, day: date) -> Shown:
    special = tuple(hours.special(day))
    spans = hours.clock(day)
    whats = {one.what for one in special}
    mark = next((word for what, word in MARKS.items() if what in whats), "open" if spans else NOTHING)
    shut = mark == MARKS[Kept.CLOSED]
    if (not shut and not spans) or (shut and not _else_open(hours, day)):
        mark = NOTHING
    seasons = [one.name for one in special if one.what is Kept.SEASON]
    return Shown(day, mark, spans, Kept.TESTING in whats and bool(spans), "".join(seasons[-1:]), special)


def _else_open(hours: Hours, day: date) -> bool:
    """Say whether it would be open on a day that is closed by name: a Sunday of the winter break is a Sunday."""
    inside = in_year(hours.calendar, day.toordinal())
    return inside and bool(hours.calendar.bells.get(day.weekday()))


def lines(days: Sequence[Shown], hours: Hours, today: date) -> Iterator[str]:
    """Draw a month, with its legend below."""
    yield "".join(f"{name:>4}".ljust(CELL) for name in WEEK).rstrip()
    row = [""] * ((days[0].day.weekday() + 1) % 7)
    for one in days:
        star = "*" if one.testing else ""
        row.append(f"{'>' if one.day == today else ' '}{one.day.day:>2} {one.mark}{star}")
        if len(row) == len(WEEK):
            yield "".join(cell.ljust(CELL) for cell in row).rstrip()
            row = []
    if row:
        yield "".join(cell.ljust(CELL) for cell in row).rstrip()
    yield ""
    yield from legend(days, hours, today)


def legend(days: Sequence[Shown], hours: Hours, today: date) -> Iterator[str]:
    """Say what the marks of a month mean, and where that is written."""
    if any(one.mark == "open" for one in days):
        yield from _row("open", bells(hours))
    found: dict[Days, list[date]] = defaultdict(list)
    for one in days:
        for special in one.special:
            found[special].append(one.day)
    for special, on in sorted(found.items(), key=lambda item: (item[1][0], item[0].what)):
        yield from _row(_LABELS[special.what], _said(special, on))
    if any(one.mark == NOTHING for one in days):
        outside = any(not in_year(hours.calendar, one.day.toordinal()) for one in days)
        yield from _row(
            NOTHING, f"no bells on that day of the week{', or outside the school years' if outside else ''}"
        )
    if any(one.day == today for one in days):
        yield from _row(">", "today")


def _said(special: Days, on: Sequence[date]) -> str:
    edge = ""
    if special.what is Kept.DELAY and special.from_second is not None:
        edge = f", opens at {clock(special.from_second)}"
    elif special.what is Kept.EARLY_RELEASE and special.until_second is not None:
        edge = f", closes at {clock(special.until_second)}"
    elif special.what is Kept.BREAK:
        edge = f", closed {_spans(special.spans)}"
    elif special.what is Kept.HOURS:
        edge = f", open {_spans(special.spans)}"
    source = f" ({special.source})" if special.source else ""
    return f"{_dates(on)} {special.name}{edge}{source}"


def _dates(on: Sequence[date]) -> str:
    first = f"{on[0]:%b} {on[0].day}"
    return first if len(on) == 1 else f"{first}-{on[-1].day}"


def bells(hours: Hours) -> str:
    """Give the bells of a week, the weekdays with the same ones together."""
    same: dict[Spans, list[int]] = defaultdict(list)
    for weekday in (6, 0, 1, 2, 3, 4, 5):
        if spans := hours.calendar.bells.get(weekday):
            same[spans].append(weekday)
    named = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    groups = (f"{' '.join(named[d] for d in days)} {_spans(spans)}" for spans, days in same.items())
    place = f" ({hours.calendar.place})" if hours.calendar.place else ""
    return "; ".join(groups) + place


def _spans(spans: Spans) -> str:
    return ", ".join(f"{clock(start)}-{clock(stop)}" for start, stop in spans)


def _row(label: str, text: str) -> Iterator[str]:
    yield from wrap(
        plain(text), WIDTH, initial_indent=f" {label:<9}", subsequent_indent=" " * 10, break_on_hyphens=False
    )


def instant_line(hours: Hours, at: datetime, *, places: bool = True) -> str:
    """Say why it is open or closed at a time, and when that changes; `places` says where it is written, too."""
    said = hours.why(at, places=places)
    closes, opens = hours.closes(at), hours.opens(at)
    if closes is not None:
        said += f"; closes {_then(closes, at)}"
    elif hours.is_open(at):
        return f"{said}; it does not close for years"
    return f"{said}; opens {_then(opens, at)}" if opens is not None else f"{said}; it does not open again"


def _then(then: datetime, at: datetime) -> str:
    return f"at {then:%H:%M}" if then.date() == at.astimezone(then.tzinfo).date() else f"{then:%a %Y-%m-%d at %H:%M}"


def as_json(one: Shown) -> dict[str, Any]:
    """Give a day as the JSON document has it."""
    return {
        "day": str(one.day),
        "mark": one.mark,
        "open": [[clock(start), clock(stop)] for start, stop in one.spans],
        "testing": one.testing,
        "season": one.season or None,
        "special": [{"what": str(d.what), "name": d.name, "source": d.source} for d in one.special],
    }
