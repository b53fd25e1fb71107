"""Adding to the chain, and reading it. The connection is that of whoever writes what the record is about."""

from __future__ import annotations

import secrets
import zlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, true, type_coerce
from sqlalchemy.types import NullType

from agent.decide.evidence import chain
from agent.ledger.column_types import EPOCH
from agent.ledger.evidence.tables import evidence, seal
from agent.ledger.packing import WORTH, ZLIB
from agent.ledger.tables import intent, run
from agent.model.evidence import KINDS, Record, Sealed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sqlalchemy import Connection, Row, Select, Table

SALT = 12  # bytes: nobody can guess what a record says by hashing guesses, where only its hash is shown


def _as_it_is(table: Table) -> Select[Any]:
    """Select what stands in the file, of whatever type: whoever changes it may put anything there."""
    columns: list[Any] = [type_coerce(column, NullType()).label(column.name) for column in table.c]
    return select(*columns)


RECORDS, SEALS = _as_it_is(evidence), _as_it_is(seal)
LAST = (
    select(evidence.c.number, evidence.c.own).order_by(evidence.c.number.desc()).limit(1)
)  # made once: it is asked often


def add(
    connection: Connection, what: str, at: datetime, body: Mapping[str, object], *, subject: str | None = None
) -> int:
    """Put a record behind the last one; gives its number."""
    return _append(connection, begin(connection, at), what, at, body, subject)[0]


def begin(connection: Connection, at: datetime) -> tuple[int, str]:
    """Give the number and the hash of the last record; before the first one, make one that says what was before it."""
    before = last(connection)
    return before if before[0] else _append(connection, before, "begun", at, _beginning(connection), None)


def known(connection: Connection, subject: str, since: datetime | None = None) -> Record | None:
    """Give the newest record about a subject, or None; one that is older than `since` does not count."""
    after = evidence.c.at >= since if since else true()
    query = RECORDS.where(evidence.c.subject == subject, after).order_by(evidence.c.number.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return None if row is None else _record(row)


def records(connection: Connection) -> Iterator[Record]:
    """Give every record, in order."""
    return map(_record, connection.execute(RECORDS.order_by(evidence.c.number)))


def seals(connection: Connection) -> tuple[Sealed, ...]:
    """Give every seal, in order."""
    return tuple(map(_seal, connection.execute(SEALS.order_by(seal.c.id))))


def newest(connection: Connection) -> Sealed | None:
    """Give the newest seal, or None before the first."""
    row = connection.execute(SEALS.order_by(seal.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else _seal(row)


def _seal(row: Row[Any]) -> Sealed:
    return Sealed(_whole(row.number), _hex(row.own), _whole(row.at), _hex(row.key), _hex(row.signature))


def _record(row: Row[Any]) -> Record:
    hashes = (_hex(row.digest), _hex(row.previous), _hex(row.own))
    return Record(row.number, _whole(row.at), str(row.kept), str(row.what), _unpacked(row.body), *hashes)


def _hex(cell: object) -> str:
    return cell.hex() if isinstance(cell, bytes) else f"{cell!r} of another type"


def _whole(cell: object) -> int:
    return cell if isinstance(cell, int) else -1


def micros(at: datetime) -> int:
    """Give a time in microseconds since 1970 UTC, as the file has it."""
    since = at - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _append(
    connection: Connection,
    before: tuple[int, str],
    what: str,
    at: datetime,
    body: Mapping[str, object],
    subject: str | None,
) -> tuple[int, str]:
    number, previous = before[0] + 1, before[1]
    kept = KINDS[what]
    plain = chain.canonical({**body, "salt": secrets.token_hex(SALT)})
    content = chain.digest(plain)
    own = chain.own(number, micros(at), (kept, what), content, previous)
    row = {
        "number": number,
        "at": at,
        "kept": kept,
        "what": what,
        "subject": subject,
        "body": _packed(plain),
        "digest": bytes.fromhex(content),
        "previous": bytes.fromhex(previous),
        "own": bytes.fromhex(own),
    }
    connection.execute(insert(evidence).values(row))
    return number, own


def last(connection: Connection) -> tuple[int, str]:
    """Give the number and the hash of the last record; 0 and the chain's own beginning where there is none."""
    row = connection.execute(LAST).one_or_none()
    return (0, chain.FIRST) if row is None else (row.number, row.own.hex())


def _beginning(connection: Connection) -> dict[str, object]:
    """Say what the ledger held before the chain began, of which there is no evidence."""
    runs = connection.execute(select(func.count()).select_from(run)).scalar_one()
    last = connection.execute(select(func.coalesce(func.max(intent.c.id), 0))).scalar_one()
    return {"says": "The chain of evidence begins here.", "runs_before": runs, "last_intent_before": last}


def _packed(plain: bytes) -> bytes:
    squeezed = zlib.compress(plain, 6) if len(plain) > WORTH else plain
    return min(plain, squeezed, key=len)


def _unpacked(body: object) -> bytes | None:
    if body is None:
        return None
    cell = body if isinstance(body, bytes) else str(body).encode("utf-8", "surrogatepass")
    try:
        return zlib.decompress(cell) if cell.startswith(ZLIB) else cell
    except zlib.error:
        return cell
