"""Open time by walking: every minute is asked what the clock on the wall shows. Slow, and nothing like the real one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.model.calendar import Kept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.model.calendar import Calendar

MINUTE = timedelta(minutes=1)


@cache
def _shown(zone_name: str, first: date, last: date) -> list[tuple[datetime, date, int]]:
    """Give each minute with the day that the clock shows, and the latest minute of it that it has shown so far."""
    zone = ZoneInfo(zone_name)
    at = datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(days=1)
    end = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=2)
    seen: dict[date, int] = {}
    found = []
    day = date.min
    while at < end:
        shown = at.astimezone(zone)
        day = max(day, shown.date())  # set back across midnight, a clock shows the evening before once more
        minute = shown.hour * 60 + shown.minute if shown.date() == day else 0
        seen[day] = max(seen.get(day, 0), minute)
        found.append((at, day, seen[day]))
        at += MINUTE
    return found


class Walk:
    """Which minutes of a stretch are open, each as a whole."""

    def __init__(self, calendar: Calendar, first: date, last: date) -> None:
        """Walk from the evening before one day to the morning after another."""
        self.calendar = calendar
        shown = _shown(calendar.timezone, first, last)
        self.begin, self.end = shown[0][0], shown[-1][0] + MINUTE
        self.open = {at for at, day, minute in shown if self._open(day, minute)}

    def forward(self, at: datetime, minutes: int) -> datetime | None:
        """Walk on until so many open minutes are over."""
        for one in self._from(at):
            if one in self.open:
                minutes -= 1
                if not minutes:
                    return one + MINUTE
        return None

    def backward(self, at: datetime, minutes: int) -> datetime | None:
        """Walk back until so many open minutes are passed."""
        one = at.astimezone(UTC) - MINUTE
        while one >= self.begin:
            if one in self.open:
                minutes -= 1
                if not minutes:
                    return one
            one -= MINUTE
        return None

    def between(self, start: datetime, end: datetime) -> int:
        return sum(start <= one < end for one in self.open)

    def _from(self, at: datetime) -> Iterator[datetime]:
        one = at.astimezone(UTC)
        while one < self.end:
            yield one
            one += MINUTE

    def _open(self, day: date, minute: int) -> bool:
        """Say whether a minute of the clock is open: the rules, one after the other."""
        calendar, second = self.calendar, minute * 60
        if calendar.years and not any(first <= day <= last for _, first, last in calendar.years):
            return False
        special = [one for one in calendar.days if one.first <= day <= one.last]
        spans = calendar.bells.get(day.weekday(), ())
        for one in special:
            if one.what is Kept.HOURS:
                spans = one.spans
        if not any(start <= second < end for start, end in spans):
            return False
        return not any(
            one.what is Kept.CLOSED
            or (one.what is Kept.DELAY and one is _last(special, Kept.DELAY) and second < (one.from_second or 0))
            or (
                one.what is Kept.EARLY_RELEASE
                and one is _last(special, Kept.EARLY_RELEASE)
                and second >= (one.until_second or 0)
            )
            or (one.what is Kept.BREAK and any(start <= second < end for start, end in one.spans))
            for one in special
        )


def _last(special: list, what: Kept) -> object:  # type: ignore[type-arg]
    return [one for one in special if one.what is what][-1]
