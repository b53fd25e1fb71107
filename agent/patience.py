"""Hold back what was not out of line for as many looks as its policy waits for: counted here, kept by the ledger."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from agent.decide.evaluate import fields_read
from agent.decide.lasting import Judgements, Waiting, waiting
from agent.decide.references import needed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime

    from agent.decide.columns import Columns
    from agent.decide.evaluate import Assessment
    from agent.model.finding import Streak
    from agent.model.kind import Catalog
    from agent.model.policy import Policy, Repository
    from agent.model.ports import Ledger
    from agent.observe import View


def patient(ledger: Ledger, catalog: Catalog, repository: Repository, view: View) -> View:
    """Give a view that says nothing yet of what has to last longer; nothing is written.

    Its `streaks` are what the ledger is to keep, once the look is recorded.
    """
    lasting = [p.id for p in repository.policies if p.lasting > 1]
    if not lasting:
        return view
    kept: dict[str, dict[str, Streak]] = {policy: {} for policy in lasting}
    for streak in ledger.streaks():
        kept.get(streak.policy, {})[streak.resource] = streak
    opened: dict[str, set[str]] = {policy: set() for policy in lasting}
    for one in ledger.open_findings():
        opened.get(one.policy, set()).add(one.resource)
    counted = {
        a.policy.id: _waiting(a, view, catalog, kept.pop(a.policy.id), opened[a.policy.id])
        for a in view.assessments
        if a.policy.id in kept
    }
    unseen = (s for left in kept.values() for s in left.values())  # of policies whose kind no system shows now
    return replace(
        view,
        assessments=tuple(_held(a, counted.get(a.policy.id)) for a in view.assessments),
        streaks=(*(s for found in counted.values() for s in found.streaks), *unseen),
    )


def _held(assessment: Assessment, found: Waiting | None) -> Assessment:
    return assessment if found is None else replace(assessment, waits=found.resources)


def _waiting(
    assessment: Assessment, view: View, catalog: Catalog, kept: Mapping[str, Streak], opened: Collection[str]
) -> Waiting:
    policy = assessment.policy
    said = Judgements(
        wrong=tuple(assessment.wrong),
        unknown=frozenset(assessment.blind),
        known=assessment.groups if policy.measure else view.tables[policy.kind].index,
        proven=all(sweep.whole for sweep in view.of(policy.kind)),
    )
    return waiting(policy, said, kept, opened, _times(policy, catalog, view))


def _times(policy: Policy, catalog: Catalog, view: View) -> Callable[[str], datetime]:
    """Give when what was read of a resource was so: the newest of its own list and those that its policy refers to."""
    others = set(needed(fields_read(policy), catalog.kinds[policy.kind], catalog)) - {policy.kind}
    behind = [sweep.as_of for sweep in view.sweeps if sweep.kind in others]
    own = view.of(policy.kind)
    newest = max([*behind, *(sweep.as_of for sweep in own)], default=view.at)
    if len(own) == 1 or policy.measure is not None:
        return lambda _resource: newest
    listed: Mapping[str, datetime] = {
        resource: max([sweep.as_of, *behind]) for sweep in own for resource in cast("Columns", sweep.table).index
    }
    return lambda resource: listed.get(resource, newest)
