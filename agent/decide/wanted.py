"""What a policy wants a field to be, where that is one value: what it names, or what another field has."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from agent.decide import words
from agent.model.condition import AllOf, Condition, Moment, Test
from agent.model.kind import FieldRef
from agent.model.reading import NONE, Reading, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.model.policy import Policy


def wanted_value(condition: Condition, look: Callable[[str], Reading]) -> Reading | None:
    """Give the one value that fulfils a condition on a resource, or None where there is none or several do."""
    if not isinstance(condition, Test):
        return None
    if condition.operator == "same_as":
        reading = look(cast("FieldRef", condition.operand).name)
        return None if reading is NONE or isinstance(reading, Unknown) else reading
    if condition.operator != "equals" or isinstance(condition.operand, (Moment, FieldRef)):
        return None
    return cast("Reading", condition.operand)


def wanted_values(policy: Policy, look: Callable[[str], Reading]) -> dict[str, str]:
    """Give, by field, the text of the one value that a policy wants, where there is one. Never shown: it is bare."""
    if policy.expect is None:
        return {}
    parts = policy.expect.parts if isinstance(policy.expect, AllOf) else (policy.expect,)
    one = {field: tests[0] for field, tests in words.by_field(parts) if len(tests) == 1}
    values = {field: wanted_value(test, look) for field, test in one.items()}
    return {field: words.show(value) for field, value in values.items() if value is not None}
