"""Devices of 40 fields, made by a seed: as columns for us, as dictionaries for whoever takes one at a time."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

from agent.decide.columns import Column, Columns, assemble
from agent.model.kind import Field, FieldRef, FieldType, Kind

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
SEED = 4
DISTINCT = 997  # values a field has: enough that nothing is gained by their being few, prime so that fields mix
NONE_EVERY, UNKNOWN_EVERY = 31, 101  # rows that have nothing, and rows that could not be read

_WORDS = ("chromeos", "ipados", "windows", "macos", "android")
_OF_EACH = {
    FieldType.TEXT: 14, FieldType.PATH: 4, FieldType.VERSION: 4, FieldType.NUMBER: 4, FieldType.SIZE: 3,
    FieldType.PERCENT: 2, FieldType.TIME: 5, FieldType.BOOLEAN: 2, FieldType.LIST: 2,
}  # fmt: skip
FIELDS = tuple(
    Field(f"{kind}_{n}", kind, "A field of the benchmark.", past=kind is FieldType.TIME)
    for kind, count in _OF_EACH.items()
    for n in range(count)
)
KIND = Kind("device", "A device of the benchmark.", FIELDS)


def _values(kind: FieldType, noise: random.Random) -> list[object]:
    """Give the distinct values of a field."""
    make: dict[FieldType, Callable[[], object]] = {
        FieldType.TEXT: lambda: f"{noise.choice(_WORDS)} {noise.randrange(10_000)}",
        FieldType.PATH: lambda: f"/{noise.choice(_WORDS)}/{noise.randrange(40)}/{noise.randrange(40)}",
        FieldType.VERSION: lambda: f"{noise.randrange(110, 132)}.0.{noise.randrange(9_000)}.{noise.randrange(200)}",
        FieldType.NUMBER: lambda: float(noise.randrange(1_000)),
        FieldType.SIZE: lambda: float(noise.randrange(10**11)),
        FieldType.PERCENT: lambda: noise.randrange(1_000) / 10,
        FieldType.BOOLEAN: lambda: noise.random() < 0.5,
        FieldType.TIME: lambda: NOW - timedelta(minutes=noise.randrange(1, 60 * 24 * 60)),
        FieldType.LIST: lambda: noise.sample(_WORDS, noise.randrange(4)),
    }
    return [make[kind]() for _ in range(DISTINCT)]


def columns(devices: int) -> Columns:
    """Give the table of so many devices."""
    noise = random.Random(SEED)  # ruff: ignore[suspicious-non-cryptographic-random-usage] - a seed, no secret
    row = pl.int_range(devices, eager=True)
    made = []
    for number, field in enumerate(FIELDS):
        values = pl.Series(_values(field.type, noise), dtype=_type(field.type))
        unknown = (row + number) % UNKNOWN_EVERY == 0
        none = ((row + number) % NONE_EVERY == 0) & ~unknown
        picked = values.gather((row * (2 * number + 3) + number) % DISTINCT)
        made.append(Column(field_ref(field), pl.select(pl.when(~(none | unknown)).then(picked)).to_series(), none))
    ids = pl.select("device/" + row.cast(pl.String)).to_series()
    sites = pl.Series([""], dtype=pl.String).new_from_index(0, devices)
    return assemble(ids, sites, made, {("", f.name): "not listed" for f in FIELDS})


def field_ref(field: Field) -> FieldRef:
    """Give a field as policies name it."""
    return KIND.resolve(field.name)


def _type(kind: FieldType) -> pl.DataType:
    from agent.decide.columns import polars_type

    return polars_type(kind)


def dictionaries(devices: int) -> list[dict[str, object]]:
    """Give the first devices one by one; a field that is none or unknown is not there, as an API leaves it out."""
    table = columns(devices)
    names = [f.name for f in FIELDS]
    return [
        {name: cell for name, cell in zip(names, row, strict=True) if cell is not None}
        for row in table.frame.select(names).iter_rows()
    ]
