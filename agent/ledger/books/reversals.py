"""What a person took back, so that it is not done again at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sqlalchemy import delete, insert, select, update

from agent.ledger import names
from agent.ledger.evidence.words import undone
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
        """Keep reversals, each in place of an older one of the same change."""
        from agent.ledger.records import action_to_json  # ruff: ignore[import-outside-top-level] - cattrs costs 30 ms

        with self._database.writing() as connection:
            ids = names.name_ids(connection, [w for r in reversals for w in (r.policy, r.resource)])
            for one in reversals:
                connection.execute(delete(reversal).where(reversal.c.intent == one.intent))
                key = {"intent": one.intent, "policy": ids[one.policy], "resource": ids[one.resource]}
                said = {"digest": one.digest, "run": one.run, "by": one.by, "at": one.at}
                more = {"action": action_to_json(one.action), "lifted": list(one.lifted)}
                connection.execute(insert(reversal).values({**key, **said, **more}))
            undone(connection, reversals)

    def all(self) -> Sequence[Reversal]:
        """Give every reversal that stands."""
        query = (
            select(reversal, _policy.c.text.label("about"), _resource.c.text.label("what"))
            .join(_policy, reversal.c.policy == _policy.c.id)
            .join(_resource, reversal.c.resource == _resource.c.id)
            .order_by(reversal.c.intent)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        if not rows:
            return ()
        from agent.ledger.records import action_from_json  # ruff: ignore[import-outside-top-level] - as above

        return tuple(
            Reversal(
                r.intent, r.about, r.what, r.digest, r.run, r.by, r.at, action_from_json(r.action),
                tuple(cast("list[str]", r.lifted)),
            )
            for r in rows
        )  # fmt: skip

    def forget(self, policy: str, resource: str = "") -> int:
        """Forget those of a policy, or of one resource alone; gives of how many resources: all may act there again."""
        mine = [reversal.c.policy.in_(select(name.c.id).where(name.c.text == policy))]
        if resource:
            mine.append(reversal.c.resource.in_(select(name.c.id).where(name.c.text == resource)))
        with self._database.writing() as connection:
            number = len(connection.execute(select(reversal.c.resource).where(*mine).distinct()).all())
            connection.execute(delete(reversal).where(*mine))
        return number

    def lift(self, intents: Sequence[int], digest: str) -> None:
        """Let the policy of this digest do again what these changes did."""
        mine = reversal.c.intent.in_(list(intents))
        with self._database.writing() as connection:
            for row in connection.execute(select(reversal.c.intent, reversal.c.lifted).where(mine)).all():
                more = sorted({*cast("list[str]", row.lifted), digest})
                connection.execute(update(reversal).where(reversal.c.intent == row.intent).values(lifted=more))
