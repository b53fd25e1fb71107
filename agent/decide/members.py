"""Which members of a list a condition is about: those that break it, or those that are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from agent.decide.explain import judge
from agent.model.kind import FieldType

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from agent.decide.explain import Judgement
    from agent.model.condition import Condition, Test


def culprits(judgement: Judgement, now: datetime) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the members that are too many, and those that are missing, of a condition on a list that does not hold."""
    test, have = cast("Test", judgement.condition), judgement.reading
    if judgement.holds is not False or not isinstance(have, tuple) or test.field.type is not FieldType.LIST:
        return (), ()
    if test.operator == "every":
        wanted = cast("Condition", test.operand)
        return tuple(m for m in sorted(have) if judge(wanted, lambda _f, m=m: m, now).holds is not True), ()  # type: ignore[misc]
    given = _wanted(test, judgement)
    if given is None:
        return (), ()
    extra, missing = _ordered(set(have) - given), _ordered(given - set(have))
    match test.operator:
        case "contains" | "contains_all":
            return (), missing
        case "contains_only":
            return extra, ()
        case "none_of":
            return _ordered(given & set(have)), ()
        case "equals" | "same_as":
            return extra, missing
    return (), ()


def _wanted(test: Test, judgement: Judgement) -> set[str] | None:
    """Give the members that a condition names, or those of the list that it compares with."""
    other = judgement.other
    if other is not None:
        return set(other) if isinstance(other, tuple) else None
    operand = test.operand
    if isinstance(operand, tuple):
        return {str(m) for m in operand}
    return {operand} if isinstance(operand, str) else None


def _ordered(members: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(members))
