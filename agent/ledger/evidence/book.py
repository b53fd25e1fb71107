"""The evidence as others use it: sealing, pruning and reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from agent.decide.evidence import chain as links
from agent.ledger.column_types import EPOCH
from agent.ledger.evidence import chain
from agent.ledger.evidence.tables import evidence, seal
from agent.ledger.tables import intent
from agent.model.evidence import CHAIN, YEAR, Sealed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime, timedelta

    from sqlalchemy import Connection

    from agent.ledger.database import Database
    from agent.ledger.evidence.key import Key
    from agent.model.evidence import Record

FILE = "evidence.key"  # beside the ledger


class EvidenceBook:
    """The `Evidence` of the ledger."""

    def __init__(self, database: Database) -> None:
        """Take the ledger's database; the key stands beside its file."""
        self._database = database
        self._file = database.path.with_name(FILE)

    def seal(self, at: datetime) -> Sealed | None:
        """Sign what was recorded since the last seal; gives the newest seal, None where nothing was ever recorded."""
        with self._database.writing() as connection:
            return self._sealed(connection, at)

    def renew(self, at: datetime) -> str:
        """Make a new key, whose coming the old one seals; gives its hash."""
        from agent.ledger.evidence import key  # ruff: ignore[import-outside-top-level] - cryptography costs 40 ms

        fresh = self._file.with_name(f"{FILE}.new")
        with self._database.writing() as connection:
            before = key.kept(self._file) if self._file.exists() else key.made(self._file)
            if chain.known(connection, f"key:{before.name}") is None:
                _brought_in(connection, before, _newest(connection), at)
            made = key.made(fresh)
            _brought_in(connection, made, before.name, at)
            _signed(connection, before, at)
            _signed(connection, made, at)
        key.put_in_place(fresh, self._file)
        return made.name

    def key(self) -> str:
        """Give the public key that seals now, as hex; empty where there is none yet."""
        from agent.ledger.evidence import key  # ruff: ignore[import-outside-top-level] - as above

        return key.kept(self._file).public.hex() if self._file.exists() else ""

    def prune(self, keep: Mapping[str, timedelta], at: datetime) -> int:
        """Forget what records of each class held once they are too old; gives how many. They stay in the chain.

        The text of a policy is kept a year longer: what rests on it may be as much younger.
        """
        with self._database.writing() as connection:
            return sum(_pruned(connection, kept, span, at) for kept, span in keep.items() if kept != CHAIN)

    def journal(self, after: int) -> Mapping[int, bool]:
        """Give the intents of the journal behind one of them, and whether anything was said of what came of them."""
        query = select(intent.c.id, intent.c.result).where(intent.c.id > after)
        with self._database.reading() as connection:
            return {row.id: row.result is not None for row in connection.execute(query)}

    def records(self) -> Iterator[Record]:
        """Give every record, in order."""
        with self._database.reading() as connection:
            yield from chain.records(connection)

    def seals(self) -> tuple[Sealed, ...]:
        """Give every seal, in order."""
        with self._database.reading() as connection:
            return chain.seals(connection)

    def _sealed(self, connection: Connection, at: datetime) -> Sealed | None:
        """Seal what is not sealed yet."""
        last, newest = chain.last(connection)[0], chain.newest(connection)
        if not last or (newest and newest.number >= last):
            return newest
        from agent.ledger.evidence import key  # ruff: ignore[import-outside-top-level] - as above

        mine = key.kept(self._file) if self._file.exists() else key.made(self._file)
        if chain.known(connection, f"key:{mine.name}") is None:
            _brought_in(connection, mine, _newest(connection), at)
        return _signed(connection, mine, at)


def _signed(connection: Connection, key: Key, at: datetime) -> Sealed:
    """Sign the last record."""
    number, own = chain.last(connection)
    when = chain.micros(at)
    made = Sealed(number, own, when, key.name, key.sign(links.sealing(number, own, when, key.name)))
    hashes = {"own": own, "key": made.key, "signature": made.signature}
    row = {"number": number, "at": at, **{name: bytes.fromhex(text) for name, text in hashes.items()}}
    connection.execute(insert(seal).values(row))
    return made


def _newest(connection: Connection) -> str:
    """Give the key of the newest seal, or nothing."""
    newest = chain.newest(connection)
    return newest.key if newest else ""


def _brought_in(connection: Connection, key: Key, after: str, at: datetime) -> None:
    body = {"public": key.public.hex(), "after": after}
    chain.add(connection, "key", at, body, subject=f"key:{key.name}")


def _pruned(connection: Connection, kept: str, span: timedelta, at: datetime) -> int:
    if span >= at - EPOCH - YEAR:  # for ever
        return 0
    number = 0
    for texts, before in ((False, at - span), (True, at - span - YEAR)):
        of = evidence.c.what == "policy" if texts else evidence.c.what != "policy"
        mine = (evidence.c.kept == kept, of, evidence.c.at < before, evidence.c.body.is_not(None))
        number += connection.execute(update(evidence).where(*mine).values(body=None)).rowcount
    if number:
        before = at - span
        said = {"class": kept, "before": before.isoformat(), "before_us": chain.micros(before), "records": number}
        chain.add(connection, "pruned", at, said)
    return number
