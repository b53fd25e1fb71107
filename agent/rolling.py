"""Rolling out: how far each policy's present content is, one step on before a run writes, and what the run showed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC
from typing import TYPE_CHECKING

from agent.decide.rings import Facts, advance, declared, needed, present, wanting, within
from agent.model.action import Plan, Result
from agent.model.finding import Verdict
from agent.model.rollout import Progress, Ring, Rings, Rollout, RolloutNote

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime

    from agent.decide.rings import Rollouts
    from agent.model.action import Action, Batch, Outcome
    from agent.model.finding import Difference
    from agent.model.policy import Policy, Repository
    from agent.model.ports import Ledger
    from agent.observe import View

GUARD = "rings"
SERVICE = "service"  # the kind of what is checked from outside, and the family of a host's own
Key = tuple[str, str]


def rolled(ledger: Ledger, repository: Repository, view: View, never: Collection[str]) -> dict[Key, Rollout]:
    """Give how far each policy's present content was rolled out, one step on by what a look shows; nothing is kept.

    Args:
        never: resources that are never touched, so that no ring waits for them.
    """
    known = present(ledger.rollouts.all(), repository)
    stepped = {key: _stepped(ledger, repository, view, never, rollout) for key, rollout in known.items()}
    return {key: rollout for key, rollout in stepped.items() if rollout}


def _stepped(
    ledger: Ledger, repository: Repository, view: View, never: Collection[str], rollout: Rollout
) -> Rollout | None:
    """Give a rollout one step on, or None where it begins anew: its school is gone, or its trial came to nothing."""
    policy = _policy(repository, rollout.policy)
    if rollout.progress is not Progress.RUNNING or policy.kind not in view.tables:
        return rollout
    if rollout.ring is Ring.SITE and rollout.site not in {
        "",
        *view.tables[policy.kind].sites(),
        *repository.district.sites,
    }:
        return None
    facts = _facts(ledger, policy, rollout, view, _opened_since(ledger, rollout, view))
    left = frozenset(_wanted(policy, rollout, view)) - facts.results.keys() - frozenset(never)
    return advance(rollout, _rings(policy, repository), replace(facts, left=left), view.at)


def _wanted(policy: Policy, rollout: Rollout, view: View) -> Iterator[str]:
    """Give what the present ring may touch and a look found out of line."""
    for resource, finding in wanting(policy, rollout.verb, view.findings).items():
        if within(rollout, resource, finding.site):
            yield resource


def _facts(ledger: Ledger, policy: Policy, rollout: Rollout, view: View, new: Mapping[Key, _New]) -> Facts:
    unknown = {f.resource for f in view.findings if f.policy == policy.id and f.verdict is Verdict.UNKNOWN}
    touched = _changed(ledger, rollout) | ({rollout.resource} & unknown if rollout.ring is Ring.ONE else set())
    gone = touched - view.tables[policy.kind].index.keys()
    if all(sweep.whole for sweep in view.of(policy.kind)):
        touched -= gone  # nothing shows how that fares
    told = {r: _last_word(ledger, rollout, r) for r in sorted(touched)}
    results = _results(told, unknown | gone)
    sites = {view.tables[policy.kind].site(resource) for resource in results}
    return Facts(
        results,
        findings=frozenset(key for key in new if key[1] in results),
        services=frozenset(key for key, one in new.items() if _serves(key[1], one, sites)),
        doubted=frozenset(r for r in results if (word := told[r]) and word.opinion_failed),
    )


def _results(told: Mapping[str, Outcome | None], unread: Collection[str]) -> dict[str, Result]:
    """Give what came of each change; what cannot be read now is not confirmed.

    What the kill switch ended is still to be done.
    """
    results = {r: word.result if word else Result.PENDING for r, word in told.items()}
    return {r: Result.PENDING if r in unread else one for r, one in results.items() if one is not Result.STOPPED}


def _changed(ledger: Ledger, rollout: Rollout) -> set[str]:
    """Give what the present ring began to change."""
    if rollout.began is None:
        return set()
    about = (rollout.policy, rollout.verb)
    return {b.resource for b in ledger.begun(rollout.began) if (b.policy, b.verb) == about}


def _last_word(ledger: Ledger, rollout: Rollout, resource: str) -> Outcome | None:
    """Give what the present ring's last change of a resource came to."""
    told = ledger.outcomes(rollout.policy, resource)
    mine = (o for at, o in told if o.verb == rollout.verb and rollout.began and at >= rollout.began)
    return next(mine, None)


@dataclass(frozen=True, slots=True)
class _New:
    """A finding that opened while a ring was under way."""

    site: str
    differences: tuple[Difference, ...]


def _opened_since(ledger: Ledger, rollout: Rollout, view: View) -> dict[Key, _New]:
    """Give what opened since a ring began; what this look is the first to find is not in the ledger yet."""
    began = rollout.began
    if began is None:
        return {}
    known = {(o.policy, o.resource): o for o in ledger.open_findings()}
    found = {key: _New(o.site, o.differences) for key, o in known.items() if o.since > began and not o.waiver}
    return {**found, **{key: one for key, one in _out_of_line(view).items() if key not in known}}


def _out_of_line(view: View) -> dict[Key, _New]:
    wrong = (f for f in view.findings if f.verdict is Verdict.OUT_OF_LINE)
    return {(f.policy, f.resource): _New(f.site, f.differences) for f in wrong}


def _serves(resource: str, one: _New, sites: Collection[str]) -> bool:
    """Say whether a finding is of a service at one of these sites; what belongs to no site serves all of them."""
    if resource.partition("/")[0] == SERVICE:
        return not one.site or one.site in sites
    return one.site in sites and any(d.field.partition(".")[0] == SERVICE for d in one.differences)


def begin(
    ledger: Ledger, repository: Repository, rollouts: Rollouts, plan: Plan, view: View, now: datetime
) -> frozenset[Key]:
    """Keep how far rollouts are, and begin those whose first change is about to be made: before it is, not after.

    Gives those that passed their last ring with this look.
    """
    stored, moved = present(ledger.rollouts.all(), repository), dict(rollouts)
    for key, together in _together(plan).items():
        free = [a for b in together for a in plan.free(b)]
        rollout = moved.get(key)
        if rollout is None and free and _ringed(repository, plan, together):
            rollout = _first(repository, key, free[0], view, now)
        if rollout is not None and free and rollout.progress is Progress.RUNNING:
            began = view.at.astimezone(UTC)  # a clock that was put back must not hide what is begun now
            moved[key] = replace(rollout, began=min(rollout.began or began, began), changed=now)
    for key in stored.keys() - moved.keys():
        ledger.rollouts.forget(stored[key])
    changed = {key: rollout for key, rollout in moved.items() if stored.get(key) != rollout}
    for rollout in changed.values():
        ledger.rollouts.keep(rollout)
    return frozenset(key for key, rollout in changed.items() if rollout.progress is Progress.PASSED)


def _first(repository: Repository, key: Key, one: Action, view: View, now: datetime) -> Rollout:
    """Give the rollout that begins with a change, the only one that its guard left free."""
    policy, verb = key
    digest = _policy(repository, policy).digest
    began = view.at.astimezone(UTC)
    return Rollout(
        policy=policy, digest=digest, verb=verb, ring=Ring.ONE, progress=Progress.RUNNING, resource=one.resource,
        site=one.site, started=now, began=began, changed=now, playbooks=repository.playbooks_digest,
    )  # fmt: skip


def _ringed(repository: Repository, plan: Plan, together: list[Batch]) -> bool:
    """Say whether what is done together is under rings: where it is, its guard says so of whatever waits."""
    policy = _policy(repository, together[0].policy)
    held = {h.batch for h in plan.holds if h.guard == GUARD}
    asked = declared(policy, repository.district.rings) is not None or needed(together)
    return asked or any(b.digest in held for b in together)


@dataclass(frozen=True, slots=True)
class Turn:
    """What a run did: the look before it, the one after, what it planned, and which rollouts passed by then."""

    before: View
    after: View
    plan: Plan
    passed: frozenset[Key]


def end(ledger: Ledger, repository: Repository, turn: Turn, now: datetime) -> tuple[RolloutNote, ...]:
    """Keep what a run showed of its rings, halting those that it has to, and say how all of them stand."""
    known = present(ledger.rollouts.all(), repository)
    for key, together in _together(turn.plan).items():
        rollout = known.get(key)
        wrote = any(turn.plan.free(b) for b in together)
        if rollout is not None and rollout.progress is Progress.RUNNING and wrote:
            known[key] = _ended(ledger, repository, turn, rollout, now)
            ledger.rollouts.keep(known[key])
    told = (r for k, r in known.items() if r.progress is not Progress.PASSED or k in turn.passed)
    return tuple(note(ledger, repository, turn.plan, rollout, now) for rollout in told)


def _ended(ledger: Ledger, repository: Repository, turn: Turn, rollout: Rollout, now: datetime) -> Rollout:
    """Halt a ring for what its own run showed; it never passes in the run that made its change."""
    policy = _policy(repository, rollout.policy)
    known = {(o.policy, o.resource) for o in ledger.open_findings()} | _out_of_line(turn.before).keys()
    new = {key: one for key, one in _out_of_line(turn.after).items() if key not in known}
    facts = _facts(ledger, policy, rollout, turn.after, new)
    judged = advance(rollout, _rings(policy, repository), replace(facts, left=frozenset(facts.results)), now)
    return judged if judged and judged.progress is Progress.HALTED else replace(rollout, changed=now)


def note(ledger: Ledger, repository: Repository, plan: Plan, rollout: Rollout, now: datetime) -> RolloutNote:
    """Say how a rollout stands, beside a plan."""
    mine = {b.digest for b in plan.batches if (b.policy, b.verb) == (rollout.policy, rollout.verb)}
    waiting = {r for b in plan.batches if b.digest in mine for r in _held(plan, b)}
    soaked = (rollout.changed or rollout.started) + _rings(_policy(repository, rollout.policy), repository).soak
    return RolloutNote(
        policy=rollout.policy,
        verb=rollout.verb,
        ring=rollout.ring,
        progress=rollout.progress,
        resource=rollout.resource,
        site=rollout.site,
        changed=len(_changed(ledger, rollout)),
        waiting=len(waiting),
        until=soaked if rollout.progress is Progress.RUNNING and soaked > now else None,
        why=rollout.why,
        by=rollout.by,
    )


def _held(plan: Plan, batch: Batch) -> frozenset[str]:
    """Give what rings hold of a batch."""
    return Plan((batch,), tuple(h for h in plan.holds if h.guard == GUARD)).held(batch)


def _together(plan: Plan) -> dict[Key, list[Batch]]:
    found: dict[Key, list[Batch]] = {}
    for batch in plan.batches:
        found.setdefault((batch.policy, batch.verb), []).append(batch)
    return found


def _policy(repository: Repository, name: str) -> Policy:
    return next(p for p in repository.policies if p.id == name)


def _rings(policy: Policy, repository: Repository) -> Rings:
    return declared(policy, repository.district.rings) or Rings()
