"""Actions, holds, batches, plans, and what came of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from agent.model.capture import Capture
    from agent.model.finding import Difference
    from agent.model.kind import Effect, Risk, Undo


@dataclass(frozen=True, slots=True)
class Action:
    """One intended change of one resource, asked for by one finding.

    `differences` are the fields it is to put right; `sets` names every field it claims.
    """

    policy: str
    resource: str
    site: str
    verb: str
    arguments: Mapping[str, object]
    differences: tuple[Difference, ...]
    sets: tuple[str, ...]
    variables_digest: str = ""  # of the target's resolved inventory variables, where a playbook runs


@dataclass(frozen=True, slots=True)
class Hold:
    """Why an action may not run now, and what lifts it. `resources` empty means the whole batch."""

    guard: str
    batch: str  # the batch's digest
    resources: tuple[str, ...]
    sentence: str
    lifted_by: str
    approvable: bool = False  # whether `apply --plan DIGEST` lifts it


@dataclass(frozen=True, slots=True)
class Batch:
    """One policy and one step of its remedy: the unit that is approved, capped and run.

    `digest` (`sha256:...`) is taken as LANGUAGE.md says, so that holds, times, order and revision are outside it.
    """

    digest: str
    policy: str
    step: int
    verb: str
    effect: Effect
    risk: Risk
    undo: Undo
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be done, and what stands in its way."""

    batches: tuple[Batch, ...]
    holds: tuple[Hold, ...] = ()

    def held(self, batch: Batch) -> frozenset[str]:
        """Give the resources of a batch that may not be written to now."""
        names: set[str] = set()
        for hold in self.holds:
            if hold.batch == batch.digest:
                names.update(hold.resources or (a.resource for a in batch.actions))
        return frozenset(names)

    def free(self, batch: Batch) -> tuple[Action, ...]:
        """Give the actions of a batch that no hold stops."""
        held = self.held(batch)
        return tuple(a for a in batch.actions if a.resource not in held)


class Result(StrEnum):
    """What a second look said about a change."""

    CONFIRMED = "confirmed"
    PENDING = "pending"
    FAILED = "failed"
    REVERTED = "reverted"
    STOPPED = "stopped"  # by the kill switch or the end of its run, before it was done: the next run does it
    NEEDLESS = "needless"  # in line by then, and nothing of ours was written: somebody else put it right


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of the actions of one batch on one resource.

    `before` and `after` are the differences of the first and the second look; `said` is what the writing system
    itself claimed, which decides nothing. `opinion` is what the district's own tests say of the resource afterwards,
    which decides nothing either; `opinion_failed` is whether one of them does not hold.
    """

    batch: str
    policy: str
    resource: str
    verb: str
    result: Result
    before: tuple[Difference, ...]
    after: tuple[Difference, ...]
    said: str
    why: str = ""
    opinion: str = ""
    opinion_failed: bool = False
    until: datetime | None = None  # by when it has to be confirmed, while it is pending

    @property
    def confirmed(self) -> bool:
        """Say whether the second look found it done."""
        return self.result in {Result.CONFIRMED, Result.REVERTED}

    @property
    def settled(self) -> bool:
        """Say whether nothing is left to be done."""
        return self.confirmed or self.result is Result.NEEDLESS


@dataclass(frozen=True, slots=True)
class Written:
    """What a writing system says of one resource. Never proof; `ran` is False when it certainly wrote nothing.

    `unlike` is of what was put back: what reading it again found not as it was to be, None where nobody read it. `now`
    is what is there afterwards of what was kept before, where the system read it at once; `reread` tells otherwise.
    `refused` is whether it was not written for a reason of its own. `halted` is whether the kill switch ended it, or
    kept it from beginning.
    """

    resource: str
    said: str
    ran: bool
    events: tuple[str, ...] = ()
    unlike: str | None = None
    refused: bool = False
    halted: bool = False
    now: Capture | None = None
