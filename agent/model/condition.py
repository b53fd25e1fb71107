"""Conditions: what a policy demands of fields, parsed and typed. Meaning lives in `decide`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from agent.errors import Place
    from agent.model.kind import FieldRef


@dataclass(frozen=True, slots=True)
class Moment:
    """A time that hangs on the time of the look: `today + 30 days` is (day=True, shift=30 days).

    `base` is the time to count from where it is not that of the look: what a list of last week says of silence is
    said of last week.
    """

    text: str
    shift: timedelta
    day: bool  # from 00:00 local today, else from now
    base: datetime | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the district, which a time equals that lies in it. `until` is the 00:00 of the next."""

    text: str
    first: datetime
    until: datetime

    def __str__(self) -> str:
        """Give the day as the policy wrote it."""
        return self.text


@dataclass(frozen=True, slots=True)
class Test:
    """One operator on one field.

    `operand` is None for `empty`; a bool for `exists` and `empty`; a tuple for one_of, none_of and the list
    operators; a FieldRef for `same_as`, for `unique`, and for a time that is reckoned from others; a pair for
    `between`; a Condition on the elements for `every` and `some`; a Moment or a datetime for times, and a Day where
    a time is to equal one; else a value of the field's type.
    """

    __test__ = False  # pytest: this is a noun, not a test case

    field: FieldRef
    operator: str
    operand: object
    text: str  # the operand as the policy wrote it
    place: Place


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part must hold."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part must hold."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part must not hold."""

    part: Condition


Condition = Test | AllOf | AnyOf | Not
