"""Batches by digest."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from agent.errors import InputError
from agent.ledger import names
from agent.ledger.tables import approval, batch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from agent.model.action import Batch

KEPT = timedelta(days=30)  # since a batch was last planned; one with an unused approval stays
SHORTEST = 12  # hex digits of a digest that a person may type
ALGORITHM = "sha256:"


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


def newest(connection: Connection, most: int = 50) -> tuple[str, ...]:
    """Give the digests of the batches that were planned last, the newest first."""
    return tuple(connection.execute(select(batch.c.digest).order_by(batch.c.at.desc()).limit(most)).scalars())


def _hex(digest: str) -> str:
    digits = digest.strip().lower().removeprefix(ALGORITHM)
    if re.fullmatch(r"[0-9a-f]+", digits) is None:
        msg = f"{digest!r} is no plan number: it is {ALGORITHM} and hexadecimal digits, as `driftbell plan` shows it."
        raise InputError(msg)
    if len(digits) < SHORTEST:
        msg = f"The plan number {digest} is too short: give at least {SHORTEST} of its digits."
        raise InputError(msg)
    return digits
