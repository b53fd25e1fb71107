"""Books of the ledger beside its journal: approvals, rollouts, captures, overrides and durations.

Each is a port of its own; every call is one transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from agent.model.action import Action
    from agent.model.approval import Approval
    from agent.model.capture import Capture
    from agent.model.provenance import Belief
    from agent.model.rollout import Rollout
    from agent.model.window import Override


class Approvals(Protocol):
    """Who said what of which batch."""

    def add(self, approval: Approval) -> bool:
        """Keep a statement; False when one with the same `statement` was ever kept. One may come used up already."""

    def standing(self) -> Sequence[Approval]:
        """Give every word, for and against, that no run has used up, oldest first; expired ones too."""

    def of(self, digest: str) -> Sequence[Approval]:
        """Give every word ever said of a batch, oldest first."""

    def since(self, at: datetime) -> Sequence[Approval]:
        """Give every word said since an instant, oldest first."""

    def askable(self) -> Sequence[str]:
        """Give the digests of the batches that were planned last, the newest first: what a word can be about."""

    def use(self, digest: str, run: str) -> None:
        """Mark every approval of a batch as used up by a run; a no is never used up."""


class Beliefs(Protocol):
    """What was decided of each revision of the rules, by where they come from."""

    def keep(self, belief: Belief) -> None:
        """Keep what was decided, unless the newest word on this source is the same."""

    def accepted(self, source: str) -> Belief | None:
        """Give the revision of a source that was accepted last."""

    def newest(self, source: str, limit: int = 20) -> Sequence[Belief]:
        """Give what was decided last, the newest first."""


class Rollouts(Protocol):
    """How far each content of a policy was rolled out."""

    def all(self) -> Sequence[Rollout]:
        """Give every rollout that is not passed, and those that passed; one for each (policy, digest, verb)."""

    def keep(self, rollout: Rollout) -> None:
        """Keep a rollout in place of the one with the same policy, digest and verb."""

    def forget(self, rollout: Rollout) -> None:
        """Forget the rollout with the same policy, digest and verb."""


class Captures(Protocol):
    """What was there before changes were made."""

    def keep(self, intents: Sequence[int], captures: Sequence[Capture]) -> None:
        """Keep one capture for each intent, before anything is written."""

    def of(self, intent: int) -> Capture | None:
        """Give what was there before an intent, or None where nothing was kept."""

    def leave(self, intents: Sequence[int], captures: Sequence[Capture]) -> None:
        """Keep what was there of the same things after each intent, in place of what was said of that before."""

    def after(self, intent: int) -> Capture | None:
        """Give what was there after an intent, or None where nobody looked."""


@dataclass(frozen=True, slots=True)
class Reversal:
    """A change that a person took back: by which run, whose, and what it was.

    Attributes:
        intent: the place of the change in the journal.
        digest: of the policy that had asked for it, as it is now; empty where it is there no more.
        run: which took it back.
        by: who wanted that.
        action: the change itself.
        lifted: the digests of other policies that may do the same again, by a person's word.
    """

    intent: int
    policy: str
    resource: str
    digest: str
    run: str
    by: str
    at: datetime
    action: Action
    lifted: tuple[str, ...] = ()


class Reversals(Protocol):
    """What a person took back, so that it is not done again at once."""

    def keep(self, reversals: Sequence[Reversal]) -> None:
        """Keep reversals, each in place of an older one of the same change."""

    def all(self) -> Sequence[Reversal]:
        """Give every reversal that stands."""

    def forget(self, policy: str, resource: str = "") -> int:
        """Forget those of a policy, or of one resource alone; gives of how many resources: all may act there again."""

    def lift(self, intents: Sequence[int], digest: str) -> None:
        """Let the policy of this digest do again what these changes did."""


@dataclass(frozen=True, slots=True)
class Witness:
    """What a resource told of who else writes what a policy sets there: clauses for a person."""

    at: datetime
    writers: tuple[str, ...]


class Returns(Protocol):
    """What keeps changing back."""

    def testify(self, policy: str, resource: str, said: Witness) -> None:
        """Keep what a resource told of who else writes, in place of what it told before."""

    def testimonies(self) -> Mapping[tuple[str, str], Witness]:
        """Give what each resource told last, by policy and resource."""

    def answer(self, policy: str, by: str, at: datetime) -> None:
        """Keep that a person answered the question of a policy: what was before counts no more."""

    def answered(self) -> Mapping[str, tuple[str, datetime]]:
        """Give who answered the question of each policy last, and when."""


class Overrides(Protocol):
    """What was said against freezes."""

    def keep(self, override: Override) -> None:
        """Keep an override, in place of one of the same id."""

    def all(self) -> Sequence[Override]:
        """Give every override, the newest first."""


@dataclass(frozen=True, slots=True)
class Took:
    """How long something took once, and how many resources it changed in that time."""

    span: timedelta
    resources: int


class Durations(Protocol):
    """How long things took."""

    def keep(self, what: str, at: datetime, took: Took) -> None:
        """Keep how long something took: `what` is a playbook's path. The newest 20 of each are kept."""

    def all(self) -> Mapping[str, Sequence[Took]]:
        """Give the kept ones, the newest first, by what it was."""
