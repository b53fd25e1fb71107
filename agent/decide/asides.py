"""What a sentence says beside what differs: the day that `14 school days` means, and who else has a serial.

It stands in sentences alone and never in differences: plans are told apart by those, and a date moves every day.
"""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING

from agent.decide.compare import instant
from agent.decide.unique import ALSO, MORE
from agent.decide.words import NOTHING, Aside
from agent.model.condition import AllOf, Condition, Moment, Test
from agent.model.kind import FieldRef, FieldType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import polars as pl

_BEFORE = {"within": "since ", "older_than": "before "}


def short(at: datetime, now: datetime) -> str:
    """Give a time on the clock of the district: `2026-10-01 08:00`, or a day alone for its 00:00."""
    local = at.astimezone(now.tzinfo)
    return f"{local:%Y-%m-%d}" if local.time() == time.min else f"{local:%Y-%m-%d %H:%M}"


def asides(field: str, condition: Condition, frame: pl.DataFrame, now: datetime) -> list[Aside]:
    """Give, a row, what is to be said beside how one field differs."""
    rows = frame.height
    wanted = list(_plain_tests(condition))
    behind = [column for test in wanted for column in _behind(test, frame, now)]
    times = next(iter(wanted)).field.type is FieldType.TIME if wanted else False
    seen = [short(at, now) if at else "" for at in frame[field]] if times else [""] * rows
    if not behind and not times:
        return [NOTHING] * rows
    said = zip(*behind, strict=True) if behind else [()] * rows
    return [Aside(has, _bracketed(words)) for has, words in zip(seen, said, strict=True)]


def _bracketed(words: Iterable[str]) -> str:
    told = ", ".join(w for w in words if w)
    return f" ({told})" if told else ""


def _plain_tests(condition: Condition) -> Iterator[Test]:
    """Give the tests that must all hold; what stands under `not` or `any_of` is not said a second time."""
    if isinstance(condition, Test):
        yield condition
    elif isinstance(condition, AllOf):
        for part in condition.parts:
            yield from _plain_tests(part)


def _behind(test: Test, frame: pl.DataFrame, now: datetime) -> list[Sequence[str]]:
    operand, before = test.operand, _BEFORE.get(test.operator, "")
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
