"""Opening a ledger's file: making it, raising its version, and refusing what is none or is from a newer program."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING

from sqlalchemy import make_url, text
from sqlalchemy.exc import ArgumentError

from agent.errors import InputError, UnseenError
from agent.ledger import versions
from agent.ledger.database import Database, empty, open_file

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


def opened(where: str | Path, *, read_only: bool) -> Database:
    """Open the database at a path or `sqlite:///PATH`.

    With `read_only` nothing is made or changed: what is not there yet is empty.

    Raises:
        InputError: it is no ledger, a newer program wrote it, or the address is wrong.
        UnseenError: it cannot be read, or not be made.
    """
    path = _path(where)
    return _look(path) if read_only else _open(path)


def _path(where: str | Path) -> Path:
    if isinstance(where, Path) or "://" not in where:
        return Path(where)
    with suppress(ArgumentError):
        url = make_url(where)
        if url.get_backend_name() == "sqlite" and url.database:
            return Path(url.database)
    msg = f"The ledger's address {where.partition('://')[0]}://... is not one: give a path, or sqlite:///PATH."
    raise InputError(msg)


def _exists(path: Path) -> bool:
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        msg = f"The ledger {path} cannot be opened: {error.strerror}."
        raise UnseenError(msg) from error
    if not S_ISREG(status.st_mode):
        msg = f"The ledger {path} cannot be opened: it is not a file."
        raise UnseenError(msg)
    if status.st_mode & ~versions.PRIVATE_FILE & 0o777:
        with suppress(OSError):  # somebody else's file: opening it will say what is wrong
            path.chmod(versions.PRIVATE_FILE)
    return True


def _open(path: Path) -> Database:
    if _exists(path):
        database = open_file(path)
        with _closed_unless_kept(database) as keep:
            version = versions.current(database)
            versions.refuse_newer(path, version)
            if version == versions.NEWEST and _in_wal(database):
                return keep()
    versions.make_current(path)
    return open_file(path)


@contextmanager
def _closed_unless_kept(database: Database) -> Generator[Callable[[], Database]]:
    with ExitStack() as stack:
        stack.callback(database.close)

        def keep() -> Database:
            stack.pop_all()
            return database

        yield keep


def _in_wal(database: Database) -> bool:
    """Whether readers and a writer can work at once: a copy made with VACUUM has lost that."""
    with database.reading() as connection:
        return connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"


def _look(path: Path) -> Database:
    if not _exists(path):
        return empty(path)
    database = open_file(path, read_only=True)
    with _closed_unless_kept(database) as keep:
        version = versions.current(database)
        versions.refuse_newer(path, version)
        if version == versions.NEWEST:
            return keep()
    if version:
        msg = f"The ledger {path} is from an older Driftbell: `driftbell run` brings it up to date."
        raise InputError(msg)
    return empty(path)
