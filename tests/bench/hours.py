"""Open time: prefix sums over spans against a walk from day to day, on a school's calendar, in microseconds a call."""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from agent.example.riverton.hours import read

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.decide.hours import Hours

CALENDAR = Path(__file__).parents[2] / "policies" / "calendars" / "secondary.yaml"
START = datetime(2026, 8, 12, tzinfo=UTC)
HOURS = 40  # of open time: more than a week of school


def walked(kept: Hours, at: datetime, seconds: float) -> datetime | None:
    """Find when so much open time has gone by as peers do: from day to day, with the spans of each."""
    day = at.astimezone(kept.open.zone).date()
    for _ in range(2000):
        for start, stop in kept.spans(day):
            begin = max(start, at)
            if begin < stop:
                length = (stop - begin).total_seconds()
                if seconds <= length:
                    return begin + timedelta(seconds=seconds)
                seconds -= length
        day += timedelta(days=1)
    return None


def main(calls: int = 100_000, rounds: int = 5) -> str:
    """Time both in turn, and many at once; give the table."""
    kept = read(CALENDAR).kept
    dice = Random(4)  # ruff: ignore[suspicious-non-cryptographic-random-usage] - dice
    starts = [START + timedelta(seconds=dice.randrange(200 * 86_400)) for _ in range(calls)]
    few = starts[: max(1, calls // 100)]
    seconds = HOURS * 3600.0
    assert [kept.shift_time(at, seconds) for at in few] == [walked(kept, at, seconds) for at in few]
    whole = [int(at.timestamp()) * 1_000_000 for at in starts]
    rows: dict[str, Callable[[], float]] = {
        "shift_time, forwards": lambda: _each(lambda at: kept.shift_time(at, seconds), starts),
        "shift_time, backwards": lambda: _each(lambda at: kept.shift_time(at, -seconds), starts),
        "open_seconds": lambda: _each(lambda at: kept.open_seconds(START, at), starts),
        "shift_days, 14 back": lambda: _each(lambda at: kept.shift_days(at, -14), starts),
        f"due_many, {calls:,} at once": lambda: _once(lambda: kept.due_many(whole, seconds)) / calls,
        "a walk from day to day": lambda: _each(lambda at: walked(kept, at, seconds), few),
    }
    times: dict[str, list[float]] = {name: [] for name in rows}
    for _ in range(rounds):
        for name, run in rows.items():
            times[name].append(run() * 1e6)
    median = {name: statistics.median(taken) for name, taken in times.items()}
    ours = median["shift_time, forwards"]
    lines = [
        f"### Open time: due after {HOURS} hours of school",
        "",
        "| how | microseconds a call | times ours |",
        "|---|---|---|",
    ]
    return "\n".join([*lines, *(f"| {name} | {took:.2f} | {took / ours:.2f} |" for name, took in median.items())])


def _each(call: Callable[[datetime], object], starts: list[datetime]) -> float:
    return _once(lambda: [call(at) for at in starts]) / len(starts)


def _once(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began
