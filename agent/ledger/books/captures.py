"""What was there before changes were made."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from agent.ledger.books import nouns
from agent.ledger.evidence.deeds import captured
from agent.ledger.tables import capture, intent
from agent.model.capture import Capture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Column

    from agent.ledger.database import Database


KEPT = timedelta(days=90)  # they hold the contents of files


class CaptureBook:
    """The `Captures` of the ledger."""

    def __init__(self, database: Database) -> None:
        """Take the ledger's database."""
        self._database = database

    def keep(self, intents: Sequence[int], captures: Sequence[Capture]) -> None:
        """Keep one capture for each intent, before anything is written; those of older intents than KEPT go."""
        rows = [{"intent": i, "body": nouns.to_json(c)} for i, c in zip(intents, captures, strict=True)]
        if rows:
            old = select(intent.c.id).where(intent.c.at < max(c.at for c in captures) - KEPT)
            with self._database.writing() as connection:
                connection.execute(delete(capture).where(capture.c.intent.in_(old)))
                connection.execute(insert(capture), rows)
                captured(connection, "captured", list(zip(intents, captures, strict=True)))

    def of(self, intent: int) -> Capture | None:
        """Give what was there before an intent, or None where nothing was kept."""
        return self._read(capture.c.body, intent)

    def leave(self, intents: Sequence[int], captures: Sequence[Capture]) -> None:
        """Keep what was there of the same things after each intent, in place of what was said of that before."""
        with self._database.writing() as connection:
            for number, one in zip(intents, captures, strict=True):
                mine = update(capture).where(capture.c.intent == number)
                connection.execute(mine.values(after=nouns.to_json(one)))
            captured(connection, "left", list(zip(intents, captures, strict=True)))

    def after(self, intent: int) -> Capture | None:
        """Give what was there after an intent, or None where nobody looked."""
        return self._read(capture.c.after, intent)

    def _read(self, column: Column[object], number: int) -> Capture | None:
        with self._database.reading() as connection:
            body = connection.execute(select(column).where(capture.c.intent == number)).scalar()
        return None if body is None else nouns.from_json(Capture, body)
