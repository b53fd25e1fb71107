"""Who said what of which batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update

from agent.ledger import plans, runs
from agent.ledger.evidence.words import said
from agent.ledger.tables import approval, intent, name, run
from agent.model.approval import Approval, Word

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Row

    from agent.ledger.database import Database


class ApprovalBook:
    """The `Approvals` of the ledger. Nothing is ever taken out."""

    def __init__(self, database: Database) -> None:
        """Take the ledger's database."""
        self._database = database

    def add(self, approval: Approval) -> bool:
        """Keep a statement; False when one with the same `statement` was ever kept. One may come used up already."""
        with self._database.writing() as connection:
            return _add(connection, approval)

    def standing(self) -> Sequence[Approval]:
        """Give every word, for and against, that no run has used up, oldest first; expired ones too."""
        return self._found(approval.c.used_by.is_(None))

    def of(self, digest: str) -> Sequence[Approval]:
        """Give every word ever said of a batch, oldest first."""
        return self._found(approval.c.batch == digest)

    def since(self, at: datetime) -> Sequence[Approval]:
        """Give every word said since an instant, oldest first."""
        return self._found(approval.c.at >= at)

    def use(self, digest: str, run: str) -> None:
        """Mark every approval of a batch as used up by a run; a no is never used up."""
        unused = (approval.c.batch == digest, approval.c.used_by.is_(None), approval.c.word == Word.APPROVE.value)
        with self._database.writing() as connection:
            connection.execute(update(approval).where(*unused).values(used_by=runs.number(connection, run)))

    def askable(self) -> Sequence[str]:
        """Give the digests of the batches that were planned last, the newest first: what a word can be about."""
        with self._database.reading() as connection:
            return plans.newest(connection)

    def _found(self, wanted: ColumnElement[bool]) -> tuple[Approval, ...]:
        query = (
            select(approval, run.c.id.label("run"))
            .outerjoin(run, approval.c.used_by == run.c.number)
            .where(wanted)
            .order_by(approval.c.id)
        )
        with self._database.reading() as connection:
            return tuple(_approval(connection, row) for row in connection.execute(query).all())


def _approval(connection: Connection, row: Row[Any]) -> Approval:
    stands = row.word == Word.APPROVE and not row.used_by
    return Approval(
        batch=row.batch,
        who=row.who,
        word=Word(row.word),
        at=row.at,
        until=row.until,
        why=row.why,
        key=row.key,
        statement=row.statement or "",
        used_by=row.run or "",
        begun=_begun(connection, row.batch, row.since_intent) if stands else frozenset(),
    )


def _begun(connection: Connection, digest: str, since: int) -> frozenset[str]:
    """Give the resources of a batch that were begun after an intent."""
    batch, resource = name.alias("batch_name"), name.alias("resource_name")
    query = (
        select(resource.c.text)
        .select_from(intent)
        .join(batch, intent.c.batch == batch.c.id)
        .join(resource, intent.c.resource == resource.c.id)
        .where(batch.c.text == digest, intent.c.id > since)
    )
    return frozenset(connection.execute(query).scalars())


def _add(connection: Connection, given: Approval) -> bool:
    if given.statement:
        same = select(approval.c.id).where(approval.c.statement == given.statement)
        if connection.execute(same).first() is not None:
            return False
    elif not given.used_by and _said_already(connection, given):
        return False
    row = {
        "batch": given.batch,
        "who": given.who,
        "word": given.word.value,
        "at": given.at,
        "until": given.until,
        "why": given.why,
        "key": given.key,
        "statement": given.statement or None,
        "used_by": runs.number(connection, given.used_by) if given.used_by else None,
        "since_intent": connection.execute(select(func.coalesce(func.max(intent.c.id), 0))).scalar_one(),
    }
    connection.execute(insert(approval).values(row))
    said(connection, given)
    return True


def _said_already(connection: Connection, given: Approval) -> bool:
    """Say whether a login's word on an unused batch only repeats its newest one, which still holds for all of it."""
    mine = (approval.c.batch == given.batch, approval.c.who == given.who, approval.c.used_by.is_(None))
    row = connection.execute(select(approval).where(*mine).order_by(approval.c.id.desc()).limit(1)).first()
    if row is None or row.word != given.word.value or (row.until is not None and row.until <= given.at):
        return False
    return row.word == Word.DENY or not _begun(connection, row.batch, row.since_intent)
