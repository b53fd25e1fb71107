"""Letters that wait until a mail server has taken them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, or_, select, update

from agent.ledger.tables import letter
from agent.model.spool import Letter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from agent.ledger.database import Database

_WAITING = letter.c.delivered.is_(None)


class LedgerSpool:
    """The spool in the ledger. A message id stays known after delivery, its body does not."""

    def __init__(self, database: Database) -> None:
        """Take the ledger's database."""
        self._database = database

    def put(self, letter: Letter) -> bool:
        """Keep a letter; False when its message id is already there, delivered or not."""
        with self._database.writing() as connection:
            return _put(connection, letter)

    def knows(self, beginning: str) -> bool:
        """Say whether a letter was ever kept whose message id begins so."""
        with self._database.reading() as connection:
            wanted = select(letter.c.id).where(letter.c.message_id.startswith(beginning, autoescape=True)).limit(1)
            return connection.execute(wanted).first() is not None

    def newest(self, beginning: str) -> datetime | None:
        """Give when the newest letter was kept whose message id begins so, or None."""
        with self._database.reading() as connection:
            wanted = select(letter.c.spooled).where(letter.c.message_id.startswith(beginning, autoescape=True))
            return connection.execute(wanted.order_by(letter.c.id.desc()).limit(1)).scalar()

    def due(self, at: datetime) -> Sequence[Letter]:
        """Give the undelivered letters whose next attempt has come, oldest first."""
        with self._database.reading() as connection:
            return _waiting(connection, at)

    def waiting(self) -> Sequence[Letter]:
        """Give every undelivered letter, oldest first."""
        with self._database.reading() as connection:
            return _waiting(connection, None)

    def delivered(self, message_id: str, at: datetime) -> None:
        """Note that the server took it; its body is dropped."""
        mine = update(letter).where(letter.c.message_id == message_id, _WAITING)
        with self._database.writing() as connection:
            connection.execute(mine.values(delivered=at, body=None, attempts=letter.c.attempts + 1))

    def postponed(self, message_id: str, error: str, next_attempt: datetime) -> None:
        """Note a failed attempt; what was delivered meanwhile stays delivered."""
        mine = update(letter).where(letter.c.message_id == message_id, _WAITING)
        again = mine.values(last_error=error, next_attempt=next_attempt, attempts=letter.c.attempts + 1)
        with self._database.writing() as connection:
            connection.execute(again)


def _put(connection: Connection, new: Letter) -> bool:
    if connection.execute(select(letter.c.id).where(letter.c.message_id == new.message_id)).first() is not None:
        return False
    connection.execute(
        insert(letter).values(
            message_id=new.message_id,
            recipients=list(new.recipients),
            subject=new.subject,
            body=new.body,
            spooled=new.spooled,
            attempts=new.attempts,
            next_attempt=new.next_attempt,
            last_error=new.last_error,
        )
    )
    return True


def _waiting(connection: Connection, at: datetime | None) -> tuple[Letter, ...]:
    wanted = select(letter).where(_WAITING).order_by(letter.c.spooled, letter.c.id)
    if at is not None:
        wanted = wanted.where(or_(letter.c.next_attempt.is_(None), letter.c.next_attempt <= at))
    return tuple(_letter(row) for row in connection.execute(wanted))


def _letter(row: Row[Any]) -> Letter:
    return Letter(
        message_id=row.message_id,
        recipients=tuple(row.recipients),
        subject=row.subject,
        body=row.body,
        spooled=row.spooled,
        attempts=row.attempts,
        next_attempt=row.next_attempt,
        last_error=row.last_error,
    )
