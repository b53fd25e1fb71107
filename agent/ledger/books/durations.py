"""How long things took."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from agent.ledger import names
from agent.ledger.tables import duration, name
from agent.model.books import Took

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from agent.ledger.database import Database

KEPT = 20  # of each


class DurationBook:
    """The `Durations` of the ledger."""

    def __init__(self, database: Database) -> None:
        """Take the ledger's database."""
        self._database = database

    def keep(self, what: str, at: datetime, took: Took) -> None:
        """Keep how long something took. The newest 20 of each are kept."""
        with self._database.writing() as connection:
            number = names.name_ids(connection, [what])[what]
            span = took.span // timedelta(microseconds=1)
            row = {"what": number, "at": at, "microseconds": span, "resources": took.resources}
            connection.execute(insert(duration).values(row))
            newest = select(duration.c.id).where(duration.c.what == number).order_by(duration.c.id.desc()).limit(KEPT)
            old = (duration.c.what == number, duration.c.id.not_in(newest.scalar_subquery()))
            connection.execute(delete(duration).where(*old))

    def all(self) -> Mapping[str, Sequence[Took]]:
        """Give the kept ones, the newest first, by what it was."""
        query = (
            select(name.c.text, duration.c.microseconds, duration.c.resources)
            .join(name, duration.c.what == name.c.id)
            .order_by(duration.c.id.desc())
        )
        found: dict[str, list[Took]] = {}
        with self._database.reading() as connection:
            for what, span, resources in connection.execute(query):
                found.setdefault(what, []).append(Took(timedelta(microseconds=span), resources))
        return found
