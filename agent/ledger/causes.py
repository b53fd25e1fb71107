"""Causes in the ledger: packed beside each turn of a finding, without what the finding's own words say already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from agent.ledger.packing import pack, unpack
from agent.model.cause import Because, Cause, Moved
from agent.model.comparison import Stand

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from agent.model.finding import Difference

_SAID_BESIDE = frozenset({Because.LOST, Because.BACK, Because.EXPIRED})  # whose detail is why the finding is suspended
LONGEST = 80  # characters of a reading that is kept


def to_bytes(cause: Cause, before: Iterable[Difference], after: Iterable[Difference]) -> bytes:
    """Give a cause as bytes; `before` and `after` are the differences that are kept beside it.

    A reading that they show is left out, so that thousands of causes are the same few bytes.
    """
    was, now = _observed(before), _observed(after)
    moved = [[m.field, _kept(m.before, was.get(m.field)), _kept(m.after, now.get(m.field))] for m in cause.moved]
    detail = "" if cause.because in _SAID_BESIDE else cause.detail
    return pack([cause.because.value, cause.was.value if cause.was else None, moved, detail])


def from_bytes(body: bytes | None, before: Iterable[Difference], after: Iterable[Difference]) -> Cause | None:
    """Give back what `to_bytes` took, or None where no cause was kept."""
    if body is None:
        return None
    because, stood, moved, detail = cast("list[Any]", unpack(body))
    was, now = _observed(before), _observed(after)
    told = tuple(Moved(f, was.get(f, "") if b is None else b, now.get(f, "") if a is None else a) for f, b, a in moved)
    return Cause(Because(because), Stand(stood) if stood else None, told, detail)


def _kept(text: str, observed: str | None) -> str | None:
    """Give a reading as it is kept: nothing where the difference has it, and never a whole file."""
    if text == observed:
        return None
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _observed(differences: Iterable[Difference]) -> Mapping[str, str]:
    """Give what was observed, by field."""
    return {d.field: d.observed for d in differences}
