"""Guards of what was tried before: changes on their way, repairs in vain, and what keeps changing back.

Source: GUARDS.md, 10 and 11.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from agent.decide.guards.context import apply_hint, hold, name_of, repairs
from agent.decide.window_words import clock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.decide.guards.context import Context, Returned
    from agent.model.action import Action, Batch, Hold, Plan

TRIES = 3  # failed repairs of one finding before a person is asked
PAUSES = (timedelta(minutes=15), timedelta(hours=2))  # after the first and after the second of them
RETURNS = 3  # times that a finding may be fixed and come back


def pending(batch: Batch, _plan: Plan, context: Context) -> Iterator[Hold]:
    """What is on its way claims its fields: nothing plans for them until it is confirmed or its deadline passes."""
    for action in batch.actions:
        fields = {*action.sets, *(d.field for d in action.differences)}
        claims = {context.claims[action.resource, f] for f in fields if (action.resource, f) in context.claims}
        if not repairs(batch, context):  # whoever takes a change back need not wait for it
            claims = {c for c in claims if c.policy != batch.policy}
        running = [c for c in claims if context.now < c.until]
        if running:
            claim = max(running, key=lambda c: (c.until, c.policy))
            until = clock(claim.until.astimezone(context.now.tzinfo), context.now)
            since = clock(claim.since.astimezone(context.now.tzinfo), context.now)
            said = (
                f"{claim.policy} changed {name_of(action)} {since}, and that is not confirmed yet. Until it is, "
                "nothing else is changed there."
            )
            lifted_by = f"a look that confirms it, or its deadline, {until}"
            yield hold("pending", batch, said, lifted_by, action)


def retries(batch: Batch, _plan: Plan, context: Context) -> Iterator[Hold]:
    """What was repaired in vain waits before it is tried again; after several times it waits for a person."""
    for action in batch.actions:
        failed = context.failures.get((batch.policy, action.resource), 0)
        times = "once" if failed == 1 else f"{failed} times"
        said = f"{batch.policy} tried {times} to repair {name_of(action)}, in vain"
        if failed >= TRIES:
            lifted_by = f"finding out why, then {apply_hint(batch)}"
            yield hold("retries", batch, f"{said}.", lifted_by, action, approvable=True)
        elif failed and (last := context.tried.get((batch.policy, action.resource))) is not None:
            again = (last + PAUSES[failed - 1]).astimezone(context.now.tzinfo)
            if context.now < again:
                said = f"{said}; it tries again {clock(again, context.now)}."
                lifted_by = f"time, or {apply_hint(batch)}"
                yield hold("retries", batch, said, lifted_by, action, approvable=True)


def quarantine(batch: Batch, _plan: Plan, context: Context) -> Iterator[Hold]:
    """What was put right several times and keeps changing back is left alone, and one question is asked."""
    for action in batch.actions:
        back = context.returned.get((batch.policy, action.resource))
        if back is not None and back.times >= RETURNS:
            yield hold("quarantine", batch, _question(action, back, context), _answer(action), action)


def _question(action: Action, back: Returned, context: Context) -> str:
    since = back.since.astimezone(context.now.tzinfo)
    fields = " and ".join(sorted({d.field for d in action.differences} or set(action.sets)))
    others = "; ".join(back.writers)
    found = f"There: {others}." if others else "The system does not tell who."
    return (
        f"{name_of(action)} keeps changing back: {action.policy} put it right {back.times} times since "
        f"{since:%Y-%m-%d %H:%M}, and each time somebody else changed it again. {found} "
        f"Who else sets {fields} on {name_of(action)}?"
    )


def _answer(action: Action) -> str:
    return f"ending one of the two or making them agree, then `driftbell resume {action.policy}`"
