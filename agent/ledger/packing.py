"""JSON values as bytes, compressed where that is shorter."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, cast

from agent.model.finding import Difference

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WORTH = 200  # bytes; shorter JSON hardly shrinks
ZLIB = b"x"  # the first byte of every zlib stream with a 32 KB window; JSON cannot begin with it


class DamagedError(ValueError):
    """Bytes that `pack` cannot have made: the file was changed underneath."""


def pack(value: object) -> bytes:
    """Give a JSON value as bytes; lone surrogates and NUL survive."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    plain = text.encode("utf-8", "surrogatepass")
    squeezed = zlib.compress(plain, 6) if len(plain) > WORTH else plain
    return min(plain, squeezed, key=len)


def unpack(body: bytes) -> object:
    """Give back what `pack` took; tuples come back as lists.

    Raises:
        DamagedError: these bytes are not what `pack` makes.
    """
    try:
        plain = zlib.decompress(body) if body.startswith(ZLIB) else body
        return json.loads(plain.decode("utf-8", "surrogatepass"))
    except (zlib.error, ValueError) as error:
        msg = f"not packed JSON: {error}"
        raise DamagedError(msg) from error


def to_rows(differences: Iterable[Difference]) -> list[list[object]]:
    """Give differences as short lists: three texts, and True behind them where the field is sensitive."""
    return [[d.field, d.expected, d.observed, *([True] if d.sensitive else [])] for d in differences]


def from_rows(rows: object) -> tuple[Difference, ...]:
    """Give back what `to_rows` took."""
    listed = cast("Sequence[Sequence[str]]", rows)
    return tuple(Difference(f, expected, observed, sensitive=bool(rest)) for f, expected, observed, *rest in listed)
