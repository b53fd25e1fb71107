"""Compare two revisions of the policies: both judged on one look, and what differs in findings and actions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent.decide import edits
from agent.decide.evaluate import fields_read
from agent.decide.reach import reach
from agent.decide.shifts import shifts
from agent.deliberate import Ports, guarded, plan_for
from agent.eyes import HOST
from agent.model.comparison import Acted, Compared, Comparison, How, Shift, Stand
from agent.model.finding import Finding, Verdict
from agent.model.policy import Mode
from agent.model.reading import Unknown
from agent.observe import judged, look, seen
from agent.recall import recalled, unread, with_inventory
from agent.secrets import Secret, scrub

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from agent.decide.evaluate import Assessment
    from agent.errors import Problem
    from agent.model.action import Action, Hold, Plan
    from agent.model.comparison import Edit
    from agent.model.kind import FieldRef
    from agent.model.policy import Converge, Host, Policy, Repository
    from agent.model.reading import Reading
    from agent.model.run import Reach
    from agent.model.sweep import Sweep
    from agent.observe import View

MOST_HOSTS = 5  # named in a caveat
APPROVAL = "an approval, under the number that `driftbell plan` gives once this is merged"
NOT_TRIED = "what its playbook would change, which is tried only once it is merged"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is compared. `older` is empty of everything where `broken` says why it does not load.

    `told` gives what an inventory says of a host: the groups and variables of a revision are its own. `covered` names
    resources for a text that is read by many, people only counted. `beside` is what differs in files that no verdict
    hangs on.
    """

    older: Repository
    newer: Repository
    at: datetime
    told: Callable[[Host, FieldRef], Reading]
    covered: Callable[[Sequence[str]], str]
    fresh: bool = False
    broken: tuple[Problem, ...] = ()
    beside: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class _Side:
    """One revision, judged. `untold` says by policy id what keeps it from being judged."""

    repository: Repository
    view: View
    untold: Mapping[str, tuple[str, ...]]
    plan: Plan

    def policy(self, name: str) -> Policy | None:
        return next((p for p in self.repository.policies if p.id == name), None)

    def assessment(self, name: str) -> Assessment | None:
        return next((a for a in self.view.assessments if a.policy.id == name), None)

    def reach(self, name: str) -> Reach | None:
        found = self.assessment(name)
        return reach(found, self.view.tables[found.policy.kind], self.view.at) if found else None


class _NoRehearsal:
    """Runs nothing: a playbook that is still under review is not even run in check mode."""

    def rehearse(self, _repository: Repository, _converge: Converge, resources: Sequence[str]) -> Mapping[str, Reading]:
        return dict.fromkeys(resources, Unknown(NOT_TRIED))


def compare(ports: Ports, asked: Asked) -> Comparison:
    """Judge both revisions on the last recorded look, or on one made now, and say what differs. Nothing is written."""
    sweeps = _looked(ports, asked)
    older, newer = (_side(ports, asked, r, sweeps) for r in (asked.older, asked.newer))
    around = () if asked.broken else edits.of_district(asked.older, asked.newer, asked.covered)
    names = dict.fromkeys([*(p.id for p in older.repository.policies), *(p.id for p in newer.repository.policies)])
    told = sorted((_compared(ports, asked, n, older, newer, around=bool(around)) for n in names), key=_order)
    return Comparison(
        older=asked.older.revision,
        newer=asked.newer.revision,
        district=asked.newer.district.name,
        timezone=asked.newer.district.timezone,
        at=asked.at,
        seen=seen(newer.view, asked.at),
        fresh=asked.fresh,
        policies=tuple(c for c in told if not c.silent),
        same=sum(c.silent and not (c.untold and around) for c in told),
        unread=tuple(c.id for c in told if c.silent and c.untold and around),
        surroundings=(*around, *asked.beside),
        actions=tuple(_acted(older.plan, newer.plan)),
        caveats=tuple(_caveats(ports, asked, newer, sweeps)),
        broken=asked.broken,
        private=tuple(k.name for k in ports.eyes.catalog.kinds.values() if k.private),
        sites={s.id: s.name for s in asked.newer.district.sites.values()},
    )


def _looked(ports: Ports, asked: Asked) -> tuple[Sweep, ...]:
    if not asked.fresh:
        return recalled(ports, asked.newer)
    also: dict[str, set[FieldRef]] = {}
    for policy in asked.older.policies:
        also.setdefault(policy.kind, set()).update(fields_read(policy))
    eyes = replace(ports.eyes, rehearser=_NoRehearsal())
    fields = {kind: frozenset(refs) for kind, refs in also.items()}
    return look(eyes, asked.newer, asked.at, fields).sweeps


def _side(ports: Ports, asked: Asked, repository: Repository, sweeps: tuple[Sweep, ...]) -> _Side:
    catalog = ports.eyes.catalog
    mine = sweeps if asked.fresh else with_inventory(sweeps, repository, asked.told, catalog)
    untold = {p.id: why for p in repository.policies if (why := _untold(ports, asked, p, mine))}
    alone = replace(repository, policies=tuple(p for p in repository.policies if p.id not in untold))
    view = judged(catalog, alone, mine, asked.at)
    acting = tuple(a for a in view.assessments if a.policy.furthest is not Mode.AUDIT and a.policy.remedy)
    asking = replace(view, assessments=acting)
    return _Side(repository, view, untold, guarded(ports, alone, asking, plan_for(ports, alone, asking)))


def _untold(ports: Ports, asked: Asked, policy: Policy, sweeps: tuple[Sweep, ...]) -> tuple[str, ...]:
    """Say what a policy asks for that the look does not tell."""
    shown = ports.eyes.readers
    if policy.kind not in {s.kind for s in sweeps} and policy.kind not in shown:
        return ()  # nobody shows such things, in either revision: there is nothing to judge
    if policy.converge is None:
        return unread(policy, ports.eyes.catalog, sweeps, shown)
    sides = (asked.older, asked.newer)
    same = len({next((p.digest for p in r.policies if p.id == policy.id), r.root) for r in sides}) == 1
    if not same or asked.older.playbooks_digest != asked.newer.playbooks_digest:
        return () if policy.id not in {p.id for p in asked.newer.policies} else (NOT_TRIED,)
    return unread(policy, ports.eyes.catalog, sweeps, shown)


def _compared(ports: Ports, asked: Asked, name: str, older: _Side, newer: _Side, *, around: bool) -> Compared:
    before, after = older.policy(name), newer.policy(name)
    policy = after or before
    if policy is None:
        raise AssertionError(name)
    untold = tuple(dict.fromkeys([*older.untold.get(name, ()), *newer.untold.get(name, ())]))
    changed = edits.of_policy(before, after) if before and after else ()
    edited = bool(before and after and (changed or before.digest != after.digest))
    moved = _closed(ports, policy) if untold and after is None else ()
    if not untold:
        site = _site(older, newer, policy)
        moved = shifts(older.assessment(name), newer.assessment(name), site, reworded=edited or around)
    return Compared(
        id=name,
        title=policy.title,
        kind=policy.kind,
        severity=policy.severity,
        how=How.ALONE if asked.broken else _how(before, after, edited=edited),
        place=str(policy.place),
        mode=" -> ".join(dict.fromkeys(p.mode.value for p in (before, after) if p)),
        edits=changed,
        shifts=moved,
        untold=untold if after is not None else (),
        lasting=policy.lasting,
        before=None if untold else older.reach(name),
        after=None if untold else newer.reach(name),
    )


def _how(before: Policy | None, after: Policy | None, *, edited: bool) -> How:
    if after is None:
        return How.REMOVED
    return How.ADDED if before is None else How.CHANGED if edited else How.SAME


def _site(older: _Side, newer: _Side, policy: Policy) -> Callable[[str], str]:
    tables = [side.view.tables[policy.kind] for side in (newer, older) if policy.kind in side.view.tables]
    return lambda resource: next((s for t in tables if (s := t.site(resource))), "")


def _closed(ports: Ports, policy: Policy) -> tuple[Shift, ...]:
    """Give what is open of a policy that is no longer there, by the ledger, where the look cannot tell."""
    opened = ports.hands.ledger.open_findings(policy.id)
    return tuple(
        Shift(
            o.resource,
            "",
            Stand.OUT_OF_LINE,
            Stand.NOT_THERE,
            Finding(policy.id, o.resource, "", Verdict.OUT_OF_LINE, o.differences, "", since=o.since),
        )
        for o in sorted(opened, key=lambda o: o.resource)
    )


def _order(compared: Compared) -> tuple[int, int, str]:
    return (list(How).index(compared.how), compared.severity.rank, compared.id)


def _acted(older: Plan, newer: Plan) -> Iterator[Acted]:
    """Give each step of a policy that would do something before or after, and not the same."""
    before, after = _steps(older), _steps(newer)
    differences = (d for b in newer.batches for a in b.actions for d in a.differences if d.sensitive)
    secrets = [Secret(v) for v in {v for d in differences for v in (d.expected, d.observed)}]
    for key in sorted({*before, *after}):
        was, now = before.get(key, {}), after.get(key, {})
        batches = [b for b in newer.batches if (b.policy, b.step) == key]
        digests = {b.digest for b in batches}
        same = digests == {b.digest for b in older.batches if (b.policy, b.step) == key}
        holds = [h for h in newer.holds if h.batch in digests]
        if same and _held(older, key) == _held(newer, key):
            continue
        yield Acted(
            policy=key[0],
            step=key[1],
            deed=_deed(next(iter((now or was).values()))),
            before=tuple(sorted(was)),
            after=tuple(sorted(now)),
            differing=tuple(sorted(r for r in was.keys() & now.keys() if _what(was[r]) != _what(now[r]))),
            held=len(_held(newer, key)),
            holds=tuple(dict.fromkeys((h.guard, scrub(h.sentence, secrets), _lifted(h)) for h in holds)),
            anew=not same and was.keys() == now.keys(),
        )


def _lifted(hold: Hold) -> str:
    """Say what lifts a hold; a plan that is only thought through has no number that anybody could approve."""
    return APPROVAL if hold.approvable else hold.lifted_by


def _steps(plan: Plan) -> dict[tuple[str, int], dict[str, Action]]:
    found: dict[tuple[str, int], dict[str, Action]] = {}
    for batch in plan.batches:
        found.setdefault((batch.policy, batch.step), {}).update({a.resource: a for a in batch.actions})
    return found


def _held(plan: Plan, key: tuple[str, int]) -> frozenset[str]:
    return frozenset(r for b in plan.batches if (b.policy, b.step) == key for r in plan.held(b))


def _what(action: Action) -> object:
    return (action.verb, action.arguments, [(d.field, d.expected) for d in action.differences])


def _deed(action: Action) -> str:
    playbook = action.arguments.get("playbook")
    return f"runs {playbook}" if playbook else action.verb


def _caveats(ports: Ports, asked: Asked, newer: _Side, sweeps: Sequence[Sweep]) -> Iterator[str]:
    """Say what a reader has to know before believing the rest."""
    yield from dict.fromkeys([*asked.older.warnings, *asked.newer.warnings])
    if not sweeps:
        yield "Nothing was looked at yet from this state directory: `driftbell run` looks, or --fresh does for once."
    known = {r for s in sweeps if s.kind == HOST for r in s.table.ids()}
    strangers = sorted(h.name for h in asked.newer.hosts if h.id not in known)
    if strangers and known:
        more = f" and {len(strangers) - MOST_HOSTS} more" if len(strangers) > MOST_HOSTS else ""
        yield f"Nothing is known of hosts that were not in the last look: {', '.join(strangers[:MOST_HOSTS])}{more}."
    slow = [p.id for p in newer.repository.policies if p.lasting > 1]
    if slow:
        yield f"A finding of {', '.join(slow)} opens only once it was seen in several looks in a row."
    shown = {s.name for s in asked.newer.sources}
    gone = sorted(s.name for s in asked.older.sources if s.name not in shown)
    if gone:
        yield f"The newer revision no longer has the lists {', '.join(gone)}: what they showed is judged in neither."
    stopped = ports.hands.clearance.stopped()
    if stopped:
        yield f"All changes are stopped now ({stopped}), which holds every action here."
