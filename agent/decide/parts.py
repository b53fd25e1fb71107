"""What a condition is made of: its tests, and the fields that they are about and compare with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.model.calendar import ROLES
from agent.model.condition import AllOf, AnyOf, Condition, Not, Test
from agent.model.kind import FieldRef

if TYPE_CHECKING:
    from collections.abc import Iterator


def tests(condition: Condition | None) -> Iterator[Test]:
    """Give every test in a condition, without those on the members of lists."""
    match condition:
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from tests(part)
        case Not(part):
            yield from tests(part)
        case Test():
            yield condition


def fields_tested(condition: Condition | None) -> tuple[FieldRef, ...]:
    """Give the fields that a condition makes demands of, each once, in order."""
    return tuple(dict.fromkeys(test.field for test in tests(condition)))


def fields_compared(condition: Condition | None) -> tuple[FieldRef, ...]:
    """Give every field that a condition has to read, each once, in order: those that it compares with included.

    A column that is reckoned comes with what it is made of.
    """
    found = list(tests(condition))
    others = [test.operand for test in found if isinstance(test.operand, FieldRef)]
    return tuple(dict.fromkeys([*(test.field for test in found), *others, *(f for o in others for f in made_of(o))]))


def made_of(field: FieldRef) -> tuple[FieldRef, ...]:
    """Give the fields that a column is reckoned from; a field that a system shows is made of itself."""
    made = field.reckoned
    if made is None:
        return (field,)
    return made_of(made.of) if made.start is None else (*made_of(made.of), *made_of(made.start))


def hours_count(field: FieldRef) -> bool:
    """Say whether a column hangs on the hours that somebody keeps, and so on whose they are."""
    return field.reckoned is not None and field.reckoned.unit.partition(" ")[0] in ROLES
