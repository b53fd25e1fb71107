"""Findings in the ledger: one row an opening, changed in place and closed in place; what is in line has no row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select, update

from agent.ledger import causes, names, openings
from agent.ledger.packing import from_rows, pack, to_rows, unpack
from agent.ledger.tables import finding, name, past, wording
from agent.model.cause import Turn
from agent.model.finding import Closed
from agent.model.ports import Changes, Opened
from agent.model.run import Closing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row, Select

    from agent.model.cause import Cause
    from agent.model.finding import Difference, Finding
    from agent.model.ports import Judged

    Why = Callable[[Sequence[Turn]], Mapping[tuple[str, str], Cause]]

_policy, _resource, _site = name.alias("policy"), name.alias("resource"), name.alias("site")
_reason, _how, _waiver = name.alias("reason"), name.alias("how"), name.alias("waiver")


@dataclass(frozen=True, slots=True)
class _Kept:
    id: int
    site: str
    opened: Opened

    @property
    def key(self) -> tuple[str, str]:
        return self.opened.policy, self.opened.resource


def nobody_asks(_turns: Sequence[Turn]) -> Mapping[tuple[str, str], Cause]:
    """Give no causes: nobody found them out."""
    return {}


@dataclass(frozen=True, slots=True)
class Writing:
    """What a run has to say of its turns: when it was, and why each came about."""

    run: int
    at: datetime
    causes: Mapping[tuple[str, str], Cause]

    def of(self, policy: str, resource: str, before: Iterable[Difference], after: Iterable[Difference]) -> bytes | None:
        """Give the cause of a turn as it is kept, or None where it is not known."""
        cause = self.causes.get((policy, resource))
        return None if cause is None else causes.to_bytes(cause, before, after)


def record(
    connection: Connection,
    run: int,
    at: datetime,
    judged: Sequence[Judged],
    fixed: frozenset[tuple[str, str]],
    why: Why = nobody_asks,
) -> Changes:
    """Open, suspend, change and close findings, and say what opened and closed."""
    words = openings.gather(judged)
    kept = _open(connection, None, None)
    fates = [(row, openings.afterwards(row.opened, words.get(row.opened.policy), fixed)) for row in kept]
    ended = [(row, fate) for row, fate in fates if isinstance(fate, Closed)]
    stays = [(row, fate, _site_now(row, words)) for row, fate in fates if isinstance(fate, Opened)]
    fresh = openings.new(words, frozenset(row.key for row in kept))
    moved = [(row, now, site) for row, now, site in stays if (now, site) != (row.opened, row.site)]
    told = [(row, now) for row, now, _ in moved if _worth_telling(row.opened, now)]
    writing = Writing(run, at, why(_turns(at, fresh, told, ended)))
    _change(connection, writing, moved, told)
    _close(connection, writing, ended)
    _insert(connection, writing, fresh)
    closed = tuple(Closing(*row.key, row.site, how, row.opened.since) for row, how in ended)
    return Changes(tuple((f.policy, f.resource) for f in fresh), closed)


def _turns(
    at: datetime, fresh: Sequence[Finding], told: Sequence[tuple[_Kept, Opened]], ended: Sequence[tuple[_Kept, Closed]]
) -> list[Turn]:
    opens = (Opened(f.policy, f.resource, at, f.differences, "", f.waiver) for f in fresh)
    return [
        *(Turn(o.policy, o.resource, None, o) for o in opens),
        *(Turn(*row.key, row.opened, now) for row, now in told),
        *(Turn(*row.key, row.opened, None, how) for row, how in ended),
    ]


def _site_now(row: _Kept, words: Mapping[str, openings.Word]) -> str:
    now = words[row.opened.policy].findings.get(row.opened.resource)
    return (now.site if now else "") or row.site


def _change(
    connection: Connection,
    writing: Writing,
    changes: Sequence[tuple[_Kept, Opened, str]],
    told: Sequence[tuple[_Kept, Opened]],
) -> None:
    if not changes:
        return
    _keep_past(connection, writing, told)
    bodies = [pack(to_rows(now.differences)) for _, now, _ in changes]
    wordings = names.wording_ids(connection, bodies)
    texts = names.name_ids(connection, [t for _, now, site in changes for t in (now.suspended, now.waiver, site)])
    connection.execute(
        update(finding).where(finding.c.id == bindparam("row")),
        [
            {
                "row": row.id,
                "wording": wordings[body],
                "suspended": texts[now.suspended] if now.suspended else None,
                "waiver": texts[now.waiver] if now.waiver else None,
                "site": texts[site],
            }
            for (row, now, site), body in zip(changes, bodies, strict=True)
        ],
    )


def _worth_telling(before: Opened, now: Opened) -> bool:
    """Leave out a reason that only reads differently: "timed out after 10.1 s" is new every hour."""
    stood = (bool(before.suspended), before.waiver)
    return before.differences != now.differences or stood != (bool(now.suspended), now.waiver)


def _keep_past(connection: Connection, writing: Writing, changes: Sequence[tuple[_Kept, Opened]]) -> None:
    why = {row.id: writing.of(*row.key, row.opened.differences, now.differences) for row, now in changes}
    wordings = _causes(connection, why.values())
    columns = (finding.c.id, finding.c.wording, finding.c.suspended, finding.c.waiver)
    for start in range(0, len(changes), names.CHUNK):
        ids = [row.id for row, _ in changes[start : start + names.CHUNK]]
        standing = connection.execute(select(*columns).where(finding.c.id.in_(ids)))
        connection.execute(
            insert(past),
            [
                {
                    "finding": r.id,
                    "until": writing.at,
                    "wording": r.wording,
                    "suspended": r.suspended,
                    "waiver": r.waiver,
                    "cause": wordings[why[r.id]],
                }
                for r in standing
            ],
        )


def _causes(connection: Connection, bodies: Iterable[bytes | None]) -> dict[bytes | None, int | None]:
    """Give the number of each cause; none where none is known."""
    found: dict[bytes | None, int | None] = {None: None}
    numbers = names.wording_ids(connection, [b for b in bodies if b is not None])
    found.update((body, number) for body, number in numbers.items())
    return found


def _close(connection: Connection, writing: Writing, ended: Sequence[tuple[_Kept, Closed]]) -> None:
    if not ended:
        return
    texts = names.name_ids(connection, [how.value for _, how in ended])
    why = [writing.of(*row.key, row.opened.differences, ()) for row, _ in ended]
    wordings = _causes(connection, why)
    connection.execute(
        update(finding).where(finding.c.id == bindparam("row")),
        [
            {
                "row": row.id,
                "closed": writing.at,
                "closed_run": writing.run,
                "how": texts[how.value],
                "ended": wordings[body],
            }
            for (row, how), body in zip(ended, why, strict=True)
        ],
    )


def _insert(connection: Connection, writing: Writing, fresh: Sequence[Finding]) -> None:
    if not fresh:
        return
    bodies = [pack(to_rows(f.differences)) for f in fresh]
    wordings = names.wording_ids(connection, bodies)
    why = [writing.of(f.policy, f.resource, (), f.differences) for f in fresh]
    reasons = _causes(connection, why)
    waivers = [f.waiver for f in fresh if f.waiver]
    texts = names.name_ids(connection, [*waivers, *(t for f in fresh for t in (f.policy, f.resource, f.site))])
    connection.execute(
        insert(finding),
        [
            {
                "policy": texts[f.policy],
                "resource": texts[f.resource],
                "site": texts[f.site],
                "wording": wordings[body],
                "opened": writing.at,
                "opened_run": writing.run,
                "waiver": texts[f.waiver] if f.waiver else None,
                "cause": reasons[reason],
            }
            for f, body, reason in zip(fresh, bodies, why, strict=True)
        ],
    )


def open_now(connection: Connection, policy: str | None, resource: str | None) -> tuple[Opened, ...]:
    """Give the open findings, oldest first."""
    return tuple(row.opened for row in _open(connection, policy, resource))


def _open(connection: Connection, policy: str | None, resource: str | None) -> list[_Kept]:
    rows = connection.execute(
        wanted(policy, resource)
        .where(finding.c.closed.is_(None))
        .order_by(finding.c.opened, _policy.c.text, _resource.c.text)
    )
    read: dict[bytes, tuple[Difference, ...]] = {}  # thousands of findings are worded alike
    return [_Kept(row.id, row.site, opened_of(row, read)) for row in rows]


def wanted(policy: str | None, resource: str | None) -> Select[tuple[object, ...]]:
    """Give what asks for the findings of a policy, of a resource, or of both."""
    asked: Select[tuple[object, ...]] = (
        select(
            finding.c.id,
            finding.c.opened,
            finding.c.closed,
            _policy.c.text.label("policy"),
            _resource.c.text.label("resource"),
            _site.c.text.label("site"),
            _reason.c.text.label("reason"),
            _how.c.text.label("how"),
            _waiver.c.text.label("waiver"),
            wording.c.body,
        )
        .join(_policy, finding.c.policy == _policy.c.id)
        .join(_resource, finding.c.resource == _resource.c.id)
        .join(_site, finding.c.site == _site.c.id)
        .join(wording, finding.c.wording == wording.c.id)
        .outerjoin(_reason, finding.c.suspended == _reason.c.id)
        .outerjoin(_how, finding.c.how == _how.c.id)
        .outerjoin(_waiver, finding.c.waiver == _waiver.c.id)
    )
    asked = asked if policy is None else asked.where(_policy.c.text == policy)
    return asked if resource is None else asked.where(_resource.c.text == resource)


def opened_of(row: Row[tuple[object, ...]], read: dict[bytes, tuple[Difference, ...]]) -> Opened:
    """Give a finding as it stands; `read` keeps what was unpacked before."""
    if row.body not in read:
        read[row.body] = from_rows(unpack(row.body))
    return Opened(row.policy, row.resource, row.opened, read[row.body], row.reason or "", row.waiver or "", row.site)
