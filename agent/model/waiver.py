"""Waivers: exceptions with an owner, a reason and an end. They turn out of line into excepted, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from agent.errors import Place

FURTHEST = 400  # days ahead that a waiver may end: a year, and time to think about the next one
SOON = 14  # days: how long before its end it is told, and how long after it

# Codes, never free text: a waiver's reason is read in mails. Source: GUARDS.md, "Privacy".
REASONS = {
    "accessibility": "somebody needs it so",
    "broken": "it waits for a repair",
    "funding": "there is no money for it yet",
    "replacement": "it is about to be replaced",
    "testing": "a test needs it so",
    "vendor": "a vendor has to act first",
    "other": "the ticket says why",
}


@dataclass(frozen=True, slots=True)
class Waiver:
    """One exception.

    `policies` are the ids that it shields from, those alone; `resources` are ids as `kind/name`, or `sites` stands
    for everything at those sites (one of the two is given). `until` is its last day, in the district's zone.
    """

    id: str
    policies: tuple[str, ...]
    resources: tuple[str, ...]
    sites: tuple[str, ...]
    owner: str  # a person of district.yaml
    reason: str  # one of REASONS
    ticket: str
    until: date
    place: Place


class Use(StrEnum):
    """What a waiver comes to at one look."""

    USED = "used"  # it runs, and something would be out of line without it
    UNUSED = "unused"  # it runs, and everything it names is in line or gone
    UNKNOWN = "unknown"  # it runs, and whether it is used could not be told
    NEEDED = "needed"  # it ended lately, and what it shielded is out of line again
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class WaiverNote:
    """What a report needs of a waiver.

    Attributes:
        place: file:line:column.
        findings: how many it excepts; once it has ended, how many that it named are out of line.
        left: days to its last day, 0 on that day, negative behind it.
        oldest: since when the longest-standing of these findings has been open.
    """

    id: str
    policies: tuple[str, ...]
    resources: tuple[str, ...]
    sites: tuple[str, ...]
    owner: str
    reason: str
    ticket: str
    until: date
    place: str
    use: Use
    findings: int
    left: int
    oldest: datetime | None = None

    @property
    def running(self) -> bool:
        """Whether it still shields."""
        return self.left >= 0

    @property
    def ending(self) -> bool:
        """Whether it is about to end, and something would be out of line then, as far as is known."""
        return self.left <= SOON and self.use in {Use.USED, Use.UNKNOWN}
