"""What the calendar says of a site: each case of tests/cases/guards/windows.yaml."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from agent.decide.freezes import coming
from agent.decide.hours import timetable_hours
from agent.decide.windows import gate
from agent.model.calendar import Timetable
from agent.model.window import Override, Window
from tests.guards.calendars import SAID, clock, keeping

if TYPE_CHECKING:
    from collections.abc import Mapping

CASES: list[dict[str, Any]] = SAID["cases"]


def utc(at: datetime | None) -> datetime | None:
    return None if at is None else at.astimezone(UTC)


def times(site: str, said: Mapping[str, Any]) -> dict[str, datetime]:
    return {word: clock(site, _text(at)).astimezone(UTC) for word, at in said.items()}


def _text(at: Any) -> str:
    return at.isoformat() if isinstance(at, datetime) else str(at)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["case"]))
def test_a_site_at_an_instant(case: dict[str, Any]) -> None:
    site = case["site"]
    said = gate(keeping(), site, clock(site, _text(case["at"])), ())
    for word, found in (("open", said.open), ("next", said.next)):
        if word in case:
            assert {str(w): utc(at) for w, at in found.items()} == times(site, case[word]), word
    assert [f.name for f in said.frozen] == case.get("frozen", [])
    for word, at in (("thaws", said.thaws), ("freezes", said.freezes)):
        if word in case:
            assert utc(at) == times(site, {word: case[word]})[word]
    assert case.get("trouble", "") in said.trouble
    assert bool(said.trouble) == ("trouble" in case)


def test_the_cases_are_about_every_window_open_and_closed() -> None:
    for word in ("open", "next"):
        assert {w for case in CASES for w in case.get(word, {})} == set(map(str, Window))


def test_where_nobody_says_which_zone_it_is_in_not_even_nights_are_told() -> None:
    said = gate(timetable_hours(Timetable(names={"east": "East"})), "east", datetime(2026, 11, 16, 4, tzinfo=UTC), ())
    assert (said.open, said.next) == ({}, {})
    assert "time zone" in said.trouble


AT = clock("east", "2027-04-13T12:00")
HOUR = timedelta(hours=1)


def override(
    *sites: str, begins: datetime = AT - HOUR, ends: datetime = AT + HOUR, ended: datetime | None = None
) -> Override:
    return Override("o1", sites, "director", "the tests are over", begins, ends, "systems" if ended else "", ended)


@pytest.mark.parametrize(
    ("given", "stands"),
    [
        (override("east"), True),
        (override("river", "east"), True),
        (override("river"), False),
        (override("east", begins=AT), True),
        (override("east", begins=AT + HOUR / 60), False),  # of a clock that was set back since
        (override("east", ends=AT), False),
        (override("east", ended=AT - HOUR / 2), False),
    ],
)
def test_an_override_stands_at_its_sites_from_when_it_was_given_until_it_ends(given: Override, stands: bool) -> None:
    said = gate(keeping(), "east", AT, [given])
    assert said.override == (given if stands else None)
    assert [f.name for f in said.frozen] == ["State tests"]
    # What is lifted until then is frozen again then.
    assert said.freezes == (AT + HOUR if stands else None)


def test_of_two_overrides_the_later_end_counts() -> None:
    short, long = override("east"), override("east", ends=AT + 5 * HOUR)
    assert gate(keeping(), "east", AT, [short, long]).override is long
    assert gate(keeping(), "east", AT, [long, short]).freezes == AT + 5 * HOUR


def test_an_override_that_ends_after_a_freeze_lets_the_next_one_begin() -> None:
    ends = clock("east", "2026-12-05T00:00")
    before = clock("east", "2026-11-29T12:00")
    said = gate(keeping(), "east", before, [override("east", begins=before, ends=ends)])
    assert said.freezes == clock("east", "2027-04-09T00:00")


def test_freezes_are_known_ahead_each_once_the_soonest_first() -> None:
    year = timedelta(days=366)
    found = coming(keeping(), ("", "east", "river", "depot"), clock("", "2026-11-18T12:00"), year)
    assert [(f.name, f.site, f.everywhere) for f in found] == [
        ("Tests of the office", "", False),
        ("Payroll", "", True),
        ("Before the tests", "east", False),
        ("State tests", "east", False),
    ]
    assert coming(keeping(), ("river",), clock("", "2026-11-18T12:00"), timedelta(days=5)) == ()


def test_times_come_out_on_the_clock_of_the_site() -> None:
    said = gate(keeping(), "river", clock("", "2026-11-16T19:30"), ())
    assert said.open[Window.OVERNIGHT].tzinfo == ZoneInfo("America/New_York")
