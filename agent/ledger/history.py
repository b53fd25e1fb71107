"""The history of findings: every opening with all it went through and why, and the versions of policies."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, or_, select

from agent.ledger import causes, names
from agent.ledger.findings import opened_of, wanted
from agent.ledger.packing import from_rows, unpack
from agent.ledger.tables import edition, finding, name, past, sweep, wording
from agent.ledger.tables import run as runs
from agent.model.cause import Edition, Memory
from agent.model.finding import Closed
from agent.model.history import Episode, Past, Stance

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Column, Connection, Select

    from agent.ledger.database import Database
    from agent.model.finding import Difference

_reason, _waiver, _file = name.alias("reason"), name.alias("waiver"), name.alias("file")
_kind, _system = name.alias("kind"), name.alias("system")
_opening, _ending = wording.alias("opening"), wording.alias("ending")


class LedgerPast:
    """What the ledger remembers of how things came about."""

    def __init__(self, database: Database) -> None:
        """Take an open database."""
        self._database = database

    def episodes(self, policy: str | None, resource: str | None, since: datetime | None = None) -> Sequence[Episode]:
        """Give every opening of the findings of a policy, of a resource, or of both, newest first."""
        with self._database.reading() as connection:
            return episodes(connection, policy, resource, since)

    def runs(self) -> Sequence[Past]:
        """Give every finished run, oldest first."""
        with self._database.reading() as connection:
            return recorded(connection)

    def editions(self, policy: str) -> Sequence[tuple[datetime, Edition]]:
        """Give every version that a policy had, and since when, oldest first."""
        with self._database.reading() as connection:
            return editions(connection, policy)

    def kept_since(self) -> datetime | None:
        """Give the time of the first run whose versions of policies were kept, or None before there is one."""
        with self._database.reading() as connection:
            first = select(func.min(edition.c.run)).scalar_subquery()
            return connection.execute(select(runs.c.at).where(runs.c.number == first)).scalar()

    def lists(self) -> tuple[tuple[str, str], ...]:
        """Give the kind and the system of every list that was looked at."""
        query = select(_kind.c.text, _system.c.text).join(sweep, sweep.c.kind == _kind.c.id)
        with self._database.reading() as connection:
            rows = connection.execute(query.join(_system, sweep.c.system == _system.c.id)).all()
        return tuple((kind, system) for kind, system in rows)

    def known(self) -> tuple[frozenset[str], frozenset[str]]:
        """Give every policy and every resource that ever had a finding, for whoever misspelt one."""
        with self._database.reading() as connection:
            return _known(connection, finding.c.policy), _known(connection, finding.c.resource)


def episodes(
    connection: Connection, policy: str | None, resource: str | None, since: datetime | None = None
) -> tuple[Episode, ...]:
    """Give every opening of the findings of a policy, of a resource, or of both, newest first.

    With `since` only those that opened, changed or closed after it.
    """
    query = (
        wanted(policy, resource)
        .add_columns(_opening.c.body.label("cause"), _ending.c.body.label("ended"))
        .outerjoin(_opening, finding.c.cause == _opening.c.id)
        .outerjoin(_ending, finding.c.ended == _ending.c.id)
    )
    if since is not None:
        query = query.where(or_(finding.c.closed.is_(None), finding.c.closed >= since))
    rows = connection.execute(query.order_by(finding.c.id.desc())).all()
    stood = _stances(connection, [row.id for row in rows])
    read: dict[bytes, tuple[Difference, ...]] = {}
    found = []
    for row in rows:
        opened, stances = opened_of(row, read), stood.get(row.id, [])
        steps = [*(s.differences for s in stances), opened.differences]
        found.append(
            Episode(
                opened=opened,
                closed=row.closed,
                how=Closed(row.how) if row.how else None,
                stances=tuple(
                    Stance(s.until, s.differences, s.suspended, s.waiver, causes.from_bytes(s.why, *pair))
                    for s, pair in zip(stances, pairwise(steps), strict=True)
                ),
                site=row.site,
                cause=causes.from_bytes(row.cause, (), steps[0]),
                ended=causes.from_bytes(row.ended, steps[-1], ()),
            )
        )
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Stood:
    until: datetime
    differences: tuple[Difference, ...]
    suspended: str
    waiver: str
    why: bytes | None


def _stances(connection: Connection, ids: Sequence[int]) -> dict[int, list[_Stood]]:
    found: dict[int, list[_Stood]] = {}
    why = wording.alias("why")
    query = (
        select(
            past.c.finding,
            past.c.until,
            wording.c.body,
            why.c.body.label("why"),
            _reason.c.text.label("reason"),
            _waiver.c.text.label("waiver"),
        )
        .join(wording, past.c.wording == wording.c.id)
        .outerjoin(why, past.c.cause == why.c.id)
        .outerjoin(_reason, past.c.suspended == _reason.c.id)
        .outerjoin(_waiver, past.c.waiver == _waiver.c.id)
        .order_by(past.c.id)
    )
    for start in range(0, len(ids), names.CHUNK):
        for row in connection.execute(query.where(past.c.finding.in_(ids[start : start + names.CHUNK]))):
            one = _Stood(row.until, from_rows(unpack(row.body)), row.reason or "", row.waiver or "", row.why)
            found.setdefault(row.finding, []).append(one)
    return found


def recorded(connection: Connection) -> tuple[Past, ...]:
    """Give every finished run, oldest first."""
    rows = connection.execute(
        select(runs.c.id, runs.c.at, runs.c.revision).where(runs.c.finished.is_not(None)).order_by(runs.c.number)
    )
    return tuple(Past(row.id, row.at, row.revision) for row in rows)


def editions(connection: Connection, policy: str) -> tuple[tuple[datetime, Edition], ...]:
    """Give every version that a policy had, with the time of the first run that judged by it, oldest first."""
    rows = connection.execute(
        _editions().add_columns(runs.c.at).join(runs, edition.c.run == runs.c.number).where(name.c.text == policy)
    )
    return tuple((row.at, Edition(row.policy, row.digest, row.file)) for row in rows)


def _known(connection: Connection, column: Column[int]) -> frozenset[str]:
    return frozenset(connection.execute(select(name.c.text).join(finding, column == name.c.id).distinct()).scalars())


def _editions() -> Select[tuple[object, ...]]:
    return (
        select(name.c.text.label("policy"), edition.c.digest, _file.c.text.label("file"))
        .join(name, edition.c.policy == name.c.id)
        .join(_file, edition.c.file == _file.c.id)
        .order_by(edition.c.id)
    )


def memory(connection: Connection) -> Memory | None:
    """Give what the last finished run judged by, or None before the first."""
    last = connection.execute(
        select(runs.c.id, runs.c.at, runs.c.revision)
        .where(runs.c.finished.is_not(None))
        .order_by(runs.c.number.desc())
        .limit(1)
    ).one_or_none()
    if last is None:
        return None
    newest = select(func.max(edition.c.id)).group_by(edition.c.policy)
    rows = connection.execute(_editions().where(edition.c.id.in_(newest), func.length(edition.c.digest) > 0))
    known = {row.policy: Edition(row.policy, row.digest, row.file) for row in rows}
    return Memory(last.id, last.at, last.revision, known)


def keep_editions(connection: Connection, number: int, now: Iterable[Edition]) -> None:
    """Note from which run on each policy has another content; what is the same as before costs nothing."""
    newest = select(func.max(edition.c.id)).group_by(edition.c.policy)
    rows = connection.execute(_editions().where(edition.c.id.in_(newest)))
    before = {row.policy: Edition(row.policy, row.digest, row.file) for row in rows}
    current = {e.policy: e for e in now}
    gone = {p: Edition(p, "", e.file) for p, e in before.items() if e.digest and p not in current}
    fresh = [e for e in (*current.values(), *gone.values()) if before.get(e.policy) != e]
    if not fresh:
        return
    ids = names.name_ids(connection, [t for e in fresh for t in (e.policy, e.file)])
    connection.execute(
        insert(edition),
        [{"policy": ids[e.policy], "run": number, "digest": e.digest, "file": ids[e.file]} for e in fresh],
    )
