"""Streaks in the ledger: a row for what is out of line and not open yet; what opens or comes right has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select, update

from agent.ledger import names
from agent.ledger.tables import name, streak
from agent.model.finding import Streak

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

_policy, _resource = name.alias("policy"), name.alias("resource")
_THIS = (streak.c.policy == bindparam("of"), streak.c.resource == bindparam("what"))


def kept(connection: Connection) -> tuple[Streak, ...]:
    """Give every streak."""
    rows = connection.execute(
        select(_policy.c.text.label("policy"), _resource.c.text.label("resource"), streak.c.looks, streak.c.at)
        .join(_policy, streak.c.policy == _policy.c.id)
        .join(_resource, streak.c.resource == _resource.c.id)
        .order_by(_policy.c.text, _resource.c.text)
    )
    return tuple(Streak(row.policy, row.resource, row.looks, row.at) for row in rows)


def keep(connection: Connection, streaks: Iterable[Streak]) -> None:
    """Keep these streaks and no others; one that is as it was costs nothing."""
    before = {(s.policy, s.resource): s for s in kept(connection)}
    now = {(s.policy, s.resource): s for s in streaks}
    gone = [key for key in before if key not in now]
    new = [s for key, s in now.items() if key not in before]
    moved = [s for key, s in now.items() if key in before and s != before[key]]
    if not (gone or new or moved):
        return
    texts = names.name_ids(connection, [text for key in (*now, *gone) for text in key])
    if gone:
        connection.execute(delete(streak).where(*_THIS), [{"of": texts[p], "what": texts[r]} for p, r in gone])
    if moved:
        connection.execute(
            update(streak).where(*_THIS).values(looks=bindparam("number"), at=bindparam("seen")),
            [{"of": texts[s.policy], "what": texts[s.resource], "number": s.looks, "seen": s.at} for s in moved],
        )
    if new:
        connection.execute(
            insert(streak),
            [{"policy": texts[s.policy], "resource": texts[s.resource], "looks": s.looks, "at": s.at} for s in new],
        )
