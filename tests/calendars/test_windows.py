"""Windows agree with a walk from minute to minute, on random calendars around the days on which clocks are set."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.decide.hours import timetable_hours
from agent.decide.windows import gate
from agent.model.calendar import Timetable
from agent.model.window import Window
from tests.calendars.oracle import MINUTE, Walk, _shown
from tests.calendars.test_properties import calendars, moments

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.model.calendar import Calendar

ONE_DAY = timedelta(days=1)
FAR = timedelta(days=12)


class Oracle:
    """What each minute around a day is, asked of that minute and those beside it."""

    def __init__(self, calendar: Calendar, turn: date) -> None:
        """Walk for twelve days before and after."""
        self.walk = Walk(calendar, turn - FAR, turn + FAR)
        shown = _shown(calendar.timezone, turn - FAR, turn + FAR)
        self.day = {at: day for at, day, _ in shown}
        self.zone = ZoneInfo(calendar.timezone)
        self.school: dict[date, list[datetime]] = {}
        for at in sorted(self.walk.open):
            self.school.setdefault(self.day[at], []).append(at)
        self.in_school = {
            at for minutes in self.school.values() for at in _minutes(minutes[0] - 60 * MINUTE, minutes[-1])
        }
        days = {turn + n * ONE_DAY for n in range(-16, 17)}
        runs = ([day + n * ONE_DAY for n in range(5)] for day in days)
        self.breaks = {day for run in runs if not self.school.keys() & set(run) for day in run}
        goes_on = not calendar.years and any(calendar.bells.values())
        self.last = date.max if goes_on else max(self.school, default=date.min)
        self.over = self.walk.end if goes_on else max(self.walk.open, default=self.walk.begin)

    def after_school(self, at: datetime) -> bool:
        return at not in self.in_school

    def no_school_day(self, at: datetime) -> bool:
        return self.day[at] not in self.school

    def in_break(self, at: datetime) -> bool:
        return self.day[at] in self.breaks

    def night(self, at: datetime) -> bool:
        return not 5 <= at.astimezone(self.zone).hour < 20

    def change(self, at: datetime, is_open: Callable[[datetime], bool], known: datetime) -> datetime | None:
        """Walk on until it is otherwise; what opens after the last that is known of school does not."""
        now, one = is_open(at), at
        while one < self.walk.end - 6 * ONE_DAY:
            if is_open(one) != now:
                return one if now or one <= known else None
            one += MINUTE
        return None


def _minutes(first: datetime, last: datetime) -> list[datetime]:
    return [first + n * MINUTE for n in range((last - first) // MINUTE + 1)]


@settings(max_examples=60, deadline=None)
@given(data=st.data(), pair=calendars())
def test_every_window_agrees_with_a_walk_from_minute_to_minute(
    data: st.DataObject, pair: tuple[Calendar, date]
) -> None:
    calendar, turn = pair
    oracle = Oracle(calendar, turn)
    keeping = timetable_hours(Timetable({"c": calendar}, {"east": {"school": "c"}}))
    for at in data.draw(st.lists(moments(turn), min_size=1, max_size=6)):
        said = gate(keeping, "east", at, ())
        known = oracle.day[at] < oracle.last
        assert bool(said.trouble) != known
        asked = {Window.OVERNIGHT: oracle.night}
        if known:
            asked |= {Window.AFTER_SCHOOL: oracle.after_school, Window.NO_SCHOOL_DAYS: oracle.no_school_day}
            asked |= {Window.BREAKS: oracle.in_break}
        assert {*said.open, *said.next} <= set(asked)
        for window, is_open in asked.items():
            assert (window in said.open) == is_open(at), window
            turns = oracle.change(at, is_open, oracle.walk.end if window is Window.OVERNIGHT else oracle.over)
            found = said.open.get(window, said.next.get(window))
            if turns is None:
                assert found is None or found.astimezone(UTC) >= oracle.walk.end - 6 * ONE_DAY, window
            else:
                assert found is not None, window
                assert found.astimezone(UTC) == turns, window
