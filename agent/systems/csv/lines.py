"""Reading rows: a stream of chunks, of which only the columns that somebody asks for are kept."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

import polars as pl

from agent.systems.csv.sheet import plain

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from agent.systems.csv.sheet import Header, Sheet

CHUNK = 8192  # rows held as Python objects at one time
AT_THE_END = "unexpected end of data"  # what the csv module says of a quote that is never closed
_NOUNS = r"(?:rows?|records?|items?|devices?|users?|people|accounts?|assets?|tickets?|printers?)?"
TOTAL = re.compile(
    rf"\W*(?:grand\s+)?total\b\W*(?:number|count)?\W*(?:of\b)?\W*{_NOUNS}\W*?(\d[\d,]*)?\W*{_NOUNS}\W*", re.IGNORECASE
)
COUNT = re.compile(rf"(\d{{1,3}}(?:,\d{{3}})+|\d+)\W*{_NOUNS}\W*", re.IGNORECASE)
MOST_IN_TOTAL = 4  # cells of a total line that hold something
BLANKS = " \t\r\n\xa0\x1a"  # the last: old programs end a text with it

Rows = list[list[str]]
Chunk = tuple[int, Rows]  # with the number of the first
Cells = dict[int, pl.Series]  # by place in the row


@dataclass(frozen=True, slots=True)
class Lines:
    """The rows of a file, but for their cells.

    Attributes:
        numbers: the numbers of the rows that have as many cells as the header, as a spreadsheet shows them; `digests`
            tell equal ones.
        odd: numbers of the rows that have more or fewer cells, or quotes that do not fit.
        repeats: how often the header stands in the file once more.
        total: the number of rows that a total line claims, if there is one that does.
        cut: the number of the row in which the file breaks off, or 0.
    """

    numbers: pl.Series
    digests: pl.Series
    odd: tuple[int, ...]
    repeats: int
    total: int | None
    cut: int

    @property
    def rows(self) -> int:
        """How many rows hold data, readable or not."""
        return len(self.numbers) + len(self.odd) + (1 if self.cut else 0)


def read_lines(sheet: Sheet, places: Collection[int], numeric: frozenset[int] = frozenset()) -> tuple[Lines, Cells]:
    """Read every row, and the texts of the columns at these places.

    The texts are given out once, so that who converts a column can let go of them. `numeric` are the places whose
    numbers are sums and no counts.
    """
    taking = _Taking(sheet.header, tuple(places))
    held: Chunk | None = None  # the last row so far, which may turn out to be a total line
    broken = 0
    for number, rows in _chunks(sheet):
        if rows is None:
            broken = number
            continue
        end = len(rows)
        while end and _blank(rows[end - 1]):
            end -= 1
        if end:
            taking.take(*(held or (number, [])))
            taking.take(number, rows[: end - 1])
            held = number + end - 1, [rows[end - 1]]
    if broken:
        taking.take(*(held or (broken, [])))
        return taking.lines(None, broken)
    if held is None:
        return taking.lines(None, sheet.header.row if sheet.content.cut else 0)
    return taking.ending(held, numeric, sheet)


def _chunks(sheet: Sheet) -> Iterator[tuple[int, Rows | None]]:
    """Give chunks of rows with the number of their first, and at last the number of a row that never ends, alone."""
    with sheet.text() as text:
        reader = csv.reader(text, delimiter=sheet.delimiter, strict=True)
        number = sheet.header.row + 1
        for _ in range(sheet.header.row):
            _skip(reader)
        while True:
            rows: Rows = []
            wrong = ""
            try:
                rows.extend(islice(reader, CHUNK))  # keeps what came before an error
            except csv.Error as error:
                wrong = str(error)
            if not rows and not wrong:
                return
            if wrong and wrong != AT_THE_END:
                rows.append(_BAD)
            yield number, rows
            number += len(rows)
            if wrong == AT_THE_END:
                yield number, None
                return


_BAD = ["bad quotes"]  # stands for a row that could not be read; told by identity


def _skip(reader: Iterator[list[str]]) -> None:
    try:
        next(reader, None)
    except csv.Error:
        return


@dataclass(slots=True)
class _Taking:
    """What has been read so far."""

    header: Header
    places: tuple[int, ...]
    parts: dict[int, list[pl.Series]] = field(default_factory=dict)
    numbers: list[pl.Series] = field(default_factory=list)
    digests: list[pl.Series] = field(default_factory=list)
    odd: list[int] = field(default_factory=list)
    repeats: int = 0

    def take(self, number: int, rows: Rows) -> None:
        """Keep the wanted cells of complete rows, the first of which has this number."""
        width = len(self.header.names)
        numbers: Sequence[int] = range(number, number + len(rows))
        if not self._all_fit(rows, width):
            fine = [pair for pair in map(self._fit, numbers, rows) if pair]
            numbers, rows = [n for n, _ in fine], [row for _, row in fine]
        if not rows:
            return
        columns = list(zip(*rows, strict=True))
        for place in self.places:
            self.parts.setdefault(place, []).append(pl.Series(columns[place], dtype=pl.String).str.strip_chars())
        self.numbers.append(pl.Series(numbers, dtype=pl.UInt32))
        self.digests.append(pl.Series(list(map(hash, map(tuple, rows))), dtype=pl.Int64))

    def _all_fit(self, rows: Rows, width: int) -> bool:
        """Say at once, for most chunks, that no row is to be set aside."""
        if not set(map(len, rows)) <= {width} or not all(map(any, rows)):
            return False
        firsts = [row[0] for row in rows]
        if any(not first.strip(BLANKS) and _blank(row) for first, row in zip(firsts, rows, strict=True)):
            return False
        return self.header.names[0] not in firsts and _BAD not in rows

    def _fit(self, number: int, row: list[str]) -> tuple[int, list[str]] | None:
        """Give a row with as many cells as the header, or None for one that is set aside."""
        width = len(self.header.names)
        if len(row) > width and not any(row[width:]):
            row = row[:width]
        if _blank(row):
            return None
        if len(row) != width or row is _BAD:
            self.odd.append(number)
            return None
        if plain(row[0]) == self.header.names[0] and tuple(map(plain, row)) == self.header.names:
            self.repeats += 1
            return None
        return number, row

    def ending(self, held: Chunk, numeric: frozenset[int], sheet: Sheet) -> tuple[Lines, Cells]:
        """Judge the last row: a total line, a row cut short, or a row as any other; give everything."""
        number, (row,) = held
        filled = [(place, cell.strip()) for place, cell in enumerate(row) if cell.strip()]
        if filled and len(filled) <= MOST_IN_TOTAL and TOTAL.fullmatch(filled[0][1]):
            return self.lines(_counted(filled, numeric), 0)
        short = not sheet.content.ended and len(row) < len(self.header.names)
        if filled and (short or sheet.content.cut):
            return self.lines(None, number)
        self.take(*held)
        return self.lines(None, 0)

    def lines(self, total: int | None, cut: int) -> tuple[Lines, Cells]:
        """Give everything as whole columns."""
        columns = {p: _joined(self.parts.pop(p, []), pl.String()) for p in self.places}
        numbers, digests = _joined(self.numbers, pl.UInt32()), _joined(self.digests, pl.Int64())
        return Lines(numbers, digests, tuple(self.odd), self.repeats, total, cut), columns


def _blank(row: list[str]) -> bool:
    return not any(cell.strip(BLANKS) for cell in row)


def _joined(parts: list[pl.Series], kind: pl.DataType) -> pl.Series:
    return pl.concat(parts) if parts else pl.Series([], dtype=kind)


def _counted(filled: list[tuple[int, str]], numeric: frozenset[int]) -> int | None:
    """Give the number of rows that a total line states: beside its word, or in the next cell; a sum is none."""
    (place, label), *others = filled
    beside = TOTAL.fullmatch(label)
    if beside and beside[1]:
        return int(beside[1].replace(",", ""))
    if len(others) != 1 or others[0][0] != place + 1 or others[0][0] in numeric:
        return None
    found = COUNT.fullmatch(others[0][1])
    return int(found[1].replace(",", "")) if found else None
