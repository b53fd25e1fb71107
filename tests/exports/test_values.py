"""Numbers, shares, sizes, versions, paths and lists: strictly, with the reason where they are none."""

from __future__ import annotations

import pytest

from agent.catalog import KINDS
from agent.model.kind import FieldType
from agent.systems.csv.spec import PRESETS
from agent.systems.csv.values import read_values
from agent.systems.csv.words import CANONICAL, canonical


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (FieldType.NUMBER, "329", 329), (FieldType.NUMBER, "-1.5", -1.5), (FieldType.NUMBER, "$1,299.00", 1299),
        (FieldType.NUMBER, "1,002,003", 1002003), (FieldType.NUMBER, "1,299", None),
        (FieldType.NUMBER, "1.299,00", None),
        (FieldType.NUMBER, "1e5", None), (FieldType.NUMBER, "nan", None), (FieldType.NUMBER, "inf", None),
        (FieldType.NUMBER, "12,34", None), (FieldType.NUMBER, "١٢", 12), (FieldType.NUMBER, "", None),
        (FieldType.PERCENT, "85%", 85), (FieldType.PERCENT, "85", 85), (FieldType.PERCENT, "0.85", None),
        (FieldType.PERCENT, "101", None), (FieldType.PERCENT, "0", 0), (FieldType.PERCENT, "0.5%", 0.5),
        (FieldType.SIZE, "64 GB", 64e9), (FieldType.SIZE, "64GiB", 64 * 2**30), (FieldType.SIZE, "0.04GB", 4e7),
        (FieldType.SIZE, "64", None), (FieldType.SIZE, "1,024.5 MB", 1024.5e6), (FieldType.SIZE, "1,024 MB", None),
        (FieldType.SIZE, "64 XB", None), (FieldType.SIZE, "123 bytes", 123),
        (FieldType.BOOLEAN, "TRUE", True), (FieldType.BOOLEAN, "no", False), (FieldType.BOOLEAN, "perhaps", None),
        (FieldType.VERSION, "126.0.6478.1", "126.0.6478.1"), (FieldType.VERSION, "v17.5", "17.5"),
        (FieldType.VERSION, "17.5.1 (21F90)", "17.5.1"), (FieldType.VERSION, "Version 126.0 (stable)", "126.0"),
        (FieldType.VERSION, "Sonoma", None), (FieldType.VERSION, "Windows 11", None),
        (FieldType.PATH, "/Students/East/", "/Students/East"), (FieldType.PATH, "Students/East", "/Students/East"),
        (FieldType.PATH, "CN=A,OU=East,OU=Students,DC=x", "/Students/East"), (FieldType.PATH, "/", "/"),
        (FieldType.LIST, "09, 10;11", ("09", "10", "11")), (FieldType.LIST, "09", ("09",)),
    ],
)  # fmt: skip
def test_a_value(kind: FieldType, text: str, value: object) -> None:
    typed = read_values(kind, [text], "")
    assert typed.values.get(text) == value
    assert (text in typed.whys) == (value is None)


def test_a_comma_between_thousands_is_shown_by_its_column() -> None:
    assert read_values(FieldType.NUMBER, ["1,299", "329.00"], "").values["1,299"] == 1299
    assert "1,299" in read_values(FieldType.NUMBER, ["1,299", "329"], "").whys


def test_shares_of_one_are_not_shares_of_a_hundred() -> None:
    assert not read_values(FieldType.PERCENT, ["0.85", "0.5", "1"], "").values
    assert read_values(FieldType.PERCENT, ["0.85", "12"], "").values == {"0.85": 0.85, "12": 12}


def test_a_size_takes_the_unit_that_is_declared() -> None:
    assert read_values(FieldType.SIZE, ["64"], "GB").values == {"64": 64e9}


@pytest.mark.parametrize("where", sorted(CANONICAL), ids=".".join)
def test_the_words_of_a_field_are_those_of_its_kind(where: tuple[str, str]) -> None:
    kind, name = where
    field = next(f for f in KINDS[kind].fields if f.name == name)
    for word in CANONICAL[where]:
        assert f"`{word}`" in field.description
    assert canonical(kind, name)[CANONICAL[where][0].replace("_", " ")] == CANONICAL[where][0]


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_a_preset_fits_its_kind(name: str) -> None:
    preset = PRESETS[name]
    fields = {f.name for f in KINDS[preset.kind].fields}
    mapped = {m.field for m in preset.columns}
    assert mapped - {preset.key} <= fields
    assert preset.key in mapped
    for column in preset.columns:
        words = CANONICAL.get((preset.kind, column.field))
        if words:
            assert set(column.values.values()) <= {*words, ""}, column.field
