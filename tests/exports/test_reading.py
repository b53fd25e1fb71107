"""Bad input: what a file may be, and that nothing is guessed of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from agent.model.policy import Site
from agent.model.reading import NONE, Unknown
from agent.systems.csv.sites import Schools
from tests.exports.build import PLAIN, look, seen, source

if TYPE_CHECKING:
    from tests.exports.build import Place_

THREE = "Serial,Model,School\nAB1,Chromebook 11,East High\nAB2,Chromebook 12,North Middle\nAB3,Café 300,cedar\n"
IDS = ("device/AB1", "device/AB2", "device/AB3")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (THREE.encode(), "UTF-8"),
        (THREE.encode("utf-8-sig"), "UTF-8"),
        (THREE.encode("utf-16"), "UTF-16"),
        (b"\xfe\xff" + THREE.encode("utf-16-be"), "UTF-16"),
        (THREE.encode("cp1252"), "Windows-1252 (as it is not UTF-8)"),
        (THREE.replace("\n", "\r\n").encode(), "UTF-8"),
        (THREE.replace("\n", "\r").encode(), "UTF-8"),
        (THREE.rstrip("\n").encode(), "UTF-8"),
        (THREE.encode() + b"\n\n  \n,,\n\x1a", "UTF-8"),
    ],
    ids=["utf8", "bom", "utf16le", "utf16be", "cp1252", "crlf", "cr", "no end", "blank lines"],
)
def test_encodings_are_found_out_and_said(place: Place_, data: bytes, said: str) -> None:
    sweep = seen(place, data)
    assert sweep.table.ids() == IDS, sweep
    assert sweep.table.reading("device/AB3", "model") == "Café 300"
    assert sweep.proven
    assert sweep.membership == "3 rows, read to the end"
    assert any(said in note for note in sweep.notes), sweep.notes


@pytest.mark.parametrize(("delimiter", "word"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars"), (",", "commas")])
def test_delimiters_are_found_out_and_said(place: Place_, delimiter: str, word: str) -> None:
    sweep = seen(place, THREE.replace(",", delimiter).replace("Chromebook 11", '"Chromebook 11, ""new""; a|b"'))
    assert sweep.table.ids() == IDS
    assert sweep.table.reading("device/AB1", "model") == 'Chromebook 11, "new"; a|b'
    assert any(word in note for note in sweep.notes)


def test_what_is_declared_is_not_found_out(place: Place_) -> None:
    text = "Serial;Model\nAB1;Café\n"
    sweep = seen(place, text.encode("utf-16-le"), source("generic_devices", encoding="utf-16-le", delimiter=";"))
    assert sweep.table.reading("device/AB1", "model") == "Café"
    wrong = seen(place, text, source("generic_devices", encoding="klingon"))
    assert "there is no encoding 'klingon'" in wrong.trouble
    assert "in which order" in seen(place, text, source("generic_devices", encoding="utf-16")).trouble
    assert "there is no encoding" in seen(place, text, source("generic_devices", encoding="idna")).trouble
    assert "not one character" in seen(place, text, source("generic_devices", delimiter=";;")).trouble


def test_the_header_may_stand_below_titles(place: Place_) -> None:
    sweep = seen(place, f"Riverton Unified\nDevices as of today,,\n\nWhat it is,,Where it is\n{THREE}")
    assert sweep.table.ids() == IDS
    assert any("row 5" in note for note in sweep.notes)


def test_a_header_that_repeats_is_no_row(place: Place_) -> None:
    sweep = seen(place, THREE + THREE.replace("AB", "CD"))
    assert len(sweep.table.ids()) == 6
    assert sweep.proven
    assert any("header stands in the file 1 more time" in note for note in sweep.notes)


@pytest.mark.parametrize(
    ("line", "proven", "membership"),
    [
        ("Total,3\n", True, "3 rows, as its total line says"),
        ("Total: 3\n", True, "3 rows, as its total line says"),
        ("Grand total,3 devices\n", True, "3 rows, as its total line says"),
        ('"Total records: 1,234",,\n', False, "its total line says 1,234, and there are 3 rows"),
        ("Total,,1234\n", True, "3 rows, read to the end"),
        ("Total,4", False, "its total line says 4, and there are 3 rows"),
    ],
)
def test_a_total_line_is_no_row_and_proves_the_count(place: Place_, line: str, proven: bool, membership: str) -> None:
    sweep = seen(place, THREE + line)
    assert (sweep.proven, sweep.membership) == (proven, membership)
    assert sweep.table.ids() == IDS


def test_a_sum_is_no_count(place: Place_) -> None:
    text = "Serial,Cost,Status\nAB1,100,In Use\nAB2,200,In Use\nTotal,300,\n"
    assert seen(place, text, source("generic_assets")).membership == "2 rows, read to the end"


def test_a_device_that_is_called_total_is_a_row(place: Place_) -> None:
    sweep = seen(place, THREE + "TOTAL-STATION-7,,\n")
    assert "device/TOTAL-STATION-7" in sweep.table.ids()


@pytest.mark.parametrize(
    ("data", "membership"),
    [
        (THREE.encode() + b'AB4,"Chromebook', "the file breaks off in row 5"),
        (THREE.encode() + b"AB4,Chro", "the file breaks off in row 5"),
        (THREE.encode() + b"AB4,Chrom,Caf\xc3", "the file breaks off in row 5"),
        (THREE.encode("utf-16")[:-5], "the file breaks off in row 4"),
    ],
)
def test_a_file_that_breaks_off_proves_nothing(place: Place_, data: bytes, membership: str) -> None:
    sweep = seen(place, data)
    assert not sweep.proven
    assert sweep.membership == membership
    assert sweep.table.ids()[:2] == IDS[:2]
    assert "device/AB4" not in sweep.table.ids()
    assert not sweep.trouble


def test_ragged_rows_are_set_aside_by_number(place: Place_) -> None:
    sweep = seen(place, THREE + "AB4,x\nAB5,x,y,z\nAB6,x,cedar,,\n" + 'AB7,"a"b,cedar\nAB8,x,cedar\n')
    assert set(sweep.table.ids()) == {*IDS, "device/AB6", "device/AB8"}
    assert (sweep.expected, sweep.seen, sweep.proven) == (8, 5, False)
    assert sweep.membership == "rows 5, 6 and 8 could not be read, of 8"
    assert any("Rows 5, 6 and 8 were set aside" in note for note in sweep.notes)


def test_a_bad_row_in_a_file_of_one_column(place: Place_) -> None:
    sweep = seen(place, 'Serial\nAB1\n"AB2"x\nAB3\n')
    assert sweep.table.ids() == ("device/AB1", "device/AB3")
    assert sweep.membership == "row 3 could not be read, of 3"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "does not say which row is which"),
        (b" \n\n", "is empty"),
        (b"Serial,Model\n", "has no rows below its header"),
        (b"Serial,Model\nTotal,0\n", "has no rows below its header"),
        (b"PK\x03\x04rest", "is a workbook or an archive"),
        (b"\xd0\xcf\x11\xe0", "is an old Excel workbook"),
        (b"<!DOCTYPE html><html>", "is a web page"),
        (b"Serial\0,Model\n", "it holds zero bytes"),
        (b"Serial,Model\n,x\nN/A,y\n", "has 2 rows, and none of them can be read and has a serial"),
        (b"Serial,Model\nA1\n", "has 1 row, and none of them can be read and has a serial"),
        (b"Name,Colour\nx,y\n", 'has no column "serial"'),
        (b"Serial,Serial\nx,y\n", 'has 2 columns "serial"'),
    ],
)
def test_a_file_that_shows_nothing_is_trouble(place: Place_, data: bytes, said: str) -> None:
    sweep = seen(place, data)
    assert said in sweep.trouble
    assert sweep.trouble.startswith("list.csv ")
    assert not sweep.table.ids()
    assert not sweep.proven
    assert sweep.membership == sweep.trouble


def test_a_file_that_is_not_there_says_how_to_import_it(place: Place_) -> None:
    assert look(place, PLAIN).trouble == "list.csv was not imported yet: driftbell import FILE --as list"
    assert look(place, source("generic_devices", path="/nowhere/x.csv")).trouble == "/nowhere/x.csv is not there"


@pytest.mark.parametrize("path", ["../secret.csv", "a/../../secret.csv", ".."])
def test_no_path_leaves_the_folders_of_exports(place: Place_, path: str) -> None:
    (place.exports.parent / "secret.csv").write_text(THREE, encoding="utf-8")
    assert "outside the folders of exports" in look(place, source("generic_devices", path=path)).trouble


def test_no_link_leaves_the_repository(place: Place_) -> None:
    outside = place.exports.parent / "secret.csv"
    outside.write_text(THREE, encoding="utf-8")
    (place.root / "inventory" / "exports" / "list.csv").symlink_to(outside)
    assert "leads out of the repository" in look(place, PLAIN).trouble


def test_the_state_directory_comes_before_the_repository(place: Place_) -> None:
    (place.root / "inventory" / "exports" / "list.csv").write_text("Serial,Model\nOLD,x\n", encoding="utf-8")
    assert look(place, PLAIN).table.ids() == ("device/OLD",)
    assert seen(place, THREE).table.ids() == IDS


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_is_trouble(place: Place_, make: object) -> None:
    make(place.exports / "list.csv")  # type: ignore[operator]
    assert look(place, PLAIN).trouble == "list.csv is no file"


def test_three_states(place: Place_) -> None:
    sweep = seen(place, "Serial,Model,Encrypted,Status,Last Sync\nAB1,,yes,active,N/A\nAB2, - ,maybe,lost,soon\n")
    read = sweep.table.reading
    assert read("device/AB1", "model") is NONE
    assert read("device/AB2", "model") is NONE
    assert read("device/AB1", "last_sync") is NONE
    assert read("device/AB1", "encrypted") is True
    assert read("device/AB2", "encrypted") == Unknown("the text under Encrypted is neither yes nor no")
    assert read("device/AB2", "last_sync") == Unknown("the text under Last Sync is not a time")
    why = read("device/AB1", "asset_tag")
    assert isinstance(why, Unknown)
    assert why.why.startswith('the export has no column "asset_tag"')


def test_bytes_that_are_no_text_are_unknown(place: Place_) -> None:
    sweep = seen(place, "Serial,Model,School\nAB1,x,y\n".encode("utf-8-sig") + b"AB2,Caf\xe9,cedar\nA\xff3,x,cedar\n")
    assert isinstance(sweep.table.reading("device/AB2", "model"), Unknown)
    assert sweep.table.site("device/AB2") == "cedar"
    assert any("Row 4 was set aside: with a serial that is spoiled" in note for note in sweep.notes)


def test_spoiled_bytes_in_utf8_do_not_make_another_encoding_of_it(place: Place_) -> None:
    sweep = seen(place, "Serial,Model\nAB1,Café\nAB2,Señal\n".encode() + b"AB3,x\xe9\n")
    assert sweep.table.reading("device/AB1", "model") == "Café"
    assert isinstance(sweep.table.reading("device/AB3", "model"), Unknown)
    assert any("UTF-8 (with bytes that are none)" in note for note in sweep.notes)


def test_a_line_without_end_is_not_read(place: Place_) -> None:
    sweep = seen(place, b"Serial,Model\nAB1," + b"x" * 18_000_000)
    assert "one of its lines does not end" in sweep.trouble


def test_only_some_rows(place: Place_) -> None:
    (place.exports / "list.csv").write_text(THREE, encoding="utf-8")
    sweep = look(place, PLAIN, only=("device/AB2", "device/ZZ"))
    assert sweep.table.ids() == ("device/AB2",)
    assert (sweep.expected, sweep.seen) == (1, 1)


def test_only_some_fields(place: Place_) -> None:
    (place.exports / "list.csv").write_text(THREE, encoding="utf-8")
    sweep = look(place, PLAIN, ["model"])
    assert sweep.table.reading("device/AB1", "model") == "Chromebook 11"
    assert sweep.table.site("device/AB1") == "east"
    assert isinstance(sweep.table.reading("device/AB1", "serial"), Unknown)


def test_schools(place: Place_) -> None:
    text = (
        "Serial,School,Org Unit\nA1,EAST  high,\nA2,,/students/north/x\nA3,Elsewhere,/Students/East\nA4,,/Other\nA5,,\n"
    )
    sweep = seen(place, text)
    assert [sweep.table.site(i) for i in sweep.table.ids()] == ["east", "north", "", "", ""]
    read = sweep.table.reading
    assert read("device/A3", "site") == Unknown("no school has the name under School")
    assert read("device/A4", "site") is NONE
    assert read("device/A5", "site") is NONE


def test_a_name_or_a_unit_that_two_schools_claim_is_nobodys() -> None:
    twins = [Site("a", "Central", ("/S", "/S/Old")), Site("b", "CENTRAL", ("S/", "/S/New")), Site("c", "Hill", ("/",))]
    schools = Schools.of(twins)
    assert [schools.named(text, None) for text in ("central", "a", "hill", "x")] == ["", "a", "c", ""]
    assert [schools.above(unit) for unit in ("/S/Old/x", "/s/new", "/S", "/S/Newer", "/T", "")] == [
        "a", "b", "c", "c", "c", "c",
    ]  # fmt: skip


def test_the_words_of_a_district_stand_beside_those_of_the_preset(place: Place_) -> None:
    own = source("snipe_it", columns={"status": {"map": {"Ready to Deploy": "storage", "deployed": "repair"}}})
    text = "Asset Tag,Status\n1,ready to deploy\n2,Deployed\n3,Out for Repair\n4,Odd\n"
    table = seen(place, text, own).table
    assert [str(table.reading(i, "status")).split(" ")[0] for i in table.ids()] == [
        "storage", "repair", "repair", "unknown",
    ]  # fmt: skip


def test_words_without_a_map(place: Place_) -> None:
    own = source(kind="asset", key="tag", columns={"tag": "No", "status": "State", "category": "Sort"})
    table = seen(place, "No,State,Sort\n1,IN USE,Chromebook\n2,Odd,\n", own).table
    assert [table.reading(i, "status") for i in table.ids()] == ["in_use", "Odd"]
    assert [table.reading(i, "category") for i in table.ids()] == ["chromebook", NONE]


def test_a_header_of_two_lines_and_a_header_with_line_breaks(place: Place_) -> None:
    two = seen(place, 'Device,,Where\n"Serial\nNumber",Model,School\nA1,x,cedar\n')
    assert two.table.ids() == ("device/A1",)
    assert two.table.site("device/A1") == "cedar"
    assert seen(place, "sep=;\nSerial;Model\nA1;x\n").table.ids() == ("device/A1",)


def test_a_school_by_the_words_of_the_district(place: Place_) -> None:
    what = source("generic_devices", columns={"site": {"map": {"E": "east", "hs": "East High"}, "only": True}})
    sweep = seen(place, "Serial,School\nA1,e\nA2,HS\nA3,North Middle\n", what)
    assert [sweep.table.site(i) for i in sweep.table.ids()] == ["east", "east", ""]


def test_a_wide_row_and_a_long_cell_break_nothing(place: Place_) -> None:
    sweep = seen(place, "Serial,Model\n" + "A1," + "x" * 200_000 + "\nA2,y\n" + "A3" + ",z" * 5000 + "\nA4,y\n")
    assert sweep.table.ids() == ("device/A2", "device/A4")
    assert not sweep.proven


def test_notes_name_no_person(place: Place_) -> None:
    text = "Email,Name,Status\ns.one@riverton.example,Invented One,perhaps\ns.one@riverton.example,Invented Two,left\n"
    sweep = seen(place, text, source("generic_people"))
    assert "one" not in " ".join(sweep.notes).casefold()
    people = seen(place, "Email,Name,Last Login\ns.two@riverton.example,X,y@z\n", source("generic_people"))
    assert "s.two" not in " ".join((*people.notes, people.membership))


def test_no_cell_is_in_its_reason(place: Place_) -> None:
    data = b"Serial,Assigned To,Model\n\xc3\xa4A1,x,y\nA2,secret\xff,secret\xff\n"
    sweep = seen(place, data, source("generic_devices", encoding="utf-8"))
    assert sweep.table.reading("device/A2", "assigned_user") == Unknown(
        "the text under Assigned To holds bytes that are no text in this encoding"
    )
    assert "secret" not in str(sweep.table.reading("device/A2", "model"))
