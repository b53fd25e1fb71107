"""Deliberate: what a plan is made of and what its guards must know, gathered from the look and the ledger."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent.decide.conflicts import wishes
from agent.decide.guards import Context, Population, guard, protected_resources
from agent.decide.plan import make_plan
from agent.model.action import Plan, Result
from agent.observe import Eyes, View, local

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from agent.enforce import Hands
    from agent.model.kind import Catalog
    from agent.model.policy import Repository
    from agent.model.run import Run


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything that a cycle asks of the world."""

    eyes: Eyes
    hands: Hands
    catalog: Catalog
    clock: Callable[[], datetime]  # UTC
    new_id: Callable[[], str]
    own_identity: str
    exit_code: Callable[[Run], int]


def plan_for(ports: Ports, repository: Repository, view: View) -> Plan:
    """Choose actions for what a look found out of line."""
    return make_plan(repository, view.findings, view.tables, ports.catalog)


def guarded(ports: Ports, repository: Repository, view: View, plan: Plan, approved: str = "") -> Plan:
    """Give the plan with what holds it; `approved` is the digest that the caller approves for this run."""
    return guard(plan, replace(_context(ports, repository, view, plan), approved=frozenset({approved} - {""})))


def _context(ports: Ports, repository: Repository, view: View, plan: Plan) -> Context:
    ledger, midnight = ports.hands.ledger, _midnight(ports.clock(), repository)
    opened = ledger.open_findings()
    since = {(o.policy, o.resource): o.since for o in opened}
    scopes = {a.policy.id: a.in_scope for a in view.assessments}
    asked = {(a.policy, a.resource) for b in plan.batches for a in b.actions}
    return Context(
        policies={p.id: p for p in repository.policies},
        district=repository.district.caps,
        populations={kind: population(ports, view, kind) for kind in view.sweeps},
        protected=_protected(ports, repository, view),
        confined=_confined(repository),
        spent={b.policy: ledger.spent(b.policy, midnight) for b in plan.batches},
        failures={pair: _failures(ports, pair, since[pair]) for pair in asked if pair in since},
        since=since,
        approved=frozenset(),
        stopped=ports.hands.clearance.stopped(),
        wishes=wishes(repository.policies, scopes, frozenset(resource for _, resource in asked)),
        now=local(ports.clock(), repository),
    )


def population(ports: Ports, view: View, kind: str) -> Population:
    """Say how many of a kind were expected now and at the last good look."""
    sweep = view.sweeps[kind]
    return Population(sweep.expected, ports.hands.ledger.population(kind), sweep.proven, sweep.membership)


def _protected(ports: Ports, repository: Repository, view: View) -> dict[str, str]:
    read = {r: m for s in view.sweeps.values() for r, m in s.identities.items()}
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
