"""Tables of resources as polars columns, with three states.

Each field is two columns: the value, null where it is not a value, and a companion that is True where the reading
was none. Null with a False companion is unknown; the reasons are kept beside the frame, sparse. NaN is refused at
the door: a reading that is not a number is unknown.
"""

from __future__ import annotations

import io
import json
import math
from dataclasses import dataclass
from itertools import starmap
from typing import TYPE_CHECKING, cast

import polars as pl

from agent.decide.compare import version_key
from agent.model.kind import FieldRef, FieldType
from agent.model.reading import NONE, Reading, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ID, SITE = "\0id", "\0site"
NOT_READ = Unknown("not read")

_TYPES: dict[FieldType, pl.DataType] = {
    FieldType.NUMBER: pl.Float64(),
    FieldType.SIZE: pl.Float64(),
    FieldType.PERCENT: pl.Float64(),
    FieldType.BOOLEAN: pl.Boolean(),
    FieldType.TIME: pl.Datetime("us", "UTC"),
    FieldType.LIST: pl.List(pl.String),
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

    `reasons` maps (resource, field) to the reason, and (resource, "") to the reason for a whole row.
    """

    frame: pl.DataFrame
    fields: Mapping[str, FieldType]
    reasons: Mapping[tuple[str, str], str]
    index: Mapping[str, int]

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
        return self._unknown(resource, field) if value is None else _to_python(value)

    def _unknown(self, resource: str, field: str) -> Unknown:
        why = self.reasons.get((resource, field)) or self.reasons.get((resource, ""))
        return Unknown(why) if why else NOT_READ

    def row(self, resource: str) -> Row:
        """Give one whole row."""
        return Row(resource, self.site(resource), {f: self.reading(resource, f) for f in self.fields})

    def overlay(self, newer: Columns) -> Columns:
        """Give this table with the cells that a newer look read again in their place."""
        types = {**self.fields, **newer.fields}
        rows = []
        for resource in {**self.index, **newer.index}:
            base = self.row(resource) if resource in self.index else newer.row(resource)
            again = newer.row(resource).readings if resource in newer.index else {}
            rows.append(Row(resource, base.site, {**base.readings, **again}))
        return build(list(starmap(_plain_ref, types.items())), rows)

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
        readings = [_admit(field.type, r.readings.get(field.name, NOT_READ)) for r in rows]
        reasons.update(
            ((row.resource, field.name), reading.why)
            for row, reading in zip(rows, readings, strict=True)
            if isinstance(reading, Unknown)
        )
        values = [
            None if reading is NONE or isinstance(reading, Unknown) else _to_polars(reading) for reading in readings
        ]
        series.extend((
            pl.Series(field.name, values, _TYPES.get(field.type, pl.String())),
            pl.Series(none_column(field.name), [reading is NONE for reading in readings], pl.Boolean),
        ))
    return Columns(pl.DataFrame(series), types, reasons, {r.resource: i for i, r in enumerate(rows)})


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


def _admit(kind: FieldType, reading: Reading) -> Reading:
    """Let in what the type can hold; anything else is unknown, with the reason."""
    if reading is NONE or isinstance(reading, Unknown):
        return reading
    fits = _FITS.get(kind, _is_text)
    if fits(reading):
        return reading
    return Unknown(f"{reading!r} is not a {kind.value.replace('_', ' ')}")


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _is_time(value: object) -> bool:
    return getattr(value, "tzinfo", None) is not None


def _is_list(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(v, str) for v in value)


def _is_boolean(value: object) -> bool:
    return isinstance(value, bool)


def _is_version(value: object) -> bool:
    return isinstance(value, str) and bool(version_key(value))


_FITS: dict[FieldType, Callable[[object], bool]] = {
    FieldType.NUMBER: _is_number,
    FieldType.SIZE: _is_number,
    FieldType.PERCENT: _is_number,
    FieldType.BOOLEAN: _is_boolean,
    FieldType.TIME: _is_time,
    FieldType.LIST: _is_list,
    FieldType.VERSION: _is_version,
}


def _to_polars(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    # polars' text is UTF-8: a lone surrogate (a byte that was not text) is shown, not dropped.
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def _to_python(value: object) -> Value:
    if isinstance(value, pl.Series):
        return tuple(value.to_list())
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return cast("Value", value)


def _plain_ref(name: str, kind: FieldType) -> FieldRef:
    return FieldRef(name, name, "", "", kind)
