"""Tables of resources as polars columns, with three states.

Each field is two columns: the value, null where it is not a value, and a companion that is True where the reading
was none. Null with a False companion is unknown; the reasons are kept beside the frame, sparse. NaN is refused at
the door: a reading that is not a number is unknown.
"""

from __future__ import annotations

import dataclasses
import io
import json
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, cast

import polars as pl

from agent.decide.admit import admit
from agent.model.kind import FieldRef, FieldType
from agent.model.reading import NONE, Reading, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

ID, SITE = "\0id", "\0site"
NOT_READ = Unknown("not read")
CLOCKS_DIFFER = timedelta(minutes=5)  # LANGUAGE.md, "Comparing"

_TYPES: dict[FieldType, pl.DataType] = {
    FieldType.NUMBER: pl.Float64(),
    FieldType.SIZE: pl.Float64(),
    FieldType.PERCENT: pl.Float64(),
    FieldType.BOOLEAN: pl.Boolean(),
    FieldType.TIME: pl.Datetime("us", "UTC"),
    FieldType.LIST: pl.List(pl.String()),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One resource as it was read; a field that `readings` does not name is unknown."""

    resource: str
    site: str
    readings: Mapping[str, Reading]


def none_column(field: str) -> str:
    """Give the name of the companion that says where a field was read as none."""
    return f"\0none\0{field}"


@dataclass(frozen=True, slots=True)
class Columns:
    """A frame of `ID`, `SITE`, and two columns a field; `reasons` holds why a cell is unknown.

    `reasons` maps (resource, field) to the reason, (resource, "") to the reason for a whole row, and ("", field) to
    the reason for every other unknown cell of a column. The most particular one counts. `as_of` is the data's own
    time, by field. `rivals` are the texts that resources listed twice have in a field, of which none is sure.
    """

    frame: pl.DataFrame
    fields: Mapping[str, FieldType]
    reasons: Mapping[tuple[str, str], str]
    index: Mapping[str, int]
    as_of: Mapping[str, datetime] = dataclasses.field(default_factory=dict)  # by field, where it is the data's own time
    rivals: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)

    def ids(self) -> tuple[str, ...]:
        """Give the resource ids, one a row."""
        return tuple(self.index)

    def site(self, resource: str) -> str:
        """Give a resource's site, or an empty text."""
        row = self.index.get(resource)
        return "" if row is None else str(self.frame[SITE][row])

    def reading(self, resource: str, field: str) -> Reading:
        """Give one cell; unknown where the row or the column is not there."""
        row = self.index.get(resource)
        if row is None or field not in self.fields:
            return NOT_READ
        if self.frame[none_column(field)][row]:
            return NONE
        value = self.frame[field][row]
        return self._unknown(resource, field) if value is None else to_python(value)

    def _unknown(self, resource: str, field: str) -> Unknown:
        why = self.reason(resource, field)
        return Unknown(why) if why else NOT_READ

    def reason(self, resource: str, field: str) -> str:
        """Give why a cell is unknown, or an empty text where nothing is noted."""
        places = ((resource, field), (resource, ""), ("", field))
        return next((why for place in places if (why := self.reasons.get(place))), "")

    def row(self, resource: str) -> Row:
        """Give one whole row."""
        return Row(resource, self.site(resource), {f: self.reading(resource, f) for f in self.fields})

    def texts(self, resources: Sequence[str], fields: Sequence[str]) -> dict[str, dict[str, str]]:
        """Give the values that text fields of some resources have, where they have one."""
        there = [f for f in fields if f in self.fields]
        frame = self.frame[[self.index[r] for r in resources if r in self.index]].select(ID, *there)
        return {row[0]: {f: v for f, v in zip(there, row[1:], strict=True) if v} for row in frame.iter_rows()}

    def tally(self, field: str) -> dict[str, int]:
        """Count how many resources have each value of a text field."""
        if field not in self.fields:
            return {}
        return dict(self.frame[field].drop_nulls().value_counts().iter_rows())

    def sites(self) -> dict[str, int]:
        """Count how many resources each site has."""
        return dict(self.frame[SITE].value_counts().iter_rows())

    def without_future(self, fields: Iterable[str], now: datetime) -> Columns:
        """Give this table where a time that lies behind us by its nature, and is ahead of `now`, is unknown."""
        ahead = {f: pl.col(f) > now.astimezone(UTC) + CLOCKS_DIFFER for f in fields if f in self.fields}
        reasons = {
            (resource, field): "it lies in the future, so a clock or a date is wrong"
            for field, is_ahead in ahead.items()
            for resource in self.frame.filter(is_ahead)[ID]
        }
        if not reasons:
            return self
        cleaned = (pl.when(is_ahead).then(None).otherwise(pl.col(f)).alias(f) for f, is_ahead in ahead.items())
        return replace(self, frame=self.frame.with_columns(cleaned), reasons={**self.reasons, **reasons})

    def renamed(self, suffix: str) -> Columns:
        """Give this table with `suffix` behind every id, for a kind that several systems fill."""
        frame = self.frame.with_columns(pl.col(ID) + pl.lit(suffix))
        reasons = {(f"{r}{suffix}" if r else r, f): why for (r, f), why in self.reasons.items()}
        return replace(self, frame=frame, reasons=reasons, index={f"{r}{suffix}": i for r, i in self.index.items()})

    def to_bytes(self) -> bytes:
        """Give the table as bytes: a JSON header with types and reasons, then Arrow IPC."""
        head = {
            "fields": {n: t.value for n, t in self.fields.items()},
            "reasons": [[r, f, why] for (r, f), why in self.reasons.items()],
        }
        text = json.dumps(head).encode()
        body = io.BytesIO()
        self.frame.write_ipc(body, compression="zstd")
        return len(text).to_bytes(8, "big") + text + body.getvalue()

    @staticmethod
    def from_bytes(data: bytes) -> Columns:
        """Read back what `to_bytes` gave."""
        size = int.from_bytes(data[:8], "big")
        head = json.loads(data[8 : 8 + size])
        frame = pl.read_ipc(io.BytesIO(data[8 + size :]))
        fields = {n: FieldType(t) for n, t in head["fields"].items()}
        reasons = {(r, f): why for r, f, why in head["reasons"]}
        return Columns(frame, fields, reasons, {r: i for i, r in enumerate(frame[ID].to_list())})


def build(fields: Sequence[FieldRef], rows: Sequence[Row]) -> Columns:
    """Make a table of rows. Readings of a wrong sort (NaN, a version without a number) become unknown."""
    series = [pl.Series(ID, [r.resource for r in rows], pl.String), pl.Series(SITE, [r.site for r in rows], pl.String)]
    reasons: dict[tuple[str, str], str] = {}
    types: dict[str, FieldType] = {}
    for field in fields:
        if field.name in types:
            continue
        types[field.name] = field.type
        readings = [admit(field.type, r.readings.get(field.name, NOT_READ)) for r in rows]
        reasons.update(
            ((row.resource, field.name), reading.why)
            for row, reading in zip(rows, readings, strict=True)
            if isinstance(reading, Unknown)
        )
        values = [
            None if reading is NONE or isinstance(reading, Unknown) else _to_polars(reading) for reading in readings
        ]
        series.extend((
            pl.Series(field.name, values, polars_type(field.type)),
            pl.Series(none_column(field.name), [reading is NONE for reading in readings], pl.Boolean),
        ))
    return Columns(pl.DataFrame(series), types, reasons, {r.resource: i for i, r in enumerate(rows)})


def polars_type(kind: FieldType) -> pl.DataType:
    """Give the type of the column that holds a field."""
    return _TYPES.get(kind, pl.String())


@dataclass(frozen=True, slots=True)
class Column:
    """One field of many resources: a value or None a row, and whether a row was read as none.

    `values` hold what `model.reading.Value` names, of the field's type, and may be a polars series; a row that is
    None and not none is unknown.
    """

    field: FieldRef
    values: Sequence[Value | None] | pl.Series
    none: Sequence[bool] | pl.Series


def assemble(
    ids: Sequence[str],
    sites: Sequence[str],
    columns: Sequence[Column],
    reasons: Mapping[tuple[str, str], str],
) -> Columns:
    """Make a table of whole columns, for lists of thousands. The caller has let in only what the types can hold.

    Args:
        ids: a resource id a row, each once.
        reasons: as in `Columns`.
    """
    series = [pl.Series(ID, ids, pl.String), pl.Series(SITE, sites, pl.String)]
    types: dict[str, FieldType] = {}
    for column in columns:
        types[column.field.name] = column.field.type
        kind = polars_type(column.field.type)
        values = column.values.cast(kind) if isinstance(column.values, pl.Series) else column.values
        series.extend((
            pl.Series(column.field.name, values, kind),
            pl.Series(none_column(column.field.name), column.none, pl.Boolean),
        ))
    return Columns(pl.DataFrame(series), types, dict(reasons), {r: i for i, r in enumerate(ids)})


def stacked(tables: Sequence[Columns]) -> Columns:
    """Give the rows of several tables of one kind as one table; a field that one of them lacks is unknown there."""
    if len(tables) == 1:
        return tables[0]
    reasons: dict[tuple[str, str], str] = {}
    for table in tables:
        reasons |= {key: why for key, why in table.reasons.items() if key[0]}
        for field in (f for r, f in table.reasons if not r and f in table.fields):
            blank = table.frame.filter(pl.col(field).is_null() & ~pl.col(none_column(field)))
            reasons |= {(r, field): why for r in blank[ID] if (why := table.reason(r, field))}
    frame = pl.concat([t.frame for t in tables], how="diagonal")
    fields = {name: kind for table in tables for name, kind in table.fields.items()}
    rivals: dict[str, tuple[str, ...]] = {}
    for table in tables:
        for name, texts in table.rivals.items():
            rivals[name] = (*rivals.get(name, ()), *texts)
    frame = frame.with_columns(pl.col(none_column(f)).fill_null(value=False) for f in fields)
    return Columns(frame, fields, reasons, {r: i for i, r in enumerate(frame[ID].to_list())}, rivals=rivals)


def valid_pattern(pattern: str) -> str:
    """Say why a pattern of `matches` is not one, or give an empty text. Rust's regex engine: linear time."""
    try:
        for tried in (pattern, whole(pattern)):  # `a)|(b` is one only with something around it.
            pl.Series([""]).str.contains(tried)
    except pl.exceptions.ComputeError as error:
        said = (line.removeprefix("error: ") for line in str(error).split("\n") if line.startswith("error: "))
        return next(said, "it does not compile")
    return ""


def whole(pattern: str) -> str:
    """Give a pattern that must match the whole value."""
    return rf"\A(?:{pattern})\z"


def matches(text: str, pattern: str) -> bool:
    """Ask the columns' own regex engine about one value."""
    return bool(pl.Series([text]).str.contains(whole(pattern))[0])


def _to_polars(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    # polars' text is UTF-8: a lone surrogate (a byte that was not text) is shown, not dropped.
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def to_python(value: object) -> Value:
    """Give a cell as a reading's value: a list becomes a tuple, a whole number an int."""
    if isinstance(value, (pl.Series, list)):
        return tuple(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return cast("Value", value)
