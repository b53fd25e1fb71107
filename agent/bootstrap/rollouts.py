"""Rollouts at the command line: how they stand, and what a person says of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agent import bootstrap
from agent.bootstrap.people import allowed
from agent.bootstrap.registry import now
from agent.errors import InputError
from agent.model.kind import nearest
from agent.model.rollout import Progress, Rollout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.ledger.store import LedgerStore
    from agent.model.policy import Policy, Repository
    from agent.settings import Settings

DUTY = "approve"


def rollouts(settings: Settings) -> tuple[Repository, tuple[Rollout, ...]]:
    """Give every rollout there ever was, those of the present policies first, the newest first."""
    repository = bootstrap.load(settings)
    with bootstrap.ledger(settings, read_only=True) as store:
        found = sorted(store.rollouts.all(), key=lambda r: r.started, reverse=True)
    current = {(p.id, p.digest) for p in repository.policies}
    return repository, tuple(sorted(found, key=lambda r: (r.policy, r.digest) not in current))


def resume(settings: Settings, name: str) -> Iterator[str]:
    """Let a policy go on: its halted rollouts at the ring they were in, and what kept changing back. Says what it did.

    Raises:
        InputError: there is no such policy, or nothing of it waits for a person.
        HeldError: the caller may not, or a run is at work.
    """
    with bootstrap.exclusive(settings):
        repository = bootstrap.load(settings)
        policy = _policy(repository, name)
        who, unsaid = allowed(settings, repository.district, DUTY, bootstrap.caller())
        with bootstrap.ledger(settings) as store:
            said = [*_resumed(store, policy, who), *_answered(store, policy, who)]
    if not said:
        msg = f"Nothing of {policy.id} waits for a person: `driftbell rollouts` shows what is under way."
        raise InputError(msg)
    yield from said
    if unsaid:
        yield unsaid


def _resumed(store: LedgerStore, policy: Policy, who: str) -> Iterator[str]:
    for rollout in _of(store, policy):
        if rollout.progress is Progress.HALTED:
            again = replace(rollout, progress=Progress.RUNNING, began=None, changed=now(), why="", by=who)
            store.rollouts.keep(again)
            yield f"The rollout of {policy.id} goes on in ring {rollout.ring + 1} of 3; it was halted: {rollout.why}"


def _answered(store: LedgerStore, policy: Policy, who: str) -> Iterator[str]:
    """End what keeps changing back, and what was taken back: from now on it is counted anew."""
    before = store.returns.answered().get(policy.id)
    told = {resource: said.at for (about, resource), said in store.returns.testimonies().items() if about == policy.id}
    quarantined = [resource for resource, at in told.items() if before is None or at > before[1]]
    back = store.reversals.forget(policy.id)
    if quarantined:
        store.returns.answer(policy.id, who, now())
        yield f"{policy.id} may put right again what kept changing back ({', '.join(sorted(quarantined))})."
    if back:
        yield f"{policy.id} may change again what was taken back ({back})."


def abandon(settings: Settings, name: str, why: str) -> Iterator[str]:
    """Let what a policy now says be rolled out no further. Says what it did.

    Raises:
        InputError: there is no such policy, or nothing of it is being rolled out.
        HeldError: the caller may not, or a run is at work.
    """
    with bootstrap.exclusive(settings):
        repository = bootstrap.load(settings)
        policy = _policy(repository, name)
        who, unsaid = allowed(settings, repository.district, DUTY, bootstrap.caller())
        with bootstrap.ledger(settings) as store:
            going = [r for r in _of(store, policy) if r.progress in {Progress.RUNNING, Progress.HALTED}]
            for rollout in going:
                store.rollouts.keep(replace(rollout, progress=Progress.ABANDONED, why=why, by=who))
    if not going:
        msg = f"Nothing of what {policy.id} says now is being rolled out, so there is nothing to abandon."
        raise InputError(msg)
    yield (
        f"What {policy.id} says now is rolled out no further. What was changed stays as it is: `driftbell undo` takes "
        "it back. A changed policy begins anew with one."
    )
    if unsaid:
        yield unsaid


def _of(store: LedgerStore, policy: Policy) -> list[Rollout]:
    """Give the rollouts of what a policy says now."""
    return [r for r in store.rollouts.all() if (r.policy, r.digest) == (policy.id, policy.digest)]


def _policy(repository: Repository, name: str) -> Policy:
    known = {p.id: p for p in repository.policies}
    if name not in known:
        msg = f"There is no policy {name!r:.80}{nearest(name, list(known)) or '.'}"
        raise InputError(msg)
    return known[name]
