"""One column of an export as one column of the table: typed, three-valued, with the reasons."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import time
from typing import TYPE_CHECKING

import polars as pl

from agent.model.kind import FieldType
from agent.systems.csv.saying import reason
from agent.systems.csv.times import read_times
from agent.systems.csv.values import read_values
from agent.systems.csv.words import NOTHING, SMALL, canonical

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from agent.model.kind import FieldRef
    from agent.model.source import ColumnMap

MOST_REASONS = 1000  # cells of a column whose own reason is kept; the others share the column's
TEXTUAL = frozenset({FieldType.TEXT, FieldType.MODE, FieldType.DEBIAN_VERSION})
SPOILED = "\ufffd"  # stands for bytes that are no text
BYTES = "holds bytes that are no text in this encoding"


@dataclass(frozen=True, slots=True)
class Cells:
    """One field of every row.

    Attributes:
        values: of the field's type (a time as microseconds since 1970), null where there is none or it is unknown;
            `none` says where there is nothing.
        whys: why a text could not be read, by the place of its row, for the first of them.
        why: why any other is unknown, or empty.
        note: what is to be said of the column, as the end of a sentence that begins with the field's name.
    """

    values: pl.Series
    none: pl.Series
    whys: Mapping[int, str]
    why: str = ""
    note: str = ""

    def at(self, places: pl.Series, doubtful: pl.Series | None) -> Cells:
        """Give the cells of these rows, unknown where `doubtful` says so."""
        alike = len(places) == len(self.values)  # then none was set aside, and they stand in the file's order
        values, none = (self.values, self.none) if alike else (self.values.gather(places), self.none.gather(places))
        if doubtful is None:
            return replace(self, values=values, none=none)
        kept = pl.select(pl.when(~doubtful).then(values)).to_series()
        return replace(self, values=kept, none=none & ~doubtful)


def missing(why: str, rows: int) -> Cells:
    """Give a column that the export does not have: all of it unknown."""
    return Cells(pl.Series([None], dtype=pl.Null).new_from_index(0, rows), nowhere(rows), {}, why)


def constant(text: str, rows: int) -> Cells:
    """Give a column that says the same of every row."""
    return Cells(pl.Series([text], dtype=pl.String).new_from_index(0, rows), nowhere(rows), {})


def in_turn(first: Cells, then: Cells) -> Cells:
    """Give what the first column says, and what the second says where the first leaves it open."""
    says_nothing = first.values.eq("").fill_null(value=False) if first.values.dtype == pl.String else first.none
    left = first.none | says_nothing
    values = pl.select(pl.when(~left).then(first.values).otherwise(then.values)).to_series()
    open_, said = set(left.arg_true().to_list()), first.whys
    whys = {**said, **{p: w for p, w in then.whys.items() if p in open_}}
    return Cells(values, left & then.none, whys, then.why or first.why, first.note or then.note)


def nowhere(rows: int) -> pl.Series:
    """Give a mask that is False in every row."""
    return pl.Series([False], dtype=pl.Boolean).new_from_index(0, rows)


@dataclass(frozen=True, slots=True)
class Way:
    """How a column is read.

    Attributes:
        header: what it is called in the file.
        zone: of times without one.
        written: the format of its times, or the unit of its sizes.
        quoting: whether a reason shows the cell's text. Only for who imports the file: anybody's name may stand in
            any column.
    """

    header: str
    zone: tzinfo
    written: str = ""
    quoting: bool = False


def convert(kind: str, field: FieldRef, mapped: ColumnMap, raw: pl.Series, way: Way) -> Cells:
    """Read the texts of one column as what the field holds."""
    way = replace(way, written=mapped.format, quoting=way.quoting and not field.sensitive)
    texts = clean(raw)
    meant = {**canonical(kind, field.name), **mapped.values}
    nothing = sorted((NOTHING | mapped.none) - meant.keys())
    none = texts.str.to_lowercase().is_in(nothing)
    if field.type in TEXTUAL and not meant and not mapped.only and (kind, field.name) not in SMALL:
        return _texts(texts, none, {}, _spoiled(texts), way)
    if field.type is FieldType.TIME and not meant:
        stamps = quick_stamps(texts)
        if stamps is not None:
            return Cells(stamps, none, {})
    distinct = texts.filter(~none).unique(maintain_order=True).to_list()
    whys = {t: BYTES for t in distinct if SPOILED in t}
    words = {t: meant[t.lower()] for t in distinct if t.lower() in meant} if meant else {}
    left = [t for t in distinct if t not in words and t not in whys]
    if mapped.only:
        whys |= dict.fromkeys(left, "is a word that has no meaning here; add it to `map` in inventory/systems.yaml")
        left = []
    if (kind, field.name) in SMALL:
        words |= {t: words.get(t, t).lower() for t in (*words, *left)}
        left = []
    if field.type in TEXTUAL:
        return _texts(texts, none, words, whys, way)
    return _typed(field, texts, none, {**{t: t for t in left}, **words}, whys, way)


def clean(raw: pl.Series) -> pl.Series:
    """Give texts out of the `="..."` that keeps spreadsheets from changing them."""
    if raw.str.starts_with('="').any():
        return raw.str.replace(r'^="([^"]*)"$', "$1").str.strip_chars()
    return raw


def quick_stamps(texts: pl.Series) -> pl.Series | None:
    """Read a column that is all full ISO 8601 in UTC, as programs write it; None where a cell is not."""
    if not texts.str.contains(r"^(19[5-9]\d|20\d\d)-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$").all():
        return None
    stamps = texts.str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="us", strict=False)
    odd = stamps.is_null() | ((stamps.dt.ordinal_day() == 1) & (stamps.dt.time() == time.min))
    return None if odd.any() else stamps.to_physical()  # a New Year's midnight may stand for never


def _spoiled(texts: pl.Series) -> dict[str, str]:
    return dict.fromkeys(texts.filter(texts.str.contains(SPOILED, literal=True)).unique().to_list(), BYTES)


def _texts(texts: pl.Series, none: pl.Series, words: Mapping[str, str], whys: Mapping[str, str], way: Way) -> Cells:
    values = texts.replace(list(words), list(words.values())) if words else texts
    blank = none | texts.is_in(list(whys)) if whys else none
    if blank.any():
        values = pl.select(pl.when(~blank).then(values)).to_series()
    return _told(texts, none, values, whys, way)


def _typed(
    field: FieldRef,
    texts: pl.Series,
    none: pl.Series,
    words: Mapping[str, str],
    whys: dict[str, str],
    way: Way,
) -> Cells:
    """Read texts as what they mean; `words` gives for each the text that stands for it."""
    distinct = sorted(set(words.values()))
    if field.type is FieldType.TIME:
        times = read_times(distinct, way.written, way.zone)
        never = [t for t, w in words.items() if w in times.values and times.values[w] is None]
        none = none | texts.is_in(never) if never else none
        values: Mapping[str, object] = {w: v for w, v in times.values.items() if v is not None}
        reasons, note = times.whys, times.note
    else:
        typed = read_values(field.type, distinct, way.written)
        values, reasons, note = typed.values, typed.whys, ""
    whys |= {t: reasons[w] for t, w in words.items() if w in reasons}
    found = {t: values[w] for t, w in words.items() if w in values}
    return replace(_told(texts, none, _replaced(field.type, texts, found), whys, way), note=note)


def _replaced(kind: FieldType, texts: pl.Series, found: Mapping[str, object]) -> pl.Series:
    if kind is FieldType.LIST:
        values = [found.get(t) for t in texts.to_list()]
        return pl.Series([None if v is None else list(v) for v in values], dtype=pl.List(pl.String))  # type: ignore[call-overload]
    held = _HELD.get(kind, pl.String())
    return texts.replace_strict(
        list(found), pl.Series(list(found.values()), dtype=held), default=None, return_dtype=held
    )


_HELD: dict[FieldType, pl.DataType] = {
    FieldType.TIME: pl.Int64(),
    FieldType.NUMBER: pl.Float64(),
    FieldType.SIZE: pl.Float64(),
    FieldType.PERCENT: pl.Float64(),
    FieldType.BOOLEAN: pl.Boolean(),
}


def _told(texts: pl.Series, none: pl.Series, values: pl.Series, whys: Mapping[str, str], way: Way) -> Cells:
    """Put values and reasons together."""
    if not whys:
        return Cells(values, none, {})
    unread = texts.is_in(list(whys)) & ~none
    places = unread.arg_true().head(MOST_REASONS).to_list()
    told = {p: reason(whys[texts[p]], way.header, texts[p] if way.quoting else None) for p in places}
    commonest = next(iter(dict.fromkeys(whys.values())))
    return Cells(values, none, told, reason(commonest, way.header, article="a") if unread.sum() > len(told) else "")
