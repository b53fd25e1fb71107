"""The tables of the chain, beside those of `agent.ledger.tables`."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, Table

from agent.ledger.column_types import Instant, Words
from agent.ledger.tables import metadata

evidence = Table(  # the chain: records are only ever added; pruning takes the body away and leaves the rest
    "evidence",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("kept", Words, nullable=False),  # the class, by which it is kept long or short
    Column("what", Words, nullable=False),
    Column("subject", Words),  # by which it is found again; no hash covers it
    Column("body", LargeBinary),  # canonical JSON, compressed where that is shorter
    Column("digest", LargeBinary, nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("own", LargeBinary, nullable=False),
)
_FOUND_AGAIN = evidence.c.subject.is_not(None)
Index("ix_evidence_subject", evidence.c.subject, sqlite_where=_FOUND_AGAIN, postgresql_where=_FOUND_AGAIN)

seal = Table(  # signatures over the chain, each up to a record
    "seal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("own", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
)
