"""One look laid over another: the cells that a newer look read again take the place of the older ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from agent.decide.columns import ID, NOT_READ, SITE, Columns, none_column

if TYPE_CHECKING:
    from collections.abc import Sequence

Reasons = dict[tuple[str, str], str]


def overlay(old: Columns, newer: Columns) -> Columns:
    """Give a table with every cell that a newer look read again in its place, unknown ones too."""
    other = [f for f, kind in newer.fields.items() if old.fields.get(f, kind) is not kind]
    ids, types = list(dict.fromkeys([*old.index, *newer.index])), {**old.fields, **newer.fields}
    kept = old.frame.drop([name for f in other for name in (f, none_column(f))])
    both, rows = pl.concat([kept, newer.frame], how="diagonal"), old.frame.height
    again = both[[newer.index[r] + rows if r in newer.index else old.index[r] for r in ids]]
    first = both[[old.index[r] if r in old.index else newer.index[r] + rows for r in ids]]
    series = [first[ID], first[SITE]]
    for field in types:
        source = again if field in newer.fields else first
        series += [source[field], source[none_column(field)].fill_null(value=False)]
    reasons = _kept(old, newer, other) | _unread(old, newer, other) | _blank(newer)
    return replace(
        old, frame=pl.DataFrame(series), fields=types, reasons=reasons, index={r: i for i, r in enumerate(ids)}
    )


def _kept(old: Columns, newer: Columns, other: Sequence[str]) -> Reasons:
    """Give the reasons of cells that were not read again; `other` are fields that have another type now."""
    return {
        (resource, field): why
        for (resource, field), why in old.reasons.items()
        if field not in other and not (resource in newer.index and field in newer.fields)
    }


def _unread(old: Columns, newer: Columns, other: Sequence[str]) -> Reasons:
    """Give the reasons of cells that neither look read."""
    added = [f for f in newer.fields if f not in old.fields or f in other]
    left = [f for f in old.fields if f not in newer.fields]
    cells = [(r, f) for f in added for r in old.index if r not in newer.index]
    cells += [(r, f) for f in left for r in newer.index if r not in old.index]
    return dict.fromkeys(cells, NOT_READ.why)


def _blank(table: Columns) -> Reasons:
    """Give why each unknown cell of a table is, cell by cell."""
    blank = {f: table.frame.filter(pl.col(f).is_null() & ~pl.col(none_column(f)))[ID] for f in table.fields}
    return {(r, f): table.reason(r, f) or NOT_READ.why for f, resources in blank.items() for r in resources}
