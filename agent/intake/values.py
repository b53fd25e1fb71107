"""What a policy may write as a value: sizes, shares, versions, modes, times and durations, from text to typed value.

Times that hang on others are in `times`.

`EXPECTED` says in words and as a pattern what each type takes; the schema shows the same to editors.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from agent.decide.compare import debian_order, version_order
from agent.model.calendar import ROLES
from agent.model.condition import Day
from agent.model.kind import FieldType

if TYPE_CHECKING:
    from agent.model.reading import Value


@dataclass(frozen=True, slots=True)
class Expected:
    """What a type takes: JSON types, a pattern for text, and words for a person."""

    words: str
    types: tuple[str, ...]
    pattern: str = ""
    least: float | None = None
    most: float | None = None


END = r"$(?!\n)"  # Python's $ would let a final newline pass.
_DATE = r"(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?"
INSTANT = f"^{_DATE}({_CLOCK})?{END}"
# Which words are units, and which are fields, is said where they are read: there the nearest one is known.
_NAMED = "[A-Za-z][^\\r\\n]*"
MOMENT = f"^({_DATE}({_CLOCK})?|{_NAMED}){END}"
AGO = f"^({_DATE}({_CLOCK})?|{_NAMED}|[0-9]{{1,5}} *[A-Za-z][A-Za-z ]*){END}"
DURATION = "^[0-9]{1,5} *[a-z]+( [a-z]+)?" + END

EXPECTED = {
    FieldType.TEXT: Expected("a text", ("string", "number"), r"\S"),
    FieldType.PATH: Expected("a path, such as /Students/East", ("string",), r"\S"),
    FieldType.MODE: Expected('a mode: four octal digits in quotes, such as "0644"', ("string",), "^[0-7]{4}" + END),
    FieldType.VERSION: Expected(
        'a version in quotes, such as "12" or "126.0.6478"', ("string",), "^[0-9][0-9A-Za-z.+~:_-]*" + END
    ),
    FieldType.DEBIAN_VERSION: Expected(
        'a Debian version in quotes, such as "1:9.2p1-2"', ("string",), "^[0-9A-Za-z][0-9A-Za-z.+~:-]*" + END
    ),
    FieldType.NUMBER: Expected("a number", ("number",)),
    FieldType.SIZE: Expected(
        "a size, such as 20 GiB or 500 MB, or a number of bytes",
        ("string", "integer"),
        r"^[0-9]{1,15}(\.[0-9]{1,6})? *([KMGT]i?)?B" + END,
        least=0,
    ),
    FieldType.PERCENT: Expected(
        "a share from 0 to 100, such as 80%",
        ("string", "number"),
        r"^(100(\.0{1,6})?|[0-9]{1,2}(\.[0-9]{1,6})?) *%" + END,
        least=0,
        most=100,
    ),
    FieldType.BOOLEAN: Expected("true or false", ("boolean",)),
    FieldType.TIME: Expected("a date or a time, such as 2027-01-31 or 2027-01-31T08:00", ("string",), INSTANT),
    FieldType.LIST: Expected("a list of texts", ("array",)),
}

LONGEST = timedelta(days=36_525)
DATE = len("2027-01-31")
MOST = 2**53  # beyond it, columns would take neighbours for the same
_UNITS = {"": 1} | {
    prefix + i: (1024 if i else 1000) ** power for power, prefix in enumerate("KMGT", start=1) for i in ("", "i")
}
SPANS = {
    word: span
    for words, span in (
        (("s", "second", "seconds"), timedelta(seconds=1)),
        (("m", "min", "minute", "minutes"), timedelta(minutes=1)),
        (("h", "hour", "hours"), timedelta(hours=1)),
        (("d", "day", "days"), timedelta(days=1)),
        (("w", "week", "weeks"), timedelta(weeks=1)),
    )
    for word in words
}
DAYS = frozenset({"d", "day", "days", "w", "week", "weeks"})  # 24h is no day
_AMOUNT = re.compile(r"([0-9]{1,5}) *([a-z]+(?: [a-z]+)?)\Z")


def size(text: str) -> int:
    """Give the bytes of a size such as `20 GiB` (1024) or `500 MB` (1000)."""
    number, unit = re.fullmatch(r"([0-9.]+) *([KMGTi]*)B", text).groups()  # type: ignore[union-attr]
    return int(Decimal(number) * _UNITS[unit])


def percent(text: str) -> float:
    """Give the number of a share such as `80%`."""
    return float(text.rstrip("% "))


def duration(text: str) -> timedelta:
    """Give the span of `20m`, `1h` or `2 days`.

    Raises:
        ValueError: with a sentence that says why it is none.
    """
    match = _AMOUNT.match(text)
    if match is None:
        msg = f"{text!r:.40} is not a length of time: write 20m, 1h or 2 days"
        raise ValueError(msg)
    number, unit = match.groups()
    if unit.partition(" ")[0] in ROLES:
        msg = f"{unit!r} cannot be counted in here, where no school is known: write days or hours"
        raise ValueError(msg)
    if unit not in SPANS:
        msg = f"{unit!r} is not a unit of time: write s, m, h, days or weeks"
        raise ValueError(msg)
    span = int(number) * SPANS[unit]
    if span > LONGEST:
        msg = f"{text!r} is more than 100 years"
        raise ValueError(msg)
    return span


def instant(text: str, zone: tzinfo) -> datetime:
    """Give the instant of a date (its 00:00) or a time, in the district's zone where it names none.

    Raises:
        ValueError: with a sentence that says why it is none.
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        msg = f"{text!r:.40} is not on the calendar or the clock"
        raise ValueError(msg) from error
    return at if at.tzinfo else at.replace(tzinfo=zone)


def day_or_instant(text: str, zone: tzinfo) -> Day | datetime:
    """Give an instant, or the whole day that a date stands for; a ValueError says why it is neither."""
    at = instant(text, zone)
    if len(text) > DATE:
        return at
    return Day(text, at, datetime.combine(at.date() + timedelta(days=1), time.min, tzinfo=zone))


def order(field_type: FieldType, low: Value | Day, high: Value | Day) -> int:
    """Say which of two values of a type is the lower one: -1, 0 or 1."""
    match field_type:
        case FieldType.VERSION:
            return version_order(str(low), str(high))
        case FieldType.DEBIAN_VERSION:
            return debian_order(str(low), str(high))
    first, second = cast("tuple[float, float]", (low, high))
    return (first > second) - (first < second)


def is_number(value: object) -> bool:
    """Say whether a value is a number; true and false are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_sane(number: float) -> bool:
    """Say whether a number is one that columns hold exactly; not NaN, nor infinity, nor of a hundred digits."""
    return abs(number) <= MOST  # which NaN is not
