"""Batches by digest, and the approvals that name them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from agent.errors import InputError
from agent.ledger import names
from agent.ledger.tables import approval, batch, run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from agent.model.action import Batch

KEPT = timedelta(days=30)  # since a batch was last planned; one with an unused approval stays
SHORTEST = 12  # hex digits of a digest that a person may type
ALGORITHM = "sha256:"


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's word on one batch; `used_by` is the run that used it up, or empty."""

    batch: str
    who: str
    at: datetime
    used_by: str


def store(connection: Connection, batches: Sequence[Batch], at: datetime) -> None:
    """Keep batches by digest, and drop those that nobody has planned for a month."""
    from agent.ledger import records  # ruff: ignore[import-outside-top-level] - cattrs costs 30 ms, which no reading command should pay

    by_digest = {one.digest: one for one in batches}
    known = _known(connection, list(by_digest))
    for digest in known:
        connection.execute(update(batch).where(batch.c.digest == digest).values(at=at))
    fresh = [
        {"digest": digest, "at": at, "body": records.batch_to_json(one)}
        for digest, one in by_digest.items()
        if digest not in known
    ]
    if fresh:
        connection.execute(insert(batch), fresh)
    waiting = select(approval.c.batch).where(approval.c.used_by.is_(None))
    connection.execute(delete(batch).where(batch.c.at < at - KEPT, batch.c.digest.not_in(waiting)))


def _known(connection: Connection, digests: Sequence[str]) -> frozenset[str]:
    found: set[str] = set()
    for start in range(0, len(digests), names.CHUNK):
        some = digests[start : start + names.CHUNK]
        found.update(connection.execute(select(batch.c.digest).where(batch.c.digest.in_(some))).scalars())
    return frozenset(found)


def find(connection: Connection, digest: str) -> Batch | None:
    """Give a stored batch by its digest or by a unique beginning of it.

    Raises:
        InputError: the beginning is too short, is not hexadecimal, or fits several batches.
    """
    whole = connection.execute(select(batch.c.body).where(batch.c.digest == digest)).scalar()
    if whole is None:
        beginning = ALGORITHM + _hex(digest)
        span = (batch.c.digest >= beginning, batch.c.digest < beginning + "g")  # g: behind every hex digit
        found = connection.execute(select(batch.c.digest, batch.c.body).where(*span).limit(2)).all()
        if len(found) > 1:
            msg = f"The plan number {digest} fits more than one plan ({found[0].digest} and others): give more of it."
            raise InputError(msg)
        whole = found[0].body if found else None
    if whole is None:
        return None
    from agent.ledger import records  # ruff: ignore[import-outside-top-level] - as above

    return records.batch_from_json(whole)


def _hex(digest: str) -> str:
    digits = digest.strip().lower().removeprefix(ALGORITHM)
    if re.fullmatch(r"[0-9a-f]+", digits) is None:
        msg = f"{digest!r} is no plan number: it is {ALGORITHM} and hexadecimal digits, as `driftbell plan` shows it."
        raise InputError(msg)
    if len(digits) < SHORTEST:
        msg = f"The plan number {digest} is too short: give at least {SHORTEST} of its digits."
        raise InputError(msg)
    return digits


def approve(connection: Connection, digest: str, who: str, at: datetime) -> None:
    """Record an approval; the same person's second word on an unused one adds nothing."""
    same = (approval.c.batch == digest, approval.c.who == who, approval.c.used_by.is_(None))
    if connection.execute(select(approval.c.id).where(*same)).first() is None:
        connection.execute(insert(approval).values(batch=digest, who=who, at=at))


def approved(connection: Connection) -> frozenset[str]:
    """Give the digests that have an unused approval."""
    unused = select(approval.c.batch).where(approval.c.used_by.is_(None))
    return frozenset(connection.execute(unused).scalars())


def approvals(connection: Connection, digest: str) -> tuple[Approval, ...]:
    """Give every approval of a batch, oldest first."""
    wanted = (
        select(approval.c.batch, approval.c.who, approval.c.at, run.c.id)
        .outerjoin(run, approval.c.used_by == run.c.number)
        .where(approval.c.batch == digest)
        .order_by(approval.c.id)
    )
    return tuple(Approval(row.batch, row.who, row.at, row.id or "") for row in connection.execute(wanted))


def use(connection: Connection, digest: str, run_number: int) -> None:
    """Use up every open approval of a batch; a batch that needed none has none to use."""
    unused = (approval.c.batch == digest, approval.c.used_by.is_(None))
    connection.execute(update(approval).where(*unused).values(used_by=run_number))
