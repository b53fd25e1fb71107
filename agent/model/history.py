"""What became of findings, from their first opening on: episodes as the ledger keeps them, and the events they tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from agent.model.cause import Cause
    from agent.model.comparison import Stand
    from agent.model.finding import Closed, Difference
    from agent.model.policy import Commit
    from agent.model.ports import Opened


@dataclass(frozen=True, slots=True)
class Stance:
    """How a finding stood until an instant, and why it stood so no longer."""

    until: datetime
    differences: tuple[Difference, ...]
    suspended: str
    waiver: str = ""
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class Episode:
    """One opening of a finding, to its end if it had one; `stances` are what it was before `opened` as it stands.

    `cause` is why it opened and `ended` why it closed, None where that was not found out.
    """

    opened: Opened
    closed: datetime | None
    how: Closed | None
    stances: tuple[Stance, ...]
    site: str = ""
    cause: Cause | None = None
    ended: Cause | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """A run that was recorded, and at which revision."""

    run: str
    at: datetime
    revision: str


@dataclass(frozen=True, slots=True)
class Event:
    """One change of a verdict, or (without a resource) of a policy.

    Attributes:
        before: how it stood, None where that is not known.
        differences: in what it is out of line after it.
        why: what could not be read after it, or under which waiver it is.
        run: the run that recorded it, and `revision` what that judged by.
        commits: who changed the policy, newest first, where git tells.
    """

    at: datetime
    policy: str
    resource: str
    before: Stand | None
    after: Stand | None
    cause: Cause | None
    differences: tuple[Difference, ...] = ()
    why: str = ""
    run: str = ""
    revision: str = ""
    commits: tuple[Commit, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """What is known of a resource, a policy, or one on the other: events, oldest first.

    `first` is when the first run looked: what was before, nobody knows. `open` says of how many findings are open now.
    """

    policy: str
    resource: str
    events: tuple[Event, ...]
    first: datetime | None
    open: int
    timezone: str
    private: frozenset[str] = frozenset()
