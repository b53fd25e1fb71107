"""Mail that waits until a server has taken it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in the spool. `message_id` is unique: spooling the same one again is no second letter."""

    message_id: str
    recipients: tuple[str, ...]
    subject: str
    body: bytes  # the whole message, RFC 5322
    spooled: datetime
    attempts: int = 0
    next_attempt: datetime | None = None
    last_error: str = ""


class Spool(Protocol):
    """Mail that waits until a server has taken it."""

    def put(self, letter: Letter) -> bool:
        """Keep a letter; False when its message id is already there, delivered or not."""

    def knows(self, beginning: str) -> bool:
        """Say whether a letter was ever kept whose message id begins so, delivered or not."""

    def newest(self, beginning: str) -> datetime | None:
        """Give when the newest letter was kept whose message id begins so, or None."""

    def due(self, at: datetime) -> Sequence[Letter]:
        """Give the undelivered letters whose next attempt has come, oldest first."""

    def delivered(self, message_id: str, at: datetime) -> None:
        """Note that the server took it; its body is dropped."""

    def postponed(self, message_id: str, error: str, next_attempt: datetime) -> None:
        """Note a failed attempt."""

    def waiting(self) -> Sequence[Letter]:
        """Give every undelivered letter, oldest first."""
