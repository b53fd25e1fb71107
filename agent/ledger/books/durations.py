"""How long things took."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select

from agent.ledger import names
from agent.ledger.tables import duration, name

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from agent.ledger.database import Database

KEPT = 20  # of each


class DurationBook:
    """The `Durations` of the ledger."""

    def __init__(self, database: Database) -> None:
        """Take the ledger's database."""
        self._database = database

    def keep(self, what: str, at: datetime, took: timedelta) -> None:
        """Keep how long something took. The newest 20 of each are kept."""
        with self._database.writing() as connection:
            number = names.name_ids(connection, [what])[what]
            row = {"what": number, "at": at, "microseconds": took // timedelta(microseconds=1)}
            connection.execute(insert(duration).values(row))
            newest = select(duration.c.id).where(duration.c.what == number).order_by(duration.c.id.desc()).limit(KEPT)
            old = (duration.c.what == number, duration.c.id.not_in(newest.scalar_subquery()))
            connection.execute(delete(duration).where(*old))

    def longest(self) -> Mapping[str, timedelta]:
        """Give the longest of the kept ones, by what it was."""
        query = (
            select(name.c.text, func.max(duration.c.microseconds))
            .join(name, duration.c.what == name.c.id)
            .group_by(name.c.text)
        )
        with self._database.reading() as connection:
            return {what: timedelta(microseconds=most) for what, most in connection.execute(query)}
