"""What names a row: placeholders, blanks, case, the same row twice, different rows with one key, hostile keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from agent.model.reading import NONE, Unknown
from agent.model.sweep import Unseen
from tests.exports.build import seen, source

if TYPE_CHECKING:
    from agent.decide.columns import Columns
    from tests.exports.build import Place_

PLACEHOLDERS = [
    "", " ", "0", "None", "N/A", "-", "Default string", "To be filled by O.E.M.", "System Serial Number", "0000000",
    "XXXX-XXXX", "111111", "Not Specified", "UNKNOWN", "null",
]  # fmt: skip


@pytest.mark.parametrize("serial", PLACEHOLDERS)
def test_a_placeholder_is_nobodys_serial(place: Place_, serial: str) -> None:
    sweep = seen(place, f"Serial,Model\nA1,x\n{serial},y\nA2,z\n")
    assert sweep.table.ids() == ("device/A1", "device/A2")
    assert (sweep.expected, sweep.seen, sweep.proven) == (3, 2, False)
    assert sweep.membership == "1 row has no usable serial, so it is not known that every device is listed"
    assert "Row 3 was set aside: without a serial that is anybody's." in sweep.notes


def test_a_ticket_may_have_a_short_number(place: Place_) -> None:
    sweep = seen(place, "Number,Status\n0,New\n7,New\n11,New\n111,New\n,New\nn/a,New\n", source("generic_tickets"))
    assert sweep.table.ids() == ("ticket/0", "ticket/7", "ticket/11", "ticket/111")


def test_five_rows_are_named_and_the_others_counted(place: Place_) -> None:
    sweep = seen(place, "Serial,Model\nA1,x\n" + ",y\n" * 12)
    assert "Rows 3, 4, 5, 6, 7 and 7 more were set aside: without a serial that is anybody's." in sweep.notes


def test_a_serial_that_a_spreadsheet_spoiled(place: Place_) -> None:
    spoiled = ("5.01E+12", "1.23457E+11", '"1,23E+11"', "5E+12", "1.2e12", "-1.5E+3", "#REF!", "#NAME?")
    for text in spoiled:
        sweep = seen(place, f'Serial,Model\n{text},x\n"=""0012345""",y\n')
        assert sweep.table.ids() == ("device/0012345",), text
        assert any("Row 2 was set aside: with a serial that is spoiled" in note for note in sweep.notes)
        assert sweep.membership == "1 row has no usable serial, so it is not known that every device is listed"
        assert not sweep.proven


@pytest.mark.parametrize("serial", ["12E45", "5E12", "1E5D+2", "1.2E", "AB#REF!"])
def test_a_serial_with_an_e_in_it_is_one(place: Place_, serial: str) -> None:
    sweep = seen(place, f"Serial,Model\n{serial},x\n")
    assert len(sweep.table.ids()) == 1
    assert sweep.proven


@pytest.mark.parametrize("line", ["", ",", " , ", "Serial,Model", "A1,x", "A1,x\nSerial,Model\n\t,\nA1,x"], ids=repr)
def test_what_is_no_row_leaves_the_list_whole(place: Place_, line: str) -> None:
    sweep = seen(
        place, f"Serial,Model\nA1,x\n{line}\nA2,y\nTotal,2\n".replace("Total,2", "" if "A1" in line else "Total,2")
    )
    assert sweep.table.ids() == ("device/A1", "device/A2")
    assert sweep.proven, sweep.membership


def test_rows_without_a_key_are_counted_in_words(place: Place_) -> None:
    sweep = seen(place, "Email,Status\na@x.example,active\n,active\n-,active\nn/a,left\n", source("generic_people"))
    assert sweep.membership == "3 rows have no usable email, so it is not known that every person is listed"


def test_the_same_row_twice_is_one(place: Place_) -> None:
    sweep = seen(place, "Serial,Model\nA1,x\nA2,y\nA1,x\nA1,x\n")
    assert sweep.table.ids() == ("device/A1", "device/A2")
    assert sweep.table.reading("device/A1", "model") == "x"
    assert (sweep.expected, sweep.seen, sweep.proven) == (2, 2, True)
    assert "Rows 4 and 5 are there twice, in every cell; the first of them counts." in sweep.notes


def test_one_key_on_rows_that_differ_throughout_is_one_resource_that_nothing_is_known_of(place: Place_) -> None:
    sweep = seen(
        place,
        "Serial,Model,School\nA1,x,East High\nA2,y,East High\na1 ,z,North Middle\n",
        fields=["serial", "model", "site"],
    )
    assert sweep.table.ids() == ("device/A1", "device/A2")
    assert sweep.table.reading("device/A1", "model") == Unknown("rows 2 and 4 both have this serial")
    assert sweep.table.reading("device/A1", "site") == Unknown("rows 2 and 4 both have this serial")
    assert sweep.table.reading("device/A1", "serial") == "A1"
    assert not sweep.table.site("device/A1")
    assert sweep.unseen == (Unseen("device/A1", "rows 2 and 4 both have this serial"),)
    assert (sweep.expected, sweep.seen) == (3, 1)


def test_what_is_doubtful_is_so_for_that_reason_alone(place: Place_) -> None:
    sweep = seen(place, "Serial,Encrypted,Model\nA1,perhaps,x\nA1,yes,\nA2,perhaps,y\n")
    for field in ("encrypted", "model"):
        assert sweep.table.reading("device/A1", field) == Unknown("rows 2 and 3 both have this serial")
    assert "no column" in str(sweep.table.reading("device/A1", "last_sync"))
    assert sweep.table.reading("device/A2", "encrypted") == Unknown("the text under Encrypted is neither yes nor no")


def test_what_all_rows_of_a_key_say_is_known(place: Place_) -> None:
    text = (
        "Serial,Model,School,Status,Last Sync,Encrypted,Room\n"
        "A1,x,East High,Active,2026-10-13,yes,\nA2,y,East High,Active,2026-10-12,odd,1\n"
        "A1,x,east,Active,2026-10-14,odd,\nA1,x,East High,Lost,2026-10-14,odd,\n"
    )
    sweep = seen(place, text)
    read = sweep.table.reading
    assert (read("device/A1", "model"), read("device/A1", "site"), read("device/A1", "location")) == ("x", "east", NONE)
    assert sweep.table.site("device/A1") == "east"
    for field in ("status", "last_sync", "encrypted"):
        assert read("device/A1", field) == Unknown("rows 2, 4 and 5 all have this serial")
    assert not sweep.unseen
    assert (sweep.expected, sweep.seen) == (4, 2)
    assert seen(place, text, only=("device/A1",)).table.reading("device/A1", "model") == "x"
    assert seen(place, text, only=("device/A2",)).table.reading("device/A2", "status") == "active"


def test_texts_of_doubtful_rows_are_kept_for_references(place: Place_) -> None:
    text = "Serial,Tag,User,MAC\nA1,T1,a@x.example,\nA1,T2,a@x.example,\nA2,T3,b@x.example,aa\nA2,,b@x.example,bb\n"
    table = cast("Columns", seen(place, text).table)
    assert table.rivals == {"asset_tag": ("T1", "T2", "T3"), "mac": ("aa", "bb")}
    assert cast("Columns", seen(place, text, only=("device/A2",)).table).rivals == {
        "asset_tag": ("T3",),
        "mac": ("aa", "bb"),
    }


def test_a_field_of_which_more_is_unknown_has_no_rivals(place: Place_) -> None:
    utf8 = source("generic_devices", encoding="utf-8")
    spoiled = b"Serial,Tag,User\nA1,T1,\nA1,T2,\nA2,T3,\nA3,\xff\xfe,\n"
    assert not cast("Columns", seen(place, spoiled, utf8).table).rivals
    own = b"Serial,Tag,User\nA1,T1,\nA1,\xff\xfe,x\nA2,T3,\n"
    assert cast("Columns", seen(place, own, utf8).table).rivals == {"assigned_user": ("x",)}


def test_a_difference_in_a_column_that_nobody_reads_is_one(place: Place_) -> None:
    sweep = seen(place, "Serial,Model,Notes\nA1,x,one\nA1,x,two\n")
    assert sweep.table.reading("device/A1", "model") == "x"
    assert any("1 serial stands in several different rows" in note for note in sweep.notes)
    assert (sweep.expected, sweep.seen) == (2, 1)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("AB/../1", "device/AB%2F..%2F1"),
        ("AB\x1b[31m1", "device/AB%1B[31M1"),
        ("AB%2F1", "device/AB%252F1"),
        ("AB\u202e1", "device/AB%E2%80%AE1"),
        ("ab 12", "device/AB12"),
        ("=cmd()", "device/=CMD()"),
    ],
)
def test_hostile_keys_are_written_out(place: Place_, key: str, name: str) -> None:
    sweep = seen(place, f"Serial,Model\n{key},x\n")
    assert sweep.table.ids() == (name,)
    assert sweep.table.reading(name, "model") == "x"


def test_a_very_long_key_is_set_aside(place: Place_) -> None:
    sweep = seen(place, f"Serial,Model\n{'A1' * 500},x\nA2,y\n")
    assert sweep.table.ids() == ("device/A2",)
    assert any("more than 200 characters" in note for note in sweep.notes)
    assert all(len(note) < 300 for note in sweep.notes)
