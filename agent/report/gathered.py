"""A run's findings gathered for the page, once for every size that is tried: what grows with the fleet is done here."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from agent.model.policy import Mode
from agent.report.cause import Case, Cause, Causes, causes, whole
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
    """Findings that were there before: how many, since when the oldest, and how many of them for too long."""

    count: int = 0
    oldest: datetime | None = None
    overdue: int = 0


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
    places: dict[str, tuple[str, ...]]  # what has been fixed, sent and told: its resources, each once


def gathered(run: Run, at: Standing) -> Gathered:
    """Gather a run."""
    sites = {(b.digest, a.resource): a.site for b in run.plan.batches for a in b.actions}
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
        audit_only={f.policy for f in at.watched} <= {n.id for n in run.policies if n.mode is Mode.AUDIT},
        unchecked=look_over(run, unknown(run), hide),
        veil=hide,
        secrets=private_in(run.plan),
        details={},
        places={
            name: tuple(sorted({o.resource for o in done}))
            for name, done in (("fixed", at.fixed), ("sent", at.sent), ("told", at.told))
        },
    )


def _asked(run: Run, at: Standing) -> tuple[Cause, ...]:
    if not at.decisions:
        return ()
    asking = {d.batch.policy for d in at.decisions}
    opened = {(f.policy, f.resource): f.since for f in run.findings if f.policy in asking}
    found = []
    for decision in at.decisions[:5]:
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
    days: Counter[datetime] = Counter()
    for finding in at.watched:
        if finding.since is None or (finding.policy, finding.resource) in new:
            fresh.append(finding)
        else:
            days[finding.since] += 1
    late = sum(count for since, count in days.items() if run.at - since > OVERDUE)
    return fresh, Known(days.total(), min(days, default=None), late)
