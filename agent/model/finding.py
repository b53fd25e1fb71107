"""Findings: one policy on one resource, and how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class Verdict(StrEnum):
    """How a policy stands on a resource."""

    IN_LINE = "in_line"
    OUT_OF_LINE = "out_of_line"
    UNKNOWN = "unknown"
    EXCEPTED = "excepted"


MISSING = "not in the last look, which may be incomplete"  # why an open finding is unknown that no list shows


class Closed(StrEnum):
    """How a finding ended; only the first counts as fixed."""

    FIXED = "fixed"
    ITSELF = "came right by itself"
    LEFT_SCOPE = "left the scope"
    GONE = "gone"
    POLICY_REMOVED = "policy removed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is not as it should be, in words: `expected` and `observed` are text for people."""

    field: str
    expected: str
    observed: str
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One policy on one resource.

    `why` says what could not be read when the verdict is unknown; `since` is when the finding opened (None for
    one that is not in the ledger yet). The resource of a policy that measures is the group: `site/east`.
    """

    policy: str
    resource: str
    site: str
    verdict: Verdict
    differences: tuple[Difference, ...]
    sentence: str
    why: str = ""
    since: datetime | None = None
    waiver: str = ""  # the id of the waiver that excepts it


@dataclass(frozen=True, slots=True)
class Streak:
    """What is out of line and not open yet: in how many looks in a row. `at` is when what the last one read was so."""

    policy: str
    resource: str
    looks: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Counts:
    """How many verdicts of each sort a run reached. `not_yet` are out of line, but not for long enough to count."""

    in_line: int = 0
    out_of_line: int = 0
    unknown: int = 0
    excepted: int = 0
    not_yet: int = 0
