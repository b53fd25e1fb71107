"""Columns that no system shows: what is unique in its list, and times that hang on school time or on other times.

They are worked out beside the columns of a kind before any policy judges, as references are, so that a condition
compares two columns and `explain` shows both. No step is taken in Python for each row: what is reckoned is so once for
each school, or for each school and time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from agent.decide.columns import ID, NOT_READ, none_column, polars_type
from agent.decide.moment_columns import moments
from agent.decide.told import Told
from agent.decide.unique import Part, uniqueness

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from agent.decide.columns import Columns
    from agent.decide.hours import Keeping
    from agent.model.kind import Catalog, FieldRef, Kind


@dataclass(frozen=True, slots=True)
class Ground:
    """What columns are reckoned by. `now` carries the district's zone."""

    catalog: Catalog
    keeping: Keeping
    now: datetime


def reckoned(kind: Kind, table: Columns, asked: Iterable[FieldRef], lists: Sequence[Part], ground: Ground) -> Columns:
    """Give a table with the columns that are asked for and have to be reckoned.

    Args:
        kind: that the table is of.
        table: with every column that these are made of; one that is not there is not read.
        asked: any fields; those that a system shows are passed over.
        lists: the lists that the table is made of, in the order of its rows.
    """
    for ref in dict.fromkeys(r for r in asked if r.reckoned is not None):
        if ref.name not in table.fields:
            table = _with(kind, table, ref, lists, ground)
    return table


def _with(kind: Kind, table: Columns, ref: FieldRef, lists: Sequence[Part], ground: Ground) -> Columns:
    spec = ref.reckoned
    if spec is None:
        raise AssertionError(ref.name)
    absent = next((f for f in (spec.of, spec.start) if f is not None and f.name not in table.fields), None)
    if absent is not None:
        return _added(table, ref, _blank(table, ref, table.reason("", absent.name) or NOT_READ.why))
    if spec.what == "unique":
        return _added(table, ref, uniqueness(kind, table, spec.of, lists, ground.catalog))
    return _added(table, ref, moments(table, spec, ground.keeping, ground.now))


def _blank(table: Columns, ref: FieldRef, why: str) -> Told:
    rows = table.frame.height
    values = pl.Series([None], dtype=polars_type(ref.type)).new_from_index(0, rows)
    return Told(
        values=values,
        none=pl.Series([False], dtype=pl.Boolean).new_from_index(0, rows),
        why=pl.Series([why], dtype=pl.String).new_from_index(0, rows),
    )


def _added(table: Columns, ref: FieldRef, told: Told) -> Columns:
    frame = table.frame.with_columns(
        told.values.alias(ref.name),
        told.none.alias(none_column(ref.name)),
        *(series.alias(f"{ref.name}{name}") for name, series in told.beside.items()),
    )
    reasons = {**table.reasons, **_reasons(table, ref, told)}
    return replace(table, frame=frame, fields={**table.fields, ref.name: ref.type}, reasons=reasons)


def _reasons(table: Columns, ref: FieldRef, told: Told) -> dict[tuple[str, str], str]:
    """Give the reason that most rows have for the whole column, and the others by row."""
    counts = dict(told.why.drop_nulls().value_counts().iter_rows())
    if not counts:
        return {}
    common = max(sorted(counts), key=lambda why: counts[why])
    odd = table.frame.select(ID, why=told.why).filter(pl.col("why") != common)
    return {("", ref.name): common} | {(resource, ref.name): why for resource, why in odd.iter_rows()}
