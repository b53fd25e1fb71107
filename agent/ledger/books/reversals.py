"""What a person took back, so that it is not done again at once."""

from __future__ import annotations

from itertools import starmap
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from agent.ledger import names
from agent.ledger.tables import name, reversal
from agent.model.books import Reversal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.ledger.database import Database

_policy, _resource = name.alias("policy"), name.alias("resource")


class ReversalBook:
    """The `Reversals` of the ledger."""

    def __init__(self, database: Database) -> None:
        """Take the ledger's database."""
        self._database = database

    def keep(self, reversals: Sequence[Reversal]) -> None:
        """Keep reversals, each in place of an older one of the same policy and resource."""
        with self._database.writing() as connection:
            ids = names.name_ids(connection, [w for r in reversals for w in (r.policy, r.resource)])
            for one in reversals:
                key = {"policy": ids[one.policy], "resource": ids[one.resource]}
                connection.execute(delete(reversal).where(*(reversal.c[k] == v for k, v in key.items())))
                row = {**key, "digest": one.digest, "run": one.run, "by": one.by, "at": one.at}
                connection.execute(insert(reversal).values(row))

    def all(self) -> Sequence[Reversal]:
        """Give every reversal that stands."""
        query = (
            select(
                _policy.c.text.label("about"), _resource.c.text.label("what"), reversal.c.digest, reversal.c.run,
                reversal.c.by, reversal.c.at,
            )
            .join(_policy, reversal.c.policy == _policy.c.id)
            .join(_resource, reversal.c.resource == _resource.c.id)
        )  # fmt: skip
        with self._database.reading() as connection:
            return tuple(starmap(Reversal, connection.execute(query)))

    def forget(self, policy: str, resource: str = "") -> int:
        """Forget those of a policy, or of one resource alone, and give how many: it may act there again."""
        mine = [reversal.c.policy.in_(select(name.c.id).where(name.c.text == policy))]
        if resource:
            mine.append(reversal.c.resource.in_(select(name.c.id).where(name.c.text == resource)))
        with self._database.writing() as connection:
            return connection.execute(delete(reversal).where(*mine)).rowcount
