"""The guard of what was taken back: no run does again at once what a person undid. Source: GUARDS.md, 9 and 11."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.decide.guards.context import apply_hint, hold, name_of, repairs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.decide.guards.context import Context
    from agent.model.action import Batch, Hold, Plan


def taken_back(batch: Batch, _plan: Plan, context: Context) -> Iterator[Hold]:
    """What a person took back is not done again until a person says so, or until the policy says something else.

    That holds for every policy that wants the same there, under whatever name.
    """
    for action in batch.actions if repairs(batch, context) else ():
        who = context.reversed.get((batch.policy, action.resource))
        if who:
            said = f"Wanted to change {name_of(action)} for {batch.policy}; {who}."
            resume = f"`driftbell resume {batch.policy}`"
            lifted_by = f"a change of what {batch.policy} wants there, {resume}, or {apply_hint(batch)}"
            yield hold("taken back", batch, said, lifted_by, action, approvable=True)
