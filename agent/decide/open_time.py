"""Open time as prefix sums over the open spans of a calendar, searched by halving, forwards and backwards.

The spans of so many days at a time are worked out when somebody first asks for them, so there is no horizon: a
calendar without years goes on to the last year that there is. All instants are microseconds since 1970.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.decide.spans import DAY, SECOND, by_day, in_year, instant, open_spans
from agent.model.calendar import Kept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.model.calendar import Calendar

BLOCK = 512  # days that are worked out at once
FIRST, LAST = date.min.toordinal() + 3, date.max.toordinal() - 3  # an instant of any zone can be shown as a date
_DAY = DAY * SECOND
_ORDINAL_OF_1970 = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Block:
    """The open spans of a stretch of days.

    Attributes:
        begin: when the first of its days begins.
        end: when its last day is over.
        through: for each span the open time of this block up to its end.
        days: ordinals of the days with any open time.
    """

    begin: int
    end: int
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    through: tuple[int, ...]
    days: tuple[int, ...]

    @property
    def total(self) -> int:
        """Give its whole open time."""
        return self.through[-1] if self.through else 0

    def before(self, at: int) -> int:
        """Give its open time before an instant."""
        at_or_before = bisect_right(self.starts, at)
        if not at_or_before:
            return 0
        last = at_or_before - 1
        return self.through[last] - max(0, self.ends[last] - at)

    def after(self, used: int) -> int:
        """Give the earliest instant before which so much of its open time lies; 0 < used <= total."""
        span = bisect_left(self.through, used)
        return self.ends[span] - (self.through[span] - used)

    def from_which(self, used: int) -> int:
        """Give the latest instant before which so much of its open time lies; 0 <= used < total."""
        span = bisect_right(self.through, used)
        return self.starts[span] + used - (self.through[span - 1] if span else 0)


@dataclass(frozen=True, slots=True)
class OpenTime:
    """The open time of a calendar."""

    calendar: Calendar
    zone: ZoneInfo
    first: int  # numbers of the first and the last block that can hold open time; none where first > last
    last: int
    blocks: dict[int, Block] = field(default_factory=dict, repr=False, compare=False)

    def block(self, number: int) -> Block:
        """Give a block, working it out where it is new."""
        found = self.blocks.get(number)
        if found is None:
            found = self.blocks[number] = _block(self.calendar, self.zone, number)
        return found

    def at(self, instant: int) -> int:
        """Give the number of the block that an instant lies in, or of the nearest that there is."""
        near = (instant // _DAY + _ORDINAL_OF_1970) // BLOCK
        number = min(max(near, self.first), self.last)
        block = self.block(number)
        if instant < block.begin and number > self.first:
            return number - 1
        return number + 1 if instant >= block.end and number < self.last else number

    def of_day(self, ordinal: int) -> int:
        """Give the number of the block that a day lies in, or of the nearest that there is."""
        return min(max(ordinal // BLOCK, self.first), self.last)

    def forward(self, instant: int, amount: int) -> int | None:
        """Give the earliest instant until which so much open time has gone by; amount > 0."""
        if self.first > self.last:
            return None
        number = self.at(instant)
        block = self.block(number)
        need = amount + block.before(instant)
        while need > block.total:
            need -= block.total
            number += 1
            if number > self.last:
                return None
            block = self.block(number)
        return block.after(need)

    def backward(self, instant: int, amount: int) -> int | None:
        """Give the latest instant from which on so much open time lies before another; amount > 0."""
        if self.first > self.last:
            return None
        number = self.at(instant)
        block = self.block(number)
        have = block.before(instant)
        while amount > have:
            amount -= have
            number -= 1
            if number < self.first:
                return None
            block = self.block(number)
            have = block.total
        return block.from_which(have - amount)

    def between(self, start: int, end: int) -> int:
        """Give the open time between two instants in order."""
        if self.first > self.last:
            return 0
        one, other = self.at(start), self.at(end)
        whole = sum(self.block(number).total for number in range(one, other))
        return whole + self.block(other).before(end) - self.block(one).before(start)

    def days_on(self, ordinal: int, days: int) -> int | None:
        """Give the Nth open day after a day, or before it where `days` is negative; days != 0."""
        if self.first > self.last:
            return None
        number = self.of_day(ordinal)
        here = self.block(number).days
        if days > 0:
            place = bisect_right(here, ordinal) + days - 1
            while place >= len(here):
                place -= len(here)
                number += 1
                if number > self.last:
                    return None
                here = self.block(number).days
            return here[place]
        place = bisect_left(here, ordinal) + days
        while place < 0:
            number -= 1
            if number < self.first:
                return None
            here = self.block(number).days
            place += len(here)
        return here[place]


def open_time(calendar: Calendar) -> OpenTime:
    """Give the open time of a calendar; nothing is worked out yet."""
    first, last = _reach(calendar)
    return OpenTime(calendar, ZoneInfo(calendar.timezone), first // BLOCK, last // BLOCK if first <= last else -1)


def _reach(calendar: Calendar) -> tuple[int, int]:
    """Give the first and the last day that can be open at all; one before the other where none can."""
    replaced = [d for d in calendar.days if d.what is Kept.HOURS]
    rings = any(start < stop for spans in calendar.bells.values() for start, stop in spans)
    if not rings and not replaced:
        return LAST, FIRST
    if calendar.years:
        first = min(first.toordinal() for _, first, _ in calendar.years)
        last = max(last.toordinal() for _, _, last in calendar.years)
    elif rings:
        first, last = FIRST, LAST
    else:
        first = min(d.first.toordinal() for d in replaced)
        last = max(d.last.toordinal() for d in replaced)
    return max(first, FIRST), min(last, LAST)


def _block(calendar: Calendar, zone: ZoneInfo, number: int) -> Block:
    first, last = max(number * BLOCK, FIRST), min(number * BLOCK + BLOCK - 1, LAST)
    special = by_day(calendar.days, first, last)
    midnights = [instant(ordinal, 0, zone) for ordinal in range(first, last + 2)]
    starts: list[int] = []
    ends: list[int] = []
    days: list[int] = []
    for ordinal in range(first, last + 1):
        if not in_year(calendar, ordinal):
            continue
        begin, end = midnights[ordinal - first], midnights[ordinal - first + 1]
        bells = calendar.bells.get((ordinal - 1) % 7, ())
        spans = open_spans(bells, special[ordinal]) if ordinal in special else bells
        for start, stop in _instants(spans, ordinal, zone, (begin, end)):
            starts.append(start)
            ends.append(stop)
            if not days or days[-1] != ordinal:
                days.append(ordinal)
    through = accumulate(stop - start for start, stop in zip(starts, ends, strict=True))
    return Block(midnights[0], midnights[-1], tuple(starts), tuple(ends), tuple(through), tuple(days))


def _instants(
    spans: tuple[tuple[int, int], ...], ordinal: int, zone: ZoneInfo, day: tuple[int, int]
) -> Iterator[tuple[int, int]]:
    """Give the spans of a day as instants; on a day of 24 hours the clock does not move."""
    if day[1] - day[0] == _DAY:
        yield from ((day[0] + start * SECOND, day[0] + stop * SECOND) for start, stop in spans if start < stop)
        return
    for start, stop in spans:
        one, other = instant(ordinal, start, zone), instant(ordinal, stop, zone)
        if one < other:
            yield one, other
