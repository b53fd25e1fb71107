"""Verify: a second look judges what was written, patiently; what cannot be read stays pending until its deadline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.decide.reverting import takes_back
from agent.decide.verdict import Evidence, judge_outcome
from agent.enforce import no_opinion
from agent.model.action import Outcome, Written
from agent.model.kind import PENDING_LASTS
from agent.observe import local, look_again

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from agent.enforce import Attempt, Hands, Opine
    from agent.eyes import Eyes
    from agent.model.action import Action
    from agent.model.kind import Verb
    from agent.model.policy import Repository
    from agent.model.ports import Intent, Ledger
    from agent.observe import View

LEFT = "begun in an earlier run that did not see its end"
TICK = 0.25  # seconds between two looks at the kill switch while a re-read is waited for


def verify(
    eyes: Eyes,
    hands: Hands,
    repository: Repository,
    view: View,
    attempts: Sequence[Attempt],
    opine: Opine = no_opinion,
) -> tuple[View, tuple[Outcome, ...]]:
    """Read what was touched again, judge each attempt by that reading alone, and settle the journal.

    What something ran on and is not confirmed is read again after each of the waits, unless the kill switch is on.

    Args:
        opine: adds to the outcomes what the district's own tests say, which decides nothing.
    """
    if not attempts:
        return view, ()
    judge = _judging(eyes, hands, repository, attempts)
    after = look_again(eyes, repository, view, _touched(attempts), hands.clock())
    outcomes = judge(after)
    for wait in hands.waits:
        unsure = [a for a, o in zip(attempts, outcomes, strict=True) if a.written.ran and not o.confirmed]
        if not unsure or not _waited(hands, wait):
            break
        after = look_again(eyes, repository, after, _touched(unsure), hands.clock())
        outcomes = judge(after)
    outcomes = tuple(opine(attempts, outcomes))
    hands.ledger.settle([a.intent for a in attempts], outcomes, hands.clock())
    return after, outcomes


def settle_leftovers(
    ledger: Ledger,
    repository: Repository,
    view: View,
    now: datetime,
    verbs: Mapping[str, Verb],
    left_over: Callable[[int, Action], str | None] = lambda _intent, _action: None,
) -> tuple[Outcome, ...]:
    """Judge what is open in the journal by this look alone: what is pending, and what a killed process left behind.

    Args:
        left_over: reads what was to be put back, and says what of it is not; None where that cannot be told.
    """
    judge = Judge(repository, view, now, verbs)
    left = [(intent, action) for intent in ledger.unfinished() if (action := ledger.asked(intent.id)) is not None]
    outcomes = tuple(judge.outcome(i.batch, a, _told(i, left_over(i.id, a)), i.at, i.at) for i, a in left)
    if left:
        ledger.settle([intent.id for intent, _ in left], outcomes, now)
    return outcomes


def _told(intent: Intent, unlike: str | None) -> Written:
    """Give what is known of what a killed run left: without a process group nothing of it was begun."""
    begun = bool(intent.group)
    return Written(intent.resource, LEFT if begun else "", ran=begun, unlike=unlike, halted=not begun)


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges actions by one look."""

    repository: Repository
    view: View
    now: datetime
    verbs: Mapping[str, Verb]

    def outcome(self, batch: str, action: Action, written: Written, begun: datetime, ended: datetime) -> Outcome:
        """Judge one action that was begun at one time and had ended at another."""
        policy = next((p for p in self.repository.policies if p.id == action.policy), None)
        kind = policy.kind if policy and not takes_back(action) else action.resource.partition("/")[0]
        table = self.view.tables.get(kind) if policy or takes_back(action) else None
        verb = self.verbs.get(action.verb)
        evidence = Evidence(
            begun=local(begun, self.repository),
            ended=local(ended, self.repository),
            read=self._read_at(action.resource),
            until=local(begun + (verb.deadline if verb else PENDING_LASTS), self.repository),
            now=local(self.now, self.repository),
            shows=local(begun + verb.lag, self.repository) if verb and verb.lag else None,
            whole=all(sweep.whole for sweep in self.view.of(kind)),
        )
        return judge_outcome(batch, action, written, policy, table, evidence)

    def _read_at(self, resource: str) -> datetime | None:
        """Give the data's own time of what was read of a resource: the newest of the lists that show it."""
        seen = [s.read_at(resource) for s in self.view.of(resource.partition("/")[0]) if resource in s.table.index]
        return local(max(seen), self.repository) if seen else None


def _judging(
    eyes: Eyes, hands: Hands, repository: Repository, attempts: Sequence[Attempt]
) -> Callable[[View], tuple[Outcome, ...]]:
    def judged(view: View) -> tuple[Outcome, ...]:
        judge = Judge(repository, view, hands.clock(), eyes.catalog.verbs)
        return tuple(judge.outcome(a.batch.digest, a.action, a.written, a.begun, a.ended) for a in attempts)

    return judged


def _touched(attempts: Sequence[Attempt]) -> dict[str, frozenset[str]]:
    """Give the resources by the policy that changed them."""
    touched: dict[str, frozenset[str]] = {}
    for attempt in attempts:
        touched[attempt.batch.policy] = touched.get(attempt.batch.policy, frozenset()) | {attempt.action.resource}
    return touched


def _waited(hands: Hands, seconds: float) -> bool:
    """Wait before something is read again; False as soon as the kill switch is on."""
    left = seconds
    while not hands.clearance.stopped():
        if left <= 0:
            return True
        hands.sleep(min(TICK, left))
        left -= TICK
    return False
