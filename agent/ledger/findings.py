"""Findings in the ledger: one row an opening, changed in place and closed in place; what is in line has no row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select, update

from agent.ledger import names, openings
from agent.ledger.packing import from_rows, pack, to_rows, unpack
from agent.ledger.tables import finding, name, past, wording
from agent.model.finding import Closed, Difference
from agent.model.ports import Changes, Opened
from agent.model.run import Closing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row, Select

    from agent.model.finding import Finding
    from agent.model.ports import Judged

_policy, _resource, _site = name.alias("policy"), name.alias("resource"), name.alias("site")
_reason, _how = name.alias("reason"), name.alias("how")


@dataclass(frozen=True, slots=True)
class Stance:
    """How a finding stood until an instant."""

    until: datetime
    differences: tuple[Difference, ...]
    suspended: str


@dataclass(frozen=True, slots=True)
class Episode:
    """One opening of a finding, to its end if it had one; `stances` are what it was before `opened` as it stands."""

    opened: Opened
    closed: datetime | None
    how: Closed | None
    stances: tuple[Stance, ...]


@dataclass(frozen=True, slots=True)
class _Kept:
    id: int
    site: str
    opened: Opened

    @property
    def key(self) -> tuple[str, str]:
        return self.opened.policy, self.opened.resource


def record(
    connection: Connection, run: int, at: datetime, judged: Sequence[Judged], fixed: frozenset[tuple[str, str]]
) -> Changes:
    """Open, suspend, change and close findings, and say what opened and closed."""
    words = openings.gather(judged)
    kept = _open(connection, None, None)
    fates = [(row, openings.afterwards(row.opened, words.get(row.opened.policy), fixed)) for row in kept]
    ended = [(row, fate) for row, fate in fates if isinstance(fate, Closed)]
    stays = [(row, fate, _site_now(row, words)) for row, fate in fates if isinstance(fate, Opened)]
    fresh = openings.new(words, frozenset(row.key for row in kept))
    _change(connection, at, [(row, now, site) for row, now, site in stays if (now, site) != (row.opened, row.site)])
    _close(connection, run, at, ended)
    _insert(connection, run, at, fresh)
    closed = tuple(Closing(*row.key, row.site, how, row.opened.since) for row, how in ended)
    return Changes(tuple((f.policy, f.resource) for f in fresh), closed)


def _site_now(row: _Kept, words: Mapping[str, openings.Word]) -> str:
    now = words[row.opened.policy].findings.get(row.opened.resource)
    return (now.site if now else "") or row.site


def _change(connection: Connection, at: datetime, changes: Sequence[tuple[_Kept, Opened, str]]) -> None:
    if not changes:
        return
    _keep_past(connection, at, [(row, now) for row, now, _ in changes if _worth_telling(row.opened, now)])
    bodies = [pack(to_rows(now.differences)) for _, now, _ in changes]
    wordings = names.wording_ids(connection, bodies)
    texts = names.name_ids(connection, [t for _, now, site in changes for t in (now.suspended, site)])
    connection.execute(
        update(finding).where(finding.c.id == bindparam("row")),
        [
            {
                "row": row.id,
                "wording": wordings[body],
                "suspended": texts[now.suspended] if now.suspended else None,
                "site": texts[site],
            }
            for (row, now, site), body in zip(changes, bodies, strict=True)
        ],
    )


def _worth_telling(before: Opened, now: Opened) -> bool:
    """Leave out a reason that only reads differently: "timed out after 10.1 s" is new every hour."""
    return before.differences != now.differences or bool(before.suspended) != bool(now.suspended)


def _keep_past(connection: Connection, at: datetime, changes: Sequence[tuple[_Kept, Opened]]) -> None:
    for start in range(0, len(changes), names.CHUNK):
        ids = [row.id for row, _ in changes[start : start + names.CHUNK]]
        columns = (finding.c.id, finding.c.wording, finding.c.suspended)
        standing = connection.execute(select(*columns).where(finding.c.id.in_(ids)))
        connection.execute(
            insert(past),
            [{"finding": r.id, "until": at, "wording": r.wording, "suspended": r.suspended} for r in standing],
        )


def _close(connection: Connection, run: int, at: datetime, ended: Sequence[tuple[_Kept, Closed]]) -> None:
    if not ended:
        return
    texts = names.name_ids(connection, [how.value for _, how in ended])
    connection.execute(
        update(finding).where(finding.c.id == bindparam("row")),
        [{"row": row.id, "closed": at, "closed_run": run, "how": texts[how.value]} for row, how in ended],
    )


def _insert(connection: Connection, run: int, at: datetime, fresh: Sequence[Finding]) -> None:
    if not fresh:
        return
    bodies = [pack(to_rows(f.differences)) for f in fresh]
    wordings = names.wording_ids(connection, bodies)
    texts = names.name_ids(connection, [t for f in fresh for t in (f.policy, f.resource, f.site)])
    connection.execute(
        insert(finding),
        [
            {
                "policy": texts[f.policy],
                "resource": texts[f.resource],
                "site": texts[f.site],
                "wording": wordings[body],
                "opened": at,
                "opened_run": run,
            }
            for f, body in zip(fresh, bodies, strict=True)
        ],
    )


def open_now(connection: Connection, policy: str | None, resource: str | None) -> tuple[Opened, ...]:
    """Give the open findings, oldest first."""
    return tuple(row.opened for row in _open(connection, policy, resource))


def history(connection: Connection, policy: str, resource: str) -> tuple[Episode, ...]:
    """Give every opening of one finding, newest first."""
    rows = connection.execute(_wanted(policy, resource).order_by(finding.c.id.desc())).all()
    return tuple(
        Episode(_opened(row, {}), row.closed, Closed(row.how) if row.how else None, _stances(connection, row.id))
        for row in rows
    )


def _stances(connection: Connection, number: int) -> tuple[Stance, ...]:
    rows = connection.execute(
        select(past.c.until, wording.c.body, _reason.c.text.label("reason"))
        .join(wording, past.c.wording == wording.c.id)
        .outerjoin(_reason, past.c.suspended == _reason.c.id)
        .where(past.c.finding == number)
        .order_by(past.c.id)
    )
    return tuple(Stance(row.until, from_rows(unpack(row.body)), row.reason or "") for row in rows)


def _open(connection: Connection, policy: str | None, resource: str | None) -> list[_Kept]:
    wanted = _wanted(policy, resource).where(finding.c.closed.is_(None))
    rows = connection.execute(wanted.order_by(finding.c.opened, _policy.c.text, _resource.c.text))
    read: dict[bytes, tuple[Difference, ...]] = {}  # thousands of findings are worded alike
    return [_Kept(row.id, row.site, _opened(row, read)) for row in rows]


def _wanted(policy: str | None, resource: str | None) -> Select[tuple[object, ...]]:
    wanted: Select[tuple[object, ...]] = (
        select(
            finding.c.id,
            finding.c.opened,
            finding.c.closed,
            _policy.c.text.label("policy"),
            _resource.c.text.label("resource"),
            _site.c.text.label("site"),
            _reason.c.text.label("reason"),
            _how.c.text.label("how"),
            wording.c.body,
        )
        .join(_policy, finding.c.policy == _policy.c.id)
        .join(_resource, finding.c.resource == _resource.c.id)
        .join(_site, finding.c.site == _site.c.id)
        .join(wording, finding.c.wording == wording.c.id)
        .outerjoin(_reason, finding.c.suspended == _reason.c.id)
        .outerjoin(_how, finding.c.how == _how.c.id)
    )
    wanted = wanted if policy is None else wanted.where(_policy.c.text == policy)
    return wanted if resource is None else wanted.where(_resource.c.text == resource)


def _opened(row: Row[tuple[object, ...]], read: dict[bytes, tuple[Difference, ...]]) -> Opened:
    if row.body not in read:
        read[row.body] = from_rows(unpack(row.body))
    return Opened(row.policy, row.resource, row.opened, read[row.body], row.reason or "")
