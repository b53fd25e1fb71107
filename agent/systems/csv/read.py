"""Reading an export: the file that a system names, as a sweep of its kind."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.decide.columns import Column, assemble
from agent.model.sweep import Sweep, Unseen
from agent.systems.csv import age
from agent.systems.csv.content import UnreadableError
from agent.systems.csv.framing import framed
from agent.systems.csv.layout import layout
from agent.systems.csv.looking import look
from agent.systems.csv.paths import find, steady
from agent.systems.csv.sheet import recognise

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from agent.model.kind import Kind
    from agent.model.policy import District, Repository
    from agent.model.source import ExportSource, Preset
    from agent.model.sweep import Request
    from agent.systems.csv.looking import Look
    from agent.systems.csv.paths import Found


class CsvReader:
    """Reads one export. Implements model.ports.Reader."""

    def __init__(
        self,
        source: ExportSource,
        preset: Preset | None,
        kind: Kind,
        exports: Path,
        clock: Callable[[], datetime],
    ) -> None:
        """Take what systems.yaml says of the export, its preset, its kind, and the state directory's exports."""
        self._source, self._preset, self._kind = source, preset, kind
        self._exports, self._clock = exports, clock

    def observe(self, repository: Repository, request: Request) -> Sweep:
        """Read the file once; what keeps it from being read is the sweep's trouble, never an exception."""
        try:
            found = find(self._source.path, self._exports, Path(repository.root), self._source.name)
            seen = self._look(found, repository.district, request)
        except UnreadableError as error:
            return nothing(self._source, request, f"{self._source.path} {error}", self._clock())
        except OSError as error:
            why = f"{self._source.path} cannot be read: {error.strerror}"
            return nothing(self._source, request, why, self._clock())
        return self._sweep(found, seen, repository.district, request)

    def _look(self, found: Found, district: District, request: Request) -> Look:
        frame = framed(self._source, self._preset, self._kind, district)
        fields = tuple(f for f in request.fields if not f.through)
        with steady(found.path) as opened:
            sheet = recognise(opened, frame.layout, self._source.delimiter, self._source.encoding)
            return look(sheet, frame, fields, request.only)

    def _sweep(self, found: Found, seen: Look, district: District, request: Request) -> Sweep:
        known = self._age(found, seen, ZoneInfo(district.timezone))
        return swept(self._source, request, seen, known, (seen.sheet.said(self._source.path), *seen.notes))

    def _age(self, found: Found, seen: Look, zone: ZoneInfo) -> age.Age:
        """Give the data's own time: its column, the import, the file's name, in this order."""
        now = self._clock()
        wanted = layout(self._source, self._preset)
        if seen.dates is not None:
            told = age.from_column(
                seen.dates, wanted.as_of, ZoneInfo(wanted.timezone) if wanted.timezone else zone, now
            )
            if told:
                return told
        return dated(found, seen.sheet.content.digest, zone, self._source.fresh_for, now)


def dated(found: Found, digest: str, zone: ZoneInfo, fresh_for: timedelta | None, now: datetime) -> age.Age:
    """Give the age of a file whose content does not tell it: of its import, of its name, or unknown."""
    noted = age.sidecar(found.path) if found.imported else None
    if noted and noted.as_of and noted.digest == digest:
        return age.Age(noted.as_of, noted.how)
    named = age.from_name(found.path.name, zone, now)
    return named or age.unknown(datetime.fromtimestamp(found.path.stat().st_mtime, UTC), fresh_for, now)


def swept(source: ExportSource, request: Request, seen: Look, known: age.Age, notes: tuple[str, ...]) -> Sweep:
    """Give the sweep of a file that was read."""
    unseen = tuple(Unseen(name, why) for name, why in seen.keys.doubtful.items() if name in seen.table.index)
    asked = len(seen.table.index)
    rows = max(seen.lines.rows - seen.keys.repeated, seen.lines.total or 0)
    aged = () if known.known else (f"{source.path}: {known.how}.",)
    return Sweep(
        system=source.name,
        kind=request.kind,
        table=seen.table,
        expected=rows if request.only is None else asked,
        seen=asked - len(unseen),
        proven=seen.proven,
        membership=seen.membership,
        as_of=known.at,
        unseen=unseen,
        fresh_for=source.fresh_for,
        notes=(*notes, *aged),
    )


def nothing(source: ExportSource, request: Request, why: str, now: datetime) -> Sweep:
    """Give the sweep of a file that shows nothing."""
    return Sweep(
        system=source.name,
        kind=request.kind,
        table=assemble([], [], [Column(f, [], []) for f in request.fields], {}),
        expected=0,
        seen=0,
        proven=False,
        membership=why,
        as_of=now,
        unseen=(),
        fresh_for=source.fresh_for,
        trouble=why,
    )
