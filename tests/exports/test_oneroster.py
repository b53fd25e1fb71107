"""OneRoster 1.1 and 1.2: people, classes and schools, and archives that mean harm."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from agent.catalog import KINDS
from agent.model.reading import NONE, Unknown
from agent.systems.csv.taking import Target, take
from agent.systems.oneroster.understanding import understand
from tests.exports.build import DISTRICT, NOW, look, source
from tests.exports.rosters import said, version_1_1, version_1_2, written

if TYPE_CHECKING:
    from pathlib import Path

    from agent.model.source import ExportSource
    from tests.exports.build import Place_
    from tests.exports.rosters import Files


def roster(kind: str = "person", **options: object) -> ExportSource:
    columns = {"site": {"map": {"NMS": "north"}}}
    return source(type="oneroster", kind=kind, path="roster.zip", name="roster", columns=columns, **options)


VERSIONS = pytest.mark.parametrize("files", [version_1_1(), version_1_2()], ids=["1.1", "1.2"])


@VERSIONS
@pytest.mark.parametrize("folder", ["", "export 1/"])
def test_people(place: Place_, files: Files, folder: str) -> None:
    written(place.exports / "roster.zip", files, folder)
    sweep = look(place, roster())
    assert not sweep.trouble
    assert sweep.table.ids() == ("person/U1", "person/U2", "person/U3", "person/U4")
    assert (sweep.expected, sweep.seen, sweep.proven) == (4, 4, True)
    read = sweep.table.reading
    assert [read(p, "role") for p in sweep.table.ids()] == ["student", "teacher", "student", "staff"]
    assert [read(p, "status") for p in sweep.table.ids()] == ["active", "suspended", "left", "active"]
    assert [sweep.table.site(p) for p in sweep.table.ids()] == ["east", "north", "north", ""]
    assert read("person/U1", "email") == "s.one@riverton.example"
    assert read("person/U3", "email") is NONE
    assert read("person/U1", "number") == "100001"
    assert read("person/U1", "grade") == "09"
    why = read("person/U4", "site")
    assert isinstance(why, Unknown)
    assert "or there are several" in why.why
    assert isinstance(read("person/U1", "second_factor"), Unknown)
    assert sweep.as_of == datetime(2026, 10, 13, 9, 30, tzinfo=UTC)
    assert any("is OneRoster 1." in note for note in sweep.notes)


@VERSIONS
def test_classes(place: Place_, files: Files) -> None:
    written(place.exports / "roster.zip", files)
    sweep = look(place, roster("class"))
    read = sweep.table.reading
    assert sweep.table.ids() == ("class/C1", "class/C2")
    assert (read("class/C1", "students"), read("class/C1", "teachers")) == (1, 1)
    assert (read("class/C2", "students"), read("class/C2", "teachers")) == (0, 0)
    assert read("class/C1", "grades") == ("09", "10")
    assert read("class/C2", "grades") is NONE
    assert read("class/C1", "status") == "active"
    assert read("class/C1", "number") == "ALG-1"
    assert (sweep.table.site("class/C1"), sweep.table.site("class/C2")) == ("east", "north")


@VERSIONS
def test_schools(place: Place_, files: Files) -> None:
    files = {**files, "orgs": [*files["orgs"], {"sourcedId": "org-z", "name": "Nowhere High", "type": "school"}]}
    written(place.exports / "roster.zip", files)
    sweep = look(place, roster("school"))
    read = sweep.table.reading
    assert sweep.table.ids() == ("school/ORG-E", "school/ORG-N", "school/ORG-Z")  # no district, none that is to go
    assert [read(s, "site") for s in sweep.table.ids()] == ["east", "north", NONE]
    assert [read(s, "students") for s in sweep.table.ids()] == [1, 0, 0]  # one student is to go
    assert (sweep.expected, sweep.seen, sweep.proven) == (3, 3, True)
    assert read("school/ORG-E", "number") == "2700001"


def test_only_some_people(place: Place_) -> None:
    written(place.exports / "roster.zip", version_1_1())
    sweep = look(place, roster(), ["email"], only=("person/U2",))
    assert sweep.table.ids() == ("person/U2",)


def test_an_archive_of_changes_proves_nothing(place: Place_) -> None:
    files = version_1_1()
    files["manifest"] = [{**r, "value": "delta"} if r["propertyName"] == "file.users" else r for r in files["manifest"]]
    written(place.exports / "roster.zip", files)
    sweep = look(place, roster())
    assert not sweep.proven
    assert sweep.membership == "the archive holds only what changed"


def test_without_a_manifest_it_is_read_and_said(place: Place_) -> None:
    files = version_1_2()
    del files["manifest"]
    written(place.exports / "roster.zip", files)
    sweep = look(place, roster())
    assert sweep.table.reading("person/U1", "role") == "student"
    assert "The archive has no manifest.csv; it was read as OneRoster 1.2." in sweep.notes


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"users": None}, "holds no users.csv"),
        ({"manifest": said({"oneroster.version": "1.0"})}, "says that it is OneRoster 1.0"),
        ({"manifest": said({"oneroster.version": "1.1", "file.users": "absent"})}, "holds no users.csv"),
        ({"users": []}, "has no rows below its header"),
    ],
)  # fmt: skip
def test_archives_that_lack_something(place: Place_, change: dict[str, object], why: str) -> None:
    files = {k: v for k, v in {**version_1_1(), **change}.items() if v is not None}
    written(place.exports / "roster.zip", files)  # type: ignore[arg-type]
    assert why in look(place, roster()).trouble


def test_no_orgs_leaves_the_schools_unknown(place: Place_) -> None:
    files = version_1_1()
    del files["orgs"]
    written(place.exports / "roster.zip", files)
    assert isinstance(look(place, roster()).table.reading("person/U1", "site"), Unknown)


def test_what_is_no_archive(place: Place_) -> None:
    (place.exports / "roster.zip").write_text("sourcedId,status\n")
    assert "is no archive that can be read" in look(place, roster()).trouble
    whole = written(place.exports / "roster.zip", version_1_1()).read_bytes()
    (place.exports / "roster.zip").write_bytes(whole[: len(whole) // 2])
    assert "is no archive that can be read" in look(place, roster()).trouble


def test_a_damaged_file_in_the_archive(place: Place_) -> None:
    path = written(place.exports / "roster.zip", version_1_1())
    data = bytearray(path.read_bytes())
    at = data.index(b"users.csv") + 60
    data[at : at + 8] = b"\xff" * 8
    path.write_bytes(data)
    assert "is no archive that can be read" in look(place, roster()).trouble


def test_an_archive_that_blows_up_is_not_read(place: Place_) -> None:
    path = place.exports / "roster.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file, file.open("users.csv", "w") as out:
        out.write(b"sourcedId,enabledUser\n")
        for _ in range(30):
            out.write(b"a" * 1_000_000)
    assert path.stat().st_size < 100_000
    assert "too large for its packed size" in look(place, roster()).trouble


def test_an_archive_of_very_many_files_is_not_read(place: Place_) -> None:
    path = written(place.exports / "roster.zip", version_1_1())
    with zipfile.ZipFile(path, "a") as file:
        for number in range(1001):
            file.writestr(f"{number}.txt", "")
    assert "holds more than a roster does (1,006 files)" in look(place, roster()).trouble


def test_names_in_an_archive_are_no_paths(place: Place_, tmp_path: Path) -> None:
    written(place.exports / "roster.zip", version_1_1(), "../../../../tmp/evil/")
    before = sorted(tmp_path.rglob("*"))
    assert look(place, roster()).table.ids()
    assert sorted(tmp_path.rglob("*")) == before


def test_a_class_that_is_there_twice(place: Place_) -> None:
    files = version_1_1()
    files["classes"] = [*files["classes"], {**files["classes"][0], "title": "Other"}]
    written(place.exports / "roster.zip", files)
    sweep = look(place, roster("class"))
    assert isinstance(sweep.table.reading("class/C1", "title"), Unknown)
    assert sweep.table.reading("class/C1", "grades") == ("09", "10")
    assert sweep.table.reading("class/C2", "title") == "Art"


def test_two_files_of_one_name(place: Place_) -> None:
    path = written(place.exports / "roster.zip", version_1_1())
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("again/USERS.csv", "sourcedId\n")
    assert "holds two files users.csv" in look(place, roster()).trouble


@VERSIONS
def test_an_archive_is_imported_and_shown(place: Place_, tmp_path: Path, files: Files) -> None:
    file = written(tmp_path / "roster-2026-10-13.zip", files)
    target = Target(place.exports, roster(), None, KINDS["person"], DISTRICT)
    done = take(file, target, None, NOW, understand)
    assert done.understood.rows == 4
    read = {r.field: r for r in done.understood.read}
    assert read["role"].samples == ("student", "teacher", "staff")
    assert read["email"].samples == ("********",)
    assert done.as_of == datetime(2026, 10, 13, 5, tzinfo=UTC)
    assert look(place, roster()).as_of == done.as_of
