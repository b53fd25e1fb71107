"""The table in the making: which columns of a file hold what is asked for, and what each of them says.

Each column is converted as a whole and then lets go of its texts, so that a large file does not stand in memory twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import polars as pl

from agent.decide.columns import Column, assemble
from agent.model.kind import FieldType
from agent.systems.csv.convert import Cells, Way, constant, convert, in_turn, missing
from agent.systems.csv.layout import folded
from agent.systems.csv.rivals import Said, compared, with_rivals
from agent.systems.csv.sites import either, from_column, from_units
from agent.systems.csv.times import instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime, tzinfo

    from agent.decide.columns import Columns
    from agent.model.kind import FieldRef, Kind
    from agent.model.source import ColumnMap
    from agent.systems.csv.keys import Keys
    from agent.systems.csv.layout import Layout
    from agent.systems.csv.sheet import Sheet
    from agent.systems.csv.sites import Schools

SITE = "site"
UNIT = "org_unit"
NUMERIC = frozenset({FieldType.NUMBER, FieldType.SIZE, FieldType.PERCENT})


@dataclass(frozen=True, slots=True)
class Frame:
    """What a file is read against. `quoting` shows cells in reasons, for who imports the file and for nobody else."""

    kind: Kind
    layout: Layout
    schools: Schools
    zone: tzinfo
    quoting: bool = False


def _has(kind: Kind, name: str) -> bool:
    return any(f.name == name for f in kind.fields)


@dataclass(frozen=True, slots=True)
class Wanted:
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

    def places(self, fields: Iterable[str]) -> set[int]:
        """Give the columns that these fields are read from, with what every look needs."""
        names = {*fields, self.frame.layout.key, SITE, UNIT}
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
class Making:
    """The table in the making: one column after the other, each letting go of its texts."""

    wanted: Wanted
    texts: dict[int, pl.Series]
    keys: Keys
    rows: int
    chosen: pl.Series | None  # a mask over the keys; None for all
    until: int  # microseconds since 1970: later times are still to come

    def table(
        self, fields: Sequence[FieldRef], dating: Sequence[FieldRef]
    ) -> tuple[Columns, list[str], datetime | None]:
        """Give one row a resource, sentences on columns, and the newest time up to now.

        Of rows with one key only what all of them say is known. `dating` are fields that are read for their times
        alone.
        """
        ids, places = self._rows()
        groups = self.keys.rivals
        if groups and self.chosen is not None:
            there = frozenset(ids)
            groups = {name: rows for name, rows in groups.items() if name in there}
        told = _Told({}, {}, [], {})
        columns, newest = [], None
        sites = self._sites()
        for number, field in enumerate(asked := (*fields, *dating)):
            found = sites if sites and field.name == SITE else self._cells(field)
            self._let_go(asked[number + 1 :])
            if field.past:
                newest = _later(newest, found.values, self.until)
            if number >= len(fields):
                continue
            is_key = field.name == self.wanted.frame.layout.key
            cells = found.at(places, self._doubtful(told, field.name, found, {} if is_key else groups, ids))
            columns.append(Column(field, cells.values, cells.none))
            told.take(field.name, found, places, ids)
        schools: Sequence[str] | pl.Series = [""] * len(ids)
        if sites:
            sure = sites.at(places, self._doubtful(told, SITE, sites, groups, ids))
            schools = sure.values.cast(pl.String).fill_null("")
        table = assemble(cast("Sequence[str]", ids), cast("Sequence[str]", schools), columns, told.whys)
        matched = [f.name for f in self.wanted.frame.kind.fields if f.match and f.name in table.fields]
        return with_rivals(table, told.said, matched), told.notes, None if newest is None else instant(newest)

    def _doubtful(
        self, told: _Told, field: str, cells: Cells, groups: Mapping[str, tuple[int, ...]], ids: pl.Series
    ) -> pl.Series | None:
        """Say of which resources a field is not known, because their rows differ in it; None where of none."""
        if not groups:
            return None
        said = told.said.setdefault(field, compared(cells, groups))
        told.whys |= {(name, field): self.keys.doubtful[name] for name in said.differing}
        return ids.is_in(list(said.differing)) if said.differing else None

    def _rows(self) -> tuple[pl.Series, pl.Series]:
        ids, places = self.keys.ids, self.keys.places
        return (ids, places) if self.chosen is None else (ids.filter(self.chosen), places.filter(self.chosen))

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
        return convert(frame.kind.name, field, mapped, self.texts[place], self._way(place))

    def _way(self, place: int) -> Way:
        frame = self.wanted.frame
        return Way(self.wanted.sheet.header.names[place], frame.zone, quoting=frame.quoting)

    def _sites(self) -> Cells | None:
        """Read which school each row belongs to; None for a kind that belongs to none."""
        frame = self.wanted.frame
        if not _has(frame.kind, SITE):
            return None
        found, why = self.wanted.standing(SITE)
        named = None
        if found:
            mapped, place = found[-1]
            named = from_column(mapped, self.texts[place], frame.schools, self._way(place))
        if not _has(frame.kind, UNIT) or self.wanted.place(UNIT) is None:
            return named or missing(why, self.rows)
        by_unit = from_units(self._cells(frame.kind.resolve(UNIT)), frame.schools)
        return either(named, by_unit) if named else by_unit

    def _let_go(self, coming: Sequence[FieldRef]) -> None:
        """Drop the texts that no coming field reads."""
        needed = {place for f in coming for _, place in self.wanted.standing(f.name)[0]}
        for place in [p for p in self.texts if p not in needed]:
            del self.texts[place]


@dataclass(slots=True)
class _Told:
    """What is said of cells and columns; `at` gives the id of the row at a place, `said` what doubtful rows say."""

    whys: dict[tuple[str, str], str]
    at: dict[int, str]
    notes: list[str]
    said: dict[str, Said]

    def take(self, field: str, cells: Cells, places: pl.Series, ids: pl.Series) -> None:
        """Keep the reasons of a field; that rows differ goes before what one of them holds."""
        if cells.whys:
            self.at = self.at or dict(zip(places.to_list(), ids.to_list(), strict=True))
            for place, why in cells.whys.items():
                if place in self.at:
                    self.whys.setdefault((self.at[place], field), why)
        if cells.why:
            self.whys["", field] = cells.why
        if cells.note:
            self.notes.append(f"{field} {cells.note}.")


def _later(newest: int | None, stamps: pl.Series, until: int) -> int | None:
    """Give the newest of these times, of those that are not still to come."""
    past = stamps.cast(pl.Int64)
    found = cast("int | None", past.filter(past <= until).max())
    return newest if found is None else found if newest is None else max(found, newest)
