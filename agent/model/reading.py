"""Readings: what one look at one field gave. A value, none, or unknown with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

Value = str | int | float | bool | datetime | tuple[str, ...]


class Nothing(Enum):
    """It was read, and there is nothing: no such user, no holder, never synced."""

    NONE = "none"

    def __str__(self) -> str:
        """Give the word that findings show."""
        return "none"


NONE = Nothing.NONE


@dataclass(frozen=True, slots=True)
class Unknown:
    """It could not be read; `why` is a short phrase for a person ("connection timed out after 10 s")."""

    why: str

    def __str__(self) -> str:
        """Give the phrase that findings show."""
        return f"unknown ({self.why})"


Reading = Value | Nothing | Unknown
