"""One look at one file of columns: which rows there are, what they say, and whether they are all there are.

`read` makes a sweep of it, `taking` shows it to the person who imports the file, and `oneroster` reads its parts so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import polars as pl

from agent.decide.columns import Column, assemble
from agent.model.kind import FieldType
from agent.systems.csv.content import UnreadableError
from agent.systems.csv.convert import Cells, constant, convert, in_turn, missing
from agent.systems.csv.keys import identify
from agent.systems.csv.layout import folded
from agent.systems.csv.lines import read_lines
from agent.systems.csv.saying import counted, rows
from agent.systems.csv.sites import either, from_column, from_units

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import tzinfo

    from agent.decide.columns import Columns
    from agent.model.kind import FieldRef, Kind
    from agent.model.source import ColumnMap
    from agent.systems.csv.keys import Keys
    from agent.systems.csv.layout import Layout
    from agent.systems.csv.lines import Lines
    from agent.systems.csv.sheet import Sheet
    from agent.systems.csv.sites import Schools

SITE = "site"
UNIT = "org_unit"
NUMERIC = frozenset({FieldType.NUMBER, FieldType.SIZE, FieldType.PERCENT})


@dataclass(frozen=True, slots=True)
class Frame:
    """What a file is read against."""

    kind: Kind
    layout: Layout
    schools: Schools
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class Look:
    """What one look gave. `dates` and `sites` are the texts of the columns of the data's age and of the schools."""

    sheet: Sheet
    lines: Lines
    keys: Keys
    table: Columns
    notes: tuple[str, ...]
    dates: pl.Series | None
    sites: pl.Series | None

    @property
    def proven(self) -> bool:
        """Whether every row that the file ever had is known."""
        lines = self.lines
        return not (lines.cut or lines.odd) and lines.total in {None, lines.rows}

    @property
    def membership(self) -> str:
        """Say how it is known that the rows are all there, or why not."""
        lines = self.lines
        if lines.cut:
            return f"the file breaks off in row {lines.cut:,}"
        if lines.total is not None and lines.total != lines.rows:
            return f"its total line says {lines.total:,}, and there are {counted(lines.rows, 'row')}"
        if lines.odd:
            return f"{rows(lines.odd)} could not be read, of {lines.rows:,}"
        how = "as its total line says" if lines.total is not None else "read to the end"
        return f"{counted(lines.rows, 'row')}, {how}"


def look(sheet: Sheet, frame: Frame, fields: Sequence[FieldRef], only: Sequence[str] | None = None) -> Look:
    """Read a file: the fields that are asked for, of all rows or of `only` some resources.

    Raises:
        UnreadableError: no row of it names anything.
    """
    wanted = _Wanted(sheet, frame)
    fields = tuple({f.name: f for f in fields}.values())
    lines, texts = read_lines(sheet, wanted.places(fields), wanted.numeric())
    match = next((f.match for f in frame.kind.fields if f.name == frame.layout.key), None)
    key_at = wanted.place(frame.layout.key) or 0
    keys = identify(frame.kind.name, frame.layout.key, match, texts[key_at], lines)
    if not len(keys.ids):
        raise UnreadableError(_rowless(lines, frame.layout.key))
    dates, sites = wanted.dates(texts), texts.get(at) if (at := wanted.place(SITE)) is not None else None
    making = _Making(wanted, texts, keys, len(lines.numbers), None if only is None else keys.ids.is_in(list(only)))
    table, said = making.table(fields)
    return Look(sheet, lines, keys, table, (*_of_lines(lines), *keys.notes, *said), dates, sites)


def _rowless(lines: Lines, key: str) -> str:
    if not lines.rows:
        return "has no rows below its header"
    return f"has {counted(lines.rows, 'row')}, and none of them can be read and has a {key}"


def _has(kind: Kind, name: str) -> bool:
    return any(f.name == name for f in kind.fields)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which columns of a sheet hold what a frame asks for."""

    sheet: Sheet
    frame: Frame

    def standing(self, field: str) -> tuple[list[tuple[ColumnMap, int]], str]:
        """Give the maps of a field that have a column here, and where; or why there is none."""
        why = f"the export has no column for {field}"
        found = []
        for mapped in self.frame.layout.maps.get(field, ()):
            place, why = self.sheet.header.find(mapped.columns)
            if place is not None:
                found.append((mapped, place))
        return found, why

    def place(self, field: str) -> int | None:
        """Give where a field stands, in the last of its columns."""
        found, _ = self.standing(field)
        return found[-1][1] if found else None

    def places(self, fields: Sequence[FieldRef]) -> set[int]:
        """Give the columns to keep."""
        names = {f.name for f in fields} | {self.frame.layout.key, SITE, UNIT}
        found = {place for name in names for _, place in self.standing(name)[0]}
        dates = self._dates_at()
        return found | ({dates} if dates is not None else set())

    def numeric(self) -> frozenset[int]:
        """Give the columns whose numbers are amounts."""
        names = (f.name for f in self.frame.kind.fields if f.type in NUMERIC)
        return frozenset(place for name in names for _, place in self.standing(name)[0])

    def _dates_at(self) -> int | None:
        header = self.frame.layout.as_of
        return self.sheet.header.places.get(folded(header), (None,))[0] if header else None

    def dates(self, texts: Mapping[int, pl.Series]) -> pl.Series | None:
        """Give the column that says when the data is from."""
        place = self._dates_at()
        return None if place is None else texts[place]


@dataclass(slots=True)
class _Making:
    """The table in the making: one column after the other, each letting go of its texts."""

    wanted: _Wanted
    texts: dict[int, pl.Series]
    keys: Keys
    rows: int
    chosen: pl.Series | None  # a mask over the keys; None for all

    def table(self, fields: Sequence[FieldRef]) -> tuple[Columns, list[str]]:
        """Give one row a resource, and sentences on columns; of a doubtful one nothing is known but its key."""
        ids, places, doubtful = self._rows()
        whys = {(name, ""): why for name, why in self.keys.doubtful.items()}
        at: dict[int, str] = {}
        columns, notes = [], []
        sites = self._sites()
        for number, field in enumerate(fields):
            found = sites if sites and field.name == SITE else self._cells(field)
            self._let_go(fields[number + 1 :])
            sure = None if field.name == self.wanted.frame.layout.key else doubtful
            cells = found.at(places, sure)
            columns.append(Column(field, cells.values, cells.none))
            if found.whys:
                at = at or dict(zip(places.to_list(), ids.to_list(), strict=True))
                told = {at[p]: why for p, why in found.whys.items() if p in at}
                whys |= {(name, field.name): why for name, why in told.items() if name not in self.keys.doubtful}
            if found.why:
                whys["", field.name] = found.why
            if found.note:
                notes.append(f"{field.name} {found.note}.")
        schools = sites.at(places, doubtful).values.cast(pl.String).fill_null("") if sites else [""] * len(ids)
        return assemble(cast("Sequence[str]", ids), cast("Sequence[str]", schools), columns, whys), notes

    def _rows(self) -> tuple[pl.Series, pl.Series, pl.Series | None]:
        ids, places = self.keys.ids, self.keys.places
        if self.chosen is not None:
            ids, places = ids.filter(self.chosen), places.filter(self.chosen)
        doubtful = ids.is_in(list(self.keys.doubtful)) if self.keys.doubtful else None
        return ids, places, doubtful

    def _cells(self, field: FieldRef) -> Cells:
        """Read one field of every row."""
        layout = self.wanted.frame.layout
        found, why = self.wanted.standing(field.name)
        if not found:
            always = layout.always.get(field.name)
            return missing(why, self.rows) if always is None else constant(always, self.rows)
        *first, (mapped, place) = found
        cells = self._converted(field, mapped, place)
        for before, at in reversed(first):
            cells = in_turn(self._converted(field, before, at), cells)
        if len(found) < len(layout.maps[field.name]) and found[-1][0] is not layout.maps[field.name][-1]:
            cells = in_turn(cells, missing(why, self.rows))
        return cells

    def _converted(self, field: FieldRef, mapped: ColumnMap, place: int) -> Cells:
        frame = self.wanted.frame
        return convert(frame.kind.name, field, mapped, self.texts[place], frame.zone)

    def _sites(self) -> Cells | None:
        """Read which school each row belongs to; None for a kind that belongs to none."""
        frame = self.wanted.frame
        if not _has(frame.kind, SITE):
            return None
        found, why = self.wanted.standing(SITE)
        named = from_column(found[-1][0], self.texts[found[-1][1]], frame.schools) if found else None
        if not _has(frame.kind, UNIT) or self.wanted.place(UNIT) is None:
            return named or missing(why, self.rows)
        by_unit = from_units(self._cells(frame.kind.resolve(UNIT)), frame.schools)
        return either(named, by_unit) if named else by_unit

    def _let_go(self, coming: Sequence[FieldRef]) -> None:
        """Drop the texts that no coming field reads."""
        needed = {place for f in coming for _, place in self.wanted.standing(f.name)[0]}
        for place in [p for p in self.texts if p not in needed]:
            del self.texts[place]


def _of_lines(lines: Lines) -> list[str]:
    """Say which rows were set aside before anybody looked at their keys."""
    notes = []
    if lines.odd:
        notes.append(
            f"{rows(lines.odd).capitalize()} {'was' if len(lines.odd) == 1 else 'were'} set aside: "
            "not as many cells as the header, or quotes that do not fit."
        )
    if lines.repeats:
        notes.append(f"The header stands in the file {counted(lines.repeats, 'more time')}.")
    return notes
