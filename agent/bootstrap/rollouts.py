"""Rollouts at the command line: how they stand, and what a person says of them."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent import bootstrap
from agent.bootstrap.people import allowed
from agent.bootstrap.registry import now
from agent.decide.deputies import DUTY
from agent.decide.rings import present
from agent.errors import InputError
from agent.model.rollout import Progress, Rollout
from agent.reversing import let_again

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from agent.ledger.store import LedgerStore
    from agent.model.policy import Policy, Repository
    from agent.settings import Settings


@dataclass(frozen=True, slots=True)
class Known:
    """Every rollout there is: those of what policies and playbooks are now, and those of what they were."""

    repository: Repository
    present: tuple[Rollout, ...]
    past: tuple[Rollout, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """Who says something of a policy, and a sentence where that rests on no setting."""

    store: LedgerStore
    policy: Policy
    who: str
    unsaid: str
    rollouts: tuple[Rollout, ...]  # of what the policy and its playbooks are now
    playbooks: str  # the digest of all of them


def rollouts(settings: Settings) -> Known:
    """Give every rollout there is, the newest first."""
    repository = bootstrap.load(settings)
    with bootstrap.ledger(settings, read_only=True) as store:
        found = sorted(store.rollouts.all(), key=lambda r: r.started, reverse=True)
    now_there = tuple(present(found, repository).values())
    return Known(repository, now_there, tuple(r for r in found if r not in now_there))


@contextlib.contextmanager
def _saying(settings: Settings, name: str) -> Generator[Said, None, None]:
    """Have somebody say something of a policy, while nothing else changes anything.

    Raises:
        InputError: there is no such policy.
        HeldError: the caller may not, or a run is at work.
    """
    from agent.recall import policy_named

    with bootstrap.exclusive(settings):
        repository = bootstrap.load(settings)
        policy = policy_named(repository, name)
        who, unsaid = allowed(settings, repository.district, DUTY, bootstrap.caller())
        with bootstrap.ledger(settings) as store:
            mine = tuple(r for r in present(store.rollouts.all(), repository).values() if r.policy == policy.id)
            yield Said(store, policy, who, unsaid, mine, repository.playbooks_digest)


def resume(settings: Settings, name: str) -> Iterator[str]:
    """Let a policy go on: its halted rollouts at the ring they were in, and what kept changing back. Says what it did.

    Raises:
        InputError: there is no such policy, or nothing of it waits for a person.
        HeldError: the caller may not, or a run is at work.
    """
    with _saying(settings, name) as saying:
        said = [*_resumed(saying), *_answered(saying.store, saying.policy, saying.who)]
    if not said:
        msg = f"Nothing of {saying.policy.id} waits for a person: `driftbell rollouts` shows what is under way."
        raise InputError(msg)
    yield from said
    if saying.unsaid:
        yield saying.unsaid


def _resumed(saying: Said) -> Iterator[str]:
    for rollout in saying.rollouts:
        if rollout.progress is not Progress.HALTED:
            continue
        if rollout.playbooks != saying.playbooks:
            saying.store.rollouts.forget(rollout)
            yield f"{rollout.policy} begins anew with one: playbooks changed since it was halted: {rollout.why}"
        else:
            again = replace(rollout, progress=Progress.RUNNING, began=None, changed=now(), why="", by=saying.who)
            saying.store.rollouts.keep(again)
            ring = f"ring {rollout.ring + 1} of 3"
            yield f"The rollout of {rollout.policy} goes on in {ring}; it was halted: {rollout.why}"


def _answered(store: LedgerStore, policy: Policy, who: str) -> Iterator[str]:
    """End what keeps changing back, and what was taken back: from now on it is counted anew."""
    before = store.returns.answered().get(policy.id)
    told = {resource: said.at for (about, resource), said in store.returns.testimonies().items() if about == policy.id}
    quarantined = [resource for resource, at in told.items() if before is None or at > before[1]]
    back = let_again(store, policy)
    if quarantined:
        store.returns.answer(policy.id, who, now())
        yield f"{policy.id} may put right again what kept changing back ({', '.join(sorted(quarantined))})."
    if back:
        yield f"{policy.id} may do again what was taken back ({back} resource{'s' * (back != 1)})."


def abandon(settings: Settings, name: str, why: str) -> Iterator[str]:
    """Let what a policy now says be rolled out no further. Says what it did.

    Raises:
        InputError: there is no such policy, or nothing of it is being rolled out.
        HeldError: the caller may not, or a run is at work.
    """
    with _saying(settings, name) as saying:
        going = [r for r in saying.rollouts if r.progress in {Progress.RUNNING, Progress.HALTED}]
        for rollout in going:
            saying.store.rollouts.keep(replace(rollout, progress=Progress.ABANDONED, why=why, by=saying.who))
    if not going:
        msg = f"Nothing of what {saying.policy.id} says now is being rolled out, so there is nothing to abandon."
        raise InputError(msg)
    yield (
        f"What {saying.policy.id} says now is rolled out no further. What was changed stays as it is: "
        "`driftbell undo` takes it back. A changed policy begins anew with one."
    )
    if saying.unsaid:
        yield saying.unsaid
