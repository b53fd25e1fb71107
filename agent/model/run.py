"""The record of one cycle: everything that a report, a person or another program asks of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from agent.model.action import Outcome, Plan
    from agent.model.finding import Closed, Counts, Finding
    from agent.model.policy import Mode, Revision, Severity
    from agent.model.sweep import Unseen


@dataclass(frozen=True, slots=True)
class Seen:
    """How much of one kind was seen, and how old it is."""

    kind: str
    system: str
    expected: int
    seen: int
    proven: bool
    membership: str
    as_of: datetime
    unseen: tuple[Unseen, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyNote:
    """What a report needs of a policy beside its id. `wish` is the rule in words; `place` is file:line:col."""

    id: str
    title: str
    why: str
    severity: Severity
    mode: Mode
    place: str
    wish: str = ""


@dataclass(frozen=True, slots=True)
class Closing:
    """A finding that ended in this run."""

    policy: str
    resource: str
    site: str
    how: Closed
    since: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """One cycle, from the policies it read to what came of its changes. Times carry their zone (UTC).

    `findings` holds those out of line, excepted and unknown after the second look; `in_line` only when it was
    asked for. `stopped` is the kill switch's reason, or empty. `opened` names the (policy, resource) of new findings.
    """

    id: str
    command: str
    district: str
    timezone: str
    revision: Revision
    at: datetime
    finished: datetime
    seen: tuple[Seen, ...]
    counts: Counts
    findings: tuple[Finding, ...]
    policies: tuple[PolicyNote, ...]
    plan: Plan
    outcomes: tuple[Outcome, ...] = ()
    opened: tuple[tuple[str, str], ...] = ()
    closed: tuple[Closing, ...] = ()
    in_line: tuple[Finding, ...] = ()
    warnings: tuple[str, ...] = ()
    stopped: str = ""
    sites: Mapping[str, str] = field(default_factory=dict)  # id to name, for reports
