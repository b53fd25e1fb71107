"""References: columns that stand behind the links of a kind, put beside its own. Source: LANGUAGE.md, "Conditions".

A link goes by match keys, made comparable: case and blanks aside, placeholders matching nothing. What it leads to is
a value (exactly one resource has the key), none (the key is none, or a complete list has no such key), or unknown
(the key is; the list is not complete; or several resources have the key).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from agent.decide.columns import ID, Columns, none_column, polars_type
from agent.decide.parts import hours_count, made_of
from agent.model.kind import FieldRef, Link, Match

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from agent.model.kind import Catalog, Kind

UNTOLD = "a line of the other list that could be it has no readable key"
MAC_DIGITS = 12
_KEY, _ROW, _MANY, _NONE, _GIVEN = "\0key", "\0row", "\0many", "\0none", "\0given"

# Serials that a factory left unfilled: nobody's identity. Source: FACTS.md and DMI tables of common boards.
PLACEHOLDERS = frozenset({
    "", "0", "NONE", "N/A", "NA", "NULL", "UNKNOWN", "DEFAULT STRING", "DEFAULTSTRING", "TO BE FILLED BY O.E.M.",
    "TO BE FILLED BY OEM", "SYSTEM SERIAL NUMBER", "SERIAL NUMBER", "NOT SPECIFIED", "NOT APPLICABLE", "NOT AVAILABLE",
    "INVALID", "CHASSIS SERIAL NUMBER", "BASE BOARD SERIAL NUMBER", "EMPTY", "TBD", "XXXXXXX", "123456789", "-",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listing:
    """One kind as a whole: the rows of all its systems, and whether they are all there are.

    `trouble` says why not, for what cannot be found: "the list of persons is not known to be complete".
    """

    table: Columns
    proven: bool
    trouble: str


def needed(refs: Iterable[FieldRef], kind: Kind, catalog: Catalog) -> dict[str, frozenset[FieldRef]]:
    """Give the fields that each kind has to be asked for, so that these fields of `kind` can be told."""
    found: dict[str, set[FieldRef]] = {kind.name: set()}
    asked = list(refs)
    if any(map(hours_count, asked)):
        found[kind.name].update(f for f in [_site(kind)] if f)
    for ref in (field for one in asked for field in made_of(one)):
        at, rest = kind, ref.name
        for name in ref.through:
            link, other = _step(at, name, catalog)
            found.setdefault(at.name, set()).update(at.resolve(own) for own, _ in link.by)
            found.setdefault(other.name, set()).update(other.resolve(theirs) for _, theirs in link.by)
            at, rest = other, rest.partition(".")[2]
        if rest:
            found[at.name].add(at.resolve(rest))
    return {name: frozenset(fields) for name, fields in found.items()}


def _site(kind: Kind) -> FieldRef | None:
    """Give the field that says whose calendar counts."""
    return next((kind.resolve(f.name) for f in kind.fields if f.name == "site"), None)


def linked(
    listings: Mapping[str, Listing], asked: Mapping[str, Iterable[FieldRef]], catalog: Catalog
) -> dict[str, Columns]:
    """Give the table of each kind that is asked for, with a column for each reference beside its own."""
    joiner = _Joiner(listings, catalog, {})
    return {kind: joiner.table(catalog.kinds[kind], refs) for kind, refs in asked.items()}


@dataclass(frozen=True, slots=True)
class _Joiner:
    """Joins tables; each link of a kind is matched once. `matched` is by kind and link."""

    listings: Mapping[str, Listing]
    catalog: Catalog
    matched: dict[tuple[str, str], pl.DataFrame]

    def table(self, kind: Kind, refs: Iterable[FieldRef]) -> Columns:
        """Give the table of a kind with its references."""
        table = self.listings[kind.name].table
        for ref in dict.fromkeys(r for r in refs if r.through):
            if ref.name not in table.fields:
                table = self._with(table, ref, kind)
        return table

    def _with(self, table: Columns, ref: FieldRef, kind: Kind) -> Columns:
        link, other = _step(kind, ref.through[0], self.catalog)
        target = self.listings.get(other.name)
        if target is None:
            return _added(table, ref, None, None, {("", ref.name): f"no system shows {other.name}s"})
        name = ref.name.partition(".")[2] or ID  # a link alone stands for the id
        if len(ref.through) > 1:
            behind = replace(ref, name=name, through=ref.through[1:])
            target = replace(target, table=self._with(target.table, behind, other))
        key = (kind.name, link.name)
        if key not in self.matched:
            self.matched[key] = _matched(table, target, link, other)
        return _gathered(table, ref, name, target, self.matched[key])


def _step(kind: Kind, name: str, catalog: Catalog) -> tuple[Link, Kind]:
    link = kind.link(name)
    if link is None:
        raise AssertionError(name)
    return link, catalog.kinds[link.kind]


def _matched(table: Columns, target: Listing, link: Link, other: Kind) -> pl.DataFrame:
    """Give, a row of `table`: the row of the target, whether there is none, and whether several have the key."""
    found = [_by(table, target.table, own, theirs, other) for own, theirs in link.by]
    merged = found[0]
    for other_way in found[1:]:  # The first pair that was read decides.
        both = pl.concat([merged, other_way.rename(lambda name: f"{name}2")], how="horizontal")
        # A cell that cannot be read is no reason to believe that there is nothing; a column that nobody exports is.
        turn = pl.col("unread") & (pl.col("missing") | ~pl.col("empty2"))
        merged = both.select(
            *(pl.when(turn).then(pl.col(f"{name}2")).otherwise(pl.col(name)).alias(name) for name in merged.columns)
        )
    return merged.with_columns(
        absent=pl.col("empty") | (pl.col("nobody") & pl.lit(target.proven)),
    )


def _by(table: Columns, target: Columns, own: str, theirs: str, other: Kind) -> pl.DataFrame:
    if own not in table.fields or theirs not in target.fields:
        return pl.DataFrame(_blank(table.frame.height))
    match = next((f.match for f in other.fields if f.name == theirs), None) or Match.TEXT
    mine = table.frame.select(
        comparable(pl.col(own), match).alias(_KEY),
        pl.col(none_column(own)).alias(_NONE),
        (pl.col(own).is_not_null() & ~spoiled(pl.col(own), match)).alias(_GIVEN),
    )
    joined = mine.join(_keys(target, theirs, match), on=_KEY, how="left", maintain_order="left")
    known_twice, given = pl.col(_MANY).fill_null(value=False), pl.col(_GIVEN)
    told = not _blind(target, theirs, match)
    return joined.select(
        row=pl.when(pl.col(_MANY)).then(None).otherwise(pl.col(_ROW)),
        many=known_twice,
        empty=pl.col(_NONE) | (given & pl.col(_KEY).is_null()),  # a placeholder is no key
        nobody=pl.col(_KEY).is_not_null() & pl.col(_ROW).is_null() & ~known_twice & pl.lit(told),
        unread=~given & ~pl.col(_NONE),
        missing=pl.lit(("", own) in table.reasons),
    )


def _keys(target: Columns, theirs: str, match: Match) -> pl.DataFrame:
    """Give each key of the target once, with its row, and whether several rows have it or could have it."""
    listed = (
        target.frame
        .select(comparable(pl.col(theirs), match).alias(_KEY))
        .with_row_index(_ROW)
        .with_columns(pl.lit(value=False).alias(_MANY))
    )
    # What is listed twice has several keys, of which none is sure.
    rivals = pl.DataFrame({_KEY: pl.Series(target.rivals.get(theirs, ()), dtype=pl.String)}).select(
        pl.lit(None, pl.UInt32).alias(_ROW), comparable(pl.col(_KEY), match), pl.lit(value=True).alias(_MANY)
    )
    both = pl.concat([listed.select(_ROW, _KEY, _MANY), rivals]).drop_nulls(_KEY)
    many = (pl.len() > 1) | pl.col(_MANY).any()
    return both.group_by(_KEY).agg(pl.col(_ROW).first(), many.alias(_MANY))


def _blind(target: Columns, theirs: str, match: Match) -> bool:
    """Say whether a line of the target has a key that nobody can read: then no key is known not to be there."""
    column, none = pl.col(theirs), pl.col(none_column(theirs))
    states = target.frame.select(
        unread=(column.is_null() & ~none).any(), spoiled=spoiled(column, match).fill_null(value=False).any()
    )
    unread, lost = states.row(0)
    known = bool(target.rivals.get(theirs)) and ("", theirs) not in target.reasons
    return bool(lost or (unread and not known))


def spoiled(column: pl.Expr, match: Match) -> pl.Expr:
    """Say which keys a spreadsheet took for numbers, so that their digits are lost: `1.23457E+11`."""
    if match is not Match.SERIAL:
        return pl.lit(value=False)
    return column.str.strip_chars().str.contains(r"(?i)^-?\d+([.,]\d+)?E\+\d+$")


def _blank(rows: int) -> dict[str, pl.Series]:
    no = _no(rows)
    return {
        "row": pl.Series([None], dtype=pl.UInt32).new_from_index(0, rows),
        "many": no,
        "empty": no,
        "nobody": no,
        "unread": ~no,
        "missing": ~no,
    }


def comparable(column: pl.Expr, match: Match) -> pl.Expr:
    """Give a match key in the form that two of them are compared in; null where it is nobody's."""
    text = column.str.strip_chars()
    match match:
        case Match.MAC:
            bare = text.str.to_lowercase().str.replace_all(r"[^0-9a-f]", "")
            return pl.when(bare.str.len_bytes() == MAC_DIGITS).then(bare)
        case Match.SERIAL:
            serial = text.str.to_uppercase()
            same = serial.str.contains(r"\A[0X.\-\s]*\z")  # 0000000, XXXX-XXXX
            return pl.when(~serial.is_in(sorted(PLACEHOLDERS)) & ~same & ~spoiled(column, match)).then(serial)
        case _:
            bare = text.str.to_lowercase()
            return pl.when(bare.str.len_bytes() > 0).then(bare)


def _gathered(table: Columns, ref: FieldRef, field: str, target: Listing, rows: pl.DataFrame) -> Columns:
    """Put the target's column beside those of the table, row by row."""
    whole = target.table
    if field != ID and field not in whole.fields:
        return _added(table, ref, None, None, {("", ref.name): whole.reason("", field) or "not read"})
    values = whole.frame[field].gather(rows["row"])
    none = _no(whole.frame.height) if field == ID else whole.frame[none_column(field)]
    none = none.gather(rows["row"]).fill_null(value=False) | rows["absent"]
    reasons = {("", ref.name): whole.reason("", field) or target.trouble or UNTOLD}
    odd = table.frame.select(ID).with_columns(rows).filter(values.is_null() & ~none)
    for resource, row, many, unread in odd.select(ID, "row", "many", "unread").iter_rows():
        why = _why(whole, field, ref.through[0], row, many=many, unread=unread)
        if why:
            reasons[resource, ref.name] = why
    return _aged(_added(table, ref, values, none, reasons), ref, whole.as_of.get(field))


def _why(whole: Columns, field: str, link: str, row: int | None, *, many: bool, unread: bool) -> str:
    """Say why one reference is unknown, where it is not for the reason that all of them have."""
    if many:
        return f"several could be its {link}"
    if unread:
        return f"which {link} it is could not be read"
    if row is None:
        return ""
    resource = str(whole.frame[ID][row])
    return whole.reasons.get((resource, field)) or whole.reasons.get((resource, "")) or ""


def _added(
    table: Columns,
    ref: FieldRef,
    values: pl.Series | None,
    none: pl.Series | None,
    reasons: Mapping[tuple[str, str], str],
) -> Columns:
    height = table.frame.height
    blank = pl.Series([None], dtype=polars_type(ref.type)).new_from_index(0, height)
    frame = table.frame.with_columns(
        (blank if values is None else values).alias(ref.name),
        (_no(height) if none is None else none).alias(none_column(ref.name)),
    )
    fields = {**table.fields, ref.name: ref.type}
    return replace(table, frame=frame, fields=fields, reasons={**table.reasons, **reasons})


def _aged(table: Columns, ref: FieldRef, seen: datetime | None) -> Columns:
    """Note how old a reference's readings are: as old as the list that it leads to."""
    return table if seen is None else replace(table, as_of={**table.as_of, ref.name: seen})


def _no(rows: int) -> pl.Series:
    return pl.Series([False], dtype=pl.Boolean).new_from_index(0, rows)
