"""Explain one policy on one resource: the rule, each reading and its source, since when, what was tried, what next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from agent.decide.evaluate import converge_field, fields_read
from agent.decide.explain import Judgement, judge
from agent.decide.moments import settled
from agent.decide.references import needed
from agent.deliberate import Ports, guarded, plan_for
from agent.errors import InputError, UnseenError
from agent.model.finding import Finding, Verdict
from agent.model.kind import nearest
from agent.model.policy import Mode
from agent.observe import View, judged, local, look

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from agent.decide.columns import Columns
    from agent.model.action import Outcome, Plan
    from agent.model.kind import FieldRef
    from agent.model.policy import Policy, Repository
    from agent.model.reading import Reading
    from agent.model.sweep import Sweep


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything there is to say of one policy on one resource.

    `where` and `expect` are judged trees (None where the policy has no such part); `system` and `as_of` say where
    and when the readings come from; `following` says what would happen next, a sentence each.
    """

    policy: Policy
    revision: str
    resource: str
    verdict: Verdict | None  # None where the policy does not apply
    where: Judgement | None
    expect: Judgement | None
    converge: Reading | None
    system: str
    as_of: datetime
    lists: tuple[tuple[str, datetime], ...]  # the other systems that references lead to, and the time of each
    since: datetime | None
    tried: tuple[tuple[datetime, Outcome], ...]
    following: tuple[str, ...]


def explain(ports: Ports, repository: Repository, policy_id: str, resource: str, *, fresh: bool = False) -> Explanation:
    """Explain from the last recorded look; where there is none, or `fresh` asks for it, look now.

    Raises:
        InputError: there is no such policy or resource.
        UnseenError: the last look did not read what the policy asks for.
    """
    policy = _policy(repository, policy_id)
    view = _view(ports, repository, policy, fresh=fresh)
    if policy.kind not in view.tables:
        msg = f"No system shows {policy.kind}s yet: see inventory/systems.yaml, and `driftbell import`."
        raise UnseenError(msg)
    table = view.tables[policy.kind]
    name = _resource(table.ids(), policy.kind, resource)
    kinds = needed(fields_read(policy), ports.eyes.catalog.kinds[policy.kind], ports.eyes.catalog)
    sweep = next(s for s in view.of(policy.kind) if name in set(s.table.ids()))
    now = local(ports.clock(), repository)

    settled_policy = settled(policy, table.as_of, now)

    def read(field: str) -> Reading:
        return table.reading(name, field)

    finding = view.finding(policy.id, name)
    opened = next(iter(ports.hands.ledger.open_findings(policy.id, name)), None)
    return Explanation(
        policy=policy,
        revision=repository.revision.id,
        resource=name,
        verdict=_verdict(view, policy, name, finding),
        where=judge(settled_policy.where, read, now) if settled_policy.where else None,
        expect=judge(settled_policy.expect, read, now) if settled_policy.expect else None,
        converge=read(converge_field(policy).name) if policy.converge else None,
        system=sweep.system,
        as_of=sweep.as_of,
        lists=tuple((s.system, s.as_of) for s in view.sweeps if s.kind in kinds and s is not sweep),
        since=opened.since if opened else None,
        tried=tuple(ports.hands.ledger.outcomes(policy.id, name)),
        following=tuple(_following(ports, repository, view, policy, name, finding)),
    )


def _policy(repository: Repository, policy_id: str) -> Policy:
    found = next((p for p in repository.policies if p.id.lower() == policy_id.lower()), None)
    if found is None:
        msg = f"There is no policy {policy_id!r}{nearest(policy_id, [p.id for p in repository.policies]) or '.'}"
        raise InputError(msg)
    return found


def _resource(ids: Iterable[str], kind: str, wanted: str) -> str:
    known = list(ids)
    for name in (wanted, f"{kind}/{wanted}"):
        if name in known:
            return name
    hint = nearest(wanted, [*known, *(r.partition("/")[2] for r in known)])
    msg = f"There is no {kind} {wanted!r}{hint or '.'}"
    raise InputError(msg)


def _view(ports: Ports, repository: Repository, policy: Policy, *, fresh: bool) -> View:
    """Give the last look judged anew by this policy, or a look made now."""
    alone = replace(repository, policies=(policy,))
    kinds = needed(fields_read(policy), ports.eyes.catalog.kinds[policy.kind], ports.eyes.catalog)
    now = ports.clock()
    sweeps = () if fresh else _last(ports, list(kinds))
    if not any(s.kind == policy.kind for s in sweeps):
        return look(ports.eyes, repository, now)
    missing = sorted({name for s in sweeps for name in _missing(policy, kinds[s.kind], s)})
    if missing:
        msg = f"The last look did not read {', '.join(missing)}. `driftbell explain --fresh` looks now."
        raise UnseenError(msg)
    return judged(ports.eyes.catalog, alone, sweeps, now)


def _last(ports: Ports, kinds: Iterable[str]) -> tuple[Sweep, ...]:
    """Give the last sweep of each system that still shows one of these kinds."""
    readers = ports.eyes.readers
    return tuple(
        sweep
        for kind in kinds
        for system in readers.get(kind, {})
        if (sweep := ports.hands.ledger.last_sweep(kind, system)) is not None
    )


def _missing(policy: Policy, fields: Iterable[FieldRef], sweep: Sweep) -> list[str]:
    names = [f.name for f in fields]
    if policy.converge and sweep.kind == policy.kind:
        names.append(converge_field(policy).name)
    return [n for n in names if n not in cast("Columns", sweep.table).fields]


def _verdict(view: View, policy: Policy, resource: str, finding: Finding | None) -> Verdict | None:
    if finding is not None:
        return finding.verdict
    assessment = next(a for a in view.assessments if a.policy.id == policy.id)
    return Verdict.IN_LINE if resource in assessment.in_line else None


def _following(
    ports: Ports, repository: Repository, view: View, policy: Policy, resource: str, finding: Finding | None
) -> Iterable[str]:
    if finding is None:
        yield "Nothing: there is nothing to put right."
    elif finding.verdict is Verdict.UNKNOWN:
        yield "Nothing until it can be read: what is not known is not changed."
    elif policy.mode is Mode.AUDIT:
        yield "It is reported and not changed: the policy only watches (mode: audit)."
    elif not policy.remedy:
        yield "It is reported and not changed: the policy names no remedy."
    else:
        yield from _planned(guarded(ports, repository, view, plan_for(ports, repository, view)), policy, resource)


def _planned(plan: Plan, policy: Policy, resource: str) -> Iterable[str]:
    batches = [b for b in plan.batches if b.policy == policy.id and any(a.resource == resource for a in b.actions)]
    if not batches:
        yield "Nothing: no step of the remedy sets what is out of line, or another policy already asks for the same."
    for batch in batches:
        holds = [h for h in plan.holds if h.batch == batch.digest and (not h.resources or resource in h.resources)]
        what = batch.actions[0].arguments.get("playbook", batch.verb)
        if not holds:
            yield f"The next `driftbell run` runs {what} on it (plan {batch.digest}), then looks again."
        for hold in holds:
            yield f"Held ({hold.guard}): {hold.sentence} What lifts it: {hold.lifted_by}."
