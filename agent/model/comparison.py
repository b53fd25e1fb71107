"""What a change of the policies means: two revisions judged on one look, and what differs."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from agent.errors import Problem
    from agent.model.finding import Finding
    from agent.model.policy import Revision, Severity
    from agent.model.run import Reach, Seen


class Stand(StrEnum):
    """How a policy stands on a resource, whether it applies or not."""

    NOT_THERE = "not there"
    OUT_OF_SCOPE = "out of scope"
    IN_LINE = "in line"
    OUT_OF_LINE = "out of line"
    UNKNOWN = "unknown"
    EXCEPTED = "excepted"


class How(StrEnum):
    """What became of a policy. One that is the same may still judge otherwise: its school's calendar changed."""

    REMOVED = "removed"
    ADDED = "added"
    CHANGED = "changed"
    SAME = "same"
    ALONE = "not compared"  # the older revision does not load: there is only what the newer one says


@dataclass(frozen=True, slots=True)
class Edit:
    """One part of a policy or of the district that changed, in words. An empty text: it was, or is, not there."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Shift:
    """How the verdict on one resource changes. `finding` is the newer one, or the older where there is no newer."""

    resource: str
    site: str
    before: Stand
    after: Stand
    finding: Finding | None = None

    @property
    def appears(self) -> bool:
        """Whether something is out of line that was not."""
        return self.after is Stand.OUT_OF_LINE and self.before is not Stand.OUT_OF_LINE

    @property
    def vanishes(self) -> bool:
        """Whether something is no longer out of line."""
        return self.before is Stand.OUT_OF_LINE and self.after is not Stand.OUT_OF_LINE


@dataclass(frozen=True, slots=True)
class Acted:
    """What one step of a policy would do before and after, by resource.

    Attributes:
        deed: `runs playbooks/ssh.yml`, or the verb.
        before, after: the resources that it would change.
        differing: those of both that it would change otherwise.
        held: of how many of `after` a hold stops; `holds` are the sentences and what lifts each.
        anew: whether it is the same step on the same resources, and an approval given before counts no more.
    """

    policy: str
    step: int
    deed: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    differing: tuple[str, ...] = ()
    held: int = 0
    holds: tuple[tuple[str, str, str], ...] = ()  # guard, sentence, what lifts it
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Compared:
    """What becomes of one policy: how it is edited, and what that does to its findings.

    `untold` says, a clause each, why a part cannot be told; there are then no shifts. `before` and `after` say how far
    the policy of each revision reaches, where that can be told.
    """

    id: str
    title: str
    kind: str
    severity: Severity
    how: How
    place: str
    mode: str  # in words: `enforce`, or `audit -> enforce`
    edits: tuple[Edit, ...] = ()
    shifts: tuple[Shift, ...] = ()
    untold: tuple[str, ...] = ()
    lasting: int = 1  # looks in a row before a finding opens
    before: Reach | None = None
    after: Reach | None = None

    @property
    def silent(self) -> bool:
        """Whether there is nothing to say of it. What was not read is not judged otherwise."""
        return self.how is How.SAME and not self.shifts


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two revisions judged on one look.

    Attributes:
        broken: what is wrong with the older revision where it does not load: then everything is new.
        at: the time that both are judged at; `seen` says what was looked at, and when.
        fresh: whether the look was made for this comparison.
        policies: those that changed or judge otherwise, the removed ones first.
        same: how many policies neither changed nor judge otherwise.
        unread: policies that did not change while something around them did, where the look does not tell whether they
            judge otherwise.
        district: what else changed: sites, guards, waivers, calendars.
        caveats: what a reader has to know before believing it, a sentence each.
        private: kinds whose resources are people: counted, never named.
    """

    older: Revision
    newer: Revision
    district: str
    timezone: str
    at: datetime
    seen: tuple[Seen, ...]
    fresh: bool
    policies: tuple[Compared, ...]
    same: int
    surroundings: tuple[Edit, ...] = ()
    actions: tuple[Acted, ...] = ()
    caveats: tuple[str, ...] = ()
    broken: tuple[Problem, ...] = ()
    private: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    sites: Mapping[str, str] = field(default_factory=dict)

    @property
    def shifted(self) -> int:
        """Count the verdicts that change."""
        return sum(len(p.shifts) for p in self.policies)

    @property
    def untold(self) -> bool:
        """Whether something could not be told."""
        return bool(self.broken or self.unread) or any(p.untold for p in self.policies)
