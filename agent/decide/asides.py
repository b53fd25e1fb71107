"""What a sentence says beside what differs: the day that `14 school days` means, and who else has a serial.

It stands in sentences alone and never in differences: plans are told apart by those, and a date moves every day.
"""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING

from agent.decide.amounts import spoken
from agent.decide.columns import to_python
from agent.decide.compare import instant
from agent.decide.unique import ALSO, MORE
from agent.decide.words import NOTHING, Aside, other_field, subject, wish
from agent.model.condition import AllOf, Condition, Moment, Not, Test
from agent.model.kind import FieldRef, FieldType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import polars as pl

_AMOUNTS = frozenset({FieldType.SIZE, FieldType.PERCENT})
_BEFORE = {"within": "since ", "older_than": "before "}


def short(at: datetime, now: datetime) -> str:
    """Give a time on the clock of the district: `2026-10-01 08:00`, or a day alone for its 00:00."""
    local = at.astimezone(now.tzinfo)
    return f"{local:%Y-%m-%d}" if local.time() == time.min else f"{local:%Y-%m-%d %H:%M}"


def asides(field: str, condition: Condition, frame: pl.DataFrame, now: datetime) -> list[Aside]:
    """Give, a row, what is to be said beside how one field differs."""
    rows, kind = frame.height, subject(condition).type
    if kind in _AMOUNTS:
        return _amounts(field, condition, frame)
    behind = [column for test, isnt in _plain_tests(condition) for column in _behind(test, frame, now, isnt=isnt)]
    times = kind is FieldType.TIME
    seen = [short(at, now) if at else "" for at in frame[field]] if times else [""] * rows
    if not behind and not times:
        return [NOTHING] * rows
    said = zip(*behind, strict=True) if behind else [()] * rows
    return [Aside(has, _bracketed(words)) for has, words in zip(seen, said, strict=True)]


def _amounts(field: str, condition: Condition, frame: pl.DataFrame) -> list[Aside]:
    """Give sizes and percents as people write them; what is compared with another field names that."""
    of = subject(condition)
    wanted = "" if other_field(condition) else wish(condition, bare=True, say=spoken)
    seen = {v: "" if v is None else spoken(of, to_python(v)) for v in frame[field].unique()}
    return [Aside(seen[v], expected=wanted) for v in frame[field]]


def _bracketed(words: Iterable[str]) -> str:
    told = ", ".join(w for w in words if w)
    return f" ({told})" if told else ""


def _plain_tests(condition: Condition) -> Iterator[tuple[Test, bool]]:
    """Give the tests that must all hold, or must all not; what stands under `any_of` is not said a second time."""
    if isinstance(condition, Test):
        yield condition, False
    elif isinstance(condition, Not) and isinstance(condition.part, Test) and condition.part.operator != "unique":
        yield condition.part, True
    elif isinstance(condition, AllOf):
        for part in condition.parts:
            yield from _plain_tests(part)


def _behind(test: Test, frame: pl.DataFrame, now: datetime, *, isnt: bool) -> list[Sequence[str]]:
    operand, before = test.operand, "" if isnt else _BEFORE.get(test.operator, "")
    if isinstance(operand, Moment):
        return [[before + short(instant(operand, now), now)] * frame.height]
    if not isinstance(operand, FieldRef) or operand.reckoned is None:
        return []
    if test.operator == "unique":
        return [_others(operand, frame)]
    return [["" if operand.sensitive or at is None else before + short(at, now) for at in frame[operand.name]]]


def _others(column: FieldRef, frame: pl.DataFrame) -> list[str]:
    """Say who else has the value, where the names of a kind may be said."""
    also, more = f"{column.name}{ALSO}", f"{column.name}{MORE}"
    if also not in frame.columns:
        return [""] * frame.height
    pairs = zip(frame[also], frame[more], strict=True)
    return ["" if name is None else f"also {name}" + (f" and {n:,} more" if n else "") for name, n in pairs]
