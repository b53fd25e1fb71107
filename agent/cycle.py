"""The sentence: sync -> load -> observe -> evaluate -> plan -> guard -> enforce -> verify -> record -> report.

sync and load give the Repository that comes in here; the reports are made of the Run that goes out. What the world
is asked through stands in `deliberate.Ports`; bootstrap fills them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from agent import consenting, flapping, rolling
from agent.capturing import left
from agent.causing import deeds, editions, finder, taken_back
from agent.decide import group_findings, words
from agent.decide.answering import answering
from agent.decide.consents import moved_on
from agent.decide.evaluate import in_line
from agent.decide.expiry import expiring
from agent.decide.guards import sudden_change
from agent.decide.plan import still_wanted
from agent.deliberate import Ports, covering_nothing, guarded, plan_for, population, rolled
from agent.enforce import accounted, enforce
from agent.errors import HeldError, InputError
from agent.gating import freezes, notices
from agent.model.action import Batch, Outcome, Plan
from agent.model.policy import Mode
from agent.model.ports import Changes, Judged
from agent.model.run import PolicyNote, Run
from agent.observe import HOST, View, listed, local, look, seen, waiting
from agent.opinions import asking, remarks
from agent.outlook import due, measures, reaches, trait_totals, traits, waivers
from agent.patience import patient
from agent.remembering import remembered
from agent.verifying import settle_leftovers, verify

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from agent.decide.evaluate import Assessment
    from agent.model.finding import Finding
    from agent.model.policy import Policy, Repository
    from agent.model.rollout import RolloutNote
    from agent.undoing import Backward


SUDDEN = "complete data"  # the guard that holds what rests on a list that changed its size


@dataclass(frozen=True, slots=True)
class Order:
    """What a caller wants of a cycle. `at` is the time that policies are judged at, where it is not now."""

    command: str
    at: datetime | None = None
    all_findings: bool = False
    approval: str = ""  # the digest of the one batch that this order approves and carries out
    by: str = ""  # who approves it
    announce: Callable[[Run], None] = lambda _run: None  # told of the finished run before the ledger closes it


def check(ports: Ports, repository: Repository, order: Order) -> Run:
    """Look and judge; nothing is written anywhere, not even to the ledger."""
    began = ports.clock()
    view = _look(ports, repository, order.at or began)
    return _finished(
        ports, repository, order, _Draft(ports.new_id(), began, view, Plan(()), (), _warnings(ports, view))
    )


def propose(ports: Ports, repository: Repository, order: Order) -> Run:
    """Look, judge, and say what would be done and what holds it; the batches are kept by digest."""
    ledger, began = ports.hands.ledger, ports.clock()
    sent = consenting.take_carried(ports.approving, ledger, repository, began)
    view = _look(ports, repository, order.at or began)
    plan = guarded(ports, repository, view, plan_for(ports, repository, view))
    ledger.store_batches(plan.batches, began)
    said = (*sent, *consenting.unheeded(ports.approving, ledger, repository, plan, began), *_warnings(ports, view))
    return _finished(ports, repository, order, _Draft(ports.new_id(), began, view, plan, (), said))


def run(ports: Ports, repository: Repository, order: Order) -> Run:
    """Go through the whole sentence once."""

    def everything(view: View) -> Plan:
        plan = plan_for(ports, repository, view)
        ports.hands.ledger.store_batches(plan.batches, ports.clock())
        return plan

    return _act(ports, repository, order, everything)


def apply(ports: Ports, repository: Repository, order: Order, digest: str, who: str) -> Run:
    """Carry out one batch that a person names by its digest; what moved on since then stays out.

    Raises:
        InputError: no plan stored such a batch.
        HeldError: the policy, a playbook or the hosts' variables changed since it was planned.
    """
    stored = ports.hands.ledger.batch(digest)
    if stored is None:
        msg = f"No plan {digest} is known here. `driftbell plan` shows the plans there are now."
        raise InputError(msg)
    moved = moved_on(repository, stored)
    if moved:
        raise HeldError(moved)

    def chosen(view: View) -> Plan:
        """The whole plan as it is now, with the approved batch in its place: guards look at what stands beside it."""
        now = plan_for(ports, repository, view).batches
        again = tuple(a for b in now if _same_step(b, stored) for a in b.actions)  # of whatever mode it is there now
        actions = still_wanted(stored, replace(stored, actions=again))
        mine = (replace(stored, actions=actions),) if actions else ()
        return Plan((*mine, *(b for b in now if not _same_step(b, stored))))

    return _act(ports, repository, replace(order, approval=stored.digest, by=who), chosen)


@dataclass(frozen=True, slots=True)
class _Draft:
    """What a cycle has so far."""

    id: str
    began: datetime
    view: View
    plan: Plan
    outcomes: tuple[Outcome, ...] = ()
    warnings: tuple[str, ...] = ()  # of lists that changed suddenly, against the last good look before this one
    changes: Changes = field(default_factory=lambda: Changes((), ()))
    rollouts: tuple[RolloutNote, ...] = ()


def _act(ports: Ports, repository: Repository, order: Order, choose: Callable[[View], Plan]) -> Run:
    ledger, began = ports.hands.ledger, ports.clock()
    draft_id = ports.new_id()
    ledger.begin(draft_id, order.command, repository.revision.id, began)
    sent = consenting.take_carried(ports.approving, ledger, repository, began)
    view = _look(ports, repository, order.at or began)
    leftovers = _settled(ports, repository, view)
    wanted = choose(view)
    flapping.question(ledger, repository, wanted, ports.witnesses, ports.clock())
    plan = _approved_only(guarded(ports, repository, view, wanted, order.approval), order)
    said = (*sent, *consenting.unheeded(ports.approving, ledger, repository, plan, began), *_warnings(ports, view))
    if order.approval:
        consenting.say_now(ledger, order.approval, order.by, draft_id, ports.clock())
    consenting.use_up(ledger, plan, draft_id)
    passed = rolling.begin(ledger, repository, rolled(ports, repository, view), plan, view, ports.clock())
    attempts = enforce(ports.hands, repository, draft_id, plan)
    plan = accounted(plan, attempts, ports.hands.clearance.stopped())
    after, outcomes = verify(
        ports.eyes, ports.hands, repository, view, attempts, asking(ports.examiner, repository, ports.hands.clearance)
    )
    after = remembered(ledger, repository, patient(ledger, ports.eyes.catalog, repository, after))
    said = (*said, *remarks(ports.examiner, repository, outcomes))
    draft = _Draft(draft_id, began, after, plan, (*leftovers, *outcomes), said)
    draft = replace(
        draft, rollouts=rolling.end(ledger, repository, rolling.Turn(view, after, plan, passed), ports.clock())
    )
    done = _finished(ports, repository, order, _record(ports, repository, draft, view))
    order.announce(done)
    ledger.finish(done, ports.exit_code(done))
    return done


def undo(ports: Ports, repository: Repository, order: Order, back: Backward) -> Run:
    """Look, take back what may be taken back, look again, and record it."""
    ledger, began, draft_id = ports.hands.ledger, ports.clock(), ports.new_id()
    ledger.begin(draft_id, order.command, repository.revision.id, began)
    view = _look(ports, repository, began)
    leftovers, plan = _settled(ports, repository, view), back.planned(view)
    back.begin(draft_id, plan)
    attempts = enforce(ports.hands, repository, draft_id, plan)
    plan = accounted(plan, attempts, ports.hands.clearance.stopped())
    after, outcomes = verify(ports.eyes, ports.hands, repository, view, attempts)
    after = remembered(ledger, repository, patient(ledger, ports.eyes.catalog, repository, after))
    draft = _Draft(draft_id, began, after, plan, (*leftovers, *outcomes), _warnings(ports, view))
    done = _finished(ports, repository, order, _record(ports, repository, draft, view))
    done = replace(done, undone=back.notes)
    ledger.finish(done, ports.exit_code(done))
    return done


def foresee(ports: Ports, repository: Repository, order: Order, back: Backward) -> Run:
    """Look, and say what an undo would do and what holds it; nothing is written, not even to the ledger."""
    began = ports.clock()
    view = _look(ports, repository, began)
    draft = _Draft(ports.new_id(), began, view, back.planned(view), (), _warnings(ports, view))
    return replace(_finished(ports, repository, order, draft), undone=back.notes)


def _settled(ports: Ports, repository: Repository, view: View) -> tuple[Outcome, ...]:
    """Settle what earlier runs left open, by this look; an undo that was cut short by reading its files again."""
    hands = ports.hands
    return settle_leftovers(
        hands.ledger, repository, view, ports.clock(), ports.eyes.catalog.verbs, partial(left, hands, repository)
    )


def _look(ports: Ports, repository: Repository, at: datetime) -> View:
    ledger, seen_now = ports.hands.ledger, look(ports.eyes, repository, at)
    return remembered(ledger, repository, patient(ledger, ports.eyes.catalog, repository, seen_now))


def _approved_only(plan: Plan, order: Order) -> Plan:
    if not order.approval:
        return plan
    return Plan(
        tuple(b for b in plan.batches if b.digest == order.approval),
        tuple(h for h in plan.holds if h.batch == order.approval),
    )


def _same_step(batch: Batch, stored: Batch) -> bool:
    return (batch.policy, batch.step) == (stored.policy, stored.step)


def _record(ports: Ports, repository: Repository, draft: _Draft, first: View) -> _Draft:
    """Keep the sweeps, what opened and closed, and what the population was when nothing spoke against it."""
    ledger, now = ports.hands.ledger, ports.clock()
    draft = replace(draft, changes=_judged_anew(ports, repository, draft))
    acting = any(a.policy.furthest is not Mode.AUDIT for a in draft.view.assessments)
    approved = not acting or (draft.plan.batches and not any(h.guard == SUDDEN for h in draft.plan.holds))
    for before, sweep in zip(first.sweeps, draft.view.sweeps, strict=True):
        ledger.record_sweep(draft.id, sweep, ())
        ledger.remember_identities(sweep.identities, now)
        people = population(ports, before)
        settled = not sudden_change(people) or sweep.vouched or (approved and sweep.kind == HOST)
        if people.now and not people.flaw and settled:
            ledger.accept_population(listed(sweep), people.now, now)
    return draft


def _judged_anew(ports: Ports, repository: Repository, draft: _Draft) -> Changes:
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


def _fixed(ports: Ports, draft: _Draft) -> frozenset[tuple[str, str]]:
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


def _finished(ports: Ports, repository: Repository, order: Order, draft: _Draft) -> Run:
    opened = ports.hands.ledger.open_findings()
    since = {(o.policy, o.resource): o.since for o in opened}
    view, at = draft.view, order.at or draft.began
    findings = tuple(_dated(f, since) for f in view.findings)
    return Run(
        id=draft.id,
        command=order.command,
        district=repository.district.name,
        timezone=repository.district.timezone,
        revision=repository.revision,
        at=order.at or draft.began,
        finished=ports.clock(),
        seen=seen(view, order.at or draft.began),
        counts=view.counts,
        findings=findings,
        policies=tuple(note(p) for p in repository.policies),
        plan=draft.plan,
        outcomes=draft.outcomes,
        opened=draft.changes.opened,
        closed=draft.changes.closed,
        in_line=tuple(f for a in view.assessments for f in in_line(a, view.tables[a.policy.kind]))
        if order.all_findings
        else (),
        warnings=(
            *repository.warnings,
            *draft.warnings,
            *covering_nothing(repository, view),
            *notices(ports.hands.ledger, repository, local(draft.began, repository)),
            *expiring(repository.policies, local(at, repository)),
        ),
        stopped=ports.hands.clearance.stopped(),
        sites={s.id: s.name for s in repository.district.sites.values()},
        due=due(ports.eyes.catalog, view, local(order.at or draft.began, repository)),
        measures=measures(ports.hands.ledger, opened, view, draft.began),
        traits=traits(view),
        trait_totals=trait_totals(view),
        private=tuple(k.name for k in ports.eyes.catalog.kinds.values() if k.private),
        waiting=waiting(view, repository),
        waivers=waivers(repository, view, findings),
        reaches=reaches(view),
        rollouts=draft.rollouts,
        freezes=freezes(repository, at),
        answering=answering(repository.district, repository.timetable, draft.plan, since, local(at, repository)),
    )


def _dated(finding: Finding, since: Mapping[tuple[str, str], datetime]) -> Finding:
    return replace(finding, since=since.get((finding.policy, finding.resource)))


def _warnings(ports: Ports, view: View) -> tuple[str, ...]:
    changes = [(sweep, sudden_change(population(ports, sweep))) for sweep in view.sweeps]
    return tuple(
        f"The list of {s.kind}s ({s.system}) {change} since the last good look." for s, change in changes if change
    )


def note(policy: Policy) -> PolicyNote:
    """Give what reports say of a policy."""
    if policy.converge is not None:
        rule = f"{policy.converge.playbook} finds nothing to change"
    else:
        rule = words.rule(policy.expect) if policy.expect is not None else ""
    if policy.measure is not None:
        rule = group_findings.rule(policy, policy.measure, rule)
    place = str(policy.place)
    return PolicyNote(
        policy.id, policy.title, policy.why, policy.severity, policy.mode, place, rule, policy.kind, policy.modes
    )
