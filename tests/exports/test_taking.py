"""`driftbell import`, below the command: whole or not at all, with its date, and with what is odd about it said."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from agent.catalog import KINDS
from agent.errors import InputError, UnseenError
from agent.systems.csv.naming import meant
from agent.systems.csv.paths import steady
from agent.systems.csv.spec import PRESETS
from agent.systems.csv.taking import Taken, Target, take
from tests.exports.build import DISTRICT, NOW, PLAIN, Place_, look, source

if TYPE_CHECKING:
    from pathlib import Path

    from agent.model.source import ExportSource

HEAD = "Serial,Model,School,Last Sync,Assigned To,Colour\n"
ROW = "AB{0},Chromebook {0},East High,2026-10-13T08:00:00Z,s.{0}@riverton.example,red\n"
SYNCED = datetime(2026, 10, 13, 8, tzinfo=UTC)


def rows(number: int) -> str:
    return HEAD + "".join(ROW.format(n) for n in range(100, 100 + number))


def taken(place: Place_, file: Path, what: ExportSource = PLAIN, **options: Any) -> Taken:
    target = Target(place.exports, what, PRESETS.get(what.preset), KINDS[what.kind], DISTRICT)
    now = options.get("now", NOW)
    return take(file, target, options.get("as_of"), now, vouched=options.get("vouched", False))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "devices-2026-10-14.csv"
    path.write_text(rows(20), encoding="utf-8")
    return path


def test_a_file_is_taken_in_with_its_date_and_shown(place: Place_, file: Path) -> None:
    done = taken(place, file)
    known = done.understood
    assert done.path == place.exports / "list.csv"
    assert done.path.read_bytes() == file.read_bytes()
    assert stat.S_IMODE(done.path.stat().st_mode) == 0o600
    assert (known.rows, known.resources, known.proven) == (20, 20, True)
    assert known.form == "UTF-8, commas, header in row 1"
    assert done.as_of == datetime(2026, 10, 14, 5, tzinfo=UTC)
    assert done.how == "the date in its name says so"
    assert done.sure
    assert not done.warnings
    assert done.before is None
    read = {r.field: r for r in known.read}
    assert read["model"].header == "Model"
    assert read["model"].samples == ("Chromebook 100", "Chromebook 101", "Chromebook 102")
    assert read["assigned_user"].samples == ("********",)
    assert read["last_sync"].samples == ("2026-10-13 03:00",)
    assert known.ignored == ("Colour",)
    assert "os_version" in dict(known.without)
    assert "riverton.example" not in repr(done)


def test_the_reader_knows_the_date_of_an_import(place: Place_, file: Path) -> None:
    said = NOW - timedelta(hours=30)
    taken(place, file, as_of=said)
    what = replace(PLAIN, fresh_for=timedelta(hours=26))
    sweep = look(place, what)
    assert sweep.as_of == said
    assert sweep.stale(NOW)
    assert not look(place, replace(what, fresh_for=timedelta(hours=31))).stale(NOW)


def test_a_file_that_was_replaced_behind_our_back_has_its_own_date_alone(place: Place_, file: Path) -> None:
    taken(place, file, vouched=True)
    (place.exports / "list.csv").write_text(rows(19), encoding="utf-8")
    sweep = look(place, replace(PLAIN, fresh_for=timedelta(days=400)))
    assert sweep.as_of == SYNCED
    assert not sweep.vouched
    (place.exports / "list.csv").write_text("Serial\nA1\n", encoding="utf-8")
    assert look(place, replace(PLAIN, fresh_for=timedelta(days=400))).stale(NOW)


@pytest.mark.parametrize("content", [b"", b"nothing,of,ours\n1,2,3\n", HEAD.encode(), b"PK\x03\x04"])
def test_a_file_that_shows_nothing_is_refused_and_the_old_one_stays(place: Place_, file: Path, content: bytes) -> None:
    taken(place, file)
    before = snapshot(place)
    bad = file.with_name("bad.csv")
    bad.write_bytes(content)
    with pytest.raises(InputError, match="Nothing was imported"):
        taken(place, bad)
    assert snapshot(place) == before


def snapshot(place: Place_) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in place.exports.iterdir()}


def test_one_copy_of_the_last_file_is_kept(place: Place_, file: Path) -> None:
    for number in (20, 21, 22):
        file.write_text(rows(number), encoding="utf-8")
        taken(place, file)
    assert (place.exports / "list.csv").read_text(encoding="utf-8") == rows(22)
    assert (place.exports / "list.csv.before").read_text(encoding="utf-8") == rows(21)
    assert sorted(snapshot(place)) == ["list.csv", "list.csv.before", "list.csv.taken.json"]


def test_the_same_again_is_said_and_does_not_push_out_the_copy(place: Place_, file: Path) -> None:
    taken(place, file)
    file.write_text(rows(21), encoding="utf-8")
    taken(place, file)
    again = taken(place, file)
    assert again.same
    assert (place.exports / "list.csv.before").read_text(encoding="utf-8") == rows(20)


def test_a_date_to_come_is_refused(place: Place_, file: Path) -> None:
    with pytest.raises(InputError, match="still to come"):
        taken(place, file, as_of=NOW + timedelta(days=1))
    assert not snapshot(place)


def test_a_file_that_breaks_off_is_taken_and_said(place: Place_, file: Path) -> None:
    file.write_text(rows(3) + 'AB9,"x', encoding="utf-8")
    done = taken(place, file)
    assert not done.understood.proven
    assert "It may not be whole: the file breaks off in row 5." in done.warnings


def test_schools_that_nobody_knows_are_counted(place: Place_, file: Path) -> None:
    file.write_text("Serial,School\nA1,EHS\nA2,EHS\nA3,East High\nA4,NMS\nA5,\n", encoding="utf-8")
    assert taken(place, file).understood.strangers == {"EHS": 2, "NMS": 1}


def test_texts_that_could_not_be_read_are_counted(place: Place_, file: Path) -> None:
    file.write_text("Serial,Encrypted,Status\nA1,perhaps,Odd\nA2,yes,Odd\n", encoding="utf-8")
    read = {r.field: r for r in taken(place, file).understood.read}
    assert (read["encrypted"].unknown, read["encrypted"].why) == (1, '"perhaps" is neither yes nor no')
    assert read["status"].unknown == 2


def test_what_is_no_file_is_said(place: Place_, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        taken(place, tmp_path / "nowhere.csv")
    with pytest.raises(InputError, match="is no file"):
        taken(place, tmp_path)


@pytest.mark.parametrize("path", ["/srv/share/list.csv", "../list.csv"])
def test_a_system_that_names_its_file_elsewhere_is_not_written_to(place: Place_, file: Path, path: str) -> None:
    with pytest.raises(InputError):
        taken(place, file, source("generic_devices", path=path))


def test_a_state_directory_that_is_no_folder(place: Place_, file: Path) -> None:
    blocked = Place_(file, place.root)
    with pytest.raises(UnseenError, match="cannot be written"):
        taken(blocked, file)


def test_every_folder_that_is_made_is_private(tmp_path: Path, file: Path) -> None:
    fresh = Place_(tmp_path / "var" / "driftbell" / "exports", tmp_path)
    done = taken(fresh, file, source("generic_devices", path="google/daily/list.csv"))
    made = [done.path.parent, *done.path.parent.parents][:5]
    assert made[-1] == tmp_path / "var"
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in made] == [0o700] * 5


def test_a_reader_never_sees_half_a_file(place: Place_, file: Path) -> None:
    taken(place, file)
    with (place.exports / "list.csv").open() as old:
        file.write_text(rows(500), encoding="utf-8")
        taken(place, file)
        assert old.read() == rows(20)
    assert len(look(place, PLAIN).table.ids()) == 500


def test_a_look_stays_with_the_file_that_it_began_with(place: Place_, file: Path) -> None:
    done = taken(place, file)
    with steady(done.path) as opened:
        file.write_text(rows(500), encoding="utf-8")
        taken(place, file)
        for _ in range(2):
            with opened() as old:
                assert old.read().decode() == rows(20)


def test_the_note_beside_the_file(place: Place_, file: Path) -> None:
    done = taken(place, file)
    noted = json.loads((place.exports / "list.csv.taken.json").read_text(encoding="utf-8"))
    assert noted["original"] == "devices-2026-10-14.csv"
    assert noted["sha256"] == done.understood.digest
    assert datetime.fromisoformat(noted["imported"]) == NOW


@pytest.mark.parametrize("content", ["", "{", "[]", '{"as_of": 7}', '{"original": "x"}'])
def test_a_broken_note_is_no_note(place: Place_, file: Path, content: str) -> None:
    taken(place, file)
    (place.exports / "list.csv.taken.json").write_text(content, encoding="utf-8")
    assert len(look(place, PLAIN).table.ids()) == 20
    assert taken(place, file).before == 20


class TestNames:
    """What --as may name."""

    google = source("google_devices", name="google", path="g.csv")
    other = source("google_devices", name="other", path="o.csv")

    def test_a_system_by_its_name_or_by_its_preset(self) -> None:
        assert meant("google", [self.google], PRESETS) == (self.google, ())
        assert meant("google_devices", [self.google], PRESETS) == (self.google, ())

    def test_a_preset_that_two_systems_use(self) -> None:
        with pytest.raises(InputError, match="google and other are both"):
            meant("google_devices", [self.google, self.other], PRESETS)
        assert meant("other", [self.google, self.other], PRESETS)[0] is self.other

    def test_a_preset_that_no_system_uses_gives_the_lines_to_add(self) -> None:
        new, lines = meant("snipe_it", [self.google], PRESETS)
        assert (new.kind, new.path, new.preset) == ("asset", "snipe_it.csv", "snipe_it")
        assert lines == (
            "systems:",
            "  snipe_it: {type: csv, kind: asset, path: snipe_it.csv, preset: snipe_it, fresh_for: 8 days}",
        )
        assert meant("oneroster", [], PRESETS)[0].path == "roster.zip"

    def test_a_name_that_means_nothing(self) -> None:
        with pytest.raises(InputError, match="did you mean 'google_devices'"):
            meant("google_device", [], PRESETS)
