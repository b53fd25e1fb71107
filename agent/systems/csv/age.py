"""How old an export is: by its own column, by what was said when it was imported, or by the date in its name.

Where nobody says it, the newest time that stands in it does: it may be newer, but is not known to be. When a file was
written says nothing: a copy of last year's was written today.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from agent.systems.csv.times import instant, read_times

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

SIDECAR = ".taken.json"
AHEAD = timedelta(minutes=5)  # how far two clocks may differ
LAGGING = timedelta(days=7)  # how far the newest time in a file may lie behind the date that it is given
WRITTEN = "the file was last written then"
IN_NAME = re.compile(
    r"(?<!\d)(20\d{2})([-_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])"
    r"(?:[-_.T ]{0,3}([01]\d|2[0-3])[-_.h:]?([0-5]\d)(?:[-_.m:]?([0-5]\d))?)?(?!\d)"
)


@dataclass(frozen=True, slots=True)
class Age:
    """Since when the data is as it is.

    Attributes:
        how: how that is known.
        known: False where nothing tells it, and `at` is only when the file was written.
        least: whether the data may be newer than that.
    """

    at: datetime
    how: str
    known: bool = True
    least: bool = False


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What was noted beside a file when it was imported.

    Attributes:
        newest: the newest time in the file, up to its import.
        fields: those that it had a column for; empty where that was not noted.
        vouched: a person said that the file is right as it is.
    """

    original: str
    age: Age
    digest: str
    rows: int
    imported: datetime
    newest: datetime | None = None
    fields: frozenset[str] = frozenset()
    vouched: bool = False


def from_column(raw: pl.Series, header: str, zone: tzinfo, now: datetime) -> Age | None:
    """Give the newest time of a column that says when each row is from: the export is at least that new.

    None where the column holds no time, or one that has not come yet.
    """
    texts = [t for t in raw.str.strip_chars().unique().to_list() if t]
    found = [v for v in read_times(texts, "", zone).values.values() if v is not None]
    if not found or instant(max(found)) > now + AHEAD:
        return None
    return Age(instant(max(found)), f"its column {header!r} says so")


def from_name(name: str, zone: tzinfo, now: datetime) -> Age | None:
    """Give the date that a file's name holds; without a time, the beginning of that day."""
    for match in IN_NAME.finditer(name):
        year, month, day, hour, minute, second = (int(match[g] or 0) for g in (1, 3, 4, 5, 6, 7))
        try:
            at = datetime(year, month, day, hour, minute, second, tzinfo=zone).astimezone(UTC)
        except ValueError:
            continue
        if at <= now + AHEAD:
            return Age(at, "the date in its name says so")
    return None


def from_times(newest: datetime | None, zone: tzinfo) -> Age | None:
    """Give the age of a file that says nothing of it but by the newest time in it."""
    if newest is None:
        return None
    return Age(newest, f"its newest time is {newest.astimezone(zone):%Y-%m-%d %H:%M}; it may be newer", least=True)


def contradicted(claimed: Age, newest: datetime | None, zone: tzinfo) -> str:
    """Say that a file is dated long after the newest time in it; empty where it is not."""
    if newest is None or not claimed.known or claimed.least or claimed.at - newest <= LAGGING:
        return ""
    at, last = claimed.at.astimezone(zone), newest.astimezone(zone)
    return f"Its newest time is {last:%Y-%m-%d}: it may be older than its date, {at:%Y-%m-%d}."


def limited(known: Age, fresh_for: timedelta | None, now: datetime) -> Age:
    """Give an age that a judgement may rest on: where data tells nothing of it, one that is past its limit.

    Where there is a limit, it is past that limit: what may be old is taken as old, and nothing rests on it. Where
    there is none, the time when the file was last written is the best there is.
    """
    if known.known:
        return known
    at = min(known.at, now)
    if fresh_for is not None:
        at = min(at, now - fresh_for - timedelta(seconds=1))
    return Age(at, "nothing says how old it is", known=False)


def sidecar(path: Path) -> Sidecar | None:
    """Read what was noted when a file was imported; None where nothing was, or it cannot be read."""
    try:
        noted = json.loads(path.with_name(path.name + SIDECAR).read_text(encoding="utf-8"))
        how, newest = str(noted["how"]), noted.get("newest")
        at, known = datetime.fromisoformat(noted["as_of"]), bool(noted.get("known", how != WRITTEN))
        return Sidecar(
            original=str(noted["original"]),
            age=Age(at, how, known, least=bool(noted.get("at_least"))),
            digest=str(noted["sha256"]),
            rows=int(noted["rows"]),
            imported=datetime.fromisoformat(noted["imported"]),
            newest=datetime.fromisoformat(newest) if newest else None,
            fields=frozenset(map(str, noted.get("fields", ()))),
            vouched=noted.get("vouched") is True,
        )
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None
