"""Enforce and verify: write what the plan leaves free, journalled before and after, and let a second look judge."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.decide.verdict import judge_outcome
from agent.model.action import Action, Batch, Outcome, Plan, Written
from agent.observe import View, local, look_again

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from agent.model.policy import Repository
    from agent.model.ports import Clearance, Ledger, Writer
    from agent.observe import Eyes


LEFT = "begun in an earlier run that did not see its end"


@dataclass(frozen=True, slots=True)
class Hands:
    """What may write: a writer for each verb's system, the journal, and the kill switch."""

    writers: Mapping[str, Writer]  # by system, the part of a verb's name before the dot
    ledger: Ledger
    clearance: Clearance
    clock: Callable[[], datetime]
    moved: Callable[[Repository], str]  # why what would run is no longer what was loaded, or nothing


@dataclass(frozen=True, slots=True)
class Attempt:
    """One action that was begun, its place in the journal, and what the system said."""

    intent: int
    batch: Batch
    action: Action
    written: Written


def enforce(hands: Hands, repository: Repository, run: str, plan: Plan) -> list[Attempt]:
    """Write every free action of a plan, one writing for each verb and arguments. Nothing starts once stopped."""
    attempts: list[Attempt] = []
    for wanted in _together(plan):
        if hands.clearance.stopped():
            break
        attempts += _write(hands, repository, run, wanted)
    return attempts


def verify(
    eyes: Eyes, hands: Hands, repository: Repository, view: View, attempts: Sequence[Attempt]
) -> tuple[View, tuple[Outcome, ...]]:
    """Read what was touched again, judge each attempt by that reading alone, and settle the journal."""
    if not attempts:
        return view, ()
    touched: dict[str, frozenset[str]] = {}
    for attempt in attempts:
        touched[attempt.batch.policy] = touched.get(attempt.batch.policy, frozenset()) | {attempt.action.resource}
    after = look_again(eyes, repository, view, touched, hands.clock())
    judged = Judge(repository, after, hands.clock())
    outcomes = tuple(judged.outcome(a.batch.digest, a.action, a.written) for a in attempts)
    hands.ledger.settle([a.intent for a in attempts], outcomes, hands.clock())
    return after, outcomes


def settle_leftovers(ledger: Ledger, repository: Repository, view: View, now: datetime) -> tuple[Outcome, ...]:
    """Judge what a killed process, or a host that went silent, left open in the journal: by this look alone."""
    judged = Judge(repository, view, now)
    left = [(intent, action) for intent in ledger.unfinished() if (action := ledger.asked(intent.id)) is not None]
    outcomes = tuple(judged.outcome(i.batch, action, Written(i.resource, LEFT, ran=True)) for i, action in left)
    if left:
        ledger.settle([intent.id for intent, _ in left], outcomes, now)
    return outcomes


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges actions by one look."""

    repository: Repository
    view: View
    now: datetime

    def outcome(self, batch: str, action: Action, written: Written) -> Outcome:
        """Judge one action."""
        policy = next((p for p in self.repository.policies if p.id == action.policy), None)
        table = self.view.tables.get(policy.kind) if policy else None
        return judge_outcome(batch, action, written, policy, table, local(self.now, self.repository))


def _together(plan: Plan) -> list[list[tuple[Batch, Action]]]:
    """Gather free actions that one writing can do: same verb, same arguments, in the plan's order."""
    groups: dict[str, list[tuple[Batch, Action]]] = {}
    for batch in plan.batches:
        for action in plan.free(batch):
            key = json.dumps([action.verb, action.arguments], sort_keys=True, default=str)
            groups.setdefault(key, []).append((batch, action))
    return list(groups.values())


def _write(hands: Hands, repository: Repository, run: str, wanted: Sequence[tuple[Batch, Action]]) -> list[Attempt]:
    intents = hands.ledger.intend(run, [(batch.digest, action) for batch, action in wanted], hands.clock())
    actions = list({action.resource: action for _, action in wanted}.values())
    writer = hands.writers[actions[0].verb.partition(".")[0]]
    moved = hands.moved(repository)
    written = (
        {a.resource: Written(a.resource, moved, ran=False) for a in actions}
        if moved
        else writer.enforce(repository, actions, lambda group: hands.ledger.started(intents, group), hands.clearance)
    )
    return [
        Attempt(intent, batch, action, written.get(action.resource, Written(action.resource, "", ran=False)))
        for intent, (batch, action) in zip(intents, wanted, strict=True)
    ]
