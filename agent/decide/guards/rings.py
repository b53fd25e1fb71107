"""The guard of rings: what the present ring of a rollout may not touch waits. Source: GUARDS.md, 8."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.decide.amounts import length
from agent.decide.guards.context import wanted
from agent.decide.rings import declared, first, needed, short_name, within
from agent.decide.window_words import clock
from agent.model.action import Hold
from agent.model.rollout import Progress, Ring, Rings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agent.decide.guards.context import Context
    from agent.model.action import Action, Batch, Plan
    from agent.model.rollout import Rollout

LOOK = "time, or whoever finds the cause; `driftbell rollouts` shows how far it is"


def rings(batch: Batch, plan: Plan, context: Context) -> Iterator[Hold]:
    """Only what the present ring may touch is changed; a rollout that was halted or abandoned changes nothing.

    The plan has the holds of the other guards beside it. No approval skips a ring.
    """
    rollout = context.rollouts.get((batch.policy, batch.verb))
    together = [b for b in plan.batches if (b.policy, b.verb) == (batch.policy, batch.verb)]
    asked = declared(context.policies[batch.policy], context.rings)
    if rollout is None:
        if asked or needed(together):
            yield from _before_the_first(batch, together, plan, asked or Rings())
        return
    if rollout.progress in {Progress.HALTED, Progress.ABANDONED}:
        yield _stopped(batch, rollout)
    elif rollout.progress is Progress.RUNNING:
        outside = [a for a in batch.actions if not within(rollout, a.resource, a.site)]
        if outside:
            yield _waiting(batch, outside, _under_way(rollout, asked or Rings(), context, len(outside)))


def _before_the_first(batch: Batch, together: Sequence[Batch], plan: Plan, asked: Rings) -> Iterator[Hold]:
    held = frozenset(r for b in together for r in plan.held(b))
    one = first([a for b in together for a in b.actions], held, asked.site)
    outside = [a for a in batch.actions if one is None or a.resource != one.resource]
    if one is not None and outside:
        begun = (
            f"only {short_name(one.resource)} is changed at first, and {_wait(len(outside))} until that is confirmed"
        )
        yield _waiting(batch, outside, f"Ring 1 of 3: {begun} and was watched for {length(asked.soak)}.")


def _under_way(rollout: Rollout, asked: Rings, context: Context, number: int) -> str:
    where = f"only {short_name(rollout.resource)} is changed" if rollout.ring is Ring.ONE else _site(rollout, context)
    soaked = ((rollout.changed or rollout.started) + asked.soak).astimezone(context.now.tzinfo)
    until = f"that is confirmed and was watched for {length(asked.soak)}"
    ends = f", not before {clock(soaked, context.now).removeprefix('at ')}" if soaked > context.now else ""
    return f"Ring {rollout.ring + 1} of 3: {where}, and {_wait(number)} until {until}{ends}."


def _site(rollout: Rollout, context: Context) -> str:
    gate = context.gates.get(rollout.site)
    if not rollout.site:
        return "only what belongs to no site is changed"
    return f"only {gate.name if gate and gate.name else rollout.site} is changed"


def _stopped(batch: Batch, rollout: Rollout) -> Hold:
    ring = f"in ring {rollout.ring + 1} of 3"
    if rollout.progress is Progress.HALTED:
        said = f"{wanted(batch)} Its rollout was halted {ring}: {rollout.why}"
        lifted_by = (
            f"finding out why, then `driftbell resume {rollout.policy}`, or `driftbell abandon {rollout.policy} --why "
            "REASON`, or a mended policy, which begins anew with one"
        )
    else:
        by = f" by {rollout.by}" if rollout.by else ""
        said = f"{wanted(batch)} Its rollout was abandoned {ring}{by}: {rollout.why}"
        lifted_by = "a reviewed change of the policy, which begins anew with one"
    return Hold("rings", batch.digest, (), said, lifted_by)


def _waiting(batch: Batch, outside: Sequence[Action], said: str) -> Hold:
    names = tuple(dict.fromkeys(a.resource for a in outside))
    return Hold("rings", batch.digest, names, f"{wanted(batch)} {said}", LOOK)


def _wait(number: int) -> str:
    return f"{number} wait{'s' if number == 1 else ''}"
