"""Whether two policies can both have their way with one field of one resource."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from agent.decide import words
from agent.decide.evaluate import by_field
from agent.decide.explain import judge
from agent.decide.wanted import wanted_value
from agent.model.condition import AllOf, AnyOf, Condition, Not, Test
from agent.model.policy import Mode
from agent.model.reading import NONE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from agent.errors import Place
    from agent.model.kind import FieldRef
    from agent.model.policy import Policy
    from agent.model.reading import Reading
    from agent.model.sweep import Table

# Wishes that leave room for one answer, or for a closed set of them.
_SPANS = frozenset({"at_least", "at_most", "between"})
_EXCLUSIVE = frozenset({"equals", "one_of", "contains_only", "matches", "under", "same_as"})


@dataclass(frozen=True, slots=True)
class Wish:
    """What one policy wants of one field."""

    policy: str
    condition: Condition
    place: Place


def wishes(
    policies: Iterable[Policy],
    scopes: Mapping[str, frozenset[str]],
    sites: Mapping[str, str],
    tables: Mapping[str, Table] | None = None,
) -> dict[tuple[str, str], tuple[Wish, ...]]:
    """Give what every policy that may act there wants of these resources, in line or not, by (resource, field).

    Args:
        policies: of the revision.
        scopes: policy id to the resources that it applies to.
        sites: the resources that some action is about, with the site of each.
        tables: by kind; what is to be the same as another field is wanted with the value that this has.
    """
    found: dict[tuple[str, str], tuple[Wish, ...]] = {}
    for policy in policies:
        if policy.furthest is Mode.AUDIT or not policy.remedy:
            continue
        acts = {r for r in sites.keys() & scopes.get(policy.id, ()) if policy.mode_at(sites[r]) is not Mode.AUDIT}
        for field, condition in by_field(policy):
            for resource in acts:
                wish = Wish(policy.id, _named(condition, resource, (tables or {}).get(policy.kind)), policy.place)
                found[resource, field] = (*found.get((resource, field), ()), wish)
    return found


def _named(condition: Condition, resource: str, table: Table | None) -> Condition:
    """Give a condition with the value of the other field in place of its name, where it has one."""
    if table is None or not isinstance(condition, Test) or condition.operator != "same_as":
        return condition
    value = wanted_value(condition, lambda field: table.reading(resource, field))
    secret = condition.field.sensitive or cast("FieldRef", condition.operand).sensitive  # what comes from one is one
    own = replace(condition.field, sensitive=secret)
    return condition if value is None else replace(condition, field=own, operator="equals", operand=value)


def clash(mine: Condition, theirs: Condition, now: datetime) -> bool:
    """Say whether what one wants is what the other does not want.

    A plain value is tried on the other's wish; one that cannot be told agrees with none. Of two spans each end is, for
    where they meet one end is in both.
    """
    for value, wish in ((_value(mine), theirs), (_value(theirs), mine)):
        if value is not None:
            return _open(wish) or not _fulfils(wish, value, now)
    ends = (*(_ends(mine) or ()), *(_ends(theirs) or ()))
    if _ends(mine) and _ends(theirs):
        return not any(_fulfils(mine, end, now) and _fulfils(theirs, end, now) for end in ends)
    return bool(_exclusive(mine) and _exclusive(theirs)) and words.wish(mine, bare=True) != words.wish(
        theirs, bare=True
    )


def _open(wish: Condition) -> bool:
    """Say whether what is wanted hangs on a field that has no value now: it may be anything."""
    return isinstance(wish, Test) and wish.operator == "same_as"


def _fulfils(wish: Condition, value: Reading, now: datetime) -> bool:
    return judge(wish, lambda _field: value, now).holds is not False


def _ends(condition: Condition) -> tuple[Reading, ...]:
    """Give the ends of a span that has its ends in it; nothing of any other condition."""
    if isinstance(condition, AllOf):
        parts = [_ends(p) for p in condition.parts]
        return tuple(end for part in parts for end in part) if all(parts) else ()
    if not isinstance(condition, Test) or condition.operator not in _SPANS:
        return ()
    operand = condition.operand if isinstance(condition.operand, tuple) else (condition.operand,)
    return cast("tuple[Reading, ...]", operand)


def _value(condition: Condition) -> Reading | None:
    return None if _open(condition) else wanted_value(condition, lambda _field: NONE)


def _exclusive(condition: Condition) -> bool:
    match condition:
        case Test():
            return condition.operator in _EXCLUSIVE
        case Not():
            return False
        case AllOf(parts) | AnyOf(parts):
            return any(_exclusive(p) for p in parts)
