"""Outlook: what a report says beside the findings. What is due, what gets worse, and what resources have in common."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from agent.decide.due import about_to_break
from agent.decide.reach import reach
from agent.decide.waivers import Heard, notes
from agent.model.finding import Verdict
from agent.model.run import Due, Measure
from agent.observe import TRAITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from agent.model.finding import Finding
    from agent.model.kind import Catalog
    from agent.model.policy import Repository
    from agent.model.ports import Ledger, Opened
    from agent.model.run import Reach
    from agent.model.waiver import WaiverNote
    from agent.observe import View

AHEAD = timedelta(days=1)  # how far a report looks
BACK = timedelta(days=7)  # what it compares with
LONG = timedelta(days=30)  # open for longer is overdue


def due(catalog: Catalog, view: View, now: datetime) -> tuple[Due, ...]:
    """Give the promises that are kept so far and end within a day, soonest first. `now` in the district's zone."""
    found = [
        Due(a.policy.id, resource, site, at)
        for a in view.assessments
        for resource, site, at in about_to_break(
            a, view.tables[a.policy.kind], catalog.kinds[a.policy.kind], now, now + AHEAD
        )
    ]
    return tuple(sorted(found, key=lambda d: (d.at, d.resource)))


def measures(ledger: Ledger, open_findings: Sequence[Opened], view: View, now: datetime) -> tuple[Measure, ...]:
    """Give the three numbers that every report compares with those of a week ago."""
    before = ledger.counts_before(now - BACK)
    at, counts = before or (None, None)
    shielded = {
        (f.policy, f.resource)
        for a in view.assessments
        if a.excepted
        for f in a.findings
        if f.verdict is Verdict.EXCEPTED
    }
    opened = [o.since for o in open_findings if (o.policy, o.resource) not in shielded]
    old = sum(1 for since in opened if now - since > LONG)
    old_before = sum(1 for since in opened if at is not None and at - since > LONG)
    return (
        Measure("out of line", view.counts.out_of_line, counts.out_of_line if counts else None, at),
        Measure("could not be checked", view.counts.unknown, counts.unknown if counts else None, at),
        Measure("open for more than 30 days", old, old_before if at else None, at),
    )


def traits(view: View) -> dict[str, dict[str, str]]:
    """Give what each resource that is out of line may have in common with others: its model, its system."""
    found: dict[str, dict[str, str]] = {}
    for kind, names in TRAITS.items():
        table = view.tables.get(kind)
        if table is None:
            continue
        wanted = {
            f.resource
            for a in view.assessments
            if a.policy.kind == kind
            for f in a.findings
            if f.verdict is Verdict.OUT_OF_LINE
        }
        found |= table.texts(sorted(wanted), names)
    return found


def trait_totals(view: View) -> dict[str, dict[str, dict[str, int]]]:
    """Give how many resources of a kind have each value of a trait, those that are as they should be included."""
    return {
        kind: {n: view.tables[kind].tally(n) for n in names} for kind, names in TRAITS.items() if kind in view.tables
    }


def reaches(view: View) -> tuple[Reach, ...]:
    """Give to how much each policy applies."""
    return tuple(reach(a, view.tables[a.policy.kind], view.at) for a in view.assessments)


def waivers(repository: Repository, view: View, findings: Iterable[Finding]) -> tuple[WaiverNote, ...]:
    """Say what each waiver comes to at a look; `findings` are the look's, with the time that they opened."""
    named = {policy for waiver in repository.waivers for policy in waiver.policies}
    said: dict[str, list[Finding]] = {policy: [] for policy in named}
    for finding in findings if named else ():
        if finding.policy in named:
            said[finding.policy].append(finding)
    assessed = {a.policy.id: a for a in view.assessments if a.policy.id in named}
    ids = {kind: frozenset(view.tables[kind].ids()) for kind in {a.policy.kind for a in assessed.values()}}
    heard = {p.id: Heard((), (), proven=False) for p in repository.policies if p.id in named}
    for policy, one in assessed.items():
        table, kind = view.tables[one.policy.kind], one.policy.kind
        heard[policy] = Heard(
            findings=said[policy],
            known=one.groups if one.policy.measure else ids[kind],
            proven=all(s.whole for s in view.of(kind)),
            waits=[(r, table.site(r)) for r in one.waits],
        )
    return notes(repository.waivers, heard, view.at.date())
