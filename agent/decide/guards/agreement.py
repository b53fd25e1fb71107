"""The guard of conflicts: two policies that want different things of one field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.decide.conflicts import clash
from agent.decide.guards.context import hold, name_of
from agent.decide.words import wish

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.decide.guards.context import Context
    from agent.model.action import Batch, Hold, Plan


def conflicts(batch: Batch, _plan: Plan, context: Context) -> Iterator[Hold]:
    """Two policies that want different things of one field hold what either plans: there is no precedence.

    The other policy need not be out of line now: whoever acts would only make it so.
    """
    for action in batch.actions:
        for field in sorted({*action.sets, *(d.field for d in action.differences)}):
            wanted = context.wishes.get((action.resource, field), ())
            mine = next((w for w in wanted if w.policy == batch.policy), None)
            for other in wanted if mine else ():
                if mine and other is not mine and clash(mine.condition, other.condition, context.now):
                    own = f"{batch.policy} wants {field} of {name_of(action)} to be {wish(mine.condition)}"
                    theirs = f"{other.policy} wants it to be {wish(other.condition)}"
                    said = f"{own} ({mine.place}), and {theirs} ({other.place})."
                    yield hold("conflict", batch, said, "making the two policies agree", action)
