"""The one-row interpreter of conditions: what `explain` shows, and what the column compiler is tested against.

It shares with the compiler only the order of versions and the regex engine; everything else is said twice on
purpose, so that each checks the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from agent.decide.columns import matches
from agent.decide.compare import debian_order, instant, version_order
from agent.decide.compile import version_holds
from agent.model.condition import AllOf, AnyOf, Condition, Day, Moment, Not, Test
from agent.model.kind import FieldRef, FieldType
from agent.model.reading import NONE, Reading, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a condition stands on one resource: `holds` is None for unknown; a test carries its reading.

    `other` is the reading of the field that the test's own is compared with: one that it is to be the same as, or one
    that is reckoned.
    """

    condition: Condition
    holds: bool | None
    reading: Reading | None = None
    parts: tuple[Judgement, ...] = ()
    other: Reading | None = None


def judge(condition: Condition, look: Callable[[str], Reading], now: datetime) -> Judgement:
    """Judge a condition on the readings that `look` gives by field name."""
    match condition:
        case AllOf(parts):
            judged = tuple(judge(p, look, now) for p in parts)
            return Judgement(condition, _all([j.holds for j in judged]), None, judged)
        case AnyOf(parts):
            judged = tuple(judge(p, look, now) for p in parts)
            return Judgement(condition, _any([j.holds for j in judged]), None, judged)
        case Not(part):
            inner = judge(part, look, now)
            return Judgement(condition, None if inner.holds is None else not inner.holds, None, (inner,))
        case Test():
            reading = look(condition.field.name)
            other = look(condition.operand.name) if isinstance(condition.operand, FieldRef) else None
            return Judgement(condition, _test(condition, reading, other, now), reading, other=other)


def _all(answers: list[bool | None]) -> bool | None:
    if False in answers:
        return False
    return None if None in answers else True


def _any(answers: list[bool | None]) -> bool | None:
    if True in answers:
        return True
    return None if None in answers else False


def _test(test: Test, reading: Reading, other: Reading | None, now: datetime) -> bool | None:
    if reading is NONE:
        return _on_none(test)
    if isinstance(reading, Unknown) or isinstance(other, Unknown):
        return None
    if other is not None:
        return other is not NONE and _compared(test, reading, other)
    if test.operator == "exists":
        return test.operand is True
    if test.operator == "empty":
        return (reading in {"", ()}) == (test.operand is not False)
    if test.field.type is FieldType.LIST:
        return _on_list(test, cast("tuple[str, ...]", reading), now)
    return _on_scalar(test, reading, now)


def _on_none(test: Test) -> bool:
    wants = test.operand is not False
    if test.operator == "empty":
        return wants
    if test.operator == "exists":
        return not wants
    return test.operator == "none_of"


def _compared(test: Test, reading: Reading, other: Reading) -> bool:
    """Compare a value with that of another column."""
    if test.operator == "unique":
        return other is True
    if test.operator != "same_as":
        return _compare(test.operator, reading, [other])
    if test.field.type is FieldType.LIST:
        return set(cast("tuple[str, ...]", reading)) == set(cast("tuple[str, ...]", other))
    if test.field.type is FieldType.DEBIAN_VERSION:
        return debian_order(str(reading), str(other)) == 0
    if test.field.type is FieldType.VERSION:
        return version_order(str(reading), str(other)) == 0 == version_order(str(other), str(reading))
    return reading == other


def _on_scalar(test: Test, reading: Reading, now: datetime) -> bool:
    if test.field.type in {FieldType.VERSION, FieldType.DEBIAN_VERSION}:
        return version_holds(test, str(reading))
    operand = test.operand
    text = reading if isinstance(reading, str) else ""
    match test.operator:
        case "starts_with":
            return text.startswith(str(operand))
        case "ends_with":
            return text.endswith(str(operand))
        case "contains":
            return str(operand) in text
        case "matches":
            return matches(text, str(operand))
        case "under":
            folder = str(operand).rstrip("/")
            return text == (folder or "/") or text.startswith(folder + "/")
    values = operand if isinstance(operand, tuple) else (operand,)
    return _compare(test.operator, reading, [instant(v, now) if isinstance(v, Moment) else v for v in values])


def _compare(operator: str, reading: Reading, values: list[object]) -> bool:
    have = cast("float", reading)  # a number, a time or a text: what the field's type made both sides
    want = cast("list[float]", values)
    match operator:
        case "equals" | "one_of":
            return any(_equal(have, value) for value in values)
        case "none_of":
            return not any(_equal(have, value) for value in values)
        case "at_least" | "within":
            return have >= want[0]
        case "at_most":
            return have <= want[0]
        case "above" | "after":
            return have > want[0]
        case "below" | "before" | "older_than":
            return have < want[0]
        case "between":
            return want[0] <= have <= want[1]
    raise AssertionError(operator)


def _equal(have: object, value: object) -> bool:
    return value.first <= have < value.until if isinstance(value, Day) else have == value  # type: ignore[operator]


def _on_list(test: Test, members: tuple[str, ...], now: datetime) -> bool:
    if test.operator in {"every", "some"}:
        answers = [judge(cast("Condition", test.operand), _always(m), now).holds is True for m in members]
        return all(answers) if test.operator == "every" else any(answers)
    if test.operator == "count":
        if isinstance(test.operand, (int, float)):
            return len(members) == test.operand
        return judge(cast("Condition", test.operand), _always(len(members)), now).holds is True
    have = set(members)
    want = set(test.operand) if isinstance(test.operand, tuple) else {test.operand}
    match test.operator:
        case "equals":
            return have == want
        case "contains" | "contains_all":
            return have >= want
        case "contains_only":
            return have <= want
        case "none_of":
            return not have & want
        case "one_of":
            return bool(have & want)
    raise AssertionError(test.operator)


def _always(reading: Reading) -> Callable[[str], Reading]:
    return lambda _name: reading
