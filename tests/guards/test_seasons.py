"""While a season of the district's own calendar lasts, its limits take the place of the district's, cap by cap."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from agent.decide.seasons import district_caps, seasons_now
from agent.decide.window_words import season_line
from agent.errors import Place
from agent.model.calendar import Calendar, Days, Kept, Timetable
from agent.model.policy import Caps, District, Limit, Person, SeasonCaps

PLACE = Place("policies/district.yaml")
USUAL = Caps(per_run=Limit(25, 100), per_day=Limit(100))
AUGUST = SeasonCaps("August", Caps(per_run=Limit(200), per_site=Limit(percent=50)), "director", PLACE)
FIRST_WEEK = SeasonCaps("First week", Caps(per_run=Limit(0)), "systems", PLACE)
PEOPLE = {"director": Person("director", "A. Example", "a@riverton.example")}
LAND = District(
    "Riverton", "America/Chicago", {}, PEOPLE, (), USUAL, frozenset(), seasons=(AUGUST, FIRST_WEEK)
)  # fmt: skip
DAYS = (
    Days(Kept.SEASON, "August", date(2026, 7, 27), date(2026, 8, 14)),
    Days(Kept.SEASON, "First week", date(2026, 8, 12), date(2026, 8, 14)),
    Days(Kept.SEASON, "Fishing", date(2026, 1, 1), date(2026, 12, 31)),
    Days(Kept.CLOSED, "August", date(2027, 1, 1), date(2027, 1, 1)),
)
OWN = Calendar("own", "Own", "America/Chicago", {0: ((28_800, 54_000),)}, (), DAYS)
TIMES = Timetable({"own": OWN}, {"": {"school": "own"}})


@pytest.mark.parametrize(
    ("at", "seasons", "caps"),
    [
        ("2026-07-27T04:59", [], USUAL),  # UTC: 23:59 on the evening before in Chicago
        ("2026-07-27T05:00", ["August"], Caps(Limit(200), Limit(100), Limit(percent=50))),
        ("2026-08-12T05:00", ["August", "First week"], Caps(Limit(0), Limit(100), Limit(percent=50))),
        ("2026-08-15T04:59", ["August", "First week"], Caps(Limit(0), Limit(100), Limit(percent=50))),
        ("2026-08-15T05:00", [], USUAL),
        ("2027-01-01T12:00", [], USUAL),  # what is closed by that name is no season
    ],
)
def test_the_season_that_began_last_comes_first_cap_by_cap(at: str, seasons: list[str], caps: Caps) -> None:
    now = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert [s.limits.season for s in seasons_now(LAND, TIMES, now)] == seasons
    assert district_caps(LAND, TIMES, now) == caps


def test_a_season_of_another_calendar_is_none_of_the_districts() -> None:
    now = datetime(2026, 8, 1, 12, tzinfo=UTC)
    for keeps in ({}, {"": {}}, {"east": {"school": "own"}}):
        assert district_caps(LAND, replace(TIMES, keeps=keeps), now) == USUAL


def test_it_says_what_holds_until_when_and_who_answers_for_it() -> None:
    first, second = seasons_now(LAND, TIMES, datetime(2026, 8, 13, 12, tzinfo=UTC))
    assert season_line(first, LAND) == (
        "August holds until the end of Fri 2026-08-14: at most 200 in a run, 50% in a day at one site, where it is "
        "25 or 100% in a run, any number in a day at one site else. A. Example (director) answers for it."
    )
    assert "at most 0 in a run" in season_line(second, LAND)
    assert season_line(second, LAND).endswith("systems answers for it.")
