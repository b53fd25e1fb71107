"""What keeps changing back: who else writes as far as was found, and who answered for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sqlalchemy import delete, insert, select

from agent.ledger import names
from agent.ledger.tables import answer, name, witness
from agent.model.books import Witness

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from agent.ledger.database import Database

_policy, _resource = name.alias("policy"), name.alias("resource")


class ReturnBook:
    """The `Returns` of the ledger."""

    def __init__(self, database: Database) -> None:
        """Take the ledger's database."""
        self._database = database

    def testify(self, policy: str, resource: str, said: Witness) -> None:
        """Keep what a resource told of who else writes, in place of what it told before."""
        with self._database.writing() as connection:
            ids = names.name_ids(connection, [policy, resource])
            key = {"policy": ids[policy], "resource": ids[resource]}
            connection.execute(delete(witness).where(*(witness.c[k] == v for k, v in key.items())))
            connection.execute(insert(witness).values({**key, "at": said.at, "body": list(said.writers)}))

    def testimonies(self) -> Mapping[tuple[str, str], Witness]:
        """Give what each resource told last, by policy and resource."""
        query = (
            select(_policy.c.text.label("about"), _resource.c.text.label("what"), witness.c.at, witness.c.body)
            .join(_policy, witness.c.policy == _policy.c.id)
            .join(_resource, witness.c.resource == _resource.c.id)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return {(r.about, r.what): Witness(r.at, tuple(cast("list[str]", r.body))) for r in rows}

    def answer(self, policy: str, by: str, at: datetime) -> None:
        """Keep that a person answered the question of a policy: what was before counts no more."""
        with self._database.writing() as connection:
            number = names.name_ids(connection, [policy])[policy]
            connection.execute(delete(answer).where(answer.c.policy == number))
            connection.execute(insert(answer).values(policy=number, by=by, at=at))

    def answered(self) -> Mapping[str, tuple[str, datetime]]:
        """Give who answered the question of each policy last, and when."""
        query = select(name.c.text, answer.c.by, answer.c.at).join(name, answer.c.policy == name.c.id)
        with self._database.reading() as connection:
            return {row.text: (row.by, row.at) for row in connection.execute(query)}
