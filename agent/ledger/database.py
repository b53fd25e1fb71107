"""Connections to the ledger's file: one transaction at a time, writers waiting for each other."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, event
from sqlalchemy.pool import QueuePool, StaticPool

from agent.ledger.tables import metadata
from agent.ledger.trouble import PATIENCE, told

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from sqlalchemy import Connection, Engine

WRITES = "driftbell_writes"  # the execution option of connections that mean to write


class Database:
    """An open ledger. Every failure that a user or a disk can cause leaves it as a sentence."""

    def __init__(self, path: Path, engine: Engine) -> None:
        """Take the file's path, for sentences, and the engine."""
        self.path = path
        self._readers = engine
        self._writers = engine.execution_options(**{WRITES: True})

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """Give a connection that sees one moment of the ledger, also while another process writes."""
        with told(self.path), self._readers.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """Give a connection that holds the ledger's one write lock, and commits at the end."""
        with told(self.path), self._writers.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self._readers.dispose()


def open_file(path: Path, *, read_only: bool = False, foreign_keys: bool = True) -> Database:
    """Open a ledger's file, which must be there."""

    def connect() -> sqlite3.Connection:
        if read_only:
            return _connect_to_look(path)
        connection = _connect(path, "mode=rw")
        connection.execute(f"PRAGMA foreign_keys={int(foreign_keys)}")
        connection.execute("PRAGMA synchronous=FULL")  # an intent must outlive a power cut
        return connection

    return Database(path, _begun_by_us(create_engine("sqlite://", creator=connect, poolclass=QueuePool)))


def _connect(path: Path, how: str) -> sqlite3.Connection:
    target = f"{path.absolute().as_uri()}?{how}"
    return sqlite3.connect(target, PATIENCE, isolation_level=None, check_same_thread=False, uri=True)


def _connect_to_look(path: Path) -> sqlite3.Connection:
    """Connect for reading, also on a full disk or a read-only one, where SQLite cannot make its index of the log."""
    connection = _connect(path, "mode=ro")
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        connection.close()
        log = path.with_name(f"{path.name}-wal")
        if log.exists() and log.stat().st_size:
            raise
        return _connect(path, "mode=ro&immutable=1")  # nothing stands in the log, so the file alone is whole
    return connection


def empty(path: Path) -> Database:
    """Give the view of a ledger that is not there yet: empty, in memory, closed to writing."""
    engine = _begun_by_us(create_engine("sqlite://", poolclass=StaticPool, connect_args={"isolation_level": None}))
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        metadata.create_all(connection)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=1")
    return Database(path, engine)


def _begun_by_us(engine: Engine) -> Engine:
    """Begin transactions ourselves: the driver would begin them late, and a late writer can fail at once."""

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
