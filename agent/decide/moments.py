"""Moments that hang on the time of the data: what a list of last week says of silence, it says of last week."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agent.model.condition import AllOf, AnyOf, Condition, Moment, Not, Test

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from agent.model.policy import Policy


def settled(policy: Policy, as_of: Mapping[str, datetime], now: datetime) -> Policy:
    """Give a policy whose moments count from the data's own time, where that is before `now`.

    This is for fields that move on while nobody looks, the past ones and deadlines: a device that was silent for 3
    days when the list was made may have been heard from since. A date of support does not move: it is judged now.
    """
    where = None if policy.where is None else _settled(policy.where, as_of, now)
    expect = None if policy.expect is None else _settled(policy.expect, as_of, now)
    return replace(policy, where=where, expect=expect)


def _settled(condition: Condition, as_of: Mapping[str, datetime], now: datetime) -> Condition:
    match condition:
        case AllOf(parts):
            return AllOf(tuple(_settled(p, as_of, now) for p in parts))
        case AnyOf(parts):
            return AnyOf(tuple(_settled(p, as_of, now) for p in parts))
        case Not(part):
            return Not(_settled(part, as_of, now))
        case Test():
            return _test(condition, as_of, now)


def _test(test: Test, as_of: Mapping[str, datetime], now: datetime) -> Test:
    moves = test.field.past or test.field.deadline
    seen = as_of.get(test.field.name, now)
    if not moves or not isinstance(test.operand, Moment) or seen >= now:
        return test
    return replace(test, operand=replace(test.operand, base=seen.astimezone(now.tzinfo)))
