"""When a budget of open time is due: the cases that others' tests state, through the public functions."""

from __future__ import annotations

import time
from datetime import date, datetime
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.model.calendar import Days, Kept
from tests.calendars.build import bells, closed, hours, spans

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent.parent / "cases" / "calendars" / "due.yaml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("case", CASES, ids=itemgetter("case"))
def test_it_is_due_when_the_case_says(case: dict[str, Any]) -> None:
    shut = (closed(*text.split("..")) for text in case.get("closed", ()))
    replaced = (
        Days(Kept.HOURS, "Other hours", date.fromisoformat(day), date.fromisoformat(day), spans=spans(texts))
        for day, texts in case.get("hours", {}).items()
    )
    kept = hours(case["zone"], bells(case["bells"]), *shut, *replaced)
    start = datetime.fromisoformat(case["start"])
    due = None if case["due"] is None else datetime.fromisoformat(case["due"])
    assert kept.shift_time(start, case["minutes"] * 60) == due
    assert kept.never_opens is (due is None)
    if due is not None:
        assert kept.open_seconds(start, due) == case["minutes"] * 60
    if "as_of" in case:
        used = kept.open_seconds(start, datetime.fromisoformat(case["as_of"]))
        assert used == case["used"] * 60
        assert used > case["minutes"] * 60  # used up: the case calls it breached


def test_there_are_all_of_them() -> None:
    assert len({case["case"] for case in CASES}) == 38


def test_a_budget_that_ends_exactly_at_an_edge_is_due_at_that_edge() -> None:
    kept = hours("America/Chicago", bells({"mon": ["08:00-12:00", "13:00-15:00"], "tue": ["08:00-15:00"]}))
    zone = kept.open.zone
    monday = [datetime(2026, 11, 23, hour, tzinfo=zone) for hour in range(24)]
    hour = 3600
    assert kept.shift_time(monday[8], 4 * hour) == monday[12]  # at closing, and not at the next opening
    assert kept.shift_time(monday[8], 6 * hour) == monday[15]
    assert kept.shift_time(monday[15], -2 * hour) == monday[13]  # at opening, and not at the closing before it
    assert kept.shift_time(monday[15], -6 * hour) == monday[8]
    assert kept.shift_time(monday[18], -6 * hour) == monday[8]
    assert kept.shift_time(monday[12], 0) == monday[12]


def test_a_day_on_which_clocks_are_set_back_has_twenty_five_hours_and_forward_twenty_three() -> None:
    kept = hours("America/New_York", bells({day: ["00:00-24:00"] for day in ("sun", "mon", "sat")}))
    zone = kept.open.zone
    fall, spring = (kept.open_seconds(*(datetime(2026, month, day + n, tzinfo=zone) for n in (0, 1)))
                    for month, day in ((11, 1), (3, 8)))  # fmt: skip
    assert (fall / 3600, spring / 3600) == (25, 23)


def test_a_hundred_thousand_at_once_take_well_under_a_second() -> None:
    kept = hours("America/Chicago", bells({"mon": ["08:00-12:00", "13:00-15:00"], "tue": ["08:00-15:00"]}))
    starts: list[int | None] = [1_764_000_000_000_000 + n * 7_919_000_000 for n in range(100_000)]
    began = time.process_time()
    due = kept.due_many(starts, 9 * 3600)
    assert time.process_time() - began < 2.0  # 0.15 s alone on the development machine, 25 years of calendar included
    assert all(at is not None for at in due)
