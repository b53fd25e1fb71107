"""Rings: a change goes to one resource first, then to one site, then to all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class Ring(IntEnum):
    """How far a rollout may go."""

    ONE = 0  # one resource
    SITE = 1  # the site of that one
    ALL = 2  # everywhere


class Progress(StrEnum):
    """Where a rollout stands."""

    RUNNING = "running"
    HALTED = "halted"  # by what its ring showed; a person resumes or abandons it
    ABANDONED = "abandoned"  # by a person; this content of the policy is not rolled out any further
    PASSED = "passed"  # every ring: from here on only caps apply


@dataclass(frozen=True, slots=True)
class Rings:
    """How a policy or a district wants changes rolled out.

    Attributes:
        soak: how long a ring is watched after its last change before the next begins.
        failed: the share of a ring's changes, in percent, above which it is halted when they are not confirmed.
        new_findings: the share of a ring's resources, in percent, above which it is halted when other findings open
            on them, or checks of services begin to fail at their sites.
        site: the trial site that goes first, or empty.
    """

    soak: timedelta = timedelta(hours=1)
    failed: float = 0.0
    new_findings: float = 0.0
    site: str = ""


@dataclass(frozen=True, slots=True)
class Rollout:
    """The first enforcement of one content of a policy by one verb.

    `digest` is the policy's, `playbooks` that of all playbooks: other playbooks are another change. `site` is where
    the trial is, `resource` the first one. `began` is when the run began in which the present ring made its first
    change, None before one did. `changed` is when it made its last, or before that when it was its turn; the soak is
    counted from there. `why` says why it was halted or abandoned, `by` who resumed or abandoned it: with that name a
    first ring may pass without a change that was confirmed.
    """

    policy: str
    digest: str
    verb: str
    ring: Ring
    progress: Progress
    resource: str
    site: str
    started: datetime
    began: datetime | None = None
    changed: datetime | None = None
    why: str = ""
    by: str = ""
    playbooks: str = ""


@dataclass(frozen=True, slots=True)
class RolloutNote:
    """How a rollout stood at the end of a run.

    `changed` are the resources that the present ring has changed, `waiting` those that wait for it. `until` is when
    its soak ends, None where it does not soak.
    """

    policy: str
    verb: str
    ring: Ring
    progress: Progress
    resource: str
    site: str
    changed: int
    waiting: int
    until: datetime | None = None
    why: str = ""
    by: str = ""
