"""Texts and packed values that are kept once and named by number."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import insert, select

from agent.ledger.tables import name, wording

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Column, Connection, Table

Key = TypeVar("Key")
CHUNK = 500  # values in one IN list


def name_ids(connection: Connection, texts: Iterable[str]) -> dict[str, int]:
    """Give the number of each text, making the missing ones."""
    return _ids(connection, name, name.c.text, [{"text": text} for text in dict.fromkeys(texts)])


def wording_ids(connection: Connection, bodies: Iterable[bytes]) -> dict[bytes, int]:
    """Give the number of each packed value, making the missing ones."""
    by_digest = {blake2b(body, digest_size=16).digest(): body for body in bodies}
    rows = [{"digest": digest, "body": body} for digest, body in by_digest.items()]
    found: dict[bytes, int] = _ids(connection, wording, wording.c.digest, rows)
    return {by_digest[digest]: number for digest, number in found.items()}


def _ids(
    connection: Connection, table: Table, key: Column[Key], rows: Sequence[Mapping[str, object]]
) -> dict[Key, int]:
    ids = _known(connection, table, key, rows)
    missing = [row for row in rows if row[key.name] not in ids]
    if missing:
        connection.execute(insert(table), missing)
        ids |= _known(connection, table, key, missing)
    return ids


def _known(
    connection: Connection, table: Table, key: Column[Key], rows: Sequence[Mapping[str, object]]
) -> dict[Key, int]:
    ids: dict[Key, int] = {}
    for start in range(0, len(rows), CHUNK):
        wanted = [row[key.name] for row in rows[start : start + CHUNK]]
        found = connection.execute(select(key, table.c.id).where(key.in_(wanted)))
        ids.update((row[0], row[1]) for row in found)
    return ids
