"""Waivers: exceptions with an owner, a reason and an end. They turn out of line into excepted, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from agent.errors import Place

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
