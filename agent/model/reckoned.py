"""Reckoned columns: what no system shows, and what it is worked out from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.model.kind import FieldRef


@dataclass(frozen=True, slots=True)
class Reckoned:
    """How a column comes about that no system shows: it is reckoned from others, row by row, before policies judge.

    Attributes:
        what: `unique` (a boolean: whether no other resource of the same list has this value of `of`) or `moment`
            (a time: so many school days before or after another).
        of: the field whose values are compared, or that is measured against the moment; its list's own time stands
            for now where it moves on while nobody looks.
        base: what a moment counts from, `today` or `now`; or empty, and `start` is the time field that it counts from.
        amount: signed; how many of `unit` after the base.
        unit: a role of model/calendar.py, then days, hours or minutes; or without a role; or empty for `span`.
        span: signed.
    """

    what: str
    of: FieldRef
    base: str = ""
    start: FieldRef | None = None
    amount: int = 0
    unit: str = ""
    span: timedelta = timedelta(0)
