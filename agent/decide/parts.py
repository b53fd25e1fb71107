"""What a condition is made of: its tests, and the fields that they are about and compare with."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    """Give every field that a condition has to read, those that it compares with included, each once, in order."""
    found = list(tests(condition))
    others = [test.operand for test in found if isinstance(test.operand, FieldRef)]
    return tuple(dict.fromkeys([*(test.field for test in found), *others]))
