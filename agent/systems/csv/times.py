"""Times as exports write them. A column is written in one way: its order of day and month is proven or unknown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import Enum
from typing import TYPE_CHECKING

from agent.systems.csv import formats

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SPREADSHEET = datetime(1899, 12, 30)  # ruff: ignore[call-datetime-without-tzinfo] - day 0 of a spreadsheet, local
OLDEST, NEWEST = 1950, 2150  # years that a date of this trade can lie in
MOST_MONTHS = 12
_FULL = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
MONTHS = {name[:3]: number for number, name in enumerate(_FULL, start=1)}
MONTH_WORDS = frozenset({*_FULL, *MONTHS, "sept"})
NEVER = frozenset({(1, 1, 1), (1601, 1, 1), (1899, 12, 30), (1900, 1, 1), (1970, 1, 1), (0, 0, 0)})  # at midnight
SET_FORMAT = "give it a `format` in inventory/systems.yaml, such as `month first` or `%d/%m/%Y`"

_CLOCK = (
    r"(?:(?:[T ]|,? +(?:at )?)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?"
    r" ?(?P<half>[AaPp]\.?[Mm]\.?)? ?(?P<zone>Z|UTC|GMT|(?:UTC|GMT)?[+-](?:0\d|1[0-4]):?[0-5]\d)?)?"
)
_MONTH = r"(?P<word>(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6})\.?"
_SHAPES = (
    re.compile(rf"(?P<y>\d{{4}})(?P<by>[-/.])(?P<m>\d{{1,2}})(?P=by)(?P<d>\d{{1,2}}){_CLOCK}"),
    re.compile(rf"(?P<a>\d{{1,2}})(?P<by>[-/.])(?P<b>\d{{1,2}})(?P=by)(?P<y>\d{{4}}){_CLOCK}"),
    re.compile(
        rf"(?:[a-z]{{3,9}},? )?{_MONTH} (?P<d>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y>\d{{4}}){_CLOCK}", re.IGNORECASE
    ),
    re.compile(rf"(?:[a-z]{{3,9}},? )?(?P<d>\d{{1,2}})[ -]{_MONTH}[ -](?P<y>\d{{4}}){_CLOCK}", re.IGNORECASE),
    re.compile(rf"{_MONTH} (?P<y>\d{{4}})", re.IGNORECASE),
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{2})"),
    re.compile(r"(?P<y>(?:19|20|21)\d{2})(?P<m>\d{2})(?P<d>\d{2})"),
)
# Numbers that are times where a whole column is such numbers: what they count, from which day on, how many a second.
_COUNTS = (
    (re.compile(r"[2-7]\d{4}(\.\d+)?"), "days since 1899, as spreadsheets count", SPREADSHEET, 1 / 86_400),
    (re.compile(r"1\d{9}"), "seconds since 1970", EPOCH, 1),
    (re.compile(r"1\d{12}"), "milliseconds since 1970", EPOCH, 1_000),
    (re.compile(r"1[23]\d{16}"), "ticks since 1601, as Windows counts", datetime(1601, 1, 1, tzinfo=UTC), 10_000_000),
)


_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}.*)?\Z", re.ASCII)


class Order(Enum):
    """Which comes first where both are numbers."""

    DAY = "day first"
    MONTH = "month first"


@dataclass(frozen=True, slots=True)
class Shaped:
    """A text that is a time, but for the order of `a` and `b` where `order` has to say which is the month."""

    year: int
    a: int
    b: int
    free: bool  # a and b are as they stand in the text; else a is the month
    clock: tuple[int, int, int, int]
    zone: tzinfo | None
    day: bool = True  # False: a month without its day


@dataclass(frozen=True, slots=True)
class Times:
    """What the texts of one column are: microseconds since 1970, None for never, or a reason in words.

    `note` is what is to be said of the column.
    """

    values: Mapping[str, int | None]
    whys: Mapping[str, str]
    note: str = ""


def read_times(texts: Sequence[str], written: str, zone: tzinfo) -> Times:
    """Read the distinct texts of one column.

    Args:
        written: `month first`, `day first`, a pattern such as `%d/%m/%Y`, or empty for what is unmistakable.
        zone: of times that name none. A time that an autumn night has twice is the first of the two; one that a
            spring night leaves out is the hour behind it.
    """
    if written and written not in {o.value for o in Order}:
        return _by(lambda text: formats.parse(text, written), texts, zone, f"is not written as {written}")
    for pattern, unit, start, scale in _COUNTS:
        if texts and all(map(pattern.fullmatch, texts)):
            counted = {t: start + timedelta(milliseconds=round(float(t) / scale * 1000)) for t in texts}
            values = {t: micros(c) if c.tzinfo else _local(_whole(c), zone) for t, c in counted.items()}
            return Times(values, {}, f"holds {unit}, and was read as such")
    return _general(texts, written, zone)


def _general(texts: Sequence[str], written: str, zone: tzinfo) -> Times:
    values: dict[str, int | None] = {}
    whys: dict[str, str] = {}
    free: dict[str, Shaped] = {}
    months = False
    for text in texts:
        quick = _quick(text, zone)
        if quick is not None:
            values[text] = quick
            continue
        shaped = shape(text)
        if shaped is None:
            whys[text] = "is not a time"
        elif shaped.free and shaped.a != shaped.b:
            free[text] = shaped
        else:
            months = months or not shaped.day
            _settle(text, shaped, Order.MONTH, zone, values, whys)
    order, why = _order(tuple(free.values()), written)
    for text, shaped in free.items():
        if order is None:
            whys[text] = why
        else:
            _settle(text, shaped, order, zone, values, whys)
    return Times(values, whys, "holds months without a day, which were read as their first day" if months else "")


def _order(shaped: Sequence[Shaped], written: str) -> tuple[Order | None, str]:
    """Find the one order that the column proves, or say why there is none."""
    day = any(s.a > MOST_MONTHS for s in shaped)
    month = any(s.b > MOST_MONTHS for s in shaped)
    proven = None if day == month else Order.DAY if day else Order.MONTH
    if written and proven in {None, Order(written)}:
        return Order(written), ""
    if written and proven:
        return None, f"stands in a column that is {proven.value}, and not {written}; {SET_FORMAT}"
    if day and month:
        return None, f"stands in a column that mixes day first and month first; {SET_FORMAT}"
    return proven, f"can be read day first and month first; {SET_FORMAT}"


def _quick(text: str, zone: tzinfo) -> int | None:
    """Read what ISO 8601 writes, a date alone or with a time and perhaps an offset, with dashes or slashes.

    None where it has another form.
    """
    if text[4:5] == "/" == text[7:8]:  # year first leaves nothing to guess
        text = f"{text[:4]}-{text[5:7]}-{text[8:]}"
    if not _ISO.match(text):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not OLDEST <= found.year <= NEWEST or (found.hour, found.day, found.month) == (0, 1, 1):
        return None  # a New Year's midnight may stand for never
    return micros(found) if found.tzinfo else _local(found, zone)


def shape(text: str) -> Shaped | None:
    """Take a text apart, without saying yet which number is the month; None where it is no time."""
    bare = " ".join(text.split())
    match = next((m for pattern in _SHAPES if (m := pattern.fullmatch(bare))), None)
    if match is None:
        return None
    part: dict[str, str] = {k: v or "" for k, v in match.groupdict().items()}
    clock = _clock(part)
    word = part.get("word", "")
    if clock is None or (word and not _is_month(word)):
        return None
    year, zone = int(part["y"]), _zone(part.get("zone", ""))
    if part.get("a"):
        return Shaped(year, int(part["a"]), int(part["b"]), free=True, clock=clock, zone=zone)
    month = MONTHS[word[:3].lower()] if word else int(part["m"])
    day = part.get("d", "")
    return Shaped(year, month, int(day or 1), free=False, clock=clock, zone=zone, day=bool(day))


def _is_month(word: str) -> bool:
    return word.lower() in MONTH_WORDS


def _clock(part: Mapping[str, str]) -> tuple[int, int, int, int] | None:
    """Give hour, minute, second and microsecond; None where a clock shows no such time."""
    hour, minute, second = (int(part.get(name) or 0) for name in ("hour", "minute", "second"))
    half = part.get("half", "").replace(".", "").lower()
    if half:
        if not 1 <= hour <= 12:  # ruff: ignore[magic-value-comparison] - a clock of twelve hours
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    micro = int(part.get("part", "").ljust(6, "0")[:6] or 0)
    return (hour, minute, second, micro)


def _zone(text: str) -> tzinfo | None:
    if not text:
        return None
    digits = text.replace("UTC", "").replace("GMT", "").replace("Z", "").replace(":", "")
    if not digits:
        return UTC
    minutes = int(digits[1:3]) * 60 + int(digits[3:5])
    return timezone(timedelta(minutes=-minutes if digits[0] == "-" else minutes))


def _settle(
    text: str, shaped: Shaped, order: Order, zone: tzinfo, values: dict[str, int | None], whys: dict[str, str]
) -> None:
    day, month = (shaped.a, shaped.b) if order is Order.DAY and shaped.free else (shaped.b, shaped.a)
    if (shaped.year, month, day) in NEVER and shaped.clock == (0, 0, 0, 0):
        values[text] = None
        return
    try:
        found = datetime(shaped.year, month, day, *shaped.clock, tzinfo=shaped.zone)
    except ValueError:
        found = None
    if found is None or not OLDEST <= found.year <= NEWEST:
        whys[text] = "is not a time that there is"
        return
    values[text] = micros(found) if shaped.zone else _local(found, zone)


def _by(parse: Callable[[str], datetime | None], texts: Sequence[str], zone: tzinfo, why: str) -> Times:
    """Read every text in one declared way, and no other."""
    values: dict[str, int | None] = {}
    whys: dict[str, str] = {}
    for text in texts:
        found = parse(text)
        if found is None or not OLDEST <= found.year <= NEWEST:
            whys[text] = why
        else:
            values[text] = micros(found) if found.tzinfo else _local(found, zone)
    return Times(values, whys)


def _whole(moment: datetime) -> datetime:
    """Round to the second: a day's fraction in a spreadsheet is exact to less than that."""
    return (moment + timedelta(microseconds=500_000)).replace(microsecond=0)


def _local(naive: datetime, zone: tzinfo) -> int:
    return micros(naive.replace(tzinfo=zone))


def micros(instant: datetime) -> int:
    """Give a moment as microseconds since 1970."""
    since = instant - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def instant(micros: int) -> datetime:
    """Give the moment of so many microseconds since 1970."""
    return EPOCH + timedelta(microseconds=micros)
