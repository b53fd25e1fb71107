"""The open spans of one day on a calendar's own clock, and which instants they are.

A time of the day stands for the first instant at which the clock shows it or a later time. So a time that the clock
jumps over in spring is the moment of the jump, and one that it shows twice in autumn is the first of the two: spans
never overlap, and what ends where another begins still does.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from agent.model.calendar import Kept

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import tzinfo

    from agent.model.calendar import Calendar, Days, Spans

DAY = 86_400  # seconds
SECOND = 1_000_000  # instants are whole microseconds since 1970, so that sums of them are exact
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MOVING = frozenset({Kept.CLOSED, Kept.DELAY, Kept.EARLY_RELEASE, Kept.HOURS, Kept.BREAK})  # what changes open time


def instant(ordinal: int, second: int, zone: tzinfo) -> int:
    """Give the instant of a time on the clock of a zone, as microseconds since 1970."""
    wall = datetime.fromordinal(ordinal) + timedelta(seconds=second)
    first, again = wall.replace(tzinfo=zone).utcoffset(), wall.replace(tzinfo=zone, fold=1).utcoffset()
    first, again = first or timedelta(0), again or timedelta(0)
    if first >= again:
        return (wall - first - EPOCH.replace(tzinfo=None)) // MICROSECOND
    return _jump(wall - again, wall - first, first, zone)


def _jump(before: datetime, after: datetime, offset: timedelta, zone: tzinfo) -> int:
    """Find when a clock jumps forward, between an instant before and one after it."""
    low, high = ((at.replace(tzinfo=UTC) - EPOCH) // timedelta(seconds=1) for at in (before, after))
    while high - low > 1:
        middle = (low + high) // 2
        if (EPOCH + timedelta(seconds=middle)).astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high * SECOND


def by_day(days: Iterable[Days], first: int, last: int) -> dict[int, list[Days]]:
    """Give what is special about each day of a stretch, by its ordinal, as far as it moves open time."""
    found: dict[int, list[Days]] = defaultdict(list)
    for one in days:
        if one.what in MOVING:
            for ordinal in range(max(first, one.first.toordinal()), min(last, one.last.toordinal()) + 1):
                found[ordinal].append(one)
    return found


def in_year(calendar: Calendar, ordinal: int) -> bool:
    """Say whether a day lies in a year of the calendar, or the calendar goes on for ever."""
    return not calendar.years or any(
        first.toordinal() <= ordinal <= last.toordinal() for _, first, last in calendar.years
    )


def open_spans(bells: Spans, special: Sequence[Days]) -> Spans:
    """Give what is open on a day in a year of the calendar. Of two that say the same sort of thing the last counts."""
    if any(one.what is Kept.CLOSED for one in special):
        return ()
    begin, end = 0, DAY
    spans = bells
    for one in special:
        if one.what is Kept.HOURS:
            spans = one.spans
        elif one.what is Kept.DELAY and one.from_second is not None:
            begin = one.from_second
        elif one.what is Kept.EARLY_RELEASE and one.until_second is not None:
            end = one.until_second
    spans = tuple((max(start, begin), min(stop, end)) for start, stop in spans if max(start, begin) < min(stop, end))
    for one in special:
        if one.what is Kept.BREAK:
            spans = without(spans, one.spans)
    return spans


def without(spans: Spans, closed: Spans) -> Spans:
    """Take closed spans out of open ones."""
    for shut, reopen in closed:
        if shut < reopen:
            spans = tuple(
                piece
                for start, stop in spans
                for piece in ((start, min(stop, shut)), (max(start, reopen), stop))
                if piece[0] < piece[1]
            )
    return spans
