"""What was said against freezes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from agent.ledger.books import nouns
from agent.ledger.evidence.words import overridden
from agent.ledger.tables import override
from agent.model.window import Override

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.ledger.database import Database


class OverrideBook:
    """The `Overrides` of the ledger."""

    def __init__(self, database: Database) -> None:
        """Take the ledger's database."""
        self._database = database

    def keep(self, one: Override) -> None:
        """Keep an override, in place of one of the same id."""
        with self._database.writing() as connection:
            connection.execute(delete(override).where(override.c.id == one.id))
            connection.execute(insert(override).values(id=one.id, at=one.at, body=nouns.to_json(one)))
            overridden(connection, one)

    def all(self) -> Sequence[Override]:
        """Give every override, the newest first."""
        with self._database.reading() as connection:
            bodies = connection.execute(select(override.c.body).order_by(override.c.at.desc(), override.c.id)).scalars()
            return tuple(nouns.from_json(Override, body) for body in bodies)
