"""How far each content of a policy was rolled out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from agent.ledger import names
from agent.ledger.books import nouns
from agent.ledger.tables import rollout
from agent.model.rollout import Rollout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.engine import Connection

    from agent.ledger.database import Database


class RolloutBook:
    """The `Rollouts` of the ledger."""

    def __init__(self, database: Database) -> None:
        """Take the ledger's database."""
        self._database = database

    def all(self) -> Sequence[Rollout]:
        """Give every rollout: one for each (policy, digest, verb)."""
        with self._database.reading() as connection:
            return tuple(
                nouns.from_json(Rollout, body) for body in connection.execute(select(rollout.c.body)).scalars()
            )

    def keep(self, one: Rollout) -> None:
        """Keep a rollout in place of the one with the same policy, digest and verb."""
        with self._database.writing() as connection:
            key = _forgotten(connection, one)
            connection.execute(insert(rollout).values({**key, "body": nouns.to_json(one)}))

    def forget(self, one: Rollout) -> None:
        """Forget the rollout with the same policy, digest and verb."""
        with self._database.writing() as connection:
            _forgotten(connection, one)


def _forgotten(connection: Connection, one: Rollout) -> dict[str, int | str]:
    """Take a rollout out of the book, and give what it is found by."""
    ids = names.name_ids(connection, [one.policy, one.verb])
    key: dict[str, int | str] = {"policy": ids[one.policy], "digest": one.digest, "verb": ids[one.verb]}
    connection.execute(delete(rollout).where(*(rollout.c[name] == value for name, value in key.items())))
    return key
