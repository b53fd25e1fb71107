"""Enforce: write what the plan leaves free, journalled before anything else is; a second look judges (verifying)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from agent.capturing import captured
from agent.decide.took import asked_of
from agent.gating import overran, shut
from agent.model.action import Action, Batch, Hold, Outcome, Plan, Written
from agent.model.books import Took
from agent.model.evidence import Grounds

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from agent.model.capture import Capture
    from agent.model.policy import Repository
    from agent.model.ports import Clearance, Ledger, Writer
    from agent.model.reading import Unknown


@dataclass(frozen=True, slots=True)
class Hands:
    """What may write: a writer for each verb's system, the journal, and the kill switch."""

    writers: Mapping[str, Writer]  # by system, the part of a verb's name before the dot
    ledger: Ledger
    clearance: Clearance
    clock: Callable[[], datetime]
    moved: Callable[[Repository], str]  # why what would run is no longer what was loaded, or nothing
    waits: tuple[float, ...] = (1.0, 3.0, 9.0)  # seconds before each time that what is not confirmed is read again
    sleep: Callable[[float], None] = time.sleep
    restoring: Callable[[Action], Capture | Unknown | None] = lambda _action: None  # what an undo is to put back


@dataclass(frozen=True, slots=True)
class Attempt:
    """One action that was begun, its place in the journal, what the system said, and from when until when."""

    intent: int
    batch: Batch
    action: Action
    written: Written
    begun: datetime
    ended: datetime


# What is asked of the attempts and their outcomes before these are settled; it may add to the outcomes.
Opine = Callable[[Sequence[Attempt], Sequence[Outcome]], Sequence[Outcome]]


def no_opinion(_attempts: Sequence[Attempt], outcomes: Sequence[Outcome]) -> Sequence[Outcome]:
    """Ask nobody else."""
    return outcomes


def enforce(hands: Hands, repository: Repository, run: str, plan: Plan) -> list[Attempt]:
    """Write every free action of a plan, one writing for each verb and arguments. Nothing starts once stopped."""
    attempts: list[Attempt] = []
    for wanted in _together(plan):
        if hands.clearance.stopped():
            break
        batches = _at_once(wanted)
        now = Plan(batches, shut(hands.ledger, repository, batches, hands.clock()))  # windows close meanwhile
        if free := [(batch, action) for batch, action in wanted if action.resource not in now.held(batch)]:
            attempts += _write(hands, repository, run, free)
    return attempts


def _at_once(wanted: Sequence[tuple[Batch, Action]]) -> tuple[Batch, ...]:
    """Give the batches of one writing, each with what of it is written."""
    actions: dict[str, list[Action]] = {}
    for batch, action in wanted:
        actions.setdefault(batch.digest, []).append(action)
    mine = {batch.digest: batch for batch, _ in wanted}
    return tuple(replace(batch, actions=tuple(actions[digest])) for digest, batch in mine.items())


def overtime(hands: Hands, repository: Repository, attempts: Sequence[Attempt]) -> tuple[str, ...]:
    """Say what was begun in time and went on when its window was closed or a freeze had begun: it is not cut off."""
    writings: dict[tuple[datetime, datetime], list[tuple[Batch, Action]]] = {}
    for one in attempts:
        if one.written.ran:
            writings.setdefault((one.begun, one.ended), []).append((one.batch, one.action))
    said = (
        overran(hands.ledger, repository, batch, begun, ended)
        for (begun, ended), wanted in writings.items()
        for batch in _at_once(wanted)
    )
    return tuple(sentence for each in said for sentence in each)


def accounted(plan: Plan, attempts: Sequence[Attempt], stopped: str) -> Plan:
    """Give the plan with a hold on all that was free and was not begun: all was stopped, or its time was over."""
    begun = {(a.batch.digest, a.action.resource) for a in attempts}
    holds = []
    for batch in plan.batches:
        left = tuple(a.resource for a in plan.free(batch) if (batch.digest, a.resource) not in begun)
        said = f"{batch.policy}: {len(left)} change{'s' * (len(left) != 1)} had not begun when"
        if left and stopped:
            said += f" all changes were stopped ({stopped})."
            holds.append(Hold("kill switch", batch.digest, left, said, "`driftbell resume`"))
        elif left:
            said += " its window closed, a freeze began or too little time was left: what came first took its time."
            holds.append(Hold("window", batch.digest, left, said, "the next opening"))
    return Plan(plan.batches, (*plan.holds, *holds))


def _together(plan: Plan) -> list[list[tuple[Batch, Action]]]:
    """Gather free actions that one writing can do: same verb, same arguments, in the plan's order."""
    groups: dict[str, list[tuple[Batch, Action]]] = {}
    for batch in plan.batches:
        for action in plan.free(batch):
            key = json.dumps([action.verb, action.arguments], sort_keys=True, default=str)
            groups.setdefault(key, []).append((batch, action))
    return list(groups.values())


def _write(hands: Hands, repository: Repository, run: str, wanted: Sequence[tuple[Batch, Action]]) -> list[Attempt]:
    begun = hands.clock()
    grounds = Grounds(repository.revision, repository.texts)
    intents = hands.ledger.intend(run, [(batch.digest, action) for batch, action in wanted], begun, grounds)
    actions = list({action.resource: action for _, action in wanted}.values())
    moved = hands.moved(repository)
    written = (
        {a.resource: Written(a.resource, moved, ran=False, refused=True) for a in actions}
        if moved
        else _carried_out(hands, repository, list(zip(intents, (a for _, a in wanted), strict=True)))
    )
    ended, stopped = hands.clock(), bool(hands.clearance.stopped())
    written = {r: replace(w, halted=stopped and (w.halted or not (w.ran or w.refused))) for r, w in written.items()}
    return [
        Attempt(i, batch, a, written.get(a.resource, Written(a.resource, "", ran=False)), begun, ended)
        for i, (batch, a) in zip(intents, wanted, strict=True)
    ]


def _carried_out(hands: Hands, repository: Repository, deeds: Sequence[tuple[int, Action]]) -> Mapping[str, Written]:
    """Have the writer do it, what undoing it needs being kept first; keep how long it took where it did anything."""
    actions, intents, began = [action for _, action in deeds], [intent for intent, _ in deeds], hands.clock()
    verb = actions[0].verb
    writer = hands.writers[verb.partition(".")[0]]

    def write(free: Sequence[Action]) -> Mapping[str, Written]:
        return writer.enforce(repository, free, lambda group: hands.ledger.started(intents, group), hands.clearance)

    written = captured(hands, writer, repository, deeds, write)
    took, ran = hands.clock() - began, sum(w.ran for w in written.values())
    # A clock that was put back measures nothing, and what was cut off does not show how long it takes.
    if took >= timedelta() and ran and not hands.clearance.stopped():
        hands.ledger.durations.keep(asked_of(actions[0]), began, Took(took, ran))
    return written
