"""Enforce and verify: write what the plan leaves free, journalled before and after, and let a second look judge."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.decide.verdict import judge_outcome
from agent.model.action import Action, Batch, Outcome, Plan, Result, Written
from agent.model.finding import Verdict
from agent.observe import View, look_again

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from agent.model.policy import Repository
    from agent.model.ports import Clearance, Intent, Ledger, Writer
    from agent.observe import Eyes


@dataclass(frozen=True, slots=True)
class Hands:
    """What may write: a writer for each verb's system, the journal, and the kill switch."""

    writers: Mapping[str, Writer]  # by system, the part of a verb's name before the dot
    ledger: Ledger
    clearance: Clearance
    clock: Callable[[], datetime]


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
    outcomes = tuple(
        judge_outcome(a.batch, a.action, a.written, after.finding(a.batch.policy, a.action.resource)) for a in attempts
    )
    hands.ledger.settle([a.intent for a in attempts], outcomes, hands.clock())
    return after, outcomes


def settle_leftovers(ledger: Ledger, view: View, now: datetime) -> tuple[Outcome, ...]:
    """Judge what a killed process, or a host that went silent, left open in the journal: by this look alone."""
    left = list(ledger.unfinished())
    outcomes = tuple(_leftover(intent, view) for intent in left)
    if left:
        ledger.settle([i.id for i in left], outcomes, now)
    return outcomes


def _leftover(intent: Intent, view: View) -> Outcome:
    finding = view.finding(intent.policy, intent.resource)
    result, why, after = Result.CONFIRMED, "", finding.differences if finding else ()
    if finding is not None and finding.verdict is Verdict.UNKNOWN:
        result, why = Result.PENDING, f"it could not be read again: {finding.why}"
    elif finding is not None:
        result, why = Result.FAILED, "it was begun in an earlier run, and this look shows it still out of line"
    said = "begun in an earlier run that did not see its end"
    return Outcome(intent.batch, intent.policy, intent.resource, intent.verb, result, (), after, said, why)


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
    written = writer.enforce(repository, actions, lambda group: hands.ledger.started(intents, group), hands.clearance)
    return [
        Attempt(intent, batch, action, written.get(action.resource, Written(action.resource, "", ran=False)))
        for intent, (batch, action) in zip(intents, wanted, strict=True)
    ]
