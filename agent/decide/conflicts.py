"""Whether two policies can both have their way with one field of one resource."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from agent.decide import words
from agent.decide.evaluate import by_field
from agent.decide.explain import judge
from agent.model.condition import AllOf, AnyOf, Condition, Moment, Not, Test
from agent.model.kind import FieldRef
from agent.model.policy import Mode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from agent.errors import Place
    from agent.model.policy import Policy
    from agent.model.reading import Reading

# Wishes that leave room for one answer, or for a closed set of them.
_EXCLUSIVE = frozenset({"equals", "one_of", "contains_only", "matches", "under", "same_as"})


@dataclass(frozen=True, slots=True)
class Wish:
    """What one policy wants of one field."""

    policy: str
    condition: Condition
    place: Place


def wishes(
    policies: Iterable[Policy], scopes: Mapping[str, frozenset[str]], resources: frozenset[str]
) -> dict[tuple[str, str], tuple[Wish, ...]]:
    """Give what every policy that may act wants of these resources, in line or not, by (resource, field).

    Args:
        policies: of the revision.
        scopes: policy id to the resources that it applies to.
        resources: those that some action is about.
    """
    found: dict[tuple[str, str], tuple[Wish, ...]] = {}
    for policy in policies:
        if policy.mode is Mode.AUDIT or not policy.remedy:
            continue
        for field, condition in by_field(policy):
            wish = Wish(policy.id, condition, policy.place)
            for resource in resources & scopes.get(policy.id, frozenset()):
                found[resource, field] = (*found.get((resource, field), ()), wish)
    return found


def clash(mine: Condition, theirs: Condition, now: datetime) -> bool:
    """Say whether what one wants is what the other does not want. A plain value is tried on the other's wish."""
    for value, wish in ((_value(mine), theirs), (_value(theirs), mine)):
        if value is not None:
            return judge(wish, lambda _field, value=value: value, now).holds is False  # type: ignore[misc]
    return bool(_exclusive(mine) and _exclusive(theirs)) and words.wish(mine, bare=True) != words.wish(
        theirs, bare=True
    )


def _value(condition: Condition) -> Reading | None:
    if not isinstance(condition, Test) or condition.operator != "equals":
        return None
    operand = condition.operand
    return None if isinstance(operand, (Moment, FieldRef)) else cast("Reading", operand)


def _exclusive(condition: Condition) -> bool:
    match condition:
        case Test():
            return condition.operator in _EXCLUSIVE
        case Not():
            return False
        case AllOf(parts) | AnyOf(parts):
            return any(_exclusive(p) for p in parts)
