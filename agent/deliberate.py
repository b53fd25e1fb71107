"""Deliberate: what a plan is made of and what its guards must know, gathered from the look and the ledger."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from agent.decide.conflicts import wishes
from agent.decide.evaluate import fields_read
from agent.decide.guards import Context, Population, guard
from agent.decide.plan import make_plan
from agent.decide.protected import protected_resources
from agent.decide.references import needed
from agent.model.action import Plan, Result
from agent.model.policy import Mode
from agent.observe import Eyes, View, listed, local

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from agent.enforce import Hands
    from agent.model.policy import Repository
    from agent.model.run import Run
    from agent.model.sweep import Sweep


DAY = 24  # hours


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything that a cycle asks of the world."""

    eyes: Eyes
    hands: Hands
    clock: Callable[[], datetime]  # UTC
    new_id: Callable[[], str]
    own_identity: str
    exit_code: Callable[[Run], int]
    earlier: Callable[[str], Repository | None] = lambda _revision: None  # an older revision, where it can be read


def plan_for(ports: Ports, repository: Repository, view: View) -> Plan:
    """Choose actions for what a look found out of line."""
    return make_plan(repository, view.findings, view.tables, ports.eyes.catalog)


def guarded(ports: Ports, repository: Repository, view: View, plan: Plan, approved: str = "") -> Plan:
    """Give the plan with what holds it; `approved` is the digest that the caller approves for this run."""
    if not plan.batches:
        return plan
    return guard(plan, replace(_context(ports, repository, view, plan), approved=frozenset({approved} - {""})))


def _context(ports: Ports, repository: Repository, view: View, plan: Plan) -> Context:
    ledger, midnight = ports.hands.ledger, _midnight(ports.clock(), repository)
    opened = ledger.open_findings()
    since = {(o.policy, o.resource): o.since for o in opened}
    scopes = {a.policy.id: a.in_scope for a in view.assessments if a.policy.furthest is not Mode.AUDIT}
    wanted = [a for b in plan.batches for a in b.actions]
    asked = {(a.policy, a.resource) for a in wanted}
    return Context(
        policies={p.id: p for p in repository.policies},
        district=repository.district.caps,
        populations={kind: _whole(ports, view, kind) for kind in {s.kind for s in view.sweeps}},
        protected=_protected(ports, repository, view),
        confined=_confined(repository),
        spent={b.policy: ledger.spent(b.policy, midnight) for b in plan.batches},
        failures={pair: _failures(ports, pair, since[pair]) for pair in asked if pair in since},
        since=since,
        approved=frozenset(),
        stopped=ports.hands.clearance.stopped(),
        wishes=wishes(repository.policies, scopes, {a.resource: a.site for a in wanted}, view.tables),
        now=local(ports.clock(), repository),
        rests_on={b.policy: _rests_on(ports, repository, view, b.policy) for b in plan.batches},
    )


def population(ports: Ports, sweep: Sweep) -> Population:
    """Say how many one list has now and had at the last good look, and whether anything may rest on it."""
    before = ports.hands.ledger.population(listed(sweep))
    return Population(sweep.expected, before, sweep.proven, sweep.membership, sweep.kind, _flaw(sweep, ports.clock()))


def _flaw(sweep: Sweep, now: datetime) -> str:
    if sweep.trouble or not sweep.stale(now):
        return sweep.trouble
    hours = (now - sweep.as_of) // timedelta(hours=1)
    return f"{sweep.system} is {hours} hours old" if hours < 2 * DAY else f"{sweep.system} is {hours // DAY} days old"


def _whole(ports: Ports, view: View, kind: str) -> Population:
    """Give the size of a whole kind, which shares are taken of: the last proven one where this look proves nothing."""
    lists = [population(ports, sweep) for sweep in view.of(kind)]
    sizes = [p.now if p.proven or p.before is None else p.before for p in lists]
    return Population(sum(sizes), None, all(p.proven for p in lists), "; ".join(p.membership for p in lists), kind)


def _rests_on(ports: Ports, repository: Repository, view: View, policy: str) -> tuple[Population, ...]:
    """Give every list that what a policy says hangs on."""
    found = next(p for p in repository.policies if p.id == policy)
    kind = ports.eyes.catalog.kinds[found.kind]
    kinds = {found.kind, *needed(fields_read(found), kind, ports.eyes.catalog)}
    return tuple(population(ports, sweep) for sweep in view.sweeps if sweep.kind in kinds)


def _protected(ports: Ports, repository: Repository, view: View) -> dict[str, str]:
    read = {r: m for s in view.sweeps for r, m in s.identities.items()}
    addresses = {h.id: str(h.variables.get("ansible_host", h.name)) for h in repository.hosts}
    never = dict.fromkeys(repository.district.never_touch, "policies/district.yaml says so")
    return protected_resources(never, addresses, {**ports.hands.ledger.identities(), **read}, ports.own_identity)


def _confined(repository: Repository) -> dict[str, str]:
    """Give the hosts that may be changed below one folder only; a host that is never touched is not among them."""
    folders = {h.id: h.variables.get("driftbell_only_under") for h in repository.hosts}
    never = repository.district.never_touch
    return {host: str(folder) for host, folder in folders.items() if folder is not None and host not in never}


def _failures(ports: Ports, pair: tuple[str, str], since: datetime) -> int:
    tried = ports.hands.ledger.outcomes(*pair)
    return sum(1 for at, outcome in tried if at >= since and outcome.result is Result.FAILED)


def _midnight(now: datetime, repository: Repository) -> datetime:
    return local(now, repository).replace(hour=0, minute=0, second=0, microsecond=0)
