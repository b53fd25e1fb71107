"""Which values are nobody else's in their list. Source: LANGUAGE.md, "Conditions" and "Complete data".

Two values are the same as links take them for the same: case and blanks aside, and a placeholder such as "To be filled
by O.E.M." is nobody's. A value that another row has is not unique, whatever else cannot be read; that nobody else has
it is known only of a list that is known to be whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from agent.decide.columns import ID, none_column
from agent.decide.compile import alike
from agent.decide.references import comparable, spoiled
from agent.decide.told import Told
from agent.model.kind import FieldType, Match

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.decide.columns import Columns
    from agent.model.kind import Catalog, FieldRef, Kind
    from agent.model.sweep import Sweep

ALSO, MORE = "\0also", "\0more"  # beside the answer: another that has the value, and how many more have it
SPOILED = "a spreadsheet made a rounded number of it"
LISTED_TWICE = "one that is listed twice, with different values, may have it too"
_TEXTS = frozenset({FieldType.TEXT, FieldType.PATH, FieldType.MODE})
_LIST, _KEY, _ROW = "\0list", "\0key", "\0row"


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one list in the table of a kind. `trouble` says why more may be there than it shows, or nothing."""

    rows: int
    trouble: str = ""


def lists(kind: str, sweeps: Sequence[Sweep]) -> tuple[Part, ...]:
    """Give the lists of a kind in the order that their rows stand in its table."""
    return tuple(Part(len(s.table.ids()), s.gap) for s in sweeps if s.kind == kind)


def uniqueness(kind: Kind, table: Columns, field: FieldRef, lists: Sequence[Part], catalog: Catalog) -> Told:
    """Say of each row whether no other of its list has its value of `field`; none and a placeholder are not unique."""
    match = match_of(kind, field, catalog)
    column, none = pl.col(field.name), pl.col(none_column(field.name))
    keys = table.frame.select(
        key(column, field.type, match).alias(_KEY),
        none.alias("none"),
        (column.is_null() & ~none).alias("unread"),
        (spoiled(column, match) if match else pl.lit(value=False)).fill_null(value=False).alias("spoiled"),
        _lists(table, lists).alias(_LIST),
    ).with_row_index(_ROW)
    shared = _shared(keys)
    states = keys.join(shared, on=_ROW, how="left", maintain_order="left").with_columns(
        _rival(table, field, match).alias("rival"), _troubles(lists).alias("trouble")
    )
    return _told(states, table, field, named=not (kind.private or field.sensitive))


def match_of(kind: Kind, field: FieldRef, catalog: Catalog) -> Match | None:
    """Give how two values of a field are recognised as the same, where the catalog says so."""
    name = field.name
    for step in field.through:
        link = kind.link(step)
        if link is None:
            raise AssertionError(field.name)
        kind, name = catalog.kinds[link.kind], name.partition(".")[2]
    return next((f.match for f in kind.fields if f.name == name), None)


def key(column: pl.Expr, kind: FieldType, match: Match | None) -> pl.Expr:
    """Give what two values have in common that are the same; null for one that is nobody's."""
    if match is not None:
        return comparable(column, match)
    same = alike(column, kind)
    return pl.when(same.str.len_bytes() > 0).then(same) if kind in _TEXTS else same


def _lists(table: Columns, lists: Sequence[Part]) -> pl.Series:
    if len(lists) <= 1:
        return pl.Series([0], dtype=pl.UInt32).new_from_index(0, table.frame.height)
    return pl.concat([pl.Series([n], dtype=pl.UInt32).new_from_index(0, p.rows) for n, p in enumerate(lists)])


def _troubles(lists: Sequence[Part]) -> pl.Expr:
    found = {n: part.trouble for n, part in enumerate(lists) if part.trouble}
    if not found:
        return pl.lit(None, pl.String)
    return pl.col(_LIST).replace_strict(list(found), list(found.values()), default=None, return_dtype=pl.String)


def _shared(keys: pl.DataFrame) -> pl.DataFrame:
    """Give, for each row whose value others have, another such row and how many more there are."""
    known = keys.filter(pl.col(_KEY).is_not_null()).select(_ROW, _LIST, _KEY)
    groups = (
        known
        .group_by(_LIST, _KEY)
        .agg(pl.col(_ROW).min().alias("first"), pl.col(_ROW).max().alias("last"), pl.len().alias("many"))
        .filter(pl.col("many") > 1)
    )
    return known.join(groups, on=[_LIST, _KEY]).select(
        _ROW,
        pl.when(pl.col("first") == pl.col(_ROW)).then("last").otherwise("first").alias("other"),
        (pl.col("many") - 2).alias("more"),
    )


def _rival(table: Columns, field: FieldRef, match: Match | None) -> pl.Expr:
    """Say which values one that is listed twice may have: none of its lines is sure."""
    texts = table.rivals.get(field.name, ()) if field.type in _TEXTS else ()
    if not texts:
        return pl.lit(value=False)
    rivals = pl.DataFrame({"x": pl.Series(texts, dtype=pl.String)}).select(key(pl.col("x"), field.type, match))["x"]
    return pl.col(_KEY).is_in(rivals.drop_nulls().to_list())


def _told(states: pl.DataFrame, table: Columns, field: FieldRef, *, named: bool) -> Told:
    shared, nobody = pl.col("other").is_not_null(), pl.col(_KEY).is_null() & ~pl.col("spoiled")
    why = (
        pl
        .when(pl.col("unread") | pl.col("none") | shared)
        .then(None)
        .when(pl.col("spoiled"))
        .then(pl.lit(SPOILED))
        .when(nobody)
        .then(None)
        .when(pl.col("rival"))
        .then(pl.lit(LISTED_TWICE))
        .otherwise("trouble")
    )
    answers = states.with_columns(why.alias("why")).select(
        pl
        .when(pl.col("unread") | pl.col("why").is_not_null())
        .then(None)
        .otherwise(~(shared | nobody))
        .alias("unique"),
        "why",
        "more",
        "other",
    )
    ids = table.frame[ID]
    beside = {ALSO: ids.gather(answers["other"]), MORE: answers["more"]} if named else {}
    why_unread = pl.lit(table.reason("", field.name) or "its value is not known")
    whys = states.select(pl.when("unread").then(why_unread).otherwise(answers["why"]).alias("why"))["why"]
    none = pl.Series([False], dtype=pl.Boolean).new_from_index(0, states.height)
    return Told(answers["unique"], none, whys, beside)
