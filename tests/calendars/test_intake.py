"""Calendars as districts write them: typed, or every mistake with its place and what to do about it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from agent.decide.hours import Hours, timetable_hours
from agent.report.month import lines, month
from tests.calendars.conftest import DISTRICT, SCHOOL

if TYPE_CHECKING:
    from tests.intake.district import District

WRONG = sorted((Path(__file__).parent.parent / "cases" / "calendars" / "wrong").glob("*.yaml"))
CHICAGO = ZoneInfo("America/Chicago")


@pytest.mark.parametrize("case", WRONG, ids=lambda path: path.stem)
def test_a_wrong_calendar_is_told_with_its_place(district: District, case: Path) -> None:
    district.write("policies/calendars/school.yaml", case.read_text(encoding="utf-8"))
    district.write("policies/calendars/holidays.ics", "BEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR\n")
    expected = case.with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    assert district.problems() == expected


def test_there_are_wrong_calendars_to_try() -> None:
    assert len(WRONG) > 30


def hours(district: District, site: str = "east", role: str = "school") -> Hours:
    found = timetable_hours(district.load().timetable).hours(site, role)
    assert isinstance(found, Hours), found
    return found


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO)


def test_everything_a_calendar_can_say_is_understood(district: District) -> None:
    district.write(
        "policies/calendars/school.yaml",
        SCHOOL.replace("  2026-27: {from: 2026-08-12, to: 2027-06-03}\n", """\
  2026-27:
    from: 2026-08-12
    to: 2027-06-03
    closed: [{name: Winter break, first: 2026-12-21, last: 2027-01-01}]
    delays: [{name: Ice, day: 2027-01-26, from: "10:00"}]
    early_release: [{name: Conferences, day: 2026-10-29, until: "12:00"}]
    hours: [{name: Fair, day: 2026-10-05, spans: ["10:00-11:00", "12:00-24:00"]}]
    breaks: [{name: Assembly, day: 2026-10-06, spans: ["09:00-09:30"]}]
    testing: [{name: State tests, first: 2027-04-12, last: 2027-04-30}]
seasons: [{name: August rollover, first: 2027-07-26, last: 2027-08-11}]
"""),
    )  # fmt: skip
    kept = hours(district)
    assert kept.why(at("2026-12-24T10:00")) == "closed: Winter break (policies/calendars/school.yaml:13:14)"
    assert kept.why(at("2027-01-26T09:00")) == (
        "closed: it opens late, at 10:00: Ice (policies/calendars/school.yaml:14:14)"
    )
    assert kept.why(at("2026-10-29T13:00")) == (
        "closed: it closed early, at 12:00: Conferences (policies/calendars/school.yaml:15:21)"
    )
    assert kept.why(at("2026-10-05T12:00")) == "open: 12:00-24:00, Fair (policies/calendars/school.yaml:16:13)"
    assert kept.why(at("2026-10-05T08:30")) == "closed: it opens at 10:00"
    assert kept.why(at("2026-10-06T09:10")) == "closed: Assembly (policies/calendars/school.yaml:17:14)"
    assert kept.why(at("2026-10-12T12:30")) == "closed: between 12:00 and 13:00"
    assert kept.why(at("2026-10-12T15:00")) == "closed: it closed at 15:00"
    assert kept.why(at("2026-10-10T12:00")) == "closed: no bells on a Saturday (policies/calendars/school.yaml:4:3)"
    assert kept.why(at("2027-07-01T10:00")) == (
        "closed: Every school has no year after 2026-27, which ended on 2027-06-03"
    )
    assert kept.why(at("2026-10-12T09:00")) == "open: 08:00-12:00 (policies/calendars/school.yaml:4:3)"
    assert kept.opens(at("2026-12-18T15:00")) == at("2027-01-04T08:00")
    assert kept.closes(at("2026-10-05T13:00")) == at("2026-10-06T00:00")
    assert kept.opens(at("2027-06-03T15:00")) is None


def test_a_calendar_without_years_goes_on_for_ever(district: District) -> None:
    district.write("policies/calendars/school.yaml", 'calendar: school\nbells: {mon: ["08:00-15:00"]}\n')
    kept = hours(district)
    assert kept.shift_time(at("2026-11-22T10:00"), 7 * 3600 * 52 * 500) == at("2525-03-05T15:00")
    assert kept.shift_days(at("9999-12-20T10:00"), -1) == at("9999-12-13T00:00")
    assert kept.shift_days(at("0001-01-05T10:00"), -1) is None


def test_a_calendar_that_never_opens_is_a_warning_and_answers_at_once(district: District) -> None:
    district.write(
        "policies/calendars/school.yaml",
        SCHOOL.replace("{from: 2026-08-12, to: 2027-06-03}", "{from: 2026-08-15, to: 2026-08-16}"),
    )
    kept = hours(district)
    (warning,) = district.load().warnings
    never = "The calendar 'school' never opens: whatever counts in its time never comes."
    assert warning == f"policies/calendars/school.yaml:4:3: {never}"
    assert kept.shift_time(at("2026-08-01T00:00"), 1) is None
    assert kept.shift_time(at("2026-08-01T00:00"), -1) is None
    assert kept.shift_days(at("2026-08-01T00:00"), 1) is None
    assert kept.open_seconds(at("2020-01-01T00:00"), at("2030-01-01T00:00")) == 0
    assert not kept.is_open(at("2026-08-15T10:00"))


def test_bells_at_a_time_that_the_clock_jumps_over_are_a_warning_with_what_happens(district: District) -> None:
    district.write("policies/calendars/school.yaml", SCHOOL.replace("  mon:", '  sun: ["02:30-05:00"]\n  mon:'))
    (warning,) = district.load().warnings
    assert warning == (
        "policies/calendars/school.yaml:4:3: On 2027-03-14 the clocks of America/Chicago jump over 02:30: "
        "it counts as 03:00 that day, the moment of the jump."
    )
    assert [f"{a:%H:%M}" for span in hours(district).spans(at("2027-03-14T00:00").date()) for a in span] == [
        "03:00", "05:00",
    ]  # fmt: skip


def test_a_calendar_without_years_is_looked_at_for_such_days_too(district: District) -> None:
    text = 'calendar: school\nbells: {sun: ["00:00-02:00", "02:15-24:00"]}\n'
    district.write("policies/calendars/school.yaml", text)
    warnings = district.load().warnings
    assert len(warnings) == 1  # 02:00 is not jumped over: it is when the clock jumps
    assert "On 2020-03-08 the clocks of America/Chicago jump over 02:15" in warnings[0]


def test_a_calendar_that_a_site_spells_otherwise_is_named_with_the_nearest(district: District) -> None:
    district.write(
        "policies/district.yaml",
        DISTRICT.replace("west: {name: West Middle, calendar: school}", "west: {name: West Middle, calendar: scool}")
        .replace("timezone: America/Chicago}", "timezone: America/Chicago, calendar: ofice, hours: {desk: scholl}}"),
    )  # fmt: skip
    near = "in policies/calendars/; did you mean 'school'?"
    assert district.problems() == [
        "policies/district.yaml:1:73: There is no calendar 'ofice' in policies/calendars/.",
        f"policies/district.yaml:1:94: There is no calendar 'scholl' {near}",
        f"policies/district.yaml:4:39: There is no calendar 'scool' {near}",
    ]


def test_the_same_calendar_twice_is_an_error(district: District) -> None:
    district.write("policies/calendars/other.yaml", SCHOOL)
    taken = "The calendar 'school' is taken: policies/calendars/other.yaml has it already."
    assert district.problems() == [f"policies/calendars/school.yaml:1:1: {taken}"]


def test_staff_and_desk_are_the_districts_where_a_school_names_none(district: District) -> None:
    district.write("policies/calendars/desk.yaml", 'calendar: desk\nbells: {mon: ["07:00-16:00"]}\n')
    district.write("policies/calendars/late.yaml", 'calendar: late\nbells: {mon: ["12:00-20:00"]}\n')
    district.write(
        "policies/district.yaml",
        DISTRICT.replace("timezone: America/Chicago}", "timezone: America/Chicago, hours: {desk: desk, staff: desk}}")
        .replace("east: {name: East High,", "east: {name: East High, hours: {desk: late},"),
    )  # fmt: skip
    keeping = timetable_hours(district.load().timetable)
    kept = {
        (site, role): found if isinstance(found, str) else found.calendar.id
        for site in ("", "east", "west", "north")
        for role in ("school", "staff", "desk")
        for found in [keeping.hours(site, role)]
    }
    assert kept == {
        ("", "school"): "what belongs to no site keeps no school calendar",
        ("", "staff"): "desk", ("", "desk"): "desk",
        ("east", "school"): "school", ("east", "staff"): "desk", ("east", "desk"): "late",
        ("west", "school"): "school", ("west", "staff"): "desk", ("west", "desk"): "desk",
        ("north", "school"): "policies/district.yaml has no site 'north'",
        ("north", "staff"): "policies/district.yaml has no site 'north'",
        ("north", "desk"): "policies/district.yaml has no site 'north'",
    }  # fmt: skip
    assert keeping.hours("west", "desk") is keeping.hours("", "desk")


def test_a_school_in_another_zone_keeps_its_bells_on_its_own_clock(district: District) -> None:
    district.write(
        "policies/district.yaml",
        DISTRICT.replace("west: {name: West Middle,", "west: {name: West Middle, timezone: America/Denver,"),
    )
    opens = {site: hours(district, site).opens(at("2026-10-05T00:00")) for site in ("east", "west")}
    assert opens == {
        "east": datetime(2026, 10, 5, 13, tzinfo=UTC),
        "west": datetime(2026, 10, 5, 14, tzinfo=UTC),
    }


def test_a_calendars_own_zone_is_its_own_and_may_not_contradict_the_school(district: District) -> None:
    district.write("policies/calendars/school.yaml", SCHOOL.replace("name:", "timezone: America/New_York\nname:"))
    assert hours(district).opens(at("2026-10-05T00:00")) == datetime(2026, 10, 5, 12, tzinfo=UTC)
    district.write(
        "policies/district.yaml",
        DISTRICT.replace("west: {name: West Middle,", "west: {name: West Middle, timezone: America/Denver,"),
    )
    (problem,) = district.problems()
    assert problem == (
        "policies/district.yaml:4:65: 'west' is in America/Denver, and its calendar 'school' says America/New_York: "
        "take one out."
    )


def test_freezes_are_read_and_the_month_shows_them(district: District) -> None:
    freezes = """\
    freezes: [{name: Payroll, first: 2026-11-30, last: 2026-12-01}]
freezes: [{name: New core switch, day: 2027-07-01}]
"""
    year = "  2026-27:\n    from: 2026-08-12\n    to: 2027-06-03\n"
    text = SCHOOL.replace("  2026-27: {from: 2026-08-12, to: 2027-06-03}\n", year + freezes)
    district.write("policies/calendars/school.yaml", text)
    kept = hours(district)
    assert kept.is_open(at("2026-11-30T10:00"))  # nothing is changed, and school goes on
    days = month(kept, at("2026-12-01T00:00").date())
    assert any(
        line.split() == ["frozen", "Dec", "1", "Payroll", "(policies/calendars/school.yaml:13:15)"]
        for line in lines(days, kept, at("2026-12-03T00:00").date())
    )
    assert any(
        "New core switch" in line for line in lines(month(kept, at("2027-07-01T00:00").date()), kept, days[0].day)
    )


def test_changes_of_one_second_are_listed_in_the_order_they_were_written_in(district: District) -> None:
    same = 'what: closed, sites: [east], by: director, at: "2026-11-23T05:12:00-06:00"'
    days = {"1125-z": "2026-11-25", "1125-a": "2026-11-26", "1125-m": "2026-11-27"}
    lines = [f"  - {{change: {name}, day: {day}, why: Snow, {same}}}\n" for name, day in days.items()]
    district.write("policies/calendars/changes.yaml", "calendar_changes:\n" + "".join(lines))
    assert [change.id for change in district.load().timetable.changes] == list(days)
