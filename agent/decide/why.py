"""Why it is open or closed, in words, with where that is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import TYPE_CHECKING

from agent.decide.spans import in_year, open_spans
from agent.model.calendar import Kept

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.model.calendar import Calendar, Days, Spans

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def clock(second: int) -> str:
    """Give a time of the day as people write it: 08:10."""
    return f"{second // 3600:02}:{second // 60 % 60:02}"


def span_words(spans: Spans) -> str:
    """Give spans as people write them: 08:10-11:40 and 12:20-15:20."""
    return " and ".join(f"{clock(start)}-{clock(stop)}" for start, stop in spans)


@dataclass(frozen=True, slots=True)
class Teller:
    """Says why a calendar is open or closed; `places` says where that is written, too."""

    calendar: Calendar
    places: bool = True

    def named(self, days: Days) -> str:
        """Give the name of special days and where they come from."""
        return f"{days.name} ({days.source})" if days.source and self.places else days.name

    @property
    def bells(self) -> str:
        """Give where the bells stand, to follow a clause."""
        return f" ({self.calendar.place})" if self.calendar.place and self.places else ""

    def opened(self, special: Sequence[Days], spans: Spans, second: int) -> str:
        """Say why it is open at a second of a day."""
        here = next(((start, stop) for start, stop in spans if start <= second < stop), None)
        told = f"open: {span_words((here,))}" if here else "open"
        moved = [one for one in special if one.what in {Kept.DELAY, Kept.EARLY_RELEASE, Kept.HOURS}]
        if moved:
            return f"{told}, {' and '.join(self.named(one) for one in moved)}"
        return told + self.bells

    def closed(self, ordinal: int, bells: Spans, special: Sequence[Days], second: int) -> str:
        """Say why it is closed at a second of a day."""
        shut = next((one for one in special if one.what is Kept.CLOSED), None)
        if shut:
            return f"closed: {self.named(shut)}"
        if not in_year(self.calendar, ordinal):
            return f"closed: {_between_years(self.calendar, ordinal)}"
        within = next(
            (one for one in special if one.what is Kept.BREAK and any(a <= second < b for a, b in one.spans)), None
        )
        if within:
            return f"closed: {self.named(within)}"
        usual = next((one for one in reversed(special) if one.what is Kept.HOURS), None)
        base = usual.spans if usual else bells
        if not base:
            weekday = WEEKDAYS[(ordinal - 1) % 7]
            return f"closed: {self.named(usual)}" if usual else f"closed: no bells on a {weekday}{self.bells}"
        return f"closed: {self._beside(base, special, second)}"

    def _beside(self, base: Spans, special: Sequence[Days], second: int) -> str:
        """Say why a time outside the open spans of an open day is closed: too early, too late, or between two."""
        for one in special:
            if one.what is Kept.DELAY and one.from_second is not None and second < one.from_second:
                return f"it opens late, at {clock(one.from_second)}: {self.named(one)}"
            if one.what is Kept.EARLY_RELEASE and one.until_second is not None and second >= one.until_second:
                return f"it closed early, at {clock(one.until_second)}: {self.named(one)}"
        spans = open_spans(base, [one for one in special if one.what is not Kept.HOURS])
        if not spans:
            return "nothing is left of the day"
        if second < spans[0][0]:
            return f"it opens at {clock(spans[0][0])}"
        if second >= spans[-1][1]:
            return f"it closed at {clock(spans[-1][1])}"
        before = max(stop for _, stop in spans if stop <= second)
        after = min(start for start, _ in spans if start > second)
        return f"between {clock(before)} and {clock(after)}"


def _between_years(calendar: Calendar, ordinal: int) -> str:
    """Say which years of the calendar a day lies between."""
    past = max((y for y in calendar.years if y[2].toordinal() < ordinal), key=itemgetter(2), default=None)
    ahead = min((y for y in calendar.years if y[1].toordinal() > ordinal), key=itemgetter(1), default=None)
    day = date.fromordinal(ordinal)
    if past and ahead:
        return f"{day} lies between the years {past[0]} and {ahead[0]} of {calendar.name or calendar.id}"
    if past:
        return f"{calendar.name or calendar.id} has no year after {past[0]}, which ended on {past[2]}"
    return f"{calendar.name or calendar.id} has no year before {ahead[0]}" if ahead else "it has no year"
