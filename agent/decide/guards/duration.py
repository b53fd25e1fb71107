"""The guard of time: what would not be over when a window closes or a freeze begins does not start. GUARDS.md, 7."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import takewhile
from typing import TYPE_CHECKING

from agent.decide.amounts import length
from agent.decide.guards.calendar import by_site, held, limit, wanted_there
from agent.decide.guards.caps import budgets
from agent.decide.guards.context import repairs
from agent.decide.guards.rings import rings
from agent.decide.took import Likely, likely
from agent.decide.window_words import clock

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agent.decide.guards.calendar import Limit
    from agent.decide.guards.context import Context
    from agent.model.action import Action, Batch, Hold, Plan
    from agent.model.window import Gate

_NOTHING = timedelta()


def duration(batch: Batch, plan: Plan, context: Context) -> Iterator[Hold]:
    """What may take longer than there is time does not start.

    Playbooks run one after the other, so those that may run before it in this plan are counted too. Of all of them
    only as much counts as rings and budgets, which come later, let begin.
    """
    limits = list(_limits(batch, context))
    late = list(_late(batch, plan, context, limits))
    if late and plan.free(batch):
        yield from _late(batch, _begins(plan, context), context, limits)


def overlong(batches: Sequence[Batch], plan: Plan, context: Context) -> Iterator[Hold]:
    """Hold what would not be over in time of batches that begin together, and at once."""
    actions = [a for b in batches for a in plan.free(b)]
    took = likely(actions, context.lasts)
    for batch in batches:
        yield from _held(batch, context, list(_limits(batch, context)), took, _NOTHING)


def _late(
    batch: Batch, plan: Plan, context: Context, limits: Sequence[tuple[Gate, tuple[Action, ...], Limit]]
) -> Iterator[Hold]:
    earlier = takewhile(lambda other: other.digest != batch.digest, plan.batches)
    before = sum((likely(plan.free(b), context.lasts).span for b in earlier), _NOTHING)
    yield from _held(batch, context, limits, likely(plan.free(batch), context.lasts), before)


def _begins(plan: Plan, context: Context) -> Plan:
    """Give the plan with what rings and budgets will hold of it."""
    ringed = (h for b in plan.batches if repairs(b, context) for h in rings(b, plan, context))
    told = replace(plan, holds=(*plan.holds, *ringed))
    return replace(told, holds=(*told.holds, *budgets(told, context)))


def _limits(batch: Batch, context: Context) -> Iterator[tuple[Gate, tuple[Action, ...], Limit]]:
    policy = context.policies[batch.policy]
    for site, actions in by_site(batch):
        gate = context.gates.get(site)
        ends = None if gate is None else limit(policy, gate)
        if gate is not None and ends is not None:
            yield gate, actions, ends


def _held(
    batch: Batch,
    context: Context,
    limits: Sequence[tuple[Gate, tuple[Action, ...], Limit]],
    took: Likely,
    before: timedelta,
) -> Iterator[Hold]:
    for gate, actions, ends in limits:
        if not took.span or context.now + before + took.span <= ends.at:
            continue
        said = f"{wanted_there(actions, gate)} {_words(took, batch)}"
        said += f", and {length(before)} of others come first" if before else ""
        said += f": it would not be over when {ends.ends}, {clock(ends.at, context.now)}."
        fewer = ", or a smaller `per_day`, which changes fewer at a time" if took.times > 1 else ""
        yield held("duration", batch, actions, said, f"an opening that is long enough{fewer}")


def _words(took: Likely, batch: Batch) -> str:
    """Say how long it may take: as long as ever, or so many times as long as for the most that were changed before."""
    if took.basis is None or took.times == 1:
        return f"That took up to {length(took.span)} before"
    kind = batch.actions[0].resource.partition("/")[0]
    most = f"{took.basis.resources} {kind}{'' if took.basis.resources == 1 else 's'}"
    return f"{length(took.basis.span)} went by for {most} before, so {took.wanted} may take {length(took.span)}"
