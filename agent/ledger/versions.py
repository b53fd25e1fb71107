"""The ledger's version: told cheaply at each opening, and raised by alembic where the program is newer.

A file is made and raised under a lock beside it, in one transaction, so that it has one version or the other;
before an existing one is raised it is copied.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from agent.errors import InputError, UnseenError
from agent.ledger.database import open_file
from agent.ledger.trouble import PATIENCE, told

if TYPE_CHECKING:
    from collections.abc import Generator

    from sqlalchemy import Connection

    from agent.ledger.database import Database

NEWEST = "0006"  # the newest of migrations/versions; a test compares
SCRIPTS = Path(__file__).parent / "migrations"
PRIVATE_FILE, PRIVATE_DIRECTORY = 0o600, 0o700


def current(database: Database) -> str:
    """Give the version that a ledger has, or an empty text where the file is still empty.

    Raises:
        InputError: it is the file of another program.
    """
    with database.reading() as connection:
        inspector = inspect(connection)
        if inspector.has_table("alembic_version"):
            return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")
        tables = inspector.get_table_names()
    if tables:
        msg = f"{database.path} is a database, but not a ledger of Driftbell: name another file or directory."
        raise InputError(msg)
    return ""


def refuse_newer(path: Path, version: str, newest: str = NEWEST) -> None:
    """Refuse a ledger that this program cannot know.

    Raises:
        InputError: a newer program wrote it.
    """
    if version > newest:
        msg = (
            f"The ledger {path} was written by a newer Driftbell (its version is {version}, this program knows "
            f"{newest}). Update Driftbell, or name another state directory with --state."
        )
        raise InputError(msg)


def make_current(path: Path, scripts: Path = SCRIPTS, newest: str = NEWEST) -> None:
    """Make the ledger where there is none, and raise an older one, whoever else tries the same at once."""
    with told(path), locked(path):
        create(path)
        database = open_file(path, foreign_keys=False)  # off, as SQLite asks for where tables are rebuilt
        with closing(database):
            version = current(database)
            refuse_newer(path, version, newest)
            if version == newest:
                return
            if version:
                copy(path, path.with_name(f"{path.name}.before-{newest}"))
            with database.writing() as connection:
                _upgrade(connection, scripts)


def _upgrade(connection: Connection, scripts: Path) -> None:
    # alembic costs 0.15 s, and there is nothing to migrate on nearly every opening.
    from alembic import command  # ruff: ignore[import-outside-top-level] - as said above
    from alembic.config import Config  # ruff: ignore[import-outside-top-level] - as said above

    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    broken = connection.execute(text("PRAGMA foreign_key_check")).first()
    if broken is not None:
        msg = f"the migration left a row of {broken[0]} that points nowhere"
        raise RuntimeError(msg)


def create(path: Path) -> None:
    """Make the directory and the file, both for their owner only, and let readers and a writer work at once."""
    try:
        path.parent.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE))
        path.chmod(PRIVATE_FILE)
    except OSError as error:
        raise _unwritable(path, error) from error
    with closing(sqlite3.connect(path, PATIENCE, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")


def copy(path: Path, target: Path) -> None:
    """Copy a ledger that may be in use; the copy appears whole and proven, or not at all.

    Raises:
        UnseenError: it cannot be copied there, or it is damaged.
    """
    part = target.with_name(f"{target.name}.part")
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE))
        _copied(path, part)
        part.replace(target)
    except OSError as error:
        msg = f"The ledger {path} cannot be copied to {target}: {error.strerror}."
        raise UnseenError(msg) from error
    finally:
        part.unlink(missing_ok=True)


def _copied(path: Path, part: Path) -> None:
    with told(path), closing(sqlite3.connect(path, PATIENCE)) as source, closing(sqlite3.connect(part)) as made:
        source.backup(made)
        prove(made)


def prove(connection: sqlite3.Connection, check: str = "integrity_check") -> None:
    """Read all of a database, and compare every index with it; `quick_check` leaves the indexes out.

    Raises:
        sqlite3.DatabaseError: it is damaged.
    """
    found = connection.execute(f"PRAGMA {check}(1)").fetchone()
    if found != ("ok",):
        flaw = sqlite3.DatabaseError(str(found[0]).splitlines()[0] if found else "nothing can be read")
        flaw.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise flaw


def examine(path: Path) -> str:
    """Read all of a ledger that nobody writes to, and give its version.

    Raises:
        DamagedLedgerError: it is damaged.
        InputError: it is the file of another program, or of a newer one.
        UnseenError: it cannot be read.
    """
    with told(path), closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", PATIENCE, uri=True)) as connection:
        prove(connection, "quick_check")
    database = open_file(path, read_only=True)
    with closing(database):
        version = current(database)
    refuse_newer(path, version)
    return version


@contextmanager
def locked(path: Path) -> Generator[None]:
    """Hold the lock beside a ledger; wait for whoever has it.

    Raises:
        UnseenError: somebody held it too long, or it cannot be made.
    """
    try:
        path.parent.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
        lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        _wait_for(lock, path)
        yield
    finally:
        os.close(lock)


def _wait_for(lock: int, path: Path) -> None:
    end = time.monotonic() + 2 * PATIENCE
    while True:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                msg = f"The ledger {path} is held by another program that does not end; `fuser {path}.lock` names it."
                raise UnseenError(msg) from None
            time.sleep(0.02)


def _unwritable(path: Path, error: OSError) -> UnseenError:
    why = f"{error.strerror} ({error.filename})"
    return UnseenError(f"The ledger {path} cannot be made: {why}. Give a writable directory with --state.")
