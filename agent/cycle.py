"""The sentence: sync -> load -> observe -> evaluate -> plan -> guard -> enforce -> verify -> record -> report.

sync and load give the Repository that comes in here; the reports are made of the Run that goes out. What the world
is asked through stands in `deliberate.Ports`; bootstrap fills them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from agent import consenting, flapping, rolling
from agent.accounting import finished
from agent.capturing import left
from agent.decide.consents import moved_on
from agent.decide.plan import still_wanted
from agent.deliberate import Ports, guarded, plan_for, rested_on, rolled
from agent.enforce import accounted, enforce, no_opinion, overtime
from agent.errors import HeldError, InputError
from agent.model.action import Batch, Plan
from agent.observe import View, look
from agent.opinions import asking, remarks
from agent.patience import patient
from agent.recording import Draft, record, sealed, sudden
from agent.remembering import remembered
from agent.verifying import settle_leftovers, verify

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from agent.decide.rings import Rollouts
    from agent.enforce import Opine
    from agent.model.policy import Repository
    from agent.model.run import Run
    from agent.undoing import Backward


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
    return finished(ports, repository, _looked(ports, repository, order), whole=order.all_findings)


def propose(ports: Ports, repository: Repository, order: Order) -> Run:
    """Look, judge, and say what would be done and what holds it; the batches are kept by digest."""
    ledger = ports.hands.ledger
    sent = consenting.take_carried(ports.approving, ledger, repository, ports.clock())
    draft = _looked(ports, repository, order, said=sent)
    plan = guarded(ports, repository, draft.view, plan_for(ports, repository, draft.view))
    ledger.store_batches(plan.batches, draft.began)
    said = consenting.unheeded(ports.approving, ledger, repository, plan, draft.began)
    return finished(ports, repository, draft.with_plan(plan, said), whole=order.all_findings)


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


def _act(ports: Ports, repository: Repository, order: Order, choose: Callable[[View], Plan]) -> Run:
    ledger, draft = ports.hands.ledger, _begun(ports, repository, order)
    so_far, plan = _decided(ports, repository, order, draft.first, choose)
    unread = rested_on(ports, repository, draft.first, plan)
    if unread:  # nothing is changed by what was read some time ago
        ports.eyes.lately.forget(unread)
        seen_now = _seen(ports, repository, order, draft.id, draft.began, ())
        said = tuple(dict.fromkeys((*draft.warnings, *seen_now.warnings)))
        draft = replace(draft, first=seen_now.first, view=seen_now.view, warnings=said)
        so_far, plan = _decided(ports, repository, order, draft.first, choose)
    draft = draft.with_plan(plan, consenting.unheeded(ports.approving, ledger, repository, plan, draft.began))
    if order.approval:
        consenting.say_now(ledger, order.approval, order.by, draft.id, ports.clock())
    consenting.use_up(ledger, plan, draft.id)
    passed = rolling.begin(ledger, repository, so_far, plan, draft.first, ports.clock())
    draft = _carried_out(ports, repository, draft, asking(ports.examiner, repository, ports.hands.clearance))
    consenting.close(ledger, plan, draft.id)
    turn = rolling.Turn(draft.first, draft.view, draft.plan, passed)
    draft = replace(draft, rollouts=rolling.end(ledger, repository, turn, ports.clock()))
    done = finished(ports, repository, record(ports, repository, draft), whole=order.all_findings)
    done = sealed(ports, done)
    order.announce(done)
    ledger.finish(done, ports.exit_code(done))
    return done


def _decided(
    ports: Ports, repository: Repository, order: Order, view: View, choose: Callable[[View], Plan]
) -> tuple[Rollouts, Plan]:
    """Give how far each policy was rolled out, and the plan with what holds it."""
    wanted = choose(view)
    flapping.question(ports.hands.ledger, repository, wanted, ports.witnesses, ports.clock())
    so_far = rolled(ports, repository, view)
    return so_far, _approved_only(guarded(ports, repository, view, wanted, order.approval, so_far), order)


def undo(ports: Ports, repository: Repository, order: Order, back: Backward) -> Run:
    """Look, take back what may be taken back, look again, and record it."""
    draft = _begun(ports, repository, order)
    plan = back.planned(draft.first)
    back.begin(draft.id, plan)
    draft = _carried_out(ports, repository, draft.with_plan(plan))
    done = finished(ports, repository, record(ports, repository, draft), whole=False)
    done = sealed(ports, replace(done, undone=back.notes))
    ports.hands.ledger.finish(done, ports.exit_code(done))
    return done


def foresee(ports: Ports, repository: Repository, order: Order, back: Backward) -> Run:
    """Look, and say what an undo would do and what holds it; nothing is written, not even to the ledger."""
    draft = _looked(ports, repository, order)
    done = finished(ports, repository, draft.with_plan(back.planned(draft.view)), whole=False)
    return replace(done, undone=back.notes)


def _looked(ports: Ports, repository: Repository, order: Order, said: tuple[str, ...] = ()) -> Draft:
    """Look and judge."""
    return _seen(ports, repository, order, ports.new_id(), ports.clock(), said)


def _seen(
    ports: Ports, repository: Repository, order: Order, number: str, began: datetime, said: tuple[str, ...]
) -> Draft:
    at = order.at or began
    ledger, seen_now = ports.hands.ledger, look(ports.eyes, repository, at)
    view = remembered(ledger, repository, patient(ledger, ports.eyes.catalog, repository, seen_now))
    said = (*said, *sudden(ports, view))
    return Draft(number, order.command, began, at, view, view, Plan(()), warnings=said)


def _begun(ports: Ports, repository: Repository, order: Order) -> Draft:
    """Open a run, take in the approvals that a commit carries, look, and settle what earlier runs left open."""
    hands, number, now = ports.hands, ports.new_id(), ports.clock()
    hands.ledger.begin(number, order.command, repository.revision.id, now)
    sent = consenting.take_carried(ports.approving, hands.ledger, repository, now)
    draft = _seen(ports, repository, order, number, now, sent)
    verbs, reread = ports.eyes.catalog.verbs, partial(left, hands, repository)
    settled = settle_leftovers(hands.ledger, repository, draft.view, ports.clock(), verbs, reread)
    return replace(draft, outcomes=settled)


def _carried_out(ports: Ports, repository: Repository, draft: Draft, opine: Opine = no_opinion) -> Draft:
    """Write what the plan leaves free, look again, and judge by that."""
    ledger, hands = ports.hands.ledger, ports.hands
    attempts = enforce(hands, repository, draft.id, draft.plan)
    plan = accounted(draft.plan, attempts, hands.clearance.stopped())
    after, outcomes = verify(ports.eyes, hands, repository, draft.first, attempts, opine)
    after = remembered(ledger, repository, patient(ledger, ports.eyes.catalog, repository, after))
    said = (*draft.warnings, *overtime(hands, repository, attempts), *remarks(ports.examiner, repository, outcomes))
    return replace(draft, view=after, plan=plan, outcomes=(*draft.outcomes, *outcomes), warnings=said)


def _approved_only(plan: Plan, order: Order) -> Plan:
    if not order.approval:
        return plan
    return Plan(
        tuple(b for b in plan.batches if b.digest == order.approval),
        tuple(h for h in plan.holds if h.batch == order.approval),
    )


def _same_step(batch: Batch, stored: Batch) -> bool:
    return (batch.policy, batch.step) == (stored.policy, stored.step)
