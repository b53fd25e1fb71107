"""Every operator on every type of field says what the case files say, of whole columns and of single rows alike."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import polars as pl
import pytest

from agent.decide.columns import Columns, Row, build
from agent.decide.compile import compile_condition
from agent.decide.explain import judge
from agent.decide.hours import timetable_hours
from agent.decide.parts import fields_compared
from agent.decide.reckoned import Ground, reckoned
from agent.decide.unique import Part
from agent.intake import yaml
from agent.intake.nodes import plain
from agent.intake.operators import operators_of
from agent.model.kind import FieldType
from agent.model.reading import NONE, Reading, Unknown
from tests.decide.thing import CATALOG, NOON, THING, TIMETABLE, condition

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agent.model.condition import Condition

CASES = Path(__file__).parents[1] / "cases" / "decide"
SILENT = Unknown("silent")
ALONE = 5  # rows of a case that are also judged in a table of their own
GROUND = Ground(CATALOG, timetable_hours(TIMETABLE), NOON)

Expected = list[tuple[Reading, bool | None]]


def cases(file: Path) -> list[dict[str, Any]]:
    """Give the cases of a file, read as policies are."""
    document = cast("dict[str, list[dict[str, Any]]]", plain(yaml.parse(file.read_bytes(), file.name)))
    return document["cases"]


FILES = {str(t): CASES / f"{t}.yaml" for t in FieldType}
ALL = [(t, n, case) for t, file in FILES.items() for n, case in enumerate(cases(file), start=1)]
NAMES = [f"{t}-{n}" for t, n, _ in ALL]


def reading(kind: FieldType, value: Any) -> Reading:
    """Give the reading that a case writes: ~ is none, and "?" is unknown."""
    if value is None:
        return NONE
    if value == "?":
        return SILENT
    if kind is FieldType.TIME:
        return datetime.fromisoformat(value)
    return tuple(value) if isinstance(value, list) else value


def expected(kind: FieldType, case: dict[str, Any]) -> Expected:
    """Give each reading of a case with its verdict; what is not known is never judged."""
    said: Expected = [(NONE, case["none"]), (SILENT, None)]
    for word, verdict in (("yes", True), ("no", False), ("unknown", None)):
        said += [(reading(kind, value), verdict) for value in case.get(word, ())]
    return said


def with_reckoned(table: Columns, wanted: Condition, lists: Sequence[Part] = ()) -> Columns:
    return reckoned(THING, table, fields_compared(wanted), lists, GROUND)


def table_of(kind: str, case: dict[str, Any], readings: Sequence[Reading], wanted: Condition) -> Columns:
    fields = [THING.resolve(kind), THING.resolve(f"other_{kind}")]
    other = reading(FieldType(kind), case.get("other"))
    rows = [Row(f"thing/{n}", "", {kind: r, f"other_{kind}": other}) for n, r in enumerate(readings)]
    return with_reckoned(build(fields, rows), wanted)


def by_column(wanted: Condition, table: Columns) -> list[bool | None]:
    return table.frame.with_columns(verdict=compile_condition(wanted, NOON))["verdict"].to_list()


def by_row(wanted: Condition, table: Columns) -> list[bool | None]:
    return [judge(wanted, lambda f, r=r: table.reading(r, f), NOON).holds for r in table.ids()]  # type: ignore[misc]


@pytest.mark.parametrize(("kind", "number", "case"), ALL, ids=NAMES)
def test_a_condition_says_of_columns_and_of_rows_what_the_case_says(
    kind: str, number: int, case: dict[str, Any]
) -> None:
    wanted = condition(kind, yaml_of(case["when"]))
    said = expected(FieldType(kind), case)
    said = [*said[number % len(said) :], *said[: number % len(said)]]  # the first row is now this, now that
    said += said[:2]  # what comes twice is judged twice
    table = table_of(kind, case, [r for r, _ in said], wanted)
    verdicts = [verdict for _, verdict in said]
    assert dict(enumerate(zip(by_column(wanted, table), said, strict=True))) == {
        n: (verdict, said[n]) for n, verdict in enumerate(verdicts)
    }
    assert by_row(wanted, table) == verdicts
    for alone, verdict in said[:ALONE]:
        one = table_of(kind, case, [alone], wanted)
        assert by_column(wanted, one) == by_row(wanted, one) == [verdict], alone


@pytest.mark.parametrize(("kind", "number", "case"), ALL, ids=NAMES)
def test_a_condition_stands_columns_of_one_state_and_no_rows(kind: str, number: int, case: dict[str, Any]) -> None:
    wanted = condition(kind, yaml_of(case["when"]))
    assert number
    for alone, verdict in ((SILENT, None), (NONE, case["none"])):
        table = table_of(kind, case, [alone] * 3, wanted)
        assert by_column(wanted, table) == by_row(wanted, table) == [verdict] * 3
    empty = table_of(kind, case, [], wanted)
    assert by_column(wanted, empty) == []
    assert compiled_type(wanted, empty) == pl.Boolean


def compiled_type(wanted: Condition, table: Columns) -> pl.DataType:
    return table.frame.with_columns(verdict=compile_condition(wanted, NOON))["verdict"].dtype


def yaml_of(when: Any) -> str:
    """Write a condition on one line, as a policy may."""
    return json.dumps(when, ensure_ascii=False)


def words(when: Any) -> Iterator[str]:
    """Give every operator that a condition writes on its own field."""
    if isinstance(when, dict):
        for word, operand in when.items():
            yield word
            if word in {"not", "any_of", "all_of"}:
                yield from words(operand)
    elif isinstance(when, list):
        for one in when:
            yield from words(one)


@pytest.mark.parametrize("kind", list(FieldType))
def test_every_operator_of_a_type_has_a_case_of_every_verdict(kind: FieldType) -> None:
    missing: list[tuple[str, object]] = []
    for operator in operators_of(kind):
        if operator == "unique":  # tests/cases/decide/lists
            continue
        mine = [c for c in cases(FILES[str(kind)]) if isinstance(c["when"], dict) and operator in c["when"]]
        seen = [verdict for c in mine for _, verdict in expected(kind, c)]
        blank = () if kind is FieldType.LIST else ""
        has_blank = kind in {FieldType.TEXT, FieldType.PATH, FieldType.MODE, FieldType.LIST}
        judged = [r for c in mine for r, _ in expected(kind, c)]
        missing += [(operator, v) for v in (True, False, None) if v not in seen]
        missing += [(operator, "blank")] if has_blank and blank not in judged else []
    assert not missing


def test_every_type_that_takes_unique_has_a_case_of_every_verdict() -> None:
    seen: dict[FieldType, set[bool | str]] = {}
    for case in LISTS:
        said = case["says"]
        flat = [v for one in said for v in one] if said and isinstance(said[0], list) else said
        seen.setdefault(THING.resolve(case["field"]).type, set()).update(flat)
    assert {t for t in FieldType if "unique" in operators_of(t)} == {t for t, v in seen.items() if {True, False} <= v}


LISTS = cases(CASES / "lists" / "unique.yaml")


@pytest.mark.parametrize("case", LISTS, ids=range(1, len(LISTS) + 1))
def test_what_is_unique_in_its_list(case: dict[str, Any]) -> None:
    rows, says = case["rows"], case["says"]
    if not (rows and isinstance(rows[0], list)):
        rows, says = [rows], [says]
    whole = case.get("whole", True)
    whole = whole if isinstance(whole, list) else [whole] * len(rows)
    field = THING.resolve(case["field"])
    lists = [Part(len(one), "" if fine else "not proven") for one, fine in zip(rows, whole, strict=True)]
    wanted = condition(field.name, "{unique: true}")
    readings = [reading(field.type, value) for one in rows for value in one]
    verdicts = [None if v == "?" else v for one in says for v in one]
    table = build([field], [Row(f"thing/{n}", "", {field.name: r}) for n, r in enumerate(readings)])
    table = replace(table, rivals={field.name: tuple(case.get("rivals", ()))})
    judged = with_reckoned(table, wanted, lists)
    assert by_column(wanted, judged) == by_row(wanted, judged) == verdicts
    other = condition(field.name, "{unique: false}")
    turned = [None if v is None else not v for v in verdicts]
    assert by_column(other, judged) == by_row(other, judged) == turned
