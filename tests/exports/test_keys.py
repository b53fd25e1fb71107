"""What names a row: placeholders, blanks, case, the same row twice, different rows with one key, hostile keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agent.model.reading import Unknown
from agent.model.sweep import Unseen
from tests.exports.build import seen, source

if TYPE_CHECKING:
    from tests.exports.build import Place_

PLACEHOLDERS = [
    "", " ", "0", "None", "N/A", "-", "Default string", "To be filled by O.E.M.", "System Serial Number", "0000000",
    "XXXX-XXXX", "111111", "Not Specified", "UNKNOWN", "null",
]  # fmt: skip


@pytest.mark.parametrize("serial", PLACEHOLDERS)
def test_a_placeholder_is_nobodys_serial(place: Place_, serial: str) -> None:
    sweep = seen(place, f"Serial,Model\nA1,x\n{serial},y\nA2,z\n")
    assert sweep.table.ids() == ("device/A1", "device/A2")
    assert (sweep.expected, sweep.seen, sweep.proven) == (3, 2, True)
    assert "Row 3 was set aside: without a serial that is anybody's." in sweep.notes


def test_a_ticket_may_have_a_short_number(place: Place_) -> None:
    sweep = seen(place, "Number,Status\n0,New\n7,New\n11,New\n111,New\n,New\nn/a,New\n", source("generic_tickets"))
    assert sweep.table.ids() == ("ticket/0", "ticket/7", "ticket/11", "ticket/111")


def test_five_rows_are_named_and_the_others_counted(place: Place_) -> None:
    sweep = seen(place, "Serial,Model\nA1,x\n" + ",y\n" * 12)
    assert "Rows 3, 4, 5, 6, 7 and 7 more were set aside: without a serial that is anybody's." in sweep.notes


def test_a_serial_that_a_spreadsheet_spoiled(place: Place_) -> None:
    sweep = seen(place, 'Serial,Model\n5.01E+12,x\n"=""0012345""",y\n')
    assert sweep.table.ids() == ("device/0012345",)
    assert any("Row 2 was set aside: with a serial that is spoiled" in note for note in sweep.notes)


def test_the_same_row_twice_is_one(place: Place_) -> None:
    sweep = seen(place, "Serial,Model\nA1,x\nA2,y\nA1,x\nA1,x\n")
    assert sweep.table.ids() == ("device/A1", "device/A2")
    assert sweep.table.reading("device/A1", "model") == "x"
    assert (sweep.expected, sweep.seen, sweep.proven) == (2, 2, True)
    assert "Rows 4 and 5 are there twice, in every cell; the first of them counts." in sweep.notes


def test_one_key_on_different_rows_is_one_resource_that_nothing_is_known_of(place: Place_) -> None:
    sweep = seen(place, "Serial,Model,School\nA1,x,East High\nA2,y,East High\na1 ,z,North Middle\n")
    assert sweep.table.ids() == ("device/A1", "device/A2")
    assert sweep.table.reading("device/A1", "model") == Unknown("rows 2 and 4 both have this serial")
    assert sweep.table.reading("device/A1", "site") == Unknown("rows 2 and 4 both have this serial")
    assert sweep.table.reading("device/A1", "serial") == "A1"
    assert not sweep.table.site("device/A1")
    assert sweep.unseen == (Unseen("device/A1", "rows 2 and 4 both have this serial"),)
    assert (sweep.expected, sweep.seen) == (3, 1)


def test_what_is_doubtful_is_so_for_that_reason_alone(place: Place_) -> None:
    sweep = seen(place, "Serial,Encrypted,Model\nA1,perhaps,x\nA1,yes,\nA2,perhaps,y\n")
    for field in ("encrypted", "model", "last_sync"):
        assert sweep.table.reading("device/A1", field) == Unknown("rows 2 and 3 both have this serial")
    assert sweep.table.reading("device/A2", "encrypted") == Unknown('"perhaps" is neither yes nor no')


def test_a_difference_in_a_column_that_nobody_reads_is_one(place: Place_) -> None:
    sweep = seen(place, "Serial,Model,Notes\nA1,x,one\nA1,x,two\n")
    assert isinstance(sweep.table.reading("device/A1", "model"), Unknown)


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
