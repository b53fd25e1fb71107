"""Taking a file in: `driftbell import`. The one place of this room that writes, and only into the state's exports."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.errors import InputError, UnseenError
from agent.systems.csv import age
from agent.systems.csv.content import UnreadableError
from agent.systems.csv.judging import Taking, fitting
from agent.systems.csv.paths import digest, inside, make_private
from agent.systems.csv.saying import listed, shown
from agent.systems.csv.understanding import understand

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from agent.model.kind import Kind
    from agent.model.policy import District
    from agent.model.source import ExportSource, Preset
    from agent.systems.csv.understanding import Understanding

BEFORE = ".before"  # what the copy of the last file is called
SHOWN = 8  # columns that a sentence names
ABANDONED = 3600  # seconds after which nobody is still at work on a copy


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of an import.

    Attributes:
        path: where the file is now; `system` reads it.
        as_of: since when the data is as it is, in the district's zone; `how` says how that is known, `sure` is False
            where it is only the newest time in the file, or when it was last written.
        same: it is, byte for byte, what was there.
        vouched: a person said that it is right as it is.
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
    vouched: bool
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
    *,
    vouched: bool = False,
) -> Taken:
    """Copy a file into the state directory, with its date beside it, and say what was understood of it.

    The file that was there stays until the new one is whole and readable, and is kept once as `.before`.

    Args:
        as_of: since when the data is as it is, where a person says so.
        understanding: what reads the file; of a OneRoster archive `oneroster.understanding.understand`.
        vouched: a person says that the file is right, whatever it looks like beside the last one.

    Raises:
        InputError: the file shows nothing, nobody vouches for one that looks wrong, or the system names its file
            somewhere else. What was there stays.
        UnseenError: the state directory cannot be written.
    """
    place = _place(target)
    written, here = _written(file), ZoneInfo(target.district.timezone)
    with _copied(file, place) as copy:
        understood = _understood(file, copy, target, now, understanding)
        last = _last(place, target, now, understanding)
        known = _age(file.name, as_of, understood, written, (here, now))
        same = last is not None and last.digest == understood.digest
        taking = Taking(target.source, target.preset, understood, known, None if same else last)
        if not vouched:
            _refuse(file, taking.refused(here))
        vouched = vouched or (same and last is not None and last.vouched)
        _put(copy, place, keep=not same)
        _note(place, file.name, taking, now, vouched=vouched)
    return Taken(
        path=place,
        system=target.source.name,
        kind=target.kind.name,
        understood=understood,
        as_of=known.at.astimezone(here),
        how=known.how,
        sure=known.known and not known.least,
        same=same,
        vouched=vouched,
        before=last.rows if last else None,
        warnings=tuple(taking.warnings(now, here)),
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
        better = fitting(error.columns, (), target.preset.name) if error.columns and target.preset else ""
        hint = f" This looks like {better}: say --as {better}." if better else ""
        msg = f"{file} {error}{_named(error.columns)}. Nothing was imported.{hint}"
        raise InputError(msg) from error


def _named(columns: Sequence[str]) -> str:
    """Name the columns that there are; what stands there may be anybody's, so only who imports the file is told."""
    if not columns:
        return ""
    more = f" and {len(columns) - SHOWN} more" if len(columns) > SHOWN else ""
    return f"; its columns are {listed([shown(n) for n in columns[:SHOWN]])}{more}"


def _refuse(file: Path, why: Sequence[str]) -> None:
    if why:
        msg = f"{file} was not imported, and the file that was there stays. {' '.join(why)} If it is right, add --yes."
        raise InputError(msg)


def _last(
    place: Path, target: Target, now: datetime, understanding: Callable[..., Understanding]
) -> age.Sidecar | None:
    """Give what is known of the file that is there: as noted, or of one that somebody else put there, as it reads."""
    if not place.exists():
        return None
    noted = age.sidecar(place)
    if noted and noted.digest == digest(place):
        return noted
    try:
        found = understanding(place, target.source, target.preset, target.kind, target.district, now)
    except UnreadableError:
        return None
    known = _age(place.name, None, found, _written(place), (ZoneInfo(target.district.timezone), now))
    return age.Sidecar(place.name, known, found.digest, found.rows, now, found.newest, found.fields)


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
        make_private(place.parent)
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
    """Say since when the data is as it is.

    Asked are a person, a column, the file's name, an archive's own files, and the newest time in it. When it was
    written counts only where none of them tells.
    """
    zone, now = here
    if as_of is not None:
        if as_of > now + age.AHEAD:
            msg = f"The data cannot be from {as_of:%Y-%m-%d %H:%M}: that is still to come."
            raise InputError(msg)
        return age.Age(as_of, "it was said when it was imported")
    named = understood.told or age.from_name(name, zone, now) or understood.written
    known = named or age.from_times(understood.newest, zone)
    return known or age.Age(min(written, now), age.WRITTEN, known=False)


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


def _note(place: Path, original: str, taking: Taking, now: datetime, *, vouched: bool) -> None:
    """Write beside the file what it is; a note that belongs to another file is told by its digest."""
    known, understood = taking.known, taking.understood
    noted = {
        "original": original,
        "as_of": known.at.isoformat(),
        "how": known.how,
        "known": known.known,
        "at_least": known.least,
        "newest": understood.newest.isoformat() if understood.newest else None,
        "fields": sorted(understood.fields),
        "vouched": vouched,
        "sha256": understood.digest,
        "rows": understood.rows,
        "imported": now.isoformat(),
    }
    beside = place.with_name(place.name + age.SIDECAR)
    handle, name = tempfile.mkstemp(prefix=f".{beside.name}.", dir=place.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        json.dump(noted, out, indent=2)
    Path(name).replace(beside)
