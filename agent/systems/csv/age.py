"""How old an export is: by its own column, by what was said when it was imported, or by the date in its name."""

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
IN_NAME = re.compile(
    r"(?<!\d)(20\d{2})([-_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])"
    r"(?:[-_.T ]{0,3}([01]\d|2[0-3])[-_.h:]?([0-5]\d)(?:[-_.m:]?([0-5]\d))?)?(?!\d)"
)


@dataclass(frozen=True, slots=True)
class Age:
    """Since when the data is as it is: `how` says how that is known; `known` is False where it is not."""

    at: datetime
    how: str
    known: bool = True


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What was noted beside a file when it was imported."""

    original: str
    as_of: datetime | None
    how: str
    digest: str
    rows: int
    imported: datetime


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


def unknown(written: datetime, fresh_for: timedelta | None, now: datetime) -> Age:
    """Give an age for data that tells nothing of it.

    Where there is a limit, it is past that limit: what may be old is taken as old, and nothing rests on it. Where
    there is none, the time when the file was last written is the best there is.
    """
    at = min(written, now)
    if fresh_for is not None:
        at = min(at, now - fresh_for - timedelta(seconds=1))
    return Age(at, "nothing says how old it is", known=False)


def sidecar(path: Path) -> Sidecar | None:
    """Read what was noted when a file was imported; None where nothing was, or it cannot be read."""
    try:
        noted = json.loads(path.with_name(path.name + SIDECAR).read_text(encoding="utf-8"))
        return Sidecar(
            original=str(noted["original"]),
            as_of=datetime.fromisoformat(noted["as_of"]) if noted["as_of"] else None,
            how=str(noted["how"]),
            digest=str(noted["sha256"]),
            rows=int(noted["rows"]),
            imported=datetime.fromisoformat(noted["imported"]),
        )
    except (OSError, ValueError, LookupError, TypeError):
        return None
