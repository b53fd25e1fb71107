"""Laws of open time, on random calendars around the days on which clocks are set forward and back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.decide.hours import Hours, compiled
from agent.model.calendar import Calendar, Days, Kept
from tests.calendars.oracle import Walk

# Zones, and a day near which their clocks are set.
TURNS = [
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),  # by half an hour
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("America/Havana", date(2026, 3, 8)),  # midnight itself is jumped over
    ("America/Havana", date(2026, 11, 1)),
    ("America/St_Johns", date(2006, 10, 29)),  # back across midnight: the evening comes twice
    ("Pacific/Apia", date(2011, 12, 30)),  # a day that was left out
    ("America/Phoenix", date(2026, 3, 8)),
    ("Asia/Kolkata", date(2026, 7, 1)),
    ("UTC", date(2026, 2, 28)),
]
DAY_MINUTES = 24 * 60


@st.composite
def spans(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    """Some spans in order, which may touch; often all day."""
    if draw(st.integers(0, 5)) == 0:
        return ((0, 86_400),)
    edges = draw(st.lists(st.integers(0, DAY_MINUTES), max_size=6, unique=True))
    edges = sorted(edges)[: len(edges) // 2 * 2]
    return tuple((one * 60, other * 60) for one, other in zip(edges[::2], edges[1::2], strict=True))


@st.composite
def special(draw: st.DrawFn, around: date) -> Days:
    what = draw(st.sampled_from([Kept.CLOSED, Kept.DELAY, Kept.EARLY_RELEASE, Kept.HOURS, Kept.BREAK]))
    first = around + timedelta(days=draw(st.integers(-8, 8)))
    last = first + timedelta(days=draw(st.integers(0, 3)))
    second = draw(st.integers(0, DAY_MINUTES)) * 60
    return Days(
        what, str(what), first, last,
        from_second=second if what is Kept.DELAY else None,
        until_second=second if what is Kept.EARLY_RELEASE else None,
        spans=draw(spans()) if what in {Kept.HOURS, Kept.BREAK} else (),
    )  # fmt: skip


@st.composite
def calendars(draw: st.DrawFn) -> tuple[Calendar, date]:
    zone, turn = draw(st.sampled_from(TURNS))
    bells = {weekday: draw(spans()) for weekday in draw(st.sets(st.integers(0, 6)))}
    years = draw(st.sampled_from([(), (("a", turn - timedelta(days=9), turn + timedelta(days=1)),)]))
    days = tuple(draw(st.lists(special(turn), max_size=4)))
    return Calendar("c", "C", zone, bells, years, days), turn


def utc(at: datetime | None) -> datetime | None:
    """Python holds a time that comes twice for unequal to any of another zone."""
    return None if at is None else at.astimezone(UTC)


def moments(turn: date) -> st.SearchStrategy[datetime]:
    start = datetime(turn.year, turn.month, turn.day, tzinfo=UTC)
    return st.integers(-4 * DAY_MINUTES, 4 * DAY_MINUTES).map(lambda minute: start + timedelta(minutes=minute))


@settings(max_examples=150, deadline=None)
@given(data=st.data(), pair=calendars(), minutes=st.integers(1, 2500))
def test_it_agrees_with_a_walk_from_minute_to_minute(
    data: st.DataObject, pair: tuple[Calendar, date], minutes: int
) -> None:
    calendar, turn = pair
    walk = Walk(calendar, turn - timedelta(days=8), turn + timedelta(days=8))
    hours = compiled(calendar)
    at, other = data.draw(moments(turn)), data.draw(moments(turn))
    due, since = walk.forward(at, minutes), walk.backward(at, minutes)
    found, before = hours.shift_time(at, minutes * 60), hours.shift_time(at, -minutes * 60)
    assert utc(found) == due if due else found is None or found > walk.end
    assert utc(before) == since if since else before is None or before < walk.begin
    start, end = min(at, other), max(at, other)
    assert hours.open_seconds(start, end) == 60 * walk.between(start, end)
    assert hours.open_seconds(end, start) == -hours.open_seconds(start, end)
    assert hours.is_open(at) == (at in walk.open)


@settings(max_examples=200, deadline=None)
@given(data=st.data(), pair=calendars(), seconds=st.floats(0.001, 400_000))
def test_what_is_shifted_lies_so_much_open_time_away(
    data: st.DataObject, pair: tuple[Calendar, date], seconds: float
) -> None:
    calendar, turn = pair
    hours, at = compiled(calendar), data.draw(moments(turn))
    for sign in (1, -1):
        there = hours.shift_time(at, sign * seconds)
        if there is None:
            continue
        assert there.tzinfo == ZoneInfo(calendar.timezone)
        assert abs(hours.open_seconds(at, there) - sign * seconds) < 1e-6
        back = hours.shift_time(there, -sign * seconds)
        assert back is not None
        assert hours.open_seconds(at, back) == 0  # nothing open lies between where it began and where it came back to


@settings(max_examples=100, deadline=None)
@given(data=st.data(), pair=calendars(), seconds=st.integers(1, 200_000))
def test_later_starts_and_larger_budgets_are_never_due_earlier(
    data: st.DataObject, pair: tuple[Calendar, date], seconds: int
) -> None:
    calendar, turn = pair
    hours = compiled(calendar)
    starts = sorted(data.draw(st.lists(moments(turn), min_size=2, max_size=6)))
    due = [hours.shift_time(start, seconds) for start in starts]
    known = [at.astimezone(UTC) for at in due if at is not None]
    assert known == sorted(known)
    assert due[len(known) :] == [None] * (len(due) - len(known))  # after one that never comes none does
    longer = hours.shift_time(starts[0], seconds + 60)
    assert longer is None or (due[0] is not None and longer.astimezone(UTC) >= due[0].astimezone(UTC))


@settings(max_examples=100, deadline=None)
@given(data=st.data(), pair=calendars(), count=st.integers(1, 12))
def test_days_are_counted_as_one_would_on_paper(data: st.DataObject, pair: tuple[Calendar, date], count: int) -> None:
    calendar, turn = pair
    hours, at = compiled(calendar), data.draw(moments(turn))
    zone = ZoneInfo(calendar.timezone)
    today = at.astimezone(zone).date()
    for step in (1, -1):
        near = [today + timedelta(days=n * step) for n in range(1, 120)]
        open_days = [day for day in near if hours.is_open_day(day)]
        assert all(bool(hours.spans(day)) == hours.is_open_day(day) for day in near[:20])
        found = hours.shift_days(at, count * step)
        if len(open_days) >= count:
            assert found is not None
            assert found.date() == open_days[count - 1]
            assert (found.astimezone(UTC) - timedelta(seconds=1)).astimezone(zone).date() != found.date()
        else:
            assert found is None or abs((found.date() - today).days) >= 120
    assert utc(hours.shift_days(at, 0)) == _midnight(hours, today)


def _midnight(hours: Hours, day: date) -> datetime:
    """Find the first instant of a day by walking back from its noon."""
    zone = ZoneInfo(hours.calendar.timezone)
    at = datetime(day.year, day.month, day.day, 23, 30, tzinfo=zone).astimezone(UTC)
    first = at
    while at > first - timedelta(hours=26):
        if at.astimezone(zone).date() == day:
            found = at
        at -= timedelta(minutes=30)
    return found


@settings(max_examples=60, deadline=None)
@given(data=st.data(), pair=calendars(), seconds=st.integers(-50_000, 50_000))
def test_many_at_once_is_each_by_itself(data: st.DataObject, pair: tuple[Calendar, date], seconds: int) -> None:
    calendar, turn = pair
    hours = compiled(calendar)
    starts = data.draw(st.lists(st.none() | moments(turn), max_size=8))
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    found = hours.due_many([None if s is None else (s - epoch) // timedelta(microseconds=1) for s in starts], seconds)
    single = [None if s is None else utc(hours.shift_time(s, seconds)) for s in starts]
    assert [None if f is None else epoch + timedelta(microseconds=f) for f in found] == single
