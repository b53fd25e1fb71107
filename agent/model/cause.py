"""Causes: why a verdict changed, as it was found out when the change was recorded."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from agent.model.comparison import Stand
    from agent.model.finding import Closed
    from agent.model.ports import Opened


class Because(StrEnum):
    """What made a verdict change. The values are kept in ledgers: they never change."""

    FIRST = "first"  # nobody had looked before
    ADDED = "added"  # the policy is new
    REALITY = "reality"  # what was read changed
    POLICY = "policy"  # the policy changed
    BOTH = "both"  # both did, and `detail` says how far they can be told apart
    TIME = "time"  # neither did: a moment that the policy speaks of went by, or a calendar says otherwise
    LASTED = "lasted"  # it was so for as many looks as the policy waits for
    WAIVED = "waived"
    WAIVER_ENDED = "waiver ended"
    LOST = "lost"  # it could no longer be read
    BACK = "back"  # it could be read again
    EXPIRED = "expired"  # a values file
    CAME = "came"  # the resource was not there before
    GONE = "gone"
    UNDONE = "undone"  # a person took our change back; `detail` names what was taken back
    FIXED = "fixed"  # by an action of ours, which `detail` names
    REMOVED = "removed"  # the policy is no longer there


@dataclass(frozen=True, slots=True)
class Moved:
    """One reading that changed, in words; what is sensitive is masked."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a verdict changed.

    Attributes:
        was: how the policy stood on the resource before, where that is known.
        moved: the readings that changed and that the verdict hangs on.
        detail: what there is to add: a waiver's id, a reason, what was done.
    """

    because: Because
    was: Stand | None = None
    moved: tuple[Moved, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """One change among the findings: it opens (`before` is None), stands otherwise, or ends (`after` is None)."""

    policy: str
    resource: str
    before: Opened | None
    after: Opened | None
    how: Closed | None = None


@dataclass(frozen=True, slots=True)
class Edition:
    """One version of a policy: its digest, and the file that it stands in. An empty digest: it was removed."""

    policy: str
    digest: str
    file: str


@dataclass(frozen=True, slots=True)
class Memory:
    """What the last recorded run judged by: when, at which revision, and the digest of each policy."""

    run: str
    at: datetime
    revision: str
    editions: dict[str, Edition]
