"""The column compiler says what the one-row interpreter says, on random tables and conditions."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.decide.columns import Columns, Row, build
from agent.decide.compile import compile_condition
from agent.decide.explain import judge
from agent.model.condition import AllOf, AnyOf, Condition, Not, Test
from agent.model.kind import FieldType
from agent.model.reading import NONE, Reading, Unknown
from tests.decide.strategies import ALL_FIELDS, FIELDS, NOW, PLACE, conditions, rows

SILENT = Unknown("silent")


def both(condition: Condition, table: Columns) -> list[tuple[bool | None, bool | None]]:
    """Give (compiled, interpreted) for each row."""
    compiled = table.frame.select(compile_condition(condition, NOW).alias("x"))["x"].to_list()
    if len(compiled) == 1 and len(table.ids()) > 1:
        compiled *= len(table.ids())
    judged = [judge(condition, lambda f, r=r: table.reading(r, f), NOW).holds for r in table.ids()]
    return list(zip(compiled, judged, strict=True))


@settings(max_examples=400, deadline=None)
@given(conditions, st.lists(rows, min_size=1, max_size=6))
def test_compiler_and_interpreter_agree(condition: Condition, readings: list[dict[str, Reading]]) -> None:
    table = build(ALL_FIELDS, [Row(f"host/{i}", "", r) for i, r in enumerate(readings)])
    for compiled, judged in both(condition, table):
        assert compiled == judged


def one(kind: FieldType, operator: str, operand: object, reading: Reading) -> bool | None:
    """Judge one test on one reading, by both, which must agree."""
    field = FIELDS[kind][0]
    table = build([field], [Row("host/a", "", {field.name: reading})])
    ((compiled, judged),) = both(Test(field, operator, operand, str(operand), PLACE), table)
    assert compiled == judged
    return judged


@pytest.mark.parametrize(
    ("kind", "operator", "operand", "reading", "expected"),
    [
        (FieldType.TEXT, "equals", "a", NONE, False),
        (FieldType.TEXT, "none_of", ("a",), NONE, True),
        (FieldType.TEXT, "empty", None, NONE, True),
        (FieldType.TEXT, "exists", True, NONE, False),
        (FieldType.TEXT, "exists", False, NONE, True),
        (FieldType.TEXT, "one_of", ("a",), SILENT, None),
        (FieldType.TEXT, "none_of", ("a",), SILENT, None),
        (FieldType.TEXT, "exists", True, SILENT, None),
        (FieldType.LIST, "contains", ("a",), SILENT, None),
        (FieldType.LIST, "empty", None, (), True),
        (FieldType.LIST, "equals", ("a", "b"), ("b", "a"), True),
        (FieldType.TEXT, "matches", "a", "ab", False),
        (FieldType.PATH, "under", "/A", "/A", True),
        (FieldType.PATH, "under", "/A", "/A/x", True),
        (FieldType.PATH, "under", "/A", "/AB", False),
        (FieldType.VERSION, "at_most", "126", "126.0.6478", True),
        (FieldType.VERSION, "above", "126", "126.9", False),
        (FieldType.VERSION, "above", "126", "127", True),
        (FieldType.VERSION, "equals", "12", "12.5", True),
        (FieldType.VERSION, "at_least", "17.5", "17", False),
        (FieldType.DEBIAN_VERSION, "at_least", "1.0", "1.0~rc1", False),
        (FieldType.DEBIAN_VERSION, "above", "2.0", "1:0.9", True),
    ],
)
def test_the_meaning_of_operators(
    kind: FieldType, operator: str, operand: object, reading: Reading, expected: bool | None
) -> None:
    assert one(kind, operator, operand, reading) is expected


def test_kleene_logic_through_the_connectives() -> None:
    field = FIELDS[FieldType.TEXT]
    silent = Test(field[0], "equals", "a", "a", PLACE)
    holds = Test(field[1], "equals", "b", "b", PLACE)
    table = build(field, [Row("host/a", "", {field[0].name: SILENT, field[1].name: "b"})])
    assert both(AnyOf((silent, holds)), table) == [(True, True)]
    assert both(AllOf((silent, holds)), table) == [(None, None)]
    assert both(AllOf((silent, Not(holds))), table) == [(False, False)]
    assert both(Not(silent), table) == [(None, None)]


def test_what_is_not_of_its_type_is_unknown_at_the_door() -> None:
    number, version = FIELDS[FieldType.NUMBER][0], FIELDS[FieldType.VERSION][0]
    table = build([number, version], [Row("host/a", "", {number.name: float("nan"), version.name: "trixie/sid"})])
    assert isinstance(table.reading("host/a", number.name), Unknown)
    assert isinstance(table.reading("host/a", version.name), Unknown)


def test_a_table_survives_its_bytes() -> None:
    readings = {f.name: r for f, r in zip(ALL_FIELDS, ["x", NONE, SILENT] * 10, strict=False)}
    table = build(ALL_FIELDS, [Row("host/a", "east", readings), Row("host/'; DROP TABLE", "", {})])
    again = Columns.from_bytes(table.to_bytes())
    assert again.ids() == table.ids()
    assert all(again.reading(r, f.name) == table.reading(r, f.name) for r in table.ids() for f in ALL_FIELDS)
    assert again.frame.equals(table.frame, null_equal=True)
    assert isinstance(again.frame, pl.DataFrame)


def test_an_overlay_replaces_only_what_was_read_again() -> None:
    a, b = FIELDS[FieldType.TEXT]
    first = build([a, b], [Row("host/1", "east", {a.name: "x", b.name: "y"}), Row("host/2", "", {a.name: "x"})])
    second = build([a], [Row("host/1", "east", {a.name: SILENT})])
    merged = first.overlay(second)
    assert merged.reading("host/1", a.name) == SILENT
    assert merged.reading("host/1", b.name) == "y"
    assert merged.reading("host/2", a.name) == "x"
