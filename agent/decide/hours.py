"""School time: when a calendar is open, how much open time lies between two instants, and what is so much from one.

Pure: the calendars come in as nouns, and so does the time.

Source of the rules: a budget of open time that ends exactly at closing is due at the closing instant; only open time
counts, in seconds that really go by; there is no horizon, and a calendar that never opens answers None.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from agent.decide.open_time import FIRST, LAST, OpenTime, open_time
from agent.decide.spans import EPOCH, MICROSECOND, SECOND, by_day, in_year, instant, open_spans
from agent.decide.why import Teller
from agent.model.calendar import Kept

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from agent.model.calendar import Calendar, Days, Spans, Timetable

_SEARCHED = 8  # blocks, of 512 days each, that are searched for when a calendar that is always open closes


@dataclass(frozen=True, slots=True)
class Hours:
    """A compiled calendar. Times that go in carry any zone; those that come out are in the calendar's."""

    calendar: Calendar
    open: OpenTime

    def shift_time(self, at: datetime, seconds: float) -> datetime | None:
        """Give the instant at which so much open time has gone by since `at`.

        Or, with negative seconds, the one from which on so much open time lies before `at`. 0 gives `at` itself.
        None where it never comes. What ends exactly at closing is due at the closing instant.
        """
        found = self._shifted(_microseconds(at), round(seconds * SECOND))
        return None if found is None else self._time(found)

    def due_many(self, starts: Sequence[int | None], seconds: float) -> list[int | None]:
        """Give what `shift_time` gives for many instants, in microseconds since 1970 as polars keeps them."""
        amount = round(seconds * SECOND)
        return [None if at is None else self._shifted(at, amount) for at in starts]

    def shift_days(self, at: datetime, days: int) -> datetime | None:
        """Give 00:00 of the Nth open day after the local day of `at`, or before it where `days` is negative.

        That day itself is not counted; 0 gives its own 00:00. None where there is no such day.
        """
        ordinal = self.day(at)
        found = self.open.days_on(ordinal, days) if days else ordinal
        return None if found is None else self._time(instant(found, 0, self.open.zone))

    def open_seconds(self, start: datetime, end: datetime) -> float:
        """Give how much open time lies between two instants; negative where they stand the other way round."""
        one, other = _microseconds(start), _microseconds(end)
        found = self.open.between(min(one, other), max(one, other)) / SECOND
        return found if one <= other else -found

    def is_open(self, at: datetime) -> bool:
        """Say whether it is open at an instant; at the closing instant it is not."""
        return self._stretch(_microseconds(at)) is not None

    def is_open_day(self, day: date) -> bool:
        """Say whether a day has any open time."""
        if self.open.first > self.open.last:
            return False
        days = self.open.block(self.open.of_day(day.toordinal())).days
        place = bisect_left(days, day.toordinal())
        return place < len(days) and days[place] == day.toordinal()

    @property
    def never_opens(self) -> bool:
        """Whether no day has any open time."""
        return self.open.days_on(FIRST, 1) is None

    def opens(self, at: datetime) -> datetime | None:
        """Give when it opens next, after `at`; None where it does not, or where it is open until it ends for good."""
        begin = _microseconds(at)
        if (stretch := self._stretch(begin)) is not None:
            closes = self._closing(*stretch)
            if closes is None:
                return None
            begin = closes
        found = self.open.forward(begin, 1)
        return None if found is None else self._time(found - 1)

    def closes(self, at: datetime) -> datetime | None:
        """Give when the open stretch ends that `at` lies in; None where it is closed, or open for years on end."""
        stretch = self._stretch(_microseconds(at))
        found = None if stretch is None else self._closing(*stretch)
        return None if found is None else self._time(found)

    def spans(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """Give the open spans of a day."""
        if self.open.first > self.open.last:
            return ()
        block = self.open.block(self.open.of_day(day.toordinal()))
        begin, end = (instant(day.toordinal() + n, 0, self.open.zone) for n in (0, 1))
        first, last = bisect_left(block.starts, begin), bisect_left(block.starts, end)
        return tuple((self._time(block.starts[n]), self._time(block.ends[n])) for n in range(first, last))

    def day(self, at: datetime) -> int:
        """Give the local day of an instant, as its ordinal."""
        try:
            return at.astimezone(self.open.zone).toordinal()
        except OverflowError:
            return LAST if at.year > 1 else FIRST

    def clock(self, day: date) -> Spans:
        """Give the open spans of a day on the clock of the calendar, in seconds since 00:00."""
        return open_spans(*self._rules(day.toordinal()))

    def special(self, day: date) -> list[Days]:
        """Give everything that the calendar says of a day in particular, testing and seasons too."""
        return [one for one in self.calendar.days if one.first <= day <= one.last]

    def why(self, at: datetime, *, places: bool = True) -> str:
        """Say why it is open or closed at an instant: "closed: Winter break (calendars/secondary.yaml:30:9)"."""
        teller = Teller(self.calendar, places)
        ordinal = self.day(at)
        bells, special = self._rules(ordinal)
        second = _second(at.astimezone(self.open.zone))
        if self.is_open(at):
            return teller.opened(special, open_spans(bells, special), second)
        return teller.closed(ordinal, bells, special, second)

    def _rules(self, ordinal: int) -> tuple[Spans, list[Days]]:
        """Give the bells of a day, and what moves them."""
        special = by_day(self.calendar.days, ordinal, ordinal).get(ordinal, [])
        if not in_year(self.calendar, ordinal):
            return (), [one for one in special if one.what is Kept.CLOSED]
        return self.calendar.bells.get((ordinal - 1) % 7, ()), special

    def _shifted(self, at: int, amount: int) -> int | None:
        if amount > 0:
            return self.open.forward(at, amount)
        return self.open.backward(at, -amount) if amount < 0 else at

    def _stretch(self, at: int) -> tuple[int, int] | None:
        """Give the block and the number of the span that an instant lies in."""
        if self.open.first > self.open.last:
            return None
        number = self.open.at(at)
        block = self.open.block(number)
        span = bisect_right(block.starts, at) - 1
        return (number, span) if span >= 0 and at < block.ends[span] else None

    def _closing(self, number: int, span: int) -> int | None:
        """Give when the stretch of spans that follow each other without a gap ends."""
        end = self.open.block(number).ends[span]
        for later in range(number, min(number + _SEARCHED, self.open.last) + 1):
            block = self.open.block(later)
            for n in range(span + 1 if later == number else 0, len(block.starts)):
                if block.starts[n] != end:
                    return end
                end = block.ends[n]
            if end != block.end or later == self.open.last:
                return end
        return None

    def _time(self, found: int) -> datetime:
        return (EPOCH + timedelta(microseconds=found)).astimezone(self.open.zone)


def compiled(calendar: Calendar) -> Hours:
    """Give the hours of a calendar. Nothing is worked out before it is asked for."""
    return Hours(calendar, open_time(calendar))


@dataclass(frozen=True, slots=True)
class Keeping:
    """Who keeps which hours, the changes of each site laid over its calendars."""

    timetable: Timetable
    _made: dict[tuple[str, tuple[str, ...]], Hours] = field(default_factory=dict, repr=False, compare=False)

    def hours(self, site: str, role: str) -> Hours | str:
        """Give the hours of a site ("" for what belongs to none) in a role, or the clause why there are none."""
        kept = self.timetable.keeps.get(site, {}).get(role)
        calendar = self.timetable.calendars.get(kept) if kept is not None else None
        if kept is None or calendar is None:
            return self._lacking(site, role)
        changes = [c for c in self.timetable.changes if site in c.sites and role in c.roles and c.undone_at is None]
        key = (kept, tuple(c.id for c in changes))
        if key not in self._made:
            days = tuple(c.days for c in sorted(changes, key=lambda c: c.at))
            self._made[key] = compiled(replace(calendar, days=(*calendar.days, *days)) if days else calendar)
        return self._made[key]

    def _lacking(self, site: str, role: str) -> str:
        names = self.timetable.names
        if site and site not in names:
            return f"policies/district.yaml has no site {site!r}"
        what = {"school": "keeps no school calendar", "staff": "has no staff hours", "desk": "has no help-desk hours"}
        return f"{names.get(site) or 'what belongs to no site'} {what[role]}"


def timetable_hours(timetable: Timetable) -> Keeping:
    """Give who keeps which hours; calendars are compiled when they are first asked for."""
    return Keeping(timetable)


def _microseconds(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND


def _second(local: datetime) -> int:
    return (local.hour * 60 + local.minute) * 60 + local.second
