"""When something is due: spread, once for what was missed, and not silenced by a clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.decide.rhythm import due, following, interval
from tests.decide.build import BANNER, policy

NOW = datetime(2026, 10, 14, 15, 7, tzinfo=UTC)
HOUR = timedelta(hours=1)
TIMES = st.integers(0, 20 * 365 * 86_400).map(lambda s: datetime(2021, 1, 1, tzinfo=UTC) + timedelta(seconds=s))
LENGTHS = st.integers(60, 7 * 86_400).map(lambda s: timedelta(seconds=s))


@given(st.text(max_size=20), LENGTHS, TIMES)
def test_the_next_time_comes_within_one_interval_and_is_then_due(name: str, every: timedelta, now: datetime) -> None:
    comes = following(name, every, now)
    assert now < comes <= now + every
    assert due(name, every, now, comes)
    assert not due(name, every, now, comes - timedelta(microseconds=1000))
    assert not due(name, every, comes, comes)


@given(st.text(max_size=20), LENGTHS, TIMES, st.integers(2, 50))
def test_what_was_missed_is_due_once(name: str, every: timedelta, last: datetime, missed: int) -> None:
    later = last + every * missed
    assert due(name, every, last, later)
    assert not due(name, every, later, later)


def test_what_was_never_done_is_due_at_once() -> None:
    assert due("hosts", HOUR, None, NOW)


def test_a_clock_that_was_put_back_silences_nothing() -> None:
    assert due("hosts", HOUR, NOW + timedelta(days=400), NOW)
    assert not due("hosts", HOUR, NOW + timedelta(minutes=10), NOW)


def test_a_thousand_names_are_spread_over_their_interval() -> None:
    minutes = [int((following(f"host{i}", HOUR, NOW) - NOW).total_seconds() // 60) for i in range(1000)]
    assert max(map(minutes.count, range(60))) < 40  # 17 on average
    assert len(set(minutes)) == 60


@pytest.mark.parametrize(
    ("asked", "comes"), [((None,), HOUR), ((timedelta(minutes=20), None), timedelta(minutes=20)), ((), HOUR)]
)
def test_the_most_impatient_policy_decides(asked: tuple[timedelta | None, ...], comes: timedelta) -> None:
    assert interval([policy(f"P-{i}", {BANNER: "x"}, check_every=one) for i, one in enumerate(asked)]) == comes
