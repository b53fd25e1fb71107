"""A short stretch of the simulated year holds; with a guard taken out, writes go wrong: the simulator can fail.

`make soak` goes through the whole year; `python -m tests.simulator --break GUARD` takes any guard out of it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.simulator.soak import Form, Soak

if TYPE_CHECKING:
    from pathlib import Path

AUTUMN = datetime(2026, 8, 24, 15, 10, tzinfo=UTC)


def test_nothing_is_written_wrongly_whatever_goes_wrong(tmp_path: Path) -> None:
    tally = Soak(Form(days=14, devices=200, start=AUTUMN), tmp_path).run()
    assert [str(w) for w in tally.judge.wrong] == []
    assert [*tally.missed, *tally.false] == []
    assert tally.judge.writes > 10, "a simulator in which nothing is done proves nothing"
    assert tally.ended > 10


@pytest.mark.parametrize(
    ("guard", "days", "start", "only", "fault"),
    [
        ("kill_switch", 6, AUTUMN, "stopped", "everything is stopped"),
        ("tripwire", 5, AUTUMN, "roster: schools", "wrong value or target"),
        ("never_touch", 8, AUTUMN, "writes: half", "it is never to be touched"),
    ],
)
def test_without_a_guard_writes_go_wrong(
    tmp_path: Path, guard: str, days: int, start: datetime, only: str, fault: str
) -> None:
    tally = Soak(Form(days=days, devices=200, start=start, only=only, without=guard), tmp_path).run()
    assert any(fault in w.why for w in tally.judge.wrong)


def test_a_guard_that_is_none_cannot_be_taken_out(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="There is no guard 'nobody'"):
        Soak(Form(days=1, devices=50, without="nobody"), tmp_path).run()
