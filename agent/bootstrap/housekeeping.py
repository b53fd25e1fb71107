"""Housekeeping of the daemon: a copy of the ledger each day, and evidence that need not be kept any longer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from agent.bootstrap.registry import now
from agent.errors import UnseenError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from agent.ledger.store import LedgerStore
    from agent.settings import Settings

EVERY = timedelta(days=1)
PREFIX, SUFFIX = "ledger-", ".db"
_STAMP = "%Y%m%dT%H%M%SZ"


def keep_house(settings: Settings, store: LedgerStore, log: Callable[..., None]) -> None:
    """Do what is due of it.

    Raises:
        UnseenError: the ledger cannot be copied; the copies there are stay.
    """
    at = now()
    newest = max((taken_at(copy) for copy in copies(settings)), default=None)
    if newest is None or not newest <= at < newest + EVERY:
        forgotten = store.evidence.prune(settings.evidence_kept, at)
        store.evidence.seal(at)
        log("ledger copied", file=str(back_up(settings, store, at)), records_forgotten=forgotten)


def copies(settings: Settings) -> list[Path]:
    """Give the copies of the ledger, oldest first."""
    found = [path for path in settings.backups.glob(f"{PREFIX}*{SUFFIX}") if _stamp(path) is not None]
    return sorted(found)


def taken_at(copy: Path) -> datetime:
    """Give when a copy was made, by its name.

    Raises:
        ValueError: it is no name of a copy.
    """
    found = _stamp(copy)
    if found is None:
        raise ValueError(copy)
    return found


def back_up(settings: Settings, store: LedgerStore, at: datetime) -> Path:
    """Copy the ledger while it is in use, prove that the copy is whole, and drop those that are too many.

    Raises:
        UnseenError: it cannot be copied there, or what was copied is not whole.
    """
    target = settings.backups / f"{PREFIX}{at:{_STAMP}}{SUFFIX}"
    try:
        settings.backups.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        msg = f"The ledger is not copied: {settings.backups} cannot be made ({error.strerror})."
        raise UnseenError(msg) from error
    store.copy_to(target)
    for old in copies(settings)[: -settings.daemon.keep_backups]:
        old.unlink(missing_ok=True)
    return target


def _stamp(path: Path) -> datetime | None:
    try:
        return datetime.strptime(path.name, f"{PREFIX}{_STAMP}{SUFFIX}").replace(tzinfo=UTC)
    except ValueError:
        return None
