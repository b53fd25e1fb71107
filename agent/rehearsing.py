"""What check mode would change, beside what was read: a column for each policy that converges a kind."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from agent.decide.columns import Columns, Row, build
from agent.decide.evaluate import converge_field, fields_read, in_scope
from agent.decide.hours import timetable_hours
from agent.decide.overlay import overlay
from agent.decide.reckoned import Ground, reckoned
from agent.decide.unique import lists
from agent.model.reading import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agent.model.kind import Catalog
    from agent.model.policy import Policy, Repository
    from agent.model.ports import Rehearser
    from agent.model.sweep import Sweep


def rehearsed(
    rehearser: Rehearser, catalog: Catalog, repository: Repository, policies: Iterable[Policy], sweep: Sweep
) -> Sweep:
    """Add what check mode would change, for each of these policies that converges the sweep's kind."""
    for policy in policies:
        if policy.kind == sweep.kind and policy.converge is not None:
            ids = _in_scope(policy, catalog, repository, sweep)
            sweep = _with_rehearsal(rehearser, repository, policy, ids, sweep)
    return sweep


def _in_scope(policy: Policy, catalog: Catalog, repository: Repository, sweep: Sweep) -> frozenset[str]:
    now = sweep.as_of.astimezone(ZoneInfo(repository.district.timezone))
    ground = Ground(catalog, timetable_hours(repository.timetable), now)
    asked, table = fields_read(policy), cast("Columns", sweep.table)
    table = reckoned(catalog.kinds[policy.kind], table, asked, lists(sweep.kind, (sweep,)), ground)
    return in_scope(policy, table, now)


def _with_rehearsal(
    rehearser: Rehearser, repository: Repository, policy: Policy, scope: frozenset[str], sweep: Sweep
) -> Sweep:
    """Add what check mode would change, for the resources that the policy applies to and that answered."""
    table = cast("Columns", sweep.table)
    silent = {u.resource: u.why for u in sweep.unseen}
    ids = [r for r in sorted(scope) if r not in silent]
    column = converge_field(policy)
    readings = dict(rehearser.rehearse(repository, policy.converge, ids)) if ids and policy.converge else {}
    rows = [
        Row(r, table.site(r), {column.name: readings.get(r, Unknown(silent.get(r, "not rehearsed")))})
        for r in table.ids()
    ]
    return replace(sweep, table=overlay(table, build([column], rows)))
