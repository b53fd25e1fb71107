"""What was decided of each revision of the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from agent.ledger.books import nouns
from agent.ledger.evidence.words import decided
from agent.ledger.tables import belief
from agent.model.provenance import Belief

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Select

    from agent.ledger.database import Database


class BeliefBook:
    """The `Beliefs` of the ledger."""

    def __init__(self, database: Database) -> None:
        """Take the ledger's database."""
        self._database = database

    def keep(self, one: Belief) -> None:
        """Keep what was decided, unless the newest word on this source is the same."""
        with self._database.writing() as connection:
            last = _first(connection, _of(one.source))
            if last is not None and (last.commit, last.why, last.by) == (one.commit, one.why, one.by):
                return
            row = {"source": one.source, "revision": one.commit, "accepted": not one.why, "at": one.at}
            connection.execute(insert(belief).values({**row, "body": nouns.to_json(one)}))
            decided(connection, one)

    def accepted(self, source: str) -> Belief | None:
        """Give the revision of a source that was accepted last."""
        with self._database.reading() as connection:
            return _first(connection, _of(source).where(belief.c.accepted))

    def newest(self, source: str, limit: int = 20) -> Sequence[Belief]:
        """Give what was decided last, the newest first."""
        with self._database.reading() as connection:
            bodies = connection.execute(_of(source).limit(limit)).scalars()
            return tuple(nouns.from_json(Belief, body) for body in bodies)


def _of(source: str) -> Select[tuple[object]]:
    return select(belief.c.body).where(belief.c.source == source).order_by(belief.c.id.desc())


def _first(connection: Connection, query: Select[tuple[object]]) -> Belief | None:
    body = connection.execute(query.limit(1)).scalar()
    return None if body is None else nouns.from_json(Belief, body)
