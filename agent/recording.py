"""Record: keep in the ledger what a cycle saw, what opened and closed and why, and how many there were."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from agent.causing import deeds, editions, finder, taken_back
from agent.decide.guards import sudden_change
from agent.deliberate import population
from agent.errors import DriftbellError
from agent.eyes import HOST, listed
from agent.model.policy import Mode
from agent.model.ports import Changes, Judged

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from agent.decide.evaluate import Assessment
    from agent.deliberate import Ports
    from agent.model.action import Outcome, Plan
    from agent.model.policy import Policy, Repository
    from agent.model.rollout import RolloutNote
    from agent.model.run import Run
    from agent.observe import View

SUDDEN = "complete data"  # the guard that holds what rests on a list that changed its size


@dataclass(frozen=True, slots=True)
class Draft:
    """What a cycle has so far. `at` is the time that policies are judged at, `began` the clock's."""

    id: str
    command: str
    began: datetime
    at: datetime
    first: View  # before anything was changed
    view: View
    plan: Plan
    outcomes: tuple[Outcome, ...] = ()
    warnings: tuple[str, ...] = ()  # of lists that changed suddenly, against the last good look before this one
    changes: Changes = field(default_factory=lambda: Changes((), ()))
    rollouts: tuple[RolloutNote, ...] = ()

    def with_plan(self, plan: Plan, said: Sequence[str] = ()) -> Draft:
        """Give this with a plan, and what is to be warned of beside it."""
        return replace(self, plan=plan, warnings=(*self.warnings, *said))


def record(ports: Ports, repository: Repository, draft: Draft) -> Draft:
    """Keep the sweeps, what opened and closed, and what the population was when nothing spoke against it."""
    ledger, now = ports.hands.ledger, ports.clock()
    draft = replace(draft, changes=_judged_anew(ports, repository, draft))
    acting = any(a.policy.furthest is not Mode.AUDIT for a in draft.view.assessments)
    rested = {b.actions[0].resource.partition("/")[0] for b in draft.plan.batches if b.actions}  # kinds that were asked
    approved = not acting or (HOST in rested and not any(h.guard == SUDDEN for h in draft.plan.holds))
    approved = approved and draft.command != "undo"  # which waits for no list
    for before, sweep in zip(draft.first.sweeps, draft.view.sweeps, strict=True):
        if sweep is before and (sweep.kind, sweep.system) in draft.first.recalled:
            continue  # it stands there already, as it was read
        ledger.record_sweep(draft.id, sweep, ())
        ledger.remember_identities(sweep.identities, now)
        people = population(ports, before)
        settled = not sudden_change(people) or sweep.vouched or (approved and sweep.kind == HOST)
        if people.now and not people.flaw and settled:
            ledger.accept_population(listed(sweep), people.now, now)
    return draft


def _judged_anew(ports: Ports, repository: Repository, draft: Draft) -> Changes:
    """Keep what opened, changed and closed, and why: found out while the ledger still has the sweeps before these."""
    ledger, fixed = ports.hands.ledger, _fixed(ports, draft)
    done, back = deeds(draft.plan, draft.outcomes), taken_back(draft.plan, draft.outcomes)
    why = finder(ports, repository, draft.view, done, back)
    ids = {kind: frozenset(table.ids()) for kind, table in draft.view.tables.items()}
    judged = [_judged(a, draft.view, ids[a.policy.kind]) for a in draft.view.assessments]
    assessed = {one.policy for one in judged}
    judged += [_unjudged(p) for p in repository.policies if p.id not in assessed]
    changes = ledger.record_findings(draft.id, draft.began, judged, fixed, draft.view.streaks, why)
    ledger.record_editions(draft.id, editions(repository))
    return changes


def _fixed(ports: Ports, draft: Draft) -> frozenset[tuple[str, str]]:
    """Give the findings that a confirmed change of ours put right, of whichever policy: it set their fields."""
    confirmed = {(o.policy, o.resource) for o in draft.outcomes if o.confirmed}
    if not confirmed:
        return frozenset()
    sets: dict[str, set[str]] = {}
    for batch in draft.plan.batches:
        for action in batch.actions:
            if (action.policy, action.resource) in confirmed:
                sets.setdefault(action.resource, set()).update(action.sets)
    for opened in ports.hands.ledger.open_findings():
        if {d.field for d in opened.differences} & sets.get(opened.resource, set()):
            confirmed.add((opened.policy, opened.resource))
    return frozenset(confirmed)


def _judged(assessment: Assessment, view: View, listed: frozenset[str]) -> Judged:
    policy = assessment.policy
    proven = all(s.whole for s in view.of(policy.kind))
    known = assessment.groups if policy.measure else listed
    return Judged(policy.id, assessment.findings, assessment.in_scope, known, proven)


def _unjudged(policy: Policy) -> Judged:
    """Give what a policy says whose kind no system shows now: nothing, so that its findings stay open."""
    return Judged(policy.id, (), frozenset(), frozenset(), proven=False)


def sealed(ports: Ports, run: Run) -> Run:
    """Seal the evidence of all that was changed, and give the run with the newest seal, or with why there is none."""
    try:
        return replace(run, sealed=ports.hands.ledger.evidence.seal(ports.clock()))
    except DriftbellError as error:  # what was done stands, and is recorded: only nobody signs for it now
        return replace(run, warnings=(*run.warnings, f"The evidence is not sealed: {error}"))


def sudden(ports: Ports, view: View) -> tuple[str, ...]:
    """Warn of lists that changed more than a district does in a day."""
    changes = [(sweep, sudden_change(population(ports, sweep))) for sweep in view.sweeps]
    return tuple(
        f"The list of {s.kind}s ({s.system}) {change} since the last good look." for s, change in changes if change
    )
