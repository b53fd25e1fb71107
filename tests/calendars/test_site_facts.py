"""What a calendar says of a school at a moment, and that policies can ask for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from agent.decide.hours import timetable_hours
from agent.decide.site_facts import FACTS, site_facts
from agent.model.reading import NONE, Unknown
from tests.calendars.conftest import DISTRICT, SCHOOL
from tests.calendars.snow import CHICAGO

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.model.reading import Reading
    from tests.cli.fixtures import Driftbell
    from tests.intake.district import District

FULL = SCHOOL.replace("{from: 2026-08-12, to: 2027-06-03}", """
    from: 2026-08-12
    to: 2027-06-03
    testing:
      - {name: State tests, first: 2027-04-12, last: 2027-04-30}
      - {name: Mock tests, day: 2027-03-14}
seasons: [{name: August rollover, first: 2026-07-27, last: 2026-08-11}]""")  # fmt: skip


def facts(district: District, at: str, site: str = "east") -> Mapping[str, Reading]:
    district.write("policies/calendars/school.yaml", FULL)
    now = datetime.fromisoformat(at).replace(tzinfo=CHICAGO).astimezone(UTC)
    return site_facts(timetable_hours(district.load().timetable), site, now)


def test_every_field_of_the_kind_has_its_reading(district: District) -> None:
    said = facts(district, "2027-04-12T10:00")
    assert tuple(said) == FACTS
    known = {field.name for field in district.catalog.kinds["site"].fields}
    assert set(FACTS) <= known
    assert said == {
        "in_session": True,
        "school_day": True,
        "testing": True,
        "testing_starts": datetime(2027, 4, 12, 5, tzinfo=UTC),
        "testing_ends": datetime(2027, 5, 1, 5, tzinfo=UTC),
        "season": NONE,
    }


def test_the_next_window_is_the_one_that_comes_next(district: District) -> None:
    before = facts(district, "2027-03-13T23:59")
    assert (before["testing"], before["in_session"], before["school_day"]) == (False, False, False)
    starts, ends = before["testing_starts"], before["testing_ends"]
    assert isinstance(starts, datetime)
    assert isinstance(ends, datetime)
    assert (f"{starts:%m-%d %H:%M}", f"{ends:%m-%d %H:%M}") == ("03-14 00:00", "03-15 00:00")
    assert ends.astimezone(UTC) - starts.astimezone(UTC) == timedelta(hours=23)  # clocks are set forward that day
    assert facts(district, "2027-03-14T00:00")["testing"] is True
    after = facts(district, "2027-05-01T00:00")
    assert (after["testing"], after["testing_starts"], after["testing_ends"]) == (False, NONE, NONE)


def test_a_season_is_told_on_its_days_in_summer_too(district: District) -> None:
    assert facts(district, "2026-08-11T23:00")["season"] == "August rollover"
    assert facts(district, "2026-08-12T00:00")["season"] == NONE


def test_without_a_calendar_nothing_is_known(district: District) -> None:
    district.write("policies/district.yaml", DISTRICT.replace("name: East High, calendar: school", "name: East High"))
    assert facts(district, "2027-04-12T10:00") == dict.fromkeys(FACTS, Unknown("East High keeps no school calendar"))


def test_a_policy_asks_for_them_and_a_snow_day_changes_the_answer_at_once(school: Driftbell) -> None:
    school.write("policies/inventory/SITE-1.yaml", {
        "policy": "SITE-1", "title": "Today is no school day", "applies_to": {"kind": "site"},
        "expect": {"school_day": False},
    })  # fmt: skip
    assert {f["resource"] for f in school("check", "--json").json["findings"]} == {"site/east", "site/west"}
    school("calendar", "close", "--site", "east", "--why", "snow")
    assert {f["resource"] for f in school("check", "--json").json["findings"]} == {"site/west"}
