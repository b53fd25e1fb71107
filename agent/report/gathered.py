"""A run's findings gathered for the page, once for every size that is tried: what grows with the fleet is done here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from agent.model.policy import Mode
from agent.report.cause import MOST_TOLD, Case, Cause, Causes, causes, whole
from agent.report.discreet import Veil, veil
from agent.report.masks import Private, private_in
from agent.report.standing import unknown
from agent.report.unchecked import Unchecked, look_over

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from agent.model.action import Outcome
    from agent.model.finding import Finding
    from agent.model.run import Run
    from agent.report.standing import Standing

OVERDUE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Known:
    """What was out of line before: how many things with nothing new, the oldest finding, and how many are too old."""

    count: int = 0
    oldest: datetime | None = None
    overdue: int = 0


@dataclass(frozen=True, slots=True)
class Done:
    """What repairs came to: how many faults (a rule on a resource each), and on which resources, each once."""

    faults: int
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the sections are written from. `asked` has a cause for each decision."""

    asked: tuple[Cause, ...]
    failed: Causes
    fixed: Causes
    sent: Causes
    told: Causes
    coming: Causes
    fresh: Causes
    known: Known
    audit_only: bool  # whether all that is watched is under rules that only watch
    unchecked: Unchecked
    veil: Veil
    secrets: Private
    details: dict[int, str]  # by the identity of a part: what `summed` said of it, which no size changes
    done: dict[str, Done]  # what has been fixed, sent and told
    watched: int  # things that no change is planned for
    out: int  # things out of line in all, those included that the next run will fix
    undone: Causes  # what was taken back
    cut: Causes  # what the kill switch ended in the middle
    unbegun: Causes  # what it kept from beginning


def gathered(run: Run, at: Standing) -> Gathered:
    """Gather a run."""
    sites = {(b.digest, a.resource): a.site for b in (*run.tried, *run.plan.batches) for a in b.actions}
    fresh, known = _parted(run, at)
    hide = veil(run)
    return Gathered(
        asked=_asked(run, at),
        failed=causes(run, _tried(at.failed, sites)),
        fixed=causes(run, _tried(at.fixed, sites)),
        sent=causes(run, _tried(at.sent, sites)),
        told=causes(run, _tried(at.told, sites)),
        coming=causes(run, at.coming),
        fresh=causes(run, fresh),
        known=known,
        audit_only=_audit_only(run, at.watched),
        unchecked=look_over(run, unknown(run), hide),
        veil=hide,
        secrets=private_in(run.plan),
        details={},
        done={name: _done(done) for name, done in (("fixed", at.fixed), ("sent", at.sent), ("told", at.told))},
        watched=len({f.resource for f in at.watched}),
        out=len({f.resource for f in (*at.watched, *at.coming)}),
        undone=causes(run, _tried(at.undone, sites)),
        cut=causes(run, _tried(at.cut, sites)),
        unbegun=causes(run, _tried(at.unbegun, sites)),
    )


def _audit_only(run: Run, watched: Iterable[Finding]) -> bool:
    """Say whether all that is watched is where its policy only watches; of a policy that is gone nobody knows."""
    notes = {n.id: n for n in run.policies}
    return all(f.policy in notes and notes[f.policy].mode_at(f.site) is Mode.AUDIT for f in watched)


def _done(outcomes: Iterable[Outcome]) -> Done:
    faults = {(o.policy, o.resource) for o in outcomes}
    return Done(len(faults), tuple(sorted({resource for _, resource in faults})))


def _asked(run: Run, at: Standing) -> tuple[Cause, ...]:
    if not at.decisions:
        return ()
    asking = {d.batch.policy for d in at.decisions}
    opened = {(f.policy, f.resource): f.since for f in run.findings if f.policy in asking}
    found = []
    for decision in at.decisions[:MOST_TOLD]:
        asked = set(decision.resources)
        cases = [
            Case(a.policy, a.resource, a.site, a.differences, since=opened.get((a.policy, a.resource)))
            for a in decision.batch.actions
            if a.resource in asked
        ]
        found.append(whole(run, cases))
    return tuple(found)


def _tried(outcomes: Iterable[Outcome], sites: dict[tuple[str, str], str]) -> list[Case]:
    return [Case(o.policy, o.resource, sites.get((o.batch, o.resource), ""), o.before, o.after) for o in outcomes]


def _parted(run: Run, at: Standing) -> tuple[list[Finding], Known]:
    """Part what is new from what was known before, which is one line however much it is."""
    new = set(run.opened)
    fresh: list[Finding] = []
    oldest: dict[str, datetime] = {}  # by resource
    for finding in at.watched:
        if finding.since is None or (finding.policy, finding.resource) in new:
            fresh.append(finding)
        else:
            since = oldest.setdefault(finding.resource, finding.since)
            oldest[finding.resource] = min(since, finding.since)
    late = sum(run.at - since > OVERDUE for since in oldest.values())
    return fresh, Known(len(oldest.keys() - {f.resource for f in fresh}), min(oldest.values(), default=None), late)
