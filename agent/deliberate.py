"""Deliberate: what a plan is made of and what its guards must know, gathered from the look and the ledger."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from agent import claiming, consenting, flapping, gating, rolling
from agent.consenting import Approving
from agent.decide.columns import CLOCKS_DIFFER
from agent.decide.conflicts import wishes
from agent.decide.consents import divided, granted
from agent.decide.evaluate import fields_read
from agent.decide.guards import Context, Population, Spent, guard
from agent.decide.plan import make_plan
from agent.decide.protected import ANY, idle, named, protected_resources
from agent.decide.references import needed
from agent.decide.seasons import district_caps
from agent.eyes import Eyes, listed
from agent.model.policy import Mode
from agent.observe import View, local, reading
from agent.reversing import reversed_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from agent.decide.rings import Rollouts
    from agent.enforce import Hands
    from agent.model.action import Plan
    from agent.model.finding import Finding
    from agent.model.opinion import Examiner
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
    examiner: Examiner | None = None  # what runs the district's own tests
    approving: Approving = field(default_factory=Approving)
    # who else writes fields of a resource, as far as it tells: asked of what keeps changing back
    witnesses: Callable[[Repository, str, Sequence[str]], Sequence[str]] = lambda _repository, _resource, _fields: ()


def plan_for(ports: Ports, repository: Repository, view: View) -> Plan:
    """Choose actions for what a look found out of line."""
    since = {(o.policy, o.resource): o.since for o in ports.hands.ledger.open_findings()}

    def open_for(finding: Finding) -> timedelta:
        opened = since.get((finding.policy, finding.resource))
        return timedelta() if opened is None else ports.clock() - opened

    fresh = make_plan(repository, view.findings, view.tables, ports.eyes.catalog, open_for)
    return divided(
        repository, fresh, consenting.standing(ports.approving, ports.hands.ledger, repository, ports.clock())
    )


def rested_on(ports: Ports, repository: Repository, view: View, plan: Plan) -> frozenset[str]:
    """Give the kinds that changes would rest on and that were not read at this look."""
    acting = {batch.policy for batch in plan.batches if plan.free(batch)}
    kinds = reading(ports.eyes.catalog, [p for p in repository.policies if p.id in acting]) if acting else {}
    return frozenset(kind for kind, _ in view.recalled) & kinds.keys()


def guarded(
    ports: Ports,
    repository: Repository,
    view: View,
    plan: Plan,
    approved: str = "",
    rollouts: Rollouts | None = None,
) -> Plan:
    """Give the plan with what holds it.

    Args:
        approved: the digest that the caller approves for this run.
        rollouts: how far each policy was rolled out, where that is known already.
    """
    if not plan.batches:
        return plan
    so_far = rolled(ports, repository, view) if rollouts is None else rollouts
    context = replace(facts(ports, repository, view, plan), rollouts=so_far)
    lifted = granted(plan, context, approved)
    return guard(plan, replace(context, approved=lifted, beforehand=lifted - {approved}))


def facts(ports: Ports, repository: Repository, view: View, plan: Plan) -> Context:
    """Give what guards know beside a plan, but for rings."""
    ledger, now = ports.hands.ledger, local(ports.clock(), repository)
    midnight = _midnight(now, repository)
    opened = ledger.open_findings()
    since = {(o.policy, o.resource): o.since for o in opened}
    # What cannot be told to be in a policy's scope may be in it: its list may be the one that is missing.
    acting = [a for a in view.assessments if a.policy.furthest is not Mode.AUDIT]
    scopes = {a.policy.id: a.in_scope | frozenset(a.blind) for a in acting}
    wanted = [a for b in plan.batches for a in b.actions]
    asked = {(a.policy, a.resource) for a in wanted}
    failed = claiming.failures(ledger, asked, since)
    return Context(
        policies={p.id: p for p in repository.policies},
        district=district_caps(repository.district, repository.timetable, now),
        consents=consenting.consented(ports.approving, ledger, repository, plan, now),
        enabled=ports.approving.enabled,
        gates=gating.gates(ledger, repository, plan, now),
        lasts=ledger.durations.all(),
        populations={kind: _whole(ports, view, kind) for kind in {s.kind for s in view.sweeps}},
        protected=_protected(ports, repository, view, {a.resource for a in wanted}),
        confined=_confined(repository),
        spent=_spent(ports, view, midnight),
        failures={pair: len(times) for pair, times in failed.items()},
        tried={pair: times[0] for pair, times in failed.items() if times},
        claims=claiming.claims(ledger, ports.eyes.catalog.verbs),
        returned=flapping.returned(ledger, wanted, since, now),
        rings=repository.district.rings,
        since=since,
        approved=frozenset(),
        stopped=ports.hands.clearance.stopped(),
        refused=repository.refused,
        reversed=reversed_by(ledger, repository, plan),
        wishes=wishes(repository.policies, scopes, {a.resource: a.site for a in wanted}, view.tables),
        now=now,
        site_limits={s.id: s.per_site for s in repository.district.sites.values() if s.per_site is not None},
        sizes=_sizes(view, {a.resource.partition("/")[0] for a in wanted}),
        rests_on={b.policy: _rests_on(ports, repository, view, b.policy) for b in plan.batches},
    )


def rolled(ports: Ports, repository: Repository, view: View) -> Rollouts:
    """Give how far each policy was rolled out, one step on by what a look shows."""
    if not ports.hands.ledger.rollouts.all():
        return {}
    seen = {f.resource for f in view.findings}
    protected = _protected(ports, repository, view, seen).keys()
    return rolling.rolled(ports.hands.ledger, repository, view, protected | _confined(repository).keys())


def population(ports: Ports, sweep: Sweep) -> Population:
    """Say how many one list has now and had at the last good look, and whether anything may rest on it."""
    before = ports.hands.ledger.population(listed(sweep))
    return Population(sweep.expected, before, sweep.proven, sweep.membership, sweep.kind, _flaw(sweep, ports.clock()))


def _flaw(sweep: Sweep, now: datetime) -> str:
    if sweep.as_of > now + CLOCKS_DIFFER and not sweep.trouble:
        return f"{sweep.system} is of {sweep.as_of:%Y-%m-%d %H:%M} UTC, which this server's clock has not reached"
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


def _protected(ports: Ports, repository: Repository, view: View, asked: Iterable[str]) -> dict[str, str]:
    read = {r: m for s in view.sweeps for r, m in s.identities.items()}
    identities = {**ports.hands.ledger.identities(), **read}
    addresses = {h.id: str(h.variables.get("ansible_host", h.name)) for h in repository.hosts}
    never = named(repository.district.never_touch, {*asked, *addresses, *identities})
    return protected_resources(never, addresses, identities, ports.own_identity)


def covering_nothing(repository: Repository, view: View) -> tuple[str, ...]:
    """Say which names of what is never touched cover nothing that was seen: somebody may believe otherwise."""
    never = [name for name in repository.district.never_touch if ANY in name]
    known = {h.id for h in repository.hosts}.union(*(t.ids() for t in view.tables.values())) if never else set()
    return tuple(
        f"`never_touch: {name}` covers nothing that was seen, so it protects nothing." for name in idle(never, known)
    )


def _confined(repository: Repository) -> dict[str, str]:
    """Give the hosts that may be changed below one folder only; a host that is never touched is not among them."""
    folders = {h.id: h.variables.get("driftbell_only_under") for h in repository.hosts}
    never = named(repository.district.never_touch, folders)
    return {host: str(folder) for host, folder in folders.items() if folder is not None and host not in never}


def _spent(ports: Ports, view: View, since: datetime) -> tuple[Spent, ...]:
    """Give what was begun since an instant, each at the site that its resource is at now."""
    return tuple(
        Spent(b.policy, _site(view, b.resource), b.verb.partition(".")[0], b.number)
        for b in ports.hands.ledger.begun(since)
    )


def _site(view: View, resource: str) -> str:
    table = view.tables.get(resource.partition("/")[0])
    return "" if table is None else table.site(resource)


def _sizes(view: View, kinds: Iterable[str]) -> dict[tuple[str, str], int]:
    """Give how many resources of each kind every site has."""
    shown = [kind for kind in kinds if kind in view.tables]  # what an undo is about may be asked about no more
    return {(kind, site): number for kind in shown for site, number in view.tables[kind].sites().items()}


def _midnight(now: datetime, repository: Repository) -> datetime:
    return local(now, repository).replace(hour=0, minute=0, second=0, microsecond=0)
