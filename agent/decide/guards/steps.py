"""The guard of steps: one that says `after` waits until the finding has been open for so long. Source: LANGUAGE.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.decide.amounts import length
from agent.model.action import Hold

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from agent.decide.guards.context import Context
    from agent.model.action import Action, Batch, Plan


def after(batch: Batch, _plan: Plan, context: Context) -> Iterator[Hold]:
    """A step with `after` leaves those alone that were not open for so long yet."""
    wait = context.policies[batch.policy].remedy[batch.step].after
    if not wait:
        return
    begins = {a.resource: _opened(a, context) + wait for a in batch.actions}
    early = [resource for resource, at in begins.items() if at > context.now]
    if early:
        first = min(begins[resource] for resource in early).astimezone(context.now.tzinfo)
        number = f"{len(early)} of them {'was' if len(early) == 1 else 'were'}"
        said = f"This step of {batch.policy} comes when a finding has been open for {length(wait)}, and {number} not."
        yield Hold("after", batch.digest, tuple(early), said, f"time: the first is due {first:%Y-%m-%d %H:%M}")


def _opened(action: Action, context: Context) -> datetime:
    """Give when a finding opened: now, where this look is the first to find it."""
    return context.since.get((action.policy, action.resource), context.now)
