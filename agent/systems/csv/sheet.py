"""The shape of a file of columns: what separates its cells, and which of its first lines names the columns."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO

from agent.systems.csv.content import Content, UnreadableError, examine
from agent.systems.csv.layout import folded
from agent.systems.csv.saying import column_name, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from agent.model.source import ColumnMap
    from agent.systems.csv.layout import Layout

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
WRITTEN = {"\\t": "\t", "tab": "\t"}  # how systems.yaml may name what is hard to see
HEAD = 1 << 16  # characters that the shape is found out from
TRIED = 50  # rows of them
DEEPEST = 10  # rows among which the header is looked for


@dataclass(frozen=True, slots=True)
class Header:
    """The row that names the columns; rows count from 1, as a spreadsheet shows them."""

    row: int
    names: tuple[str, ...]
    places: Mapping[str, tuple[int, ...]]  # by the header as headers are compared

    def find(self, columns: Sequence[str]) -> tuple[int | None, str]:
        """Give where the first of these columns stands, or why there is none."""
        for column in columns:
            places = self.places.get(folded(column), ())
            if len(places) > 1:
                return None, f"the export has {len(places)} columns {column_name(column)}"
            if places:
                return places[0], ""
        return None, f"the export has no column {listed([column_name(c) for c in columns], 'or')}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file of columns whose shape is known."""

    opened: Callable[[], BinaryIO]
    content: Content
    delimiter: str
    header: Header

    def text(self) -> AbstractContextManager[io.TextIOWrapper]:
        """Open the file as text, with its line ends untouched."""
        return _text(self.opened, self.content.codec)

    @property
    def apart(self) -> str:
        """Say what stands between the cells."""
        return DELIMITERS.get(self.delimiter, repr(self.delimiter))

    @property
    def encoded(self) -> str:
        """Say how the text is encoded, and why that was taken where the file does not show it."""
        spoiled = "with bytes that are none" if self.content.encoding == "UTF-8" else "as it is not UTF-8"
        return self.content.encoding + (f" ({spoiled})" if self.content.guessed else "")

    def said(self, name: str) -> str:
        """Say what was found out."""
        return (
            f"{name} was read as {self.encoded}, its cells apart by {self.apart}, "
            f"its columns named in row {self.header.row}."
        )


def recognise(opened: Callable[[], BinaryIO], wanted: Layout, delimiter: str = "", encoding: str = "") -> Sheet:
    """Find out the shape of a file.

    Raises:
        UnreadableError: it is not text, or none of its first rows names the column of the key.
    """
    content = examine(opened, encoding)
    with _text(opened, content.codec) as text:
        head = text.read(HEAD)
    whole = head if len(head) < HEAD else head[: max(head.rfind("\n"), head.rfind("\r")) + 1]
    chosen = WRITTEN.get(delimiter.lower(), delimiter)
    if len(chosen) > 1 or chosen in {"\r", "\n", '"'}:
        msg = f"cannot be read: {delimiter!r} is not one character that can stand between cells"
        raise UnreadableError(msg)
    known = wanted.headers()
    tried = [(d, _rows(whole, d)) for d in ([chosen] if chosen else DELIMITERS)]
    best, rows = max(tried, key=lambda pair: _score(pair[1], known))
    header = _header(rows, known)
    _key_or_refuse(header, wanted.maps[wanted.key][-1], wanted.key)
    return Sheet(opened, content, best, header)


def _text(opened: Callable[[], BinaryIO], codec: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(opened(), encoding=codec, errors="replace", newline="")


def _rows(text: str, delimiter: str) -> list[list[str]]:
    return list(islice(_lenient(text, delimiter), TRIED))


def _lenient(text: str, delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    while True:
        try:
            yield next(reader)
        except csv.Error:
            yield []
        except StopIteration:
            return


def _score(rows: list[list[str]], known: frozenset[str]) -> tuple[int, float]:
    """Say how well a delimiter fits: by the known columns in one row, then by how alike the rows are."""
    widths = Counter(len(row) for row in rows if len(row) > 1)
    width, often = max(widths.items(), key=lambda pair: pair[1] * pair[0], default=(0, 0))
    return max((_hits(row, known) for row in rows[:DEEPEST]), default=0), width * often / (len(rows) or 1)


def _hits(row: list[str], known: frozenset[str]) -> int:
    return len({folded(cell) for cell in row} & known)


def _header(rows: list[list[str]], known: frozenset[str]) -> Header:
    """Give the row among the first with the most known columns; the first of them where several have as many."""
    hits = [_hits(row, known) for row in rows[:DEEPEST]]
    most = max(hits, default=0)
    number = hits.index(most) if most else next((i for i, r in enumerate(rows) if any(r)), 0)
    names = tuple(plain(cell) for cell in rows[number]) if rows else ()
    while names and not names[-1]:
        names = names[:-1]
    places: dict[str, tuple[int, ...]] = {}
    for position, name in enumerate(names):
        if folded(name):
            places[folded(name)] = (*places.get(folded(name), ()), position)
    return Header(number + 1, names, places)


def plain(cell: str) -> str:
    """Give a header on one line."""
    return " ".join(cell.lstrip("\ufeff").split())


def _key_or_refuse(header: Header, key: ColumnMap, field: str) -> None:
    _, why = header.find(key.columns)
    if why:
        msg = f"does not say which row is which ({field}): {why}"
        raise UnreadableError(msg, tuple(n for n in header.names if n))
