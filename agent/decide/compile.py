"""The column compiler: a condition becomes one polars expression of True, False and null (unknown).

polars' `&`, `|` and `~` follow Kleene on nulls. What does not is closed here: every test of a field first asks
whether it was read as none (the operator's own answer) and whether it is unknown (null), and only then the value,
so that `when(null)`, `is_in` and list `contains` never turn unknown into False.
"""

from __future__ import annotations

import operator
from datetime import UTC, datetime
from functools import reduce
from typing import TYPE_CHECKING, cast

import polars as pl

from agent.decide.columns import none_column, whole
from agent.decide.compare import debian_order, instant, same_debian_version, same_version, version_order
from agent.model.condition import AllOf, AnyOf, Condition, Day, Moment, Not, Test
from agent.model.kind import FieldRef, FieldType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


TRUE_ON_NONE = frozenset({"none_of"})
ORDER_TESTS: dict[str, Callable[[int], bool]] = {
    "equals": lambda order: order == 0,
    "at_least": lambda order: order >= 0,
    "at_most": lambda order: order <= 0,
    "above": lambda order: order > 0,
    "below": lambda order: order < 0,
}


def compile_condition(condition: Condition, now: datetime) -> pl.Expr:
    """Give the expression of a condition. `now` carries the district's zone."""
    match condition:
        case AllOf(parts):
            return reduce(operator.and_, (compile_condition(p, now) for p in parts))
        case AnyOf(parts):
            return reduce(operator.or_, (compile_condition(p, now) for p in parts))
        case Not(part):
            return ~compile_condition(part, now)
        case Test():
            return _three_valued(condition, now)


def on_none(test: Test) -> bool:
    """Say what an operator answers when the field was read as none."""
    if test.operator in {"exists", "empty"}:
        return (test.operator == "empty") is bool(test.operand if test.operand is not None else True)
    return test.operator in TRUE_ON_NONE


def _three_valued(test: Test, now: datetime) -> pl.Expr:
    column = pl.col(test.field.name)
    unknown = column.is_null()
    answer = _answer(test, column, now)
    if isinstance(test.operand, FieldRef):
        other = test.operand.name
        other_none = pl.col(none_column(other))
        unknown |= pl.col(other).is_null() & ~other_none
        answer = pl.when(other_none).then(statement=False).otherwise(answer)
    return (
        pl
        .when(pl.col(none_column(test.field.name)))
        .then(pl.lit(on_none(test)))
        .when(unknown)
        .then(pl.lit(None, pl.Boolean))
        .otherwise(answer)
    )


def _answer(test: Test, column: pl.Expr, now: datetime) -> pl.Expr:
    """Give the answer where the field is a value."""
    match test.operator:
        case "exists":
            return pl.lit(bool(test.operand))
        case "empty":
            is_empty = column.list.len() == 0 if test.field.type is FieldType.LIST else _is_blank(test, column)
            return is_empty == pl.lit(test.operand is not False)
        case "same_as":
            return _same_as(test, column)
        case "unique":
            return pl.col(cast("FieldRef", test.operand).name)
    if test.field.type is FieldType.LIST:
        return _list_answer(test, column, now)
    if test.field.type in {FieldType.VERSION, FieldType.DEBIAN_VERSION}:
        return _version_answer(test, column)
    if test.operator in _TEXT_ANSWERS:
        return _TEXT_ANSWERS[test.operator](column, str(test.operand))
    return _ordered_answer(test, column, now)


def _is_blank(test: Test, column: pl.Expr) -> pl.Expr:
    """A text with nothing in it is empty, as is a list; a number or a boolean never is."""
    texts = {FieldType.TEXT, FieldType.PATH, FieldType.MODE, FieldType.VERSION, FieldType.DEBIAN_VERSION}
    return column.str.len_bytes() == 0 if test.field.type in texts else pl.lit(value=False)


def _same_as(test: Test, column: pl.Expr) -> pl.Expr:
    other = pl.col(cast("FieldRef", test.operand).name)
    if test.field.type is FieldType.LIST:
        return column.list.set_symmetric_difference(other).list.len() == 0
    return alike(column, test.field.type) == alike(other, test.field.type)


def alike(column: pl.Expr, kind: FieldType) -> pl.Expr:
    """Give a column in which values that are the same are the same text: versions are, however many zeros they end in.

    Each distinct version is worked out once.
    """
    same = {FieldType.VERSION: same_version, FieldType.DEBIAN_VERSION: same_debian_version}.get(kind)
    return column if same is None else _by_value(column, same, pl.String())


def _under(column: pl.Expr, folder: str) -> pl.Expr:
    base = folder.rstrip("/")
    return (column == (base or "/")) | column.str.starts_with(base + "/")


_TEXT_ANSWERS: dict[str, Callable[[pl.Expr, str], pl.Expr]] = {
    "starts_with": lambda column, text: column.str.starts_with(text),
    "ends_with": lambda column, text: column.str.ends_with(text),
    "contains": lambda column, text: column.str.contains(text, literal=True),
    "matches": lambda column, text: column.str.contains(whole(text)),
    "under": _under,
}


def _ordered_answer(test: Test, column: pl.Expr, now: datetime) -> pl.Expr:
    match test.operator:
        case "equals" | "one_of":
            return _any(_equal(column, value) for value in _several(test.operand))
        case "none_of":
            return ~_any(_equal(column, value) for value in _several(test.operand))
    literal = [_literal(value, now) for value in _several(test.operand)]
    match test.operator:
        case "at_least" | "within":
            return column >= literal[0]
        case "at_most":
            return column <= literal[0]
        case "above" | "after":
            return column > literal[0]
        case "below" | "before" | "older_than":
            return column < literal[0]
        case "between":
            return (column >= literal[0]) & (column <= literal[1])
    raise AssertionError(test.operator)


def _several(operand: object) -> tuple[object, ...]:
    return operand if isinstance(operand, tuple) else (operand,)


def _equal(column: pl.Expr, value: object) -> pl.Expr:
    if isinstance(value, Day):
        return (column >= value.first.astimezone(UTC)) & (column < value.until.astimezone(UTC))
    return column == pl.lit(value.astimezone(UTC) if isinstance(value, datetime) else value)


def _literal(operand: object, now: datetime) -> pl.Expr:
    """Give what a column is compared with; a time in the columns' zone, UTC, as polars compares no others."""
    if isinstance(operand, FieldRef):
        return pl.col(operand.name)
    if isinstance(operand, (Moment, datetime)):
        return pl.lit(instant(operand, now).astimezone(UTC))
    return pl.lit(operand)


def _any(parts: Iterable[pl.Expr]) -> pl.Expr:
    return reduce(operator.or_, parts, pl.lit(value=False))


def _version_answer(test: Test, column: pl.Expr) -> pl.Expr:
    """Versions have no order in polars: each distinct value is compared once, in Python."""
    return _by_value(column, lambda value: version_holds(test, value), pl.Boolean())


def version_holds(test: Test, value: str) -> bool:
    """Say whether an operator holds on a version; the one definition for columns and for a single row."""
    order = debian_order if test.field.type is FieldType.DEBIAN_VERSION else version_order
    operand = cast("str | tuple[str, ...]", test.operand)
    match test.operator:
        case "one_of":
            return any(order(value, o) == 0 for o in operand)
        case "none_of":
            return all(order(value, o) != 0 for o in operand)
        case "between":
            return order(value, operand[0]) >= 0 and order(value, operand[1]) <= 0
    return ORDER_TESTS[test.operator](order(value, cast("str", operand)))


def _by_value(column: pl.Expr, give: Callable[[str], bool | str], kind: pl.DataType) -> pl.Expr:
    """Give what a function gives of each value, asked once for each distinct one."""

    def over(series: pl.Series) -> pl.Series:
        distinct = series.unique().drop_nulls()
        answers = pl.Series([give(v) for v in distinct], dtype=kind)
        return series.replace_strict(distinct, answers, default=None, return_dtype=kind)

    return column.map_batches(over, return_dtype=kind)


def _list_answer(test: Test, column: pl.Expr, now: datetime) -> pl.Expr:
    match test.operator:
        case "every":
            return column.list.eval(_element(test, now)).list.all()
        case "some":
            return column.list.eval(_element(test, now)).list.any()
        case "count":
            return _count(test, column, now)
    wanted = list(test.operand) if isinstance(test.operand, tuple) else [test.operand]
    match test.operator:
        case "equals":
            return column.list.set_symmetric_difference(pl.lit(wanted, pl.List(pl.String))).list.len() == 0
        case "contains" | "contains_all":
            return reduce(operator.and_, (column.list.contains(w) for w in wanted), pl.lit(value=True))
        case "contains_only":
            return column.list.set_difference(pl.lit(wanted, pl.List(pl.String))).list.len() == 0
        case "none_of":
            return ~_any(column.list.contains(w) for w in wanted)
        case "one_of":
            return _any(column.list.contains(w) for w in wanted)
    raise AssertionError(test.operator)


def _element(test: Test, now: datetime) -> pl.Expr:
    """Compile the condition on the elements: their one "column" is the element itself and is never none."""
    return _on_value(cast("Condition", test.operand), pl.element(), now)


def _count(test: Test, column: pl.Expr, now: datetime) -> pl.Expr:
    length = column.list.len().cast(pl.Float64)
    if isinstance(test.operand, (int, float)):
        return length == test.operand
    return _on_value(cast("Condition", test.operand), length, now)


def _on_value(condition: Condition, value: pl.Expr, now: datetime) -> pl.Expr:
    match condition:
        case AllOf(parts):
            return reduce(operator.and_, (_on_value(p, value, now) for p in parts))
        case AnyOf(parts):
            return reduce(operator.or_, (_on_value(p, value, now) for p in parts))
        case Not(part):
            return ~_on_value(part, value, now)
        case Test():
            return _answer(condition, value, now)
