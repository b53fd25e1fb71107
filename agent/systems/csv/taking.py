"""Taking a file in: `driftbell import`. The one place of this room that writes, and only into the state's exports."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.errors import InputError, UnseenError
from agent.systems.csv import age
from agent.systems.csv.content import UnreadableError
from agent.systems.csv.paths import inside
from agent.systems.csv.saying import counted
from agent.systems.csv.understanding import understand

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from agent.model.kind import Kind
    from agent.model.policy import District
    from agent.model.source import ExportSource, Preset
    from agent.systems.csv.understanding import Understanding

BEFORE = ".before"  # what the copy of the last file is called
SHRUNK = 0.9  # of the rows of the last file; with fewer it is said
ABANDONED = 3600  # seconds after which nobody is still at work on a copy
LAGGING = timedelta(days=120)  # how far the newest time in a file may lie behind the file's own date


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of an import.

    Attributes:
        path: where the file is now; `system` reads it.
        as_of: since when the data is as it is, in the district's zone; `how` says how that is known, `sure` is False
            where it is only when the file was last written.
        same: it is, byte for byte, what was there.
        before: the rows of the file that was there, None where there was none.
        warnings: sentences that a person should read before anything rests on the file.
        add: lines for inventory/systems.yaml, where no system reads the file yet.
    """

    path: Path
    system: str
    kind: str
    understood: Understanding
    as_of: datetime
    how: str
    sure: bool
    same: bool
    before: int | None
    warnings: tuple[str, ...]
    add: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """What a file is taken in as, and what it is read against."""

    exports: Path
    source: ExportSource
    preset: Preset | None
    kind: Kind
    district: District


def take(
    file: Path,
    target: Target,
    as_of: datetime | None,
    now: datetime,
    understanding: Callable[..., Understanding] = understand,
) -> Taken:
    """Copy a file into the state directory, with its date beside it, and say what was understood of it.

    The file that was there stays until the new one is whole and readable, and is kept once as `.before`.

    Args:
        as_of: since when the data is as it is, where a person says so.
        understanding: what reads the file; of a OneRoster archive `oneroster.understanding.understand`.

    Raises:
        InputError: the file shows nothing, or the system names its file somewhere else. What was there stays.
        UnseenError: the state directory cannot be written.
    """
    place = _place(target)
    written, here = _written(file), ZoneInfo(target.district.timezone)
    with _copied(file, place) as copy:
        understood = _understood(file, copy, target, now, understanding)
        last = age.sidecar(place) if place.exists() else None
        known = _age(file.name, as_of, understood, written, (here, now))
        same = last is not None and last.digest == understood.digest
        _put(copy, place, keep=not same)
        _note(place, file.name, known, understood, now)
    return Taken(
        path=place,
        system=target.source.name,
        kind=target.kind.name,
        understood=understood,
        as_of=known.at.astimezone(here),
        how=known.how,
        sure=known.known,
        same=same,
        before=last.rows if last else None,
        warnings=tuple(_warnings(understood, known, last, now)),
    )


def _place(target: Target) -> Path:
    try:
        return inside(target.exports, target.source.path)
    except UnreadableError as error:
        msg = f"The file of {target.source.name} ({target.source.path}) {error}."
        raise InputError(msg) from error


def _understood(
    file: Path, copy: Path, target: Target, now: datetime, understanding: Callable[..., Understanding]
) -> Understanding:
    try:
        return understanding(copy, target.source, target.preset, target.kind, target.district, now)
    except UnreadableError as error:
        msg = f"{file} {error}. Nothing was imported."
        raise InputError(msg) from error


def _written(file: Path) -> datetime:
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except OSError as error:
        msg = f"{file} cannot be read: {error.strerror}."
        raise InputError(msg) from error


@contextmanager
def _copied(file: Path, place: Path) -> Generator[Path, None, None]:
    """Give a private copy beside the place where it will be; it is gone afterwards if nobody moved it there."""
    if not file.is_file():
        msg = f"{file} is no file."
        raise InputError(msg)
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _clear(place)
        handle, name = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)  # only for its owner to read
    except OSError as error:
        msg = f"{place.parent} cannot be written: {error.strerror}. Name a state directory of yours with --state."
        raise UnseenError(msg) from error
    copy = Path(name)
    try:
        with os.fdopen(handle, "wb") as out, file.open("rb") as source:
            shutil.copyfileobj(source, out, 1 << 20)
            out.flush()
            os.fsync(out.fileno())
        yield copy
    except OSError as error:
        msg = f"{file} cannot be copied to {place}: {error.strerror}."
        raise UnseenError(msg) from error
    finally:
        copy.unlink(missing_ok=True)


def _clear(place: Path) -> None:
    """Remove what an import that was killed left behind: it holds people's data."""
    for left in place.parent.glob(f".{place.name}.*"):
        if left.stat().st_mtime < time.time() - ABANDONED:
            left.unlink(missing_ok=True)


def _age(
    name: str, as_of: datetime | None, understood: Understanding, written: datetime, here: tuple[ZoneInfo, datetime]
) -> age.Age:
    """Say since when the data is as it is: a person, a column, the file's name, or when it was last written."""
    zone, now = here
    if as_of is not None:
        if as_of > now + age.AHEAD:
            msg = f"The data cannot be from {as_of:%Y-%m-%d %H:%M}: that is still to come."
            raise InputError(msg)
        return age.Age(as_of, "it was said when it was imported")
    named = understood.told or age.from_name(name, zone, now)
    return named or age.Age(min(written, now), "the file was last written then", known=False)


def _warnings(understood: Understanding, known: age.Age, last: age.Sidecar | None, now: datetime) -> Iterator[str]:
    if not understood.proven:
        yield f"It may not be whole: {understood.membership}."
    if last and last.digest != understood.digest:
        if last.as_of and known.at < last.as_of:
            yield f"It is older ({known.at:%Y-%m-%d}) than the file that was there ({last.as_of:%Y-%m-%d})."
        if understood.rows < last.rows * SHRUNK:
            yield f"It has {counted(understood.rows, 'row')}, and the file that was there had {last.rows:,}."
    if understood.newest and known.at - understood.newest > LAGGING:
        yield f"Its newest time is {understood.newest:%Y-%m-%d}: it may be older than its date, {known.at:%Y-%m-%d}."
    if not known.known:
        yield "Nothing in it says how old it is, so the time when it was written counts; --dated TIME says it better."
    if now - known.at > timedelta(days=365):
        yield f"It is from {known.at:%Y-%m-%d}, more than a year ago."


def _put(copy: Path, place: Path, *, keep: bool) -> None:
    """Put the copy in place in one step, so that whoever reads sees the old file or the new one."""
    if keep and place.exists():
        spare = place.with_name(place.name + BEFORE)
        beside = place.with_name(f".{place.name}.{os.getpid()}{BEFORE}")
        beside.unlink(missing_ok=True)
        try:
            os.link(place, beside)
        except OSError:  # a file system without hard links
            shutil.copy2(place, beside)
        beside.replace(spare)
    copy.replace(place)


def _note(place: Path, original: str, known: age.Age, understood: Understanding, now: datetime) -> None:
    """Write beside the file what it is; a note that belongs to another file is told by its digest."""
    noted = {
        "original": original,
        "as_of": known.at.isoformat(),
        "how": known.how,
        "sha256": understood.digest,
        "rows": understood.rows,
        "imported": now.isoformat(),
    }
    beside = place.with_name(place.name + age.SIDECAR)
    handle, name = tempfile.mkstemp(prefix=f".{beside.name}.", dir=place.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        json.dump(noted, out, indent=2)
    Path(name).replace(beside)
