"""The guard of complete data: nothing is written on the word of a list that is not known to be whole.

Source: GUARDS.md, 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.decide.guards.context import Population, apply_hint, hold, wanted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.decide.guards.context import Context
    from agent.model.action import Batch, Hold, Plan

SHRINK, GROWTH = 0.10, 0.75  # Clever holds a roster at the same shares (FACTS.md, safety precedents)
SMALLEST_JUDGED = 10  # below this many resources one more or less is no sign of a broken source


def complete_data(batch: Batch, _plan: Plan, context: Context) -> Iterator[Hold]:
    """Nothing is written on the word of a list that is not known to be whole, or that changed its size suddenly."""
    kind = context.policies[batch.policy].kind
    own = context.populations.get(kind, Population(0, None, proven=True, membership="", name=kind))
    for people in context.rests_on.get(batch.policy, (own,)):
        yield from _whole(batch, people, people.name or kind)


def _whole(batch: Batch, people: Population, name: str) -> Iterator[Hold]:
    if people.flaw:
        said = f"Nothing may rest on the list of {name}s: {people.flaw}. {wanted(batch)}"
        yield hold("complete data", batch, said, "a new list")
    elif people.now == 0:
        said = f"The list of {name}s is empty. {wanted(batch)}"
        yield hold("complete data", batch, said, f"a list with {name}s in it")
    elif not people.proven:
        said = f"It is not proven that every {name} was listed ({people.membership}). {wanted(batch)}"
        yield hold("complete data", batch, said, "a complete list")
    change = sudden_change(people) if people.now else ""
    if change:
        said = f"The list of {name}s {change} since the last good look. {wanted(batch)}"
        yield hold("complete data", batch, said, f"checking the list, then {apply_hint(batch)}", approvable=True)


def sudden_change(people: Population) -> str:
    """Say how a list changed more than a district does in a day, or give an empty text."""
    before, now = people.before, people.now
    if before is None or before < SMALLEST_JUDGED:
        return ""
    if now < before * (1 - SHRINK):
        return f"shrank from {before} to {now}"
    return f"grew from {before} to {now}" if now > before * (1 + GROWTH) else ""
