"""Times as exports write them: proven or unknown, never guessed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from agent.model.reading import NONE, Unknown
from agent.systems.csv.times import instant, read_times
from tests.exports.build import seen, source

if TYPE_CHECKING:
    from tests.exports.build import Place_

CHICAGO = ZoneInfo("America/Chicago")
AT = datetime(2026, 10, 14, 13, 30, tzinfo=UTC)  # 08:30 in Chicago


def one(text: str, written: str = "") -> datetime | str | None:
    times = read_times([text], written, CHICAGO)
    if text in times.whys:
        return times.whys[text]
    value = times.values[text]
    return None if value is None else instant(value)


@pytest.mark.parametrize(
    "text",
    [
        "2026-10-14T13:30:00Z", "2026-10-14T13:30:00.000Z", "2026-10-14T13:30:00.0000000Z", "2026-10-14T08:30-05:00",
        "2026-10-14T08:30:00-0500", "2026-10-14 08:30:00 -05:00", "2026-10-14 13:30 UTC", "2026-10-14 08:30",
        "2026-10-14 8:30 AM", "2026/10/14 08:30:00", "10/14/2026 8:30 AM", "10/14/2026 08:30:00", "14.10.2026 08:30",
        "14/10/2026 8:30:00 a.m.", "Oct 14, 2026, 8:30:00 AM", "October 14, 2026 8:30 AM", "Wed Oct 14 2026 08:30",
        "14 Oct 2026 08:30", "14-Oct-2026 08:30", "Wednesday, October 14, 2026 at 8:30 AM",
        "Oct 14, 2026, 8:30\u202fAM",
    ],
)  # fmt: skip
def test_one_instant_in_many_hands(text: str) -> None:
    assert one(text) == AT


@pytest.mark.parametrize(
    "text", ["2026-10-14", "20261014", "10/14/2026", "14.10.2026", "Oct 14, 2026", "2026-10-14T00:00"]
)
def test_a_date_is_its_first_moment_here(text: str) -> None:
    assert one(text) == datetime(2026, 10, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "soon", "13", "1.5", "2026", "10/11/26", "10/14", "2026-13-01", "2026-02-30", "14/14/2026", "10/14/2026 25:00",
        "10/14/2026 13:00 PM", "2026-10-14 08:30 CST", "0226-10-14", "9999-12-31", "Smarch 1, 2026", "Oct 32, 2026",
        "2026-10-14T08:30+99:00", "10//14/2026", "2026-10/14",
    ],
)  # fmt: skip
def test_what_is_no_time_has_a_reason(text: str) -> None:
    assert isinstance(one(text), str)


@pytest.mark.parametrize(
    "text", ["1970-01-01T00:00:00.000Z", "1/1/1601", "0001-01-01 00:00:00", "0000-00-00", "01/01/1900"]
)
def test_the_dates_that_stand_for_never(text: str) -> None:
    assert one(text) is None


def test_a_new_years_midnight_of_these_days_is_a_time() -> None:
    assert one("2026-01-01T00:00:00Z") == datetime(2026, 1, 1, tzinfo=UTC)


def test_one_value_proves_the_order_of_a_whole_column() -> None:
    times = read_times(["10/11/2026", "10/25/2026"], "", CHICAGO)
    assert instant(times.values["10/11/2026"] or 0) == datetime(2026, 10, 11, 5, tzinfo=UTC)
    times = read_times(["10/11/2026", "25/10/2026"], "", CHICAGO)
    assert instant(times.values["10/11/2026"] or 0) == datetime(2026, 11, 10, 6, tzinfo=UTC)


def test_a_column_that_proves_nothing_is_unknown_and_says_what_to_do(place: Place_) -> None:
    text = "Serial,Enrolled\nA1,10/11/2026\nA2,2026-10-01\nA3,\n"
    sweep = seen(place, text)
    why = sweep.table.reading("device/A1", "enrolled")
    assert isinstance(why, Unknown)
    assert "can be read day first and month first; give it a `format`" in why.why
    assert sweep.table.reading("device/A2", "enrolled") == datetime(2026, 10, 1, 5, tzinfo=UTC)
    assert sweep.table.reading("device/A3", "enrolled") is NONE
    for written, day in (("month first", (10, 11)), ("day first", (11, 10)), ("%d/%m/%Y", (11, 10))):
        declared = source("generic_devices", columns={"enrolled": {"format": written}})
        found = seen(place, text, declared).table.reading("device/A1", "enrolled")
        assert isinstance(found, datetime)
        assert (found.astimezone(CHICAGO).month, found.astimezone(CHICAGO).day) == day


def test_a_column_that_contradicts_itself_is_unknown() -> None:
    times = read_times(["10/25/2026", "25/10/2026", "1/2/2026"], "", CHICAGO)
    assert not times.values
    assert "mixes" in times.whys["1/2/2026"]


def test_a_column_that_contradicts_its_format_is_unknown() -> None:
    times = read_times(["10/11/2026", "25/10/2026"], "month first", CHICAGO)
    assert not times.values
    assert "is day first, and not month first" in times.whys["10/11/2026"]


def test_a_day_that_is_also_the_month_is_no_riddle() -> None:
    times = read_times(["05/05/2026", "05/06/2026"], "", CHICAGO)
    assert set(times.values) == {"05/05/2026"}


def test_a_pattern_is_the_only_way() -> None:
    times = read_times(["14.10.26 08:30", "2026-10-14", "30.02.26 08:30"], "%d.%m.%y %H:%M", CHICAGO)
    assert instant(times.values["14.10.26 08:30"] or 0) == AT
    assert set(times.whys) == {"2026-10-14", "30.02.26 08:30"}
    assert one("14.10.26", "%d.%m.%y %H:%M|%d.%m.%y") == datetime(2026, 10, 14, 5, tzinfo=UTC)
    assert isinstance(one("14.10.26", "%("), str)


def test_day_numbers_of_a_spreadsheet(place: Place_) -> None:
    sweep = seen(place, "Serial,Enrolled\nA1,46309.354166667\nA2,46309\nA3,\n")
    assert sweep.table.reading("device/A1", "enrolled") == AT
    assert sweep.table.reading("device/A2", "enrolled") == datetime(2026, 10, 14, 5, tzinfo=UTC)
    assert any("enrolled holds days since 1899" in note for note in sweep.notes)
    mixed = seen(place, "Serial,Enrolled\nA1,46309.354166667\nA2,2026-10-14\n")
    assert mixed.table.reading("device/A1", "enrolled") == Unknown("the text under Enrolled is not a time")


@pytest.mark.parametrize("text", ["1791984600", "1791984600000", "134364582000000000"])
def test_counts_of_seconds(text: str) -> None:
    assert one(text) == AT


def test_the_hours_that_daylight_saving_takes_and_gives() -> None:
    assert one("2026-11-01 01:30") == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)  # twice that night: the first
    assert one("2026-03-08 02:30") == datetime(2026, 3, 8, 8, 30, tzinfo=UTC)  # not at all that night


def test_zones(place: Place_) -> None:
    text = "Serial,Last Sync\nA1,2026-10-14 08:30\nA2,2026-10-14T08:30Z\n"
    here = datetime(2026, 10, 14, 8, 30, tzinfo=UTC)
    assert seen(place, text).table.reading("device/A1", "last_sync") == AT
    there = source("generic_devices", timezone="UTC")
    assert seen(place, text, there).table.reading("device/A1", "last_sync") == here
    assert seen(place, text).table.reading("device/A2", "last_sync") == here


def test_never_in_a_column_that_a_program_wrote(place: Place_) -> None:
    text = "Serial,Last Sync\nA1,2026-10-14T13:30:00.000Z\nA2,1970-01-01T00:00:00.000Z\nA3,2026-01-01T00:00:00Z\n"
    table = seen(place, text).table
    assert [table.reading(i, "last_sync") for i in table.ids()] == [AT, NONE, datetime(2026, 1, 1, tzinfo=UTC)]


def test_a_column_of_one_way_of_writing_is_read_as_any_other(place: Place_) -> None:
    rows = "".join(f"A{n},2026-10-14T08:30:{n:02}.{n:03}Z\n" for n in range(1, 50))
    quick = seen(place, "Serial,Last Sync\n" + rows)
    slow = seen(place, "Serial,Last Sync\n" + rows + "B1,soon\n")
    for name in quick.table.ids():
        assert quick.table.reading(name, "last_sync") == slow.table.reading(name, "last_sync")
