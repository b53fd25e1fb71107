"""Reading a roster: one file of the archive, with what the others say of its records, as a sweep."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.systems.csv import age
from agent.systems.csv.content import UnreadableError
from agent.systems.csv.layout import layout
from agent.systems.csv.looking import Asked, Look, look
from agent.systems.csv.making import Frame
from agent.systems.csv.paths import Found, digest, find
from agent.systems.csv.read import dated, imported, nothing, swept
from agent.systems.csv.sheet import recognise
from agent.systems.csv.sites import Schools
from agent.systems.oneroster.archive import Archive, opened
from agent.systems.oneroster.joining import Orgs, enrolled, records, roles, sizes
from agent.systems.oneroster.spec import FILES, KEY, PRESETS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from agent.decide.columns import Columns
    from agent.model.kind import Kind
    from agent.model.policy import District, Repository
    from agent.model.source import ColumnMap, ExportSource
    from agent.model.sweep import Request, Sweep

JOINED = {
    "site": "its school in the roster is no site of district.yaml, or there are several",
    "role": "the roster gives it no role, or several",
}


class RosterReader:
    """Reads one kind from one archive. Implements model.ports.Reader."""

    def __init__(self, source: ExportSource, kind: Kind, exports: Path, clock: Callable[[], datetime]) -> None:
        """Take what systems.yaml says of the archive, the kind, and the state directory's exports."""
        self._source, self._kind, self._exports, self._clock = source, kind, exports, clock

    def observe(self, repository: Repository, request: Request) -> Sweep:
        """Read the archive once; what keeps it from being read is the sweep's trouble, never an exception."""
        root = Path(repository.root)
        try:
            found = find(self._source.path, self._exports, root, self._source.name)
            return self._sweep(found, repository.district, request)
        except (UnreadableError, OSError) as error:
            return nothing(self._source, request, error, self._clock())

    def _sweep(self, found: Found, district: District, request: Request) -> Sweep:
        fields = tuple(f for f in request.fields if not f.through)
        with opened(found.path) as archive:
            zone, now = ZoneInfo(district.timezone), self._clock()
            seen, _ = look_at(
                archive, self._source, self._kind, district, Asked(fields, request.only, now, dating=False)
            )
            noted = imported(found, digest(found.path))
            known = age.limited(_age(found, archive, noted, zone, now), self._source.fresh_for, now)
            delta = archive.states.get(FILES[self._kind.name]) == "delta"
            notes = (f"{self._source.path} is OneRoster {archive.version}.", *archive.notes, *seen.notes)
        sweep = swept(self._source, request, seen, known, notes, vouched=noted is not None and noted.vouched)
        if self._kind.name == "school" and request.only is None:  # orgs.csv also holds what is no school
            sweep = replace(sweep, expected=len(seen.table.index))
        if not delta:
            return sweep
        return replace(sweep, proven=False, membership="the archive holds only what changed")


def _age(found: Found, archive: Archive, noted: age.Sidecar | None, zone: ZoneInfo, now: datetime) -> age.Age:
    """Give the archive's own time: of its import, of its name, or when its files were written, as it says itself."""
    known = dated(found, noted, None, zone, now)
    return known if known.known else written(archive, zone, now) or known


def written(archive: Archive, zone: ZoneInfo, now: datetime) -> age.Age | None:
    """Give when the newest file of the archive was written; None where it does not say, or it is still to come."""
    at = archive.written(zone)
    return age.Age(at, "its files were written then") if at and at <= now + age.AHEAD else None


def look_at(
    archive: Archive, source: ExportSource, kind: Kind, district: District, asked: Asked, *, quoting: bool = False
) -> tuple[Look, Frame]:
    """Look at the file of a kind, with the joins that its fields need.

    Raises:
        UnreadableError: the file is not there, or shows nothing.
    """
    only = asked.only
    schools = Schools.of(district.sites.values())
    orgs = Orgs.of(archive, schools, next((c for c in source.columns if c.field == "site"), None))
    joins = tuple(_joins(archive, orgs, kind, {f.name for f in asked.fields}))
    preset = replace(PRESETS[kind.name], columns=(*_without(kind, joins), *joins))
    own = replace(source, columns=tuple(c for c in source.columns if c.field != "site"), key="", preset="")
    frame = Frame(kind, layout(own, preset), schools, ZoneInfo(source.timezone or district.timezone), quoting)
    sheet = recognise(archive.opener(FILES[kind.name]), frame.layout, source.delimiter, source.encoding)
    if kind.name == "school" and only is None:
        only = tuple(f"school/{key.upper()}" for key in orgs.schools)
    seen = look(sheet, frame, replace(asked, only=only))
    return replace(seen, table=_reworded(seen.table)), frame


def _reworded(table: Columns) -> Columns:
    """Say of what another file should have told that it does not, in place of an id that means nothing to anybody."""
    return replace(table, reasons={(r, f): JOINED.get(f, why) if r else why for (r, f), why in table.reasons.items()})


def _without(kind: Kind, joins: Sequence[ColumnMap]) -> Iterator[ColumnMap]:
    joined = {j.field for j in joins}
    return (c for c in PRESETS[kind.name].columns if c.field not in joined)


def _joins(archive: Archive, orgs: Orgs, kind: Kind, names: set[str]) -> Iterator[ColumnMap]:
    """Give the column maps that stand on other files of the archive."""
    match kind.name:
        case "person" if archive.version == "1.1":
            texts = {org for (org,) in records(archive, "users", "orgSourcedIds")}
            yield orgs.sites("site", "orgSourcedIds", texts)
        case "person":
            yield from roles(archive, orgs) if archive.has("roles") else ()
        case "class":
            texts = {org for (org,) in records(archive, "classes", "schoolSourcedId")}
            yield orgs.sites("site", "schoolSourcedId", texts)
            if names & {"students", "teachers"} and archive.has("enrollments"):
                yield from sizes(archive)
        case _:
            found = orgs.sites("site", KEY, set(orgs.schools))
            yield replace(found, none=frozenset(set(orgs.schools) - found.values.keys()))
            if "students" in names and archive.has("users"):
                yield enrolled(archive, orgs.schools)
