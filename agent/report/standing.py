"""Where a run leaves things: what is held, failed, sent, fixed, to be done, only watched. Every report reads this."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.decide.verdict import NOT_BEGUN
from agent.model.action import Result
from agent.model.finding import Verdict
from agent.model.kind import Effect
from agent.report.rollouts import HOLDS, running

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from agent.model.action import Batch, Hold, Outcome
    from agent.model.finding import Finding
    from agent.model.run import Run, Seen

Key = tuple[str, str]  # (policy, resource)


ASKS = "mode"  # the guard that holds what an "ask first" policy wants until somebody says yes


@dataclass(frozen=True, slots=True)
class Held:
    """A hold that stopped something, with what it stopped. `batch` is None where the plan no longer has it."""

    hold: Hold
    batch: Batch | None
    resources: tuple[str, ...]

    @property
    def policy(self) -> str:
        """Give the id of the policy that wanted the change, or an empty text."""
        return self.batch.policy if self.batch else ""


@dataclass(frozen=True, slots=True)
class Decision:
    """A batch that a person's yes would let run, on these resources. `cautions` are what else a yes would lift."""

    batch: Batch
    resources: tuple[str, ...]
    cautions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """A run sorted by what it asks of people. A (policy, resource) that is out of line stands in one place only.

    `decisions` wait for the approval that their policy always asks for; `held` were stopped by any other guard, but
    for what waits for its turn in a rollout that goes on.
    `coming` are changes that nothing holds and nobody has tried yet, as `check` and `plan` leave them.
    """

    decisions: tuple[Decision, ...]
    held: tuple[Held, ...]
    failed: tuple[Outcome, ...]
    sent: tuple[Outcome, ...]
    fixed: tuple[Outcome, ...]
    told: tuple[Outcome, ...]
    coming: tuple[Finding, ...]
    watched: tuple[Finding, ...]
    undone: tuple[Outcome, ...] = ()  # what was taken back, and reads as it did before
    cut: tuple[Outcome, ...] = ()  # what the kill switch ended in the middle
    unbegun: tuple[Outcome, ...] = ()  # what it kept from beginning


def standing(run: Run) -> Standing:
    """Sort a run."""
    stopped = holding(run)
    going = running(run)
    decisions, held = _sorted_holds(h for h in stopped if h.hold.guard != HOLDS or h.policy not in going)
    outcomes = single_outcomes(run)
    confirmed = tuple(o for o in outcomes if o.result is Result.CONFIRMED)
    tells = {b.digest for b in run.plan.batches if b.effect is not Effect.SETS}
    open_ones = {(o.policy, o.resource) for o in outcomes if o.result is not Result.CONFIRMED}
    tried = {(o.policy, o.resource) for o in outcomes}
    waiting = {(h.policy, r) for h in stopped for r in h.resources}
    wanted = {(b.policy, a.resource) for b in run.plan.batches for a in b.actions} - waiting - tried
    return Standing(
        decisions=decisions,
        held=held,
        failed=tuple(o for o in outcomes if o.result is Result.FAILED),
        sent=tuple(o for o in outcomes if o.result is Result.PENDING),
        fixed=tuple(o for o in confirmed if o.batch not in tells),
        told=tuple(o for o in confirmed if o.batch in tells),
        coming=out_of_line(run, within=wanted),
        watched=out_of_line(run, without=open_ones | waiting | wanted),
        undone=tuple(o for o in outcomes if o.result is Result.REVERTED),
        cut=tuple(o for o in outcomes if o.result is Result.STOPPED and o.why != NOT_BEGUN),
        unbegun=tuple(o for o in outcomes if o.result is Result.STOPPED and o.why == NOT_BEGUN),
    )


def holding(run: Run) -> tuple[Held, ...]:
    """Give the holds that stopped an action. In audit nothing is held: there was nothing to stop."""
    batches = {b.digest: b for b in run.plan.batches}
    targets = {b.digest: dict.fromkeys(a.resource for a in b.actions) for b in run.plan.batches}
    audit = {n.id for n in run.policies if n.watches_only}
    found = (Held(h, batches.get(h.batch), _stopped(h, targets.get(h.batch))) for h in run.plan.holds)
    return tuple(h for h in found if h.policy not in audit and (h.resources or h.batch is None))


def _stopped(hold: Hold, targets: Mapping[str, None] | None) -> tuple[str, ...]:
    if targets is None:
        return hold.resources
    return tuple(r for r in hold.resources if r in targets) if hold.resources else tuple(targets)


def _sorted_holds(stopped: Iterable[Held]) -> tuple[tuple[Decision, ...], tuple[Held, ...]]:
    """Part what waits for a yes from what a guard stopped. A batch that asks first is named once, not twice."""
    batches: dict[str, list[Held]] = {}
    for one in stopped:
        batches.setdefault(one.hold.batch, []).append(one)
    decisions: list[Decision] = []
    held: list[Held] = []
    for same in batches.values():
        decision = _decision(same)
        others = [h for h in same if h.hold.guard != ASKS] or ([] if decision else same)
        if decision:
            decisions.append(decision)
            others = [h for h in others if not h.hold.approvable]
        held += others
    return tuple(decisions), tuple(held)


def _decision(same: list[Held]) -> Decision | None:
    """Give the decision that one batch waits for, unless a yes would change nothing."""
    batch = same[0].batch
    if batch is None or not any(h.hold.guard == ASKS and h.hold.approvable for h in same):
        return None
    fixed = {r for h in same if not h.hold.approvable for r in h.resources}
    left = tuple(a.resource for a in batch.actions if a.resource not in fixed)
    cautions = tuple(h.hold.sentence for h in same if h.hold.approvable and h.hold.guard != ASKS)
    return Decision(batch, left, cautions) if left else None


def out_of_line(run: Run, within: Collection[Key] | None = None, without: Collection[Key] = ()) -> tuple[Finding, ...]:
    """Give the findings that are out of line, of these (policy, resource) pairs or without those."""
    return tuple(
        f
        for f in run.findings
        if f.verdict is Verdict.OUT_OF_LINE
        and (within is None or (f.policy, f.resource) in within)
        and (f.policy, f.resource) not in without
    )


def single_outcomes(run: Run) -> tuple[Outcome, ...]:
    """Give one outcome per resource and batch; where a ledger holds two, the worse one counts."""
    worst = [Result.NEEDLESS, Result.CONFIRMED, Result.PENDING, Result.REVERTED, Result.STOPPED, Result.FAILED]
    found: dict[Key, Outcome] = {}
    for outcome in run.outcomes:
        before = found.get((outcome.batch, outcome.resource))
        if before is None or worst.index(outcome.result) > worst.index(before.result):
            found[outcome.batch, outcome.resource] = outcome
    return tuple(found.values())


def unknown(run: Run) -> tuple[Finding, ...]:
    """Give the findings that could not be checked."""
    return tuple(f for f in run.findings if f.verdict is Verdict.UNKNOWN)


def blind(run: Run) -> bool:
    """Whether something could not be seen: then no report may say that all is in line."""
    if run.counts.unknown or run.waiting or not all(map(whole, run.seen)):
        return True
    return any(f.verdict is Verdict.UNKNOWN for f in run.findings)


def whole(seen: Seen) -> bool:
    """Whether a look saw all there is, as it is now, and knows that it did."""
    current = not seen.stale and not seen.trouble
    return current and seen.proven and not seen.unseen and seen.seen >= seen.expected
