"""Runs: one short row each, for ever; the whole record only of the newest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import insert, select, update

from agent.ledger.evidence.words import switched
from agent.ledger.tables import run as runs
from agent.model.finding import Counts

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from agent.model.run import Run

WHOLE = 30  # how many records are kept whole


def begin(connection: Connection, run: str, command: str, revision: str, at: datetime) -> None:
    """Open a run."""
    connection.execute(insert(runs).values(id=run, command=command, revision=revision, at=at))


def number(connection: Connection, run: str) -> int:
    """Give a run's number.

    Raises:
        LookupError: nobody began it, which is a bug of the caller.
    """
    found = connection.execute(select(runs.c.number).where(runs.c.id == run)).scalar()
    if found is None:
        msg = f"the run {run!r} was never begun"
        raise LookupError(msg)
    return cast("int", found)


def known(connection: Connection, run: str) -> bool:
    """Say whether a run was ever begun."""
    return connection.execute(select(runs.c.number).where(runs.c.id == run)).scalar() is not None


def finish(connection: Connection, run: Run, exit_code: int) -> None:
    """Close a run, keep its record, and drop the record that is one too many."""
    from agent.ledger import records  # ruff: ignore[import-outside-top-level] - cattrs costs 30 ms, which no reading command should pay

    counts = run.counts
    connection.execute(
        update(runs)
        .where(runs.c.number == number(connection, run.id))
        .values(
            finished=run.finished,
            exit_code=exit_code,
            in_line=counts.in_line,
            out_of_line=counts.out_of_line,
            unknown=counts.unknown,
            excepted=counts.excepted,
            record=records.run_to_json(run),
        )
    )
    switched(connection, run.id, run.stopped, run.finished)
    whole = runs.c.record.is_not(None)
    oldest = connection.execute(
        select(runs.c.number).where(whole).order_by(runs.c.number.desc()).offset(WHOLE).limit(1)
    ).scalar()
    if oldest is not None:
        connection.execute(update(runs).where(whole, runs.c.number <= oldest).values(record=None))


def newest(connection: Connection) -> str:
    """Give the newest run that ended, or an empty text before there is one."""
    wanted = select(runs.c.id).where(runs.c.finished.is_not(None)).order_by(runs.c.number.desc()).limit(1)
    return cast("str", connection.execute(wanted).scalar() or "")


def last(connection: Connection, run: str | None) -> Run | None:
    """Give the record of a run, or of the newest finished one."""
    from agent.ledger import records  # ruff: ignore[import-outside-top-level] - as above

    wanted = select(runs.c.record).where(runs.c.record.is_not(None))
    wanted = wanted.order_by(runs.c.number.desc()).limit(1) if run is None else wanted.where(runs.c.id == run)
    record = connection.execute(wanted).scalar()
    return None if record is None else records.run_from_json(record)


def note_seen(connection: Connection, run: int, seen: list[Any]) -> None:
    """Add to a run's row how much of one kind it saw."""
    so_far = cast("list[Any] | None", connection.execute(select(runs.c.seen).where(runs.c.number == run)).scalar())
    connection.execute(update(runs).where(runs.c.number == run).values(seen=[*(so_far or []), seen]))


def counts_before(connection: Connection, at: datetime) -> tuple[datetime, Counts] | None:
    """Give the verdicts of the newest finished run that began at or before an instant."""
    wanted = select(runs.c.at, runs.c.in_line, runs.c.out_of_line, runs.c.unknown, runs.c.excepted)
    wanted = wanted.where(runs.c.finished.is_not(None), runs.c.at <= at).order_by(runs.c.number.desc()).limit(1)
    row = connection.execute(wanted).one_or_none()
    return None if row is None else (row.at, Counts(row.in_line, row.out_of_line, row.unknown, row.excepted))
