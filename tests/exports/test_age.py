"""Since when the data of a file is as it is: last year's comes out as last year's, imported or not."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.exports.build import NOW, PLAIN, look, seen, source
from tests.exports.test_taking import SYNCED, file, rows, taken

if TYPE_CHECKING:
    from pathlib import Path

    from tests.exports.build import Place_

__all__ = ["file"]
LIMITED = replace(PLAIN, fresh_for=timedelta(days=8))
LAST_YEAR = rows(20).replace("2026-10-13", "2025-10-13")
BARE = "Serial,Model\n" + "".join(f"AB{n},x\n" for n in range(20))


def undated(file: Path, text: str) -> Path:
    """Write a file now, under a name without a date."""
    path = file.with_name("devices.csv")
    path.write_text(text, encoding="utf-8")
    os.utime(path, (NOW.timestamp() - 7200, NOW.timestamp() - 7200))
    return path


def test_last_years_file_is_last_years_without_an_import(place: Place_) -> None:
    sweep = seen(place, LAST_YEAR, LIMITED)
    assert sweep.as_of == datetime(2025, 10, 13, 8, tzinfo=UTC)
    assert sweep.stale(NOW)
    assert "list.csv: its newest time is 2025-10-13 03:00; it may be newer." in sweep.notes


def test_last_years_file_is_last_years_with_an_import(place: Place_, file: Path) -> None:
    done = taken(place, undated(file, LAST_YEAR))
    assert done.as_of == datetime(2025, 10, 13, 8, tzinfo=UTC)
    assert not done.sure
    assert done.how == "its newest time is 2025-10-13 03:00; it may be newer"
    assert any("--dated TIME" in w for w in done.warnings)
    assert any("more than a year ago" in w for w in done.warnings)
    sweep = look(place, LIMITED)
    assert sweep.as_of == done.as_of
    assert sweep.stale(NOW)
    assert "list.csv: its newest time is 2025-10-13 03:00; it may be newer." in sweep.notes


def test_whatever_is_asked_for_the_newest_time_counts(place: Place_) -> None:
    (place.exports / "list.csv").write_text(rows(3), encoding="utf-8")
    sweep = look(place, LIMITED, ["model"])
    assert sweep.as_of == SYNCED
    assert "no" in str(sweep.table.reading("device/AB100", "last_sync"))
    assert look(place, LIMITED, ["model"], only=("device/AB100",)).as_of == SYNCED


def test_a_time_to_come_is_not_the_newest(place: Place_) -> None:
    text = "Serial,Last Sync,End of Support\nA1,2026-10-12T08:00:00Z,2026-10-13\nA2,2026-10-15,2026-10-13\n"
    assert seen(place, text, LIMITED).as_of == datetime(2026, 10, 12, 8, tzinfo=UTC)


@pytest.mark.parametrize("text", [BARE, BARE.replace("Model", "Last Sync"), "Serial,Last Sync\nA1,2027-01-05\n"])
def test_where_nothing_tells_it_is_not_known(place: Place_, file: Path, text: str) -> None:
    done = taken(place, undated(file, text))
    assert done.as_of == NOW - timedelta(hours=2)
    assert not done.sure
    assert any("Nothing says how old it is, and when it was written is no date" in w for w in done.warnings)
    assert json.loads((place.exports / "list.csv.taken.json").read_text(encoding="utf-8"))["known"] is False
    assert look(place, LIMITED).stale(NOW)
    assert any("nothing says how old it is" in note for note in look(place, LIMITED).notes)
    assert look(place, PLAIN).as_of == NOW - timedelta(hours=2)


def test_a_note_of_an_older_version_that_only_knew_the_writing(place: Place_, file: Path) -> None:
    taken(place, undated(file, BARE))
    path = place.exports / "list.csv.taken.json"
    noted = json.loads(path.read_text(encoding="utf-8"))
    old = {k: noted[k] for k in ("original", "as_of", "how", "sha256", "rows", "imported")}
    path.write_text(json.dumps(old), encoding="utf-8")
    assert look(place, LIMITED).stale(NOW)


@pytest.mark.parametrize("said", ["dated", "name"])
def test_a_date_that_the_file_itself_does_not_bear_out_is_said(place: Place_, file: Path, said: str) -> None:
    for day, warned in (("2026-10-08", False), ("2026-10-05", True), ("2025-10-13", True)):
        text = rows(3).replace("2026-10-13", day)
        path = undated(file, text) if said == "dated" else file
        path.write_text(text, encoding="utf-8")
        done = taken(place, path, as_of=NOW if said == "dated" else None, vouched=True)
        assert any(f"Its newest time is {day}" in w for w in done.warnings) == warned, done.warnings
        assert done.sure


def test_a_date_that_is_not_borne_out_is_said_at_every_look(place: Place_, file: Path) -> None:
    taken(place, undated(file, LAST_YEAR), as_of=NOW)
    assert any("Its newest time is 2025-10-13" in note for note in look(place, LIMITED, ["model"]).notes)


def test_a_name_that_the_file_itself_does_not_bear_out_is_said_without_an_import(place: Place_) -> None:
    what = source("generic_devices", path="list-2026-10-14.csv")
    warning = "list-2026-10-14.csv: Its newest time is 2025-10-13: it may be older than its date, 2026-10-14."
    assert warning in seen(place, LAST_YEAR, what).notes
    assert not any("may be older" in note for note in seen(place, rows(3), what).notes)


class TestOfAFile:
    """What nobody imported."""

    def test_by_the_name_of_the_file(self, place: Place_) -> None:
        for name, at in (
            ("x-2026-10-13.csv", datetime(2026, 10, 13, 5, tzinfo=UTC)),
            ("x_20261013_0630.csv", datetime(2026, 10, 13, 11, 30, tzinfo=UTC)),
            ("x20261013063005.csv", datetime(2026, 10, 13, 11, 30, 5, tzinfo=UTC)),
            ("2026-10-13T06.30.05 list.csv", datetime(2026, 10, 13, 11, 30, 5, tzinfo=UTC)),
        ):
            (place.exports / name).write_text(BARE, encoding="utf-8")
            assert look(place, source("generic_devices", path=name)).as_of == at

    @pytest.mark.parametrize(
        "name", ["x-2027-01-01.csv", "x-20261399.csv", "v120261013.csv", "list.csv", "13102026.csv"]
    )
    def test_a_name_that_holds_no_date_of_the_past(self, place: Place_, name: str) -> None:
        (place.exports / name).write_text(BARE, encoding="utf-8")
        what = source("generic_devices", path=name, fresh_for=timedelta(hours=26))
        sweep = look(place, what)
        assert sweep.stale(NOW)
        assert any("nothing says how old it is" in note for note in sweep.notes)

    def test_without_a_limit_the_last_writing_counts(self, place: Place_) -> None:
        path = place.exports / "list.csv"
        path.write_text(BARE, encoding="utf-8")
        os.utime(path, (NOW.timestamp() - 3600, NOW.timestamp() - 3600))
        assert look(place, PLAIN).as_of == NOW - timedelta(hours=1)
        os.utime(path, (NOW.timestamp() + 9999, NOW.timestamp() + 9999))
        assert look(place, PLAIN).as_of == NOW

    def test_by_a_column_the_newest(self, place: Place_) -> None:
        what = source("generic_devices", as_of="Exported", fresh_for=timedelta(hours=26))
        text = "Serial,exported\nA1,2026-10-13 06:00\nA2,2026-10-14 06:00\nA3,\n"
        assert seen(place, text, what).as_of == datetime(2026, 10, 14, 11, tzinfo=UTC)
        assert not seen(place, text, what).stale(NOW)

    def test_a_column_of_the_future_is_not_believed(self, place: Place_) -> None:
        what = source("generic_devices", as_of="Exported", fresh_for=timedelta(hours=26))
        assert seen(place, "Serial,Exported\nA1,2027-10-13 06:00\n", what).stale(NOW)
        assert seen(place, "Serial,Exported\nA1,soon\n", what).stale(NOW)
        assert seen(place, "Serial\nA1\n", what).stale(NOW)

    def test_last_years_file_is_stale(self, place: Place_) -> None:
        what = source("generic_devices", path="list-2025-10-14.csv", fresh_for=timedelta(hours=26))
        sweep = seen(place, BARE, what)
        assert sweep.stale(NOW)
        assert sweep.as_of.year == 2025
