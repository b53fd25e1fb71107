"""Approvals: a person's word on one batch, bound to its digest and signed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class Word(StrEnum):
    """What a person says of a batch."""

    APPROVE = "approve"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class Statement:
    """What is signed: one person's word on one batch of one district, until an instant.

    `by` is the person's id in district.yaml. `nonce` makes each statement one of its own, so that it counts once.
    """

    word: Word
    digest: str
    district: str
    by: str
    at: datetime
    until: datetime
    nonce: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Approval:
    """A statement as the ledger keeps it.

    `key` is the fingerprint of the SSH key that signed it, empty where a login on the server said it; `statement` is
    the sha256 of the signed text. `used_by` is the run that used it up, or empty. `begun` are the resources of its
    batch that were begun since it was given: each of them once, so that it stands for the others alone.
    """

    batch: str
    who: str
    word: Word
    at: datetime
    until: datetime | None
    why: str = ""
    key: str = ""
    statement: str = ""
    used_by: str = ""
    begun: frozenset[str] = frozenset()
