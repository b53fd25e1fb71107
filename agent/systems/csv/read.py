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
from agent.systems.csv.looking import Asked, look, told
from agent.systems.csv.paths import find, steady
from agent.systems.csv.rivals import silent
from agent.systems.csv.sheet import recognise

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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
        root = Path(repository.root)
        try:
            found = find(self._source.path, self._exports, root, self._source.name)
            return self._sweep(found, repository.district, request)
        except (UnreadableError, OSError) as error:
            return nothing(self._source, request, error, self._clock())

    def _sweep(self, found: Found, district: District, request: Request) -> Sweep:
        frame = framed(self._source, self._preset, self._kind, district)
        zone, now = ZoneInfo(district.timezone), self._clock()
        fields = tuple(f for f in request.fields if not f.through)
        with steady(found.path) as opened:
            sheet = recognise(opened, frame.layout, self._source.delimiter, self._source.encoding)
            noted = imported(found, sheet.content.digest)
            seen = look(sheet, frame, Asked(fields, request.only, now, dating=noted is None))
        said = told(seen, frame, now)
        known = said or dated(found, noted, seen.newest, zone, now)
        notes = [seen.sheet.said(self._source.path), *seen.notes]
        warned = "" if said else age.contradicted(known, noted.newest if noted else seen.newest, zone)
        notes += [f"{self._source.path}: {warned}"] if warned else []
        known = age.limited(known, self._source.fresh_for, now)
        return swept(self._source, request, seen, known, notes, vouched=noted is not None and noted.vouched)


def imported(found: Found, digest: str) -> age.Sidecar | None:
    """Give what was noted when exactly these bytes were imported; None where nothing was."""
    noted = age.sidecar(found.path) if found.imported else None
    return noted if noted and noted.digest == digest else None


def dated(found: Found, noted: age.Sidecar | None, newest: datetime | None, zone: ZoneInfo, now: datetime) -> age.Age:
    """Give the age of a file that has no column for it: of its import, of its name, or by its newest time."""
    if noted:
        return noted.age
    known = age.from_name(found.path.name, zone, now) or age.from_times(newest, zone)
    return known or age.Age(datetime.fromtimestamp(found.path.stat().st_mtime, UTC), age.WRITTEN, known=False)


def swept(
    source: ExportSource, request: Request, seen: Look, known: age.Age, notes: Sequence[str], *, vouched: bool
) -> Sweep:
    """Give the sweep of a file that was read."""
    mute = silent(seen.table, seen.keys.doubtful, seen.key)
    unseen = tuple(Unseen(name, why) for name, why in seen.keys.doubtful.items() if name in mute)
    asked = len(seen.table.index)
    rows = max(seen.lines.rows - seen.keys.repeated, seen.lines.total or 0)
    aged = () if known.known and not known.least else (f"{source.path}: {known.how}.",)
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
        vouched=vouched,
        notes=(*notes, *aged),
    )


def nothing(source: ExportSource, request: Request, error: UnreadableError | OSError, now: datetime) -> Sweep:
    """Give the sweep of a file that shows nothing."""
    why = f"{source.path} {f'cannot be read: {error.strerror}' if isinstance(error, OSError) else error}"
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
