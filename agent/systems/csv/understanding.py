"""What was understood of a file: for the person who imports it, before anything rests on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from agent.decide.columns import ID, none_column
from agent.model.kind import FieldType
from agent.secrets import MASK
from agent.systems.csv.framing import framed
from agent.systems.csv.looking import Asked, look, told
from agent.systems.csv.making import SITE, UNIT, Wanted
from agent.systems.csv.sheet import recognise
from agent.systems.csv.sites import strangers

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from agent.decide.columns import Columns
    from agent.model.kind import FieldRef, Kind
    from agent.model.policy import District
    from agent.model.source import ExportSource, Preset
    from agent.systems.csv.age import Age
    from agent.systems.csv.looking import Look
    from agent.systems.csv.making import Frame
    from agent.systems.csv.sheet import Sheet

SAMPLES = 3


@dataclass(frozen=True, slots=True)
class Read:
    """One field, where it was read from, and what it looks like. Samples of sensitive fields are masked.

    `unknown` counts the rows whose text could not be read, and `why` says why of one of them.
    """

    field: str
    header: str
    samples: tuple[str, ...]
    unknown: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class Understanding:
    """What was understood of a file.

    Attributes:
        rows: of data; `resources` of them can be used.
        form: how it is written ("UTF-8, commas, header in row 1").
        read: fields with the column of each; `without` those that have none, and why; `ignored` are the columns that
            nobody reads.
        strangers: texts of the site column that are no school's, with how many rows have each.
        newest: the newest time that lies behind us, of any field that tells of the past.
        told: what the file itself says of its age, by a column; `written` what an archive says of its files.
        header: the columns of the file.
    """

    digest: str
    rows: int
    resources: int
    form: str
    proven: bool
    membership: str
    read: tuple[Read, ...]
    without: tuple[tuple[str, str], ...]
    ignored: tuple[str, ...]
    strangers: Mapping[str, int]
    notes: tuple[str, ...]
    newest: datetime | None
    told: Age | None
    header: tuple[str, ...] = ()
    written: Age | None = None

    @property
    def fields(self) -> frozenset[str]:
        """Give the fields that there is a column for."""
        return frozenset(r.field for r in self.read)


def understand(
    file: Path, source: ExportSource, preset: Preset | None, kind: Kind, district: District, now: datetime
) -> Understanding:
    """Read every field that the kind has and the file may have.

    Raises:
        UnreadableError: the file shows nothing.
    """
    frame = framed(source, preset, kind, district, quoting=True)
    sheet = recognise(lambda: file.open("rb"), frame.layout, source.delimiter, source.encoding)
    seen = look(sheet, frame, Asked(tuple(kind.resolve(f.name) for f in kind.fields), None, now))
    return explained(seen, frame, district, now)


def explained(seen: Look, frame: Frame, district: District, now: datetime) -> Understanding:
    """Say what a look at every field of a kind showed."""
    sheet, zone, wanted = seen.sheet, ZoneInfo(district.timezone), Wanted(seen.sheet, frame)
    headers = {field: _header(field, wanted) for field in (frame.kind.resolve(f.name) for f in frame.kind.fields)}
    return Understanding(
        digest=sheet.content.digest,
        rows=seen.lines.rows,
        resources=len(seen.table.index) - len(seen.keys.doubtful),
        form=_form(sheet),
        proven=seen.proven,
        membership=seen.membership,
        read=tuple(_read(field, header, seen, zone) for field, header in headers.items() if header),
        without=tuple((f.name, seen.table.reason("", f.name)) for f, header in headers.items() if not header),
        ignored=_ignored(wanted),
        strangers=_strangers(seen, frame),
        notes=seen.notes,
        newest=seen.newest,
        told=told(seen, frame, now),
        header=sheet.header.names,
    )


def _form(sheet: Sheet) -> str:
    return f"{sheet.encoded}, {sheet.apart}, header in row {sheet.header.row}"


def _header(field: FieldRef, wanted: Wanted) -> str:
    """Give the header that a field is read from, or how else it is known; empty where it is not."""
    found, _ = wanted.standing(field.name)
    if found:
        return ", ".join(wanted.sheet.header.names[place] for _, place in found)
    if field.name in wanted.frame.layout.always:
        return "(always)"
    return f"({UNIT})" if field.name == SITE and wanted.place(UNIT) is not None else ""


def _read(field: FieldRef, header: str, seen: Look, zone: ZoneInfo) -> Read:
    table = seen.table
    unread = table.frame[field.name].is_null() & ~table.frame[none_column(field.name)]
    unread &= ~table.frame[ID].is_in(list(seen.keys.doubtful))
    first = unread.arg_true().head(1).to_list()
    why = table.reason(table.frame[ID][first[0]], field.name) if first else ""
    return Read(field.name, header, samples(table, field, zone), int(unread.sum()), why)


def samples(table: Columns, field: FieldRef, zone: ZoneInfo) -> tuple[str, ...]:
    """Give the first few different values as a person reads them; of a sensitive field only that there are some."""
    found = table.frame[field.name].drop_nulls()
    if field.type is not FieldType.LIST:
        found = found.unique(maintain_order=True)
    shown = [_shown(field.type, value, zone) for value in found.head(SAMPLES).to_list()]
    return tuple(MASK for _ in shown[:1]) if field.sensitive else tuple(shown)


def _shown(kind: FieldType, value: object, zone: ZoneInfo) -> str:
    if kind is FieldType.TIME:
        local = cast("datetime", value).astimezone(zone)
        return f"{local:%Y-%m-%d}" if (local.hour, local.minute) == (0, 0) else f"{local:%Y-%m-%d %H:%M}"
    if isinstance(value, float):
        return f"{value:,.0f}" if value.is_integer() else f"{value:,}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, list) else str(value)


def _ignored(wanted: Wanted) -> tuple[str, ...]:
    """Give the columns that nothing is read from."""
    used = wanted.places(wanted.frame.layout.maps)
    return tuple(name for place, name in enumerate(wanted.sheet.header.names) if name and place not in used)


def _strangers(seen: Look, frame: Frame) -> Mapping[str, int]:
    texts = seen.sites
    if texts is None or SITE not in frame.layout.maps:
        return {}
    return strangers(texts, frame.layout.maps[SITE][-1], frame.schools)
