"""What was understood of an archive: for the person who imports it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.systems.csv.looking import Asked
from agent.systems.csv.paths import digest
from agent.systems.csv.understanding import explained
from agent.systems.oneroster.archive import opened
from agent.systems.oneroster.read import look_at, written

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from agent.model.kind import Kind
    from agent.model.policy import District
    from agent.model.source import ExportSource, Preset
    from agent.systems.csv.understanding import Understanding


def understand(
    file: Path, source: ExportSource, _preset: Preset | None, kind: Kind, district: District, now: datetime
) -> Understanding:
    """Read every field of the kind that the archive has.

    Raises:
        UnreadableError: the archive shows nothing.
    """
    fields = tuple(kind.resolve(f.name) for f in kind.fields)
    with opened(file) as archive:
        seen, frame = look_at(archive, source, kind, district, Asked(fields, None, now, dating=False), quoting=True)
        told = explained(seen, frame, district, now)
        form = f"OneRoster {archive.version}, {told.form}"
        at = written(archive, ZoneInfo(district.timezone), now)
        notes = (*archive.notes, *told.notes)
        return replace(told, digest=digest(file), form=form, notes=notes, strangers={}, written=at)
