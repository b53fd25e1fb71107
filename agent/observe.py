"""Look and judge: observe only what the policies ask for, then evaluate each policy on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from agent.decide.columns import Columns, Row, build
from agent.decide.evaluate import Assessment, converge_field, evaluate, fields_read, in_scope
from agent.model.finding import Counts, Finding, Verdict
from agent.model.reading import Unknown
from agent.model.run import Seen
from agent.model.sweep import Request, Sweep, Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from agent.model.policy import Policy, Repository
    from agent.model.ports import Reader, Rehearser


@dataclass(frozen=True, slots=True)
class View:
    """What was seen and what the policies say of it, at one time."""

    sweeps: Mapping[str, Sweep]  # by kind
    assessments: tuple[Assessment, ...]

    @property
    def tables(self) -> dict[str, Table]:
        """Give the table of each kind."""
        return {kind: sweep.table for kind, sweep in self.sweeps.items()}

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Give what is out of line or unknown, the worst policy first."""
        ordered = sorted(self.assessments, key=lambda a: (a.policy.severity.rank, a.policy.id))
        return tuple(f for a in ordered for f in sorted(a.findings, key=lambda f: f.resource))

    @property
    def counts(self) -> Counts:
        """Count the verdicts."""
        verdicts = [f.verdict for a in self.assessments for f in a.findings]
        return Counts(
            in_line=sum(len(a.in_line) for a in self.assessments),
            out_of_line=verdicts.count(Verdict.OUT_OF_LINE),
            unknown=verdicts.count(Verdict.UNKNOWN),
        )

    def finding(self, policy: str, resource: str) -> Finding | None:
        """Give what a policy says of a resource, or None where it is in line or does not apply."""
        for assessment in self.assessments:
            if assessment.policy.id == policy:
                return next((f for f in assessment.findings if f.resource == resource), None)
        return None


@dataclass(frozen=True, slots=True)
class Eyes:
    """The systems that can be read: a reader for each kind, and the rehearser for `converge`."""

    readers: Mapping[str, Reader]
    rehearser: Rehearser


def look(eyes: Eyes, repository: Repository, now: datetime) -> View:
    """Observe every kind that a policy is about, and evaluate every policy. `now` carries any zone."""
    kinds = dict.fromkeys(p.kind for p in repository.policies)
    sweeps = {kind: _observe(eyes, repository, kind, repository.policies, None) for kind in kinds}
    return _judged(repository, sweeps, now)


def look_again(
    eyes: Eyes, repository: Repository, view: View, touched: Mapping[str, frozenset[str]], now: datetime
) -> View:
    """Read the touched resources again, for the touched policies' fields, and judge anew.

    Args:
        touched: resource ids by the policy that changed them.
    """
    sweeps = dict(view.sweeps)
    for kind, old in view.sweeps.items():
        policies = [p for p in repository.policies if p.kind == kind and p.id in touched]
        resources = sorted({r for p in policies for r in touched[p.id]})
        if resources:
            again = _observe(eyes, repository, kind, policies, resources)
            table = cast("Columns", old.table).overlay(cast("Columns", again.table))
            unseen = (*(u for u in old.unseen if u.resource not in resources), *again.unseen)
            sweeps[kind] = replace(
                old,
                table=table,
                seen=old.expected - len(unseen),
                unseen=unseen,
                identities={**old.identities, **again.identities},
            )
    return _judged(repository, sweeps, now)


def seen(view: View) -> tuple[Seen, ...]:
    """Say how much of each kind was seen."""
    return tuple(
        Seen(s.kind, s.system, s.expected, s.seen, s.proven, s.membership, s.as_of, s.unseen)
        for s in view.sweeps.values()
    )


def local(now: datetime, repository: Repository) -> datetime:
    """Give an instant in the district's zone, which `today` hangs on."""
    return now.astimezone(ZoneInfo(repository.district.timezone))


def _observe(
    eyes: Eyes, repository: Repository, kind: str, policies: Sequence[Policy], only: Sequence[str] | None
) -> Sweep:
    about = [p for p in policies if p.kind == kind]
    fields = tuple(dict.fromkeys(f for p in about for f in fields_read(p)))
    sweep = eyes.readers[kind].observe(repository, Request(kind, fields, None if only is None else tuple(only)))
    for policy in about:
        if policy.converge is not None:
            sweep = _with_rehearsal(eyes, repository, policy, sweep)
    return sweep


def _with_rehearsal(eyes: Eyes, repository: Repository, policy: Policy, sweep: Sweep) -> Sweep:
    """Add what check mode would change, for the resources that the policy applies to and that answered."""
    table = cast("Columns", sweep.table)
    silent = {u.resource: u.why for u in sweep.unseen}
    ids = [r for r in sorted(in_scope(policy, table, local(sweep.as_of, repository))) if r not in silent]
    column = converge_field(policy)
    readings = dict(eyes.rehearser.rehearse(repository, policy.converge, ids)) if ids and policy.converge else {}
    rows = [
        Row(r, table.site(r), {column.name: readings.get(r, Unknown(silent.get(r, "not rehearsed")))})
        for r in table.ids()
    ]
    return replace(sweep, table=table.overlay(build([column], rows)))


def _judged(repository: Repository, sweeps: Mapping[str, Sweep], now: datetime) -> View:
    here = local(now, repository)
    return View(
        sweeps,
        tuple(evaluate(p, cast("Columns", sweeps[p.kind].table), here) for p in repository.policies),
    )
