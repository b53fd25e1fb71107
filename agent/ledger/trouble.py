"""What can go wrong with the ledger's file, as sentences for the person who has to act."""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from agent.errors import UnseenError
from agent.ledger.packing import DamagedError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

PATIENCE = 30.0  # seconds to wait for another process that writes

_SENTENCES = {
    sqlite3.SQLITE_FULL: (
        "cannot be written: no space left on its disk. Free some space and run again; what stood in it is kept."
    ),
    sqlite3.SQLITE_BUSY: (
        f"is held by another program for more than {PATIENCE:.0f} s. See what it does (`fuser PATH`) and run again."
    ),
    sqlite3.SQLITE_READONLY: (
        "cannot be written: it was opened for reading only, or this user may not write it. Check its owner."
    ),
    sqlite3.SQLITE_CANTOPEN: "cannot be opened: it must be a file, in a directory, that this user may read and write.",
    sqlite3.SQLITE_IOERR: "cannot be read or written: the disk fails (WHY). Check the disk and run again.",
}
_SENTENCES[sqlite3.SQLITE_LOCKED] = _SENTENCES[sqlite3.SQLITE_BUSY]
_SENTENCES[sqlite3.SQLITE_PERM] = _SENTENCES[sqlite3.SQLITE_CANTOPEN]
_DAMAGED = (
    "is damaged (WHY). `driftbell restore` sets it aside and puts the newest whole copy in its place; without a copy "
    "a new one is begun, and what is out of line then counts as found today."
)
_MAY_MEAN_FULL = frozenset({sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN})


class DamagedLedgerError(UnseenError):
    """The ledger's file is damaged: a copy has to take its place."""


@contextmanager
def told(path: Path) -> Generator[None]:
    """Turn what a user or a disk can cause into a sentence; anything else stays the bug that it is.

    Raises:
        UnseenError: the ledger cannot be read or written.
        DamagedLedgerError: it is damaged.
    """
    try:
        yield
    except DamagedError as error:
        raise DamagedLedgerError(_sentence(path, _DAMAGED, str(error))) from error
    except (DBAPIError, sqlite3.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        template = _template(path, cause)
        if template is None:
            raise
        sort = DamagedLedgerError if template is _DAMAGED else UnseenError
        raise sort(_sentence(path, template, str(cause))) from error


def _template(path: Path, cause: BaseException | None) -> str | None:
    code = getattr(cause, "sqlite_errorcode", None)
    if code is None:
        return None
    code &= 0xFF  # the primary code; the rest only says in which call
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return _DAMAGED
    if code in _MAY_MEAN_FULL and _full(path):
        code = sqlite3.SQLITE_FULL
    return _SENTENCES.get(code)


def _full(path: Path) -> bool:
    with suppress(OSError):
        return os.statvfs(path.parent).f_bavail == 0
    return False


def _sentence(path: Path, template: str, why: str) -> str:
    return f"The ledger {path} {template.replace('PATH', str(path)).replace('WHY', why)}"
