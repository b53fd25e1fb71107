"""What a policy may write as a value: sizes, shares, versions, modes, times and durations, from text to typed value.

`EXPECTED` says in words and as a pattern what each type takes; the schema shows the same to editors.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal

from agent.model.condition import Moment
from agent.model.kind import FieldType


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
MOMENT = f"^({_DATE}({_CLOCK})?|(today|now)( *[+-] *[0-9]{{1,5}} *[a-z]+( [a-z]+)?)?){END}"
AGO = f"^({_DATE}({_CLOCK})?|today|[0-9]{{1,5}} *[a-z]+( [a-z]+)?){END}"
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
_UNITS = {"": 1} | {
    prefix + i: (1024 if i else 1000) ** power for power, prefix in enumerate("KMGT", start=1) for i in ("", "i")
}
_SPANS = {
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
_DAYS = frozenset({"d", "day", "days", "w", "week", "weeks"})  # 24h is no day
_AMOUNT = re.compile(r"([0-9]{1,5}) *([a-z]+(?: [a-z]+)?)\Z")
_RELATIVE = re.compile(r"(today|now)(?: *([+-]) *(.+))?\Z")


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
    if unit.startswith("school"):
        msg = f"Counting in {unit} is not in this version of Driftbell: write it in days or hours"
        raise ValueError(msg)
    if unit not in _SPANS:
        msg = f"{unit!r} is not a unit of time: write s, m, h, days or weeks"
        raise ValueError(msg)
    span = int(number) * _SPANS[unit]
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


def ago(text: str, zone: tzinfo) -> Moment | datetime:
    """Give the instant that `within` and `older_than` count from, for `21 days`, `3h`, `today` or a date.

    Days and weeks are whole days of the district: from 00:00 local so many days before today, as school days are.
    """
    amount = _AMOUNT.match(text)
    if amount is None:
        return moment(text, zone)
    return Moment(text, -duration(text), day=amount[2] in _DAYS)


def moment(text: str, zone: tzinfo) -> Moment | datetime:
    """Give what `today + 30 days`, `now - 2 hours` or `2027-01-31` means; a ValueError says why it means nothing."""
    match = _RELATIVE.match(text)
    if match is None:
        return instant(text, zone)
    base, sign, amount = match.groups()
    span = duration(amount) if amount else timedelta(0)
    return Moment(text, -span if sign == "-" else span, day=base == "today")
