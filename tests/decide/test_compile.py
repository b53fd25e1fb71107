"""Columns, single rows and a slow oracle say the same, on random tables and conditions of every sort."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from agent.decide.columns import Columns, Row, build
from agent.decide.compile import compile_condition
from agent.decide.explain import judge
from agent.decide.hours import timetable_hours
from agent.decide.overlay import overlay
from agent.decide.parts import fields_compared
from agent.decide.parts import tests as leaves_of
from agent.decide.reckoned import Ground, reckoned
from agent.decide.unique import Part
from agent.intake.times import Times, unique_column
from agent.model.condition import Test
from agent.model.kind import FieldRef, FieldType
from agent.model.reading import NONE, Unknown
from tests.decide import oracle
from tests.decide.strategies import (
    AGO,
    ALL_FIELDS,
    CHECKED,
    FIELDS,
    MOMENTS,
    NOW,
    PLACE,
    cases,
    conditions,
    rows,
    single_tests,
)
from tests.decide.thing import CATALOG, THING, TIMETABLE

if TYPE_CHECKING:
    from agent.model.condition import Condition
    from agent.model.reading import Reading
    from tests.decide.strategies import Rows

uniques = st.sampled_from([f for f in ALL_FIELDS if f.type is not FieldType.LIST]).map(
    lambda f: Test(f, "unique", unique_column(f), "true", PLACE)
)
GROUND = Ground(CATALOG, timetable_hours(TIMETABLE), NOW)
SILENT = Unknown("silent")


def made(lines: Rows, wanted: Condition, *, whole: bool = True) -> Columns:
    needed = fields_compared(wanted)
    fields = [f for f in needed if f.reckoned is None]
    plain = build(fields, [Row(f"thing/{n}", site, readings) for n, (site, readings) in enumerate(lines)])
    trouble = "" if whole else "it is not proven that every thing was listed"
    return reckoned(THING, plain, needed, [Part(len(lines), trouble)], GROUND)


def by_column(wanted: Condition, table: Columns) -> list[bool | None]:
    return table.frame.with_columns(verdict=compile_condition(wanted, NOW))["verdict"].to_list()


def by_row(wanted: Condition, table: Columns) -> list[bool | None]:
    return [judge(wanted, lambda f, r=r: table.reading(r, f), NOW).holds for r in table.ids()]  # type: ignore[misc]


@CHECKED
@given(cases(conditions), st.booleans())
def test_columns_and_rows_agree(case: tuple[Condition, Rows], whole: bool) -> None:
    wanted, lines = case
    table = made(lines, wanted, whole=whole)
    assert by_column(wanted, table) == by_row(wanted, table)


@CHECKED
@given(cases(conditions, least=1, most=4))
def test_what_is_put_together_follows_kleene(case: tuple[Condition, Rows]) -> None:
    wanted, lines = case
    table = made(lines, wanted)
    leaves = {leaf: by_column(leaf, table) for leaf in leaves_of(wanted)}
    expected = [oracle.kleene(wanted, lambda leaf, n=n: leaves[leaf][n]) for n in range(len(lines))]  # type: ignore[misc]
    assert by_column(wanted, table) == expected


@CHECKED
@given(cases(single_tests(), least=1))
def test_an_unknown_value_is_never_judged(case: tuple[Test, Rows]) -> None:
    wanted, lines = case
    verdicts = by_column(wanted, made(lines, wanted))
    readings = [row[wanted.field.name] for _, row in lines]
    assert all(v is None for v, r in zip(verdicts, readings, strict=True) if isinstance(r, Unknown))
    assert all(v is not None for v, r in zip(verdicts, readings, strict=True) if r is NONE)


@CHECKED
@given(cases(conditions, least=1), st.randoms(use_true_random=False))
def test_the_order_of_rows_is_of_no_account(case: tuple[Condition, Rows], chance: object) -> None:
    wanted, lines = case
    order = list(range(len(lines)))
    chance.shuffle(order)  # type: ignore[attr-defined]
    straight, mixed = made(lines, wanted), made([lines[n] for n in order], wanted)
    verdicts = by_column(wanted, straight)
    assert by_column(wanted, mixed) == [verdicts[n] for n in order]


@CHECKED
@given(cases(conditions, least=1, most=3))
def test_a_row_is_judged_alone_as_among_others(case: tuple[Condition, Rows]) -> None:
    """This holds of everything but `unique`, which is about the others."""
    wanted, lines = case
    alike = any(leaf.operator == "unique" for leaf in leaves_of(wanted))
    table = made(lines, wanted)
    twice = made([*lines, *lines], wanted)
    if not alike:
        assert by_column(wanted, twice) == by_column(wanted, table) * 2
        assert [v for row in lines for v in by_column(wanted, made([row], wanted))] == by_column(wanted, table)
    assert by_column(wanted, made([], wanted)) == []
    assert twice.frame.clear().with_columns(x=compile_condition(wanted, NOW))["x"].dtype == pl.Boolean


@CHECKED
@given(cases(uniques, most=8), st.booleans())
def test_unique_is_what_comparing_each_with_each_says(case: tuple[Test, Rows], whole: bool) -> None:
    wanted, lines = case
    field = wanted.field
    table = made(lines, wanted, whole=whole)
    readings = [row[field.name] for _, row in lines]
    assert by_column(wanted, table) == [oracle.unique(field, n, readings, whole=whole) for n in range(len(lines))]


@CHECKED
@given(st.sampled_from(AGO + MOMENTS), rows(FIELDS[FieldType.TIME]))
def test_a_moment_is_what_the_calendar_says_of_each_row(text: str, lines: Rows) -> None:
    own, other = FIELDS[FieldType.TIME]
    times = Times(own, NOW.tzinfo, THING.resolve)  # type: ignore[arg-type]
    found = times.ago(text) if text in AGO else times.moment(text)
    if not isinstance(found, FieldRef) or found.reckoned is None:
        return
    table = made(lines, Test(own, "after", found, text, PLACE))
    for n, (site, row) in enumerate(lines):
        expected = oracle.moment(found.reckoned, site, row[other.name], GROUND.keeping, NOW)
        reading = table.reading(f"thing/{n}", found.name)
        if isinstance(expected, Unknown):
            assert isinstance(reading, Unknown)
            assert expected.why in {reading.why, "never"}
        else:
            assert reading == expected


def test_kept_bytes_are_judged_alike() -> None:
    states: list[Reading] = ["x", NONE, SILENT]
    readings = {f.name: r for f, r in zip(ALL_FIELDS, states * 10, strict=False)}
    table = build(ALL_FIELDS, [Row("host/a", "east", readings), Row("host/'; DROP TABLE", "", {})])
    again = Columns.from_bytes(table.to_bytes())
    assert again.ids() == table.ids()
    assert all(again.reading(r, f.name) == table.reading(r, f.name) for r in table.ids() for f in ALL_FIELDS)
    assert again.frame.equals(table.frame, null_equal=True)


def test_what_is_not_of_its_type_is_unknown_at_the_door() -> None:
    number, version = FIELDS[FieldType.NUMBER][0], FIELDS[FieldType.VERSION][0]
    table = build([number, version], [Row("host/a", "", {number.name: float("nan"), version.name: "trixie/sid"})])
    assert isinstance(table.reading("host/a", number.name), Unknown)
    assert isinstance(table.reading("host/a", version.name), Unknown)


def test_an_overlay_replaces_only_what_was_read_again() -> None:
    a, b = FIELDS[FieldType.TEXT]
    first = build([a, b], [Row("host/1", "east", {a.name: "x", b.name: "y"}), Row("host/2", "", {a.name: "x"})])
    second = build([a], [Row("host/1", "east", {a.name: SILENT})])
    merged = overlay(first, second)
    assert merged.reading("host/1", a.name) == SILENT
    assert merged.reading("host/1", b.name) == "y"
    assert merged.reading("host/2", a.name) == "x"
