"""One look at one file of columns: which rows there are, what they say, and whether they are all there are.

`read` makes a sweep of it, `taking` shows it to the person who imports the file, and `oneroster` reads its parts so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.systems.csv.age import AHEAD, from_column
from agent.systems.csv.content import UnreadableError
from agent.systems.csv.keys import identify
from agent.systems.csv.lines import read_lines
from agent.systems.csv.making import SITE, Making, Wanted
from agent.systems.csv.saying import counted, rows
from agent.systems.csv.times import micros

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import polars as pl

    from agent.decide.columns import Columns
    from agent.model.kind import FieldRef
    from agent.systems.csv.age import Age
    from agent.systems.csv.keys import Keys
    from agent.systems.csv.lines import Lines
    from agent.systems.csv.making import Frame
    from agent.systems.csv.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Look:
    """What one look gave.

    Attributes:
        dates: the texts of the column of the data's age; `sites` those of the column of the schools.
        things: what the file lists, and `key` the field that names each.
        newest: the newest time, of what lies behind us by its nature; None where the file tells none.
    """

    sheet: Sheet
    lines: Lines
    keys: Keys
    table: Columns
    notes: tuple[str, ...]
    dates: pl.Series | None
    sites: pl.Series | None
    things: str
    key: str
    newest: datetime | None

    @property
    def proven(self) -> bool:
        """Whether every row that the file ever had is known, and which thing it is."""
        lines = self.lines
        return not (lines.cut or lines.odd or self.keys.aside) and lines.total in {None, lines.rows}

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
        if self.keys.aside:
            have = f"{counted(self.keys.aside, 'row')} {'has' if self.keys.aside == 1 else 'have'}"
            return f"{have} no usable {self.key}, so it is not known that every {self.things} is listed"
        how = "as its total line says" if lines.total is not None else "read to the end"
        return f"{counted(lines.rows, 'row')}, {how}"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is wanted of a file: fields, of all rows or of `only` some resources.

    `dating` wants the newest time in the file, too, whatever the fields. Times after `now` are still to come.
    """

    fields: Sequence[FieldRef]
    only: Sequence[str] | None
    now: datetime
    dating: bool = True


def look(sheet: Sheet, frame: Frame, asked: Asked) -> Look:
    """Read a file.

    Raises:
        UnreadableError: no row of it names anything.
    """
    wanted, key = Wanted(sheet, frame), frame.layout.key
    fields = tuple({f.name: f for f in asked.fields}.values())
    others = _times(wanted, fields) if asked.dating else ()
    lines, texts = read_lines(sheet, wanted.places(f.name for f in (*fields, *others)), wanted.numeric())
    match = next((f.match for f in frame.kind.fields if f.name == key), None)
    keys = identify(frame.kind.name, key, match, texts[wanted.place(key) or 0], lines)
    if not len(keys.ids):
        raise UnreadableError(_rowless(lines, key))
    dates, sites = wanted.dates(texts), texts.get(at) if (at := wanted.place(SITE)) is not None else None
    chosen = None if asked.only is None else keys.ids.is_in(list(asked.only))
    making = Making(wanted, texts, keys, len(lines.numbers), chosen, micros(asked.now + AHEAD))
    table, said, newest = making.table(fields, others)
    said = [*_of_lines(lines), *keys.notes, *said]
    return Look(sheet, lines, keys, table, tuple(said), dates, sites, frame.kind.name, key, newest)


def told(seen: Look, frame: Frame, now: datetime) -> Age | None:
    """Give the age that a column of the file tells; None where it has no such column, or it tells nothing."""
    return None if seen.dates is None else from_column(seen.dates, frame.layout.as_of, frame.zone, now)


def _times(wanted: Wanted, fields: Sequence[FieldRef]) -> tuple[FieldRef, ...]:
    """Give the other fields that tell of the past."""
    kind = wanted.frame.kind
    past = (kind.resolve(f.name) for f in kind.fields if f.past)
    return tuple(f for f in past if f not in fields and wanted.standing(f.name)[0])


def _rowless(lines: Lines, key: str) -> str:
    if not lines.rows:
        return "has no rows below its header"
    return f"has {counted(lines.rows, 'row')}, and none of them can be read and has a {key}"


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
