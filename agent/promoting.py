"""Promoting: what a policy would have done while it watched or asked, and its next step on the trust path.

Nothing is written. The guards are tried on the last recorded look, with the policy as it would be.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from agent.decide import promotion as reckon
from agent.decide.guards.caps import tightest
from agent.decide.seasons import district_caps
from agent.deliberate import guarded, plan_for, population
from agent.errors import InputError, UnseenError
from agent.model.finding import Verdict
from agent.model.policy import Mode
from agent.model.promotion import Present, Promotion, Sight, Stop
from agent.observe import judged, local
from agent.patience import patient
from agent.recall import kinds_of, recalled, unread
from agent.remembering import remembered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from agent.decide.evaluate import Assessment
    from agent.deliberate import Ports
    from agent.model.action import Hold, Plan
    from agent.model.approval import Approval
    from agent.model.cause import Edition
    from agent.model.history import Episode
    from agent.model.policy import Policy, Repository
    from agent.model.promotion import Decided, Past
    from agent.model.sweep import Sweep
    from agent.observe import View

ASKS = "mode"  # the guard that holds what an "ask first" policy wants: that it does is what is being decided
ANEW = "a person's yes, under the number that `driftbell plan` gives once this is merged"


@dataclass(frozen=True, slots=True)
class Kept:
    """What the ledger remembers of a policy: its openings, its versions with their times, and when runs looked."""

    episodes: Sequence[Episode] = ()
    editions: Sequence[tuple[datetime, Edition]] = ()
    looks: Sequence[datetime] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a policy: from one mode to the next, everywhere or at some sites. `why` is a reason to go early."""

    policy: Policy
    mode: Mode
    wanted: Mode
    sites: tuple[str, ...] = ()
    why: str = ""
    caveats: tuple[str, ...] = field(default=())


def step(repository: Repository, policy: Policy, sites: tuple[str, ...], to: Mode | None, why: str) -> Step:
    """Give the step that is meant.

    Raises:
        InputError: it is none, or more than one.
    """
    if not policy.remedy:
        msg = f"{policy.id} has no `remedy`: it can only watch, and there is nothing to let it do."
        raise InputError(msg)
    modes = {policy.mode_at(s) for s in sites} or {policy.mode}
    if len(modes) > 1:
        each = ", ".join(f"{policy.mode_at(s)} at {s}" for s in sites)
        msg = f"{policy.id} is not in one mode at these sites ({each}): take them one after another."
        raise InputError(msg)
    mode = modes.pop()
    following = reckon.next_mode(mode)
    if following is None:
        msg = f"{policy.id} may fix already (mode: enforce); no step goes further."
        raise InputError(msg)
    if to is not None and to is not following:
        msg = f"{policy.id} is in {mode}. One step at a time: audit, propose, enforce. The next one is {following}."
        raise InputError(msg)
    for site in sites:
        furthest = repository.district.sites[site].mode
        if furthest.rank < following.rank:
            msg = f"policies/district.yaml lets no policy go further than {furthest} at {site}."
            raise InputError(msg)
    return Step(policy, mode, following, sites, why)


def promotion(ports: Ports, repository: Repository, taken: Step, changed: Policy, kept: Kept) -> Promotion:
    """Say what a policy would have done, what it would do, and what holds its step.

    Args:
        ports: what is asked.
        repository: as it is.
        taken: the step.
        changed: the policy as the step makes it.
        kept: what the ledger remembers.

    Raises:
        UnseenError: the last look did not read what the policy asks for.
    """
    policy, now = taken.policy, local(ports.clock(), repository)
    view = _view(ports, repository, policy, changed)
    assessment = next(a for a in view.assessments if a.policy.id == policy.id)
    began = reckon.since(kept.editions, policy.digest)
    past = reckon.past(kept.episodes, kept.looks, began, now, frozenset(taken.sites))
    said = reckon.decided(*_words(ports, taken, began or now))
    sight = _sight(ports, view, policy, assessment, taken.sites)
    would_be, asking = _with(repository, changed), _acting(view)
    plan = guarded(ports, would_be, asking, plan_for(ports, would_be, asking))
    people = sum(s.expected for s in view.of(policy.kind))
    present = _present(plan, policy.id, taken.sites)
    caps = district_caps(repository.district, repository.timetable, now)
    return Promotion(
        policy=policy.id,
        title=policy.title,
        place=str(policy.place),
        kind=policy.kind,
        district=repository.district.name,
        timezone=repository.district.timezone,
        revision=repository.revision.id,
        at=now,
        mode=taken.mode,
        wanted=taken.wanted,
        sites={s: repository.district.sites[s].name for s in taken.sites},
        past=past,
        decided=said,
        sight=sight,
        present=present,
        run_limit=tightest([policy.caps.per_run, caps.per_run], people),
        day_limit=tightest([policy.caps.per_day, caps.per_day], people),
        bars=reckon.bars(taken.mode, past, said, sight),
        why=taken.why,
        caveats=tuple(_caveats(repository, taken, changed, past, said)),
    )


def _with(repository: Repository, changed: Policy) -> Repository:
    return replace(repository, policies=tuple(changed if p.id == changed.id else p for p in repository.policies))


def _view(ports: Ports, repository: Repository, policy: Policy, changed: Policy) -> View:
    """Judge the last recorded look by all that may act, the policy as it would be among them."""
    catalog, shown, ledger = ports.eyes.catalog, ports.eyes.readers, ports.hands.ledger
    acting = [p for p in _with(repository, changed).policies if p.furthest is not Mode.AUDIT or p.id == policy.id]
    sweeps = recalled(ports, repository, dict.fromkeys(k for p in acting for k in kinds_of(p, catalog)))
    if not any(s.kind == policy.kind for s in sweeps):
        msg = f"No look has shown what {policy.id} is about yet: `driftbell run` looks."
        raise UnseenError(msg)
    missing = unread(policy, catalog, sweeps, shown)
    if missing:
        msg = f"The last look did not read {', '.join(missing)}: `driftbell run` reads it."
        raise UnseenError(msg)
    there = {s.kind for s in sweeps}
    told = tuple(p for p in acting if p.kind in there and not unread(p, catalog, sweeps, shown))
    alone = replace(repository, policies=told)
    return remembered(ledger, alone, patient(ledger, catalog, alone, judged(catalog, alone, sweeps, ports.clock())))


def _acting(view: View) -> View:
    return replace(view, assessments=tuple(a for a in view.assessments if a.policy.remedy))


def _words(ports: Ports, taken: Step, began: datetime) -> tuple[list[Approval], frozenset[str]]:
    """Give what people said since an instant, and the plan numbers among it that are of this policy, at these sites."""
    ledger = ports.hands.ledger
    words = list(ledger.approvals.since(began))
    batches = [b for d in dict.fromkeys(w.batch for w in words) if (b := ledger.batch(d)) is not None]
    mine = (b for b in batches if b.policy == taken.policy.id)
    sites = set(taken.sites)
    return words, frozenset(b.digest for b in mine if not sites or any(a.site in sites for a in b.actions))


def _sight(ports: Ports, view: View, policy: Policy, assessment: Assessment, sites: Sequence[str]) -> Sight:
    table, wanted = view.tables[policy.kind], set(sites)
    said = (*assessment.findings, *(f for p, f in view.missed if p.id == policy.id))
    here = [f for f in said if not wanted or f.site in wanted]
    right = sum(1 for r in assessment.in_line if not wanted or table.site(r) in wanted)
    late = sum(1 for r in assessment.waits if not wanted or table.site(r) in wanted)
    kinds = kinds_of(policy, ports.eyes.catalog)
    lists = [s for s in view.sweeps if s.kind in kinds]
    return Sight(
        judged=len(here) + right + late,
        unknown=sum(f.verdict is Verdict.UNKNOWN for f in here),
        at=min((s.as_of for s in lists), default=None),
        flaws=tuple(dict.fromkeys(flaw for s in lists if (flaw := _flaw(ports, s)))),
    )


def _flaw(ports: Ports, sweep: Sweep) -> str:
    people = population(ports, sweep)
    if people.flaw:
        return people.flaw
    return "" if people.proven else f"{people.membership} ({sweep.system})"


def _present(plan: Plan, policy: str, sites: Sequence[str]) -> Present:
    """Sort what a policy would want by what holds it; that it asks first is no hold here."""
    batches = [b for b in plan.batches if b.policy == policy]
    mine = {b.digest: {a.resource for a in b.actions if not sites or a.site in sites} for b in batches}
    stops: dict[tuple[str, str, str], set[str]] = {}
    for hold in plan.holds:
        stopped = mine.get(hold.batch, set()) & (set(hold.resources) or mine.get(hold.batch, set()))
        if stopped and hold.guard != ASKS:
            stops.setdefault((hold.guard, hold.sentence, _lifted(hold)), set()).update(stopped)
    wants = set().union(*mine.values())
    held = set().union(*stops.values())
    return Present(len(wants), len(wants - held), tuple(Stop(*key, len(names)) for key, names in stops.items()))


def _lifted(hold: Hold) -> str:
    """Say what lifts a hold; a plan that is only thought through has no number that anybody could approve."""
    return ANEW if hold.approvable else hold.lifted_by


def _caveats(repository: Repository, taken: Step, changed: Policy, past: Past, said: Decided) -> Iterator[str]:
    if taken.mode is Mode.PROPOSE and not said.all:
        yield "Nobody has said yes or no to any of its proposals yet."
    if past.since is not None and not past.opened and not past.before:
        yield "It found nothing in all that time, so nothing shows what its repair does."
    behind = [] if taken.sites else sorted(_behind(repository, taken, changed))
    if behind:
        yield f"It stays as it is at {', '.join(behind)}: the policy or policies/district.yaml says so."
    stays = [s for s, site in repository.district.sites.items() if s not in taken.sites and site.mode.rank]
    if taken.sites and stays:
        yield "With a change at some sites its content is another one, so that the count begins anew for the others."


def _behind(repository: Repository, taken: Step, changed: Policy) -> Iterable[str]:
    return (s for s in repository.district.sites if changed.mode_at(s).rank < taken.wanted.rank)
