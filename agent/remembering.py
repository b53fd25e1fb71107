"""Keep in sight what is open and in no list now, where a list may not be whole: it could not be checked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agent.decide.findings import could_not_tell
from agent.model.finding import MISSING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from agent.decide.evaluate import Assessment
    from agent.model.policy import Repository
    from agent.model.ports import Ledger
    from agent.model.sweep import Sweep
    from agent.observe import View


def remembered(ledger: Ledger, repository: Repository, view: View) -> View:
    """Give a view that says unknown of each open finding that it would otherwise be silent of; nothing is written.

    What is in no list is gone only where every list of its kind is whole: the ledger closes it then.
    """
    unsure = {p.id: p for p in repository.policies if p.kind not in view.tables or not _whole(view.of(p.kind))}
    if not unsure:
        return view
    said = {a.policy.id: _told(a, view) for a in view.assessments if a.policy.id in unsure}
    missed = (
        (unsure[o.policy], could_not_tell(unsure[o.policy], o.resource, o.site, MISSING))
        for o in ledger.open_findings()
        if o.policy in unsure and not _there(o.resource, said.get(o.policy, ()), view.of(unsure[o.policy].kind))
    )
    return replace(view, missed=tuple(missed))


def _whole(sweeps: Sequence[Sweep]) -> bool:
    return all(sweep.whole for sweep in sweeps)


def _told(assessment: Assessment, view: View) -> Collection[str]:
    """Give the resources of which a policy says something, or of which it is known that it has nothing to say."""
    if assessment.policy.measure is None:
        return view.tables[assessment.policy.kind].index
    return assessment.groups | assessment.in_scope | frozenset(assessment.blind)


def _there(resource: str, told: Collection[str], sweeps: Sequence[Sweep]) -> bool:
    """Say whether a resource is listed, be it as it was named when one system, or several, showed its kind."""
    if resource in told:
        return True
    names = ((f"{resource}@{s.system}", resource.removesuffix(f"@{s.system}")) for s in sweeps)
    return any(name in told for pair in names for name in pair)
