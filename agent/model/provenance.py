"""Where rules come from: revisions of the policy repository, and why one is run or refused."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class Course(StrEnum):
    """How a revision lies to the one that was run last."""

    SAME = "same"
    FIRST = "first"  # nothing was run before
    ONWARD = "onward"  # it comes after that one
    BACK = "back"  # that one comes after it
    PARTED = "parted"  # neither: history was rewritten, or it is another branch


@dataclass(frozen=True, slots=True)
class Seal:
    """Who signed a commit; where `who` is empty, `why` says as a clause why nobody did who counts."""

    commit: str
    who: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Belief:
    """What was decided of a revision, and when.

    `why` says as a clause why it is refused, or is empty. `author` is whom git names ("Name <address>"), `signed` who
    signed it, where signers are set. `by` is the person who accepted it against a rule.
    """

    commit: str
    source: str
    at: datetime
    why: str = ""
    author: str = ""
    signed: str = ""
    by: str = ""
