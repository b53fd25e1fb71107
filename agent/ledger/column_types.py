"""How instants, hostile texts and JSON values stand in columns."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, LargeBinary, Text
from sqlalchemy.types import TypeDecorator

from agent.ledger.packing import pack, unpack

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MARK = "\x1a"  # "substitute": what ASCII has for characters that cannot be written
_REFUSED = re.compile(r"[\x00\x1a\ud800-\udfff]")  # what PostgreSQL or UTF-8 refuses, and the mark itself
_MARKED = re.compile(MARK + "([0-9a-f]{4})")


class Instant(TypeDecorator[datetime]):
    """A time with its zone, as microseconds since 1970 UTC: exact, short and sortable."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> int | None:
        """Refuse a time without zone: which hour it means is anyone's guess."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = f"a time without a zone cannot be kept: {value!r}"
            raise ValueError(msg)
        return (value - EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, _dialect: Dialect) -> datetime | None:
        """Give the time in UTC."""
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Words(TypeDecorator[str]):
    """Text of any sort: NUL and lone surrogates are escaped, one to one, so that equality still means equality."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """Escape what a database refuses."""
        return None if value is None else _REFUSED.sub(lambda found: f"{MARK}{ord(found[0]):04x}", value)

    def process_result_value(self, value: str | None, _dialect: Dialect) -> str | None:
        """Undo the escapes."""
        return None if value is None else _MARKED.sub(lambda found: chr(int(found[1], 16)), value)


class Packed(TypeDecorator[object]):
    """A JSON value as packed bytes."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: object, _dialect: Dialect) -> bytes | None:
        """Pack; None is NULL."""
        return None if value is None else pack(value)

    def process_result_value(self, value: bytes | None, _dialect: Dialect) -> object:
        """Unpack."""
        return None if value is None else unpack(value)
