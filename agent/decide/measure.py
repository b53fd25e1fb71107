"""Groups in place of single resources: how many of each group meet what a policy expects, and whether that is enough.

A group is what has one value in the field that the policy groups by; those without a value are a group of their own.
Nothing is guessed: what cannot be judged may go either way, what cannot be put into a group may belong to any, and a
verdict stands only where both ends agree. Of a list that may not be whole nothing can be counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any

import polars as pl

from agent.decide.columns import ID, SITE, none_column
from agent.decide.parts import tests

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from agent.decide.columns import Columns
    from agent.model.condition import Test
    from agent.model.policy import Measured

APPLIES, HOLDS = "applies", "holds"
OF_SITE = "site"  # grouped by this, a finding belongs to the school that it is about
DISTRICT = "district/all"
WITHOUT, UNTOLD = "(none)", "(unknown)"
_GROUP, _ROW, _LOW, _HIGH, _WHOLE, _STRAY = "group", "row", "low", "high", "whole", "stray"
_TALLIES = ("right", "wrong", "blind", "may_right", "may_wrong", "may_blind")
_ALL = 100  # percent


@dataclass(frozen=True, slots=True)
class Census:
    """What groups are counted against: why the list may not be whole, as a clause or empty, and the sites' names."""

    flaw: str = ""
    sites: Mapping[str, str] = field(default_factory=dict)


def counted(measured: Measured, states: pl.DataFrame, table: Columns, census: Census) -> pl.DataFrame:
    """Give a row a group: its `ID`, `SITE`, tallies, both ends of its number, and the states that make a verdict.

    Args:
        states: `ID` and, a row of the table, whether the policy applies and whether what it expects holds.
    """
    rows = _labelled(measured, states, table).with_row_index(_ROW)
    groups = rows.group_by(_GROUP, maintain_order=True).agg(*_sums())
    strays = groups.filter(pl.col(_GROUP).is_null())
    told = _with_strays(groups.filter(pl.col(_GROUP).is_not_null()), strays)
    untold = strays.with_columns(pl.lit(UNTOLD).alias(_GROUP), pl.lit(value=True).alias(_STRAY))
    return (
        pl
        .concat([told, untold], how="diagonal_relaxed")
        .with_columns(*_ends(measured))
        .select(*_names(measured), pl.all().exclude(_GROUP), *_verdict(measured, census))
    )


def _labelled(measured: Measured, states: pl.DataFrame, table: Columns) -> pl.DataFrame:
    return states.with_columns(table.frame.select(ID, _label(measured).alias(_GROUP))[_GROUP])


def _label(measured: Measured) -> pl.Expr:
    """Give the expression of a row's group: null where it cannot be told."""
    if measured.by is None:
        return pl.lit(DISTRICT)
    if not measured.by.family:  # a kind without a field for it: the site that its list puts it at
        return pl.when(pl.col(SITE).str.len_bytes() == 0).then(pl.lit(WITHOUT)).otherwise(pl.col(SITE))
    value = pl.col(measured.by.name)
    blank = pl.col(none_column(measured.by.name)) | (value.str.strip_chars().str.len_bytes() == 0)
    return pl.when(blank).then(pl.lit(WITHOUT)).when(value != UNTOLD).then(value)


def _sums() -> Iterator[pl.Expr]:
    applies, holds = pl.col(APPLIES), pl.col(HOLDS)
    may, dark = applies.is_null(), holds.is_null()
    sorts = (applies & holds, applies & ~holds, applies & dark, may & holds, may & ~holds, may & dark)
    for name, these in zip(_TALLIES, sorts, strict=True):
        yield these.sum().cast(pl.Int64).alias(name)
    yield pl.col(_ROW).first().alias("first_row")
    yield pl.col(_ROW).filter(applies & dark).first().alias("dark_row")
    yield pl.col(_ROW).filter(may).first().alias("unsure_row")


def _with_strays(groups: pl.DataFrame, strays: pl.DataFrame) -> pl.DataFrame:
    """Let what may belong to any group go either way in each of them."""
    lost = dict(zip(_TALLIES, strays.select(pl.col(_TALLIES).sum()).row(0), strict=True))
    return groups.with_columns(
        pl.lit(value=False).alias(_STRAY),
        pl.lit(sum(lost.values())).alias("lost"),
        pl.lit(lost["right"] + lost["may_right"]).alias("lost_right"),
        pl.lit(lost["wrong"] + lost["may_wrong"]).alias("lost_wrong"),
        pl.lit(lost["blind"] + lost["may_blind"]).alias("lost_blind"),
    )


def _ends(measured: Measured) -> Iterator[pl.Expr]:
    """Give the lowest and the highest that the number can be, and how many there certainly are."""

    def n(name: str) -> pl.Expr:
        return pl.col(name).fill_null(0)

    certain = n("right") + n("wrong") + n("blind")
    either = n("may_blind") + n("lost_blind")
    better, worse = n("may_right") + n("lost_right"), n("may_wrong") + n("lost_wrong")
    most, below, above = n("right") + n("blind") + either + better, certain + either + worse, certain + either + better
    yield certain.alias(_WHOLE)
    if measured.share:
        yield pl.when(below > 0).then(n("right") * _ALL / below).alias(_LOW)
        yield pl.when(above > 0).then(most * _ALL / above).alias(_HIGH)
    else:
        yield n("right").cast(pl.Float64).alias(_LOW)
        yield most.cast(pl.Float64).alias(_HIGH)


def _names(measured: Measured) -> Iterator[pl.Expr]:
    group = pl.col(_GROUP)
    if measured.by is None:
        yield pl.lit(DISTRICT).alias(ID)
        yield pl.lit("").alias(SITE)
        return
    yield (pl.lit(f"{measured.by.name}/") + group).alias(ID)
    site = pl.when(~group.is_in([WITHOUT, UNTOLD])).then(group).otherwise(pl.lit(""))
    yield (site if measured.by.name == OF_SITE else pl.lit("")).alias(SITE)


def _verdict(measured: Measured, census: Census) -> Iterator[pl.Expr]:
    """A group is there where something certainly belongs to it; whether enough do is known where both ends agree."""
    may = pl.col("may_right") + pl.col("may_wrong") + pl.col("may_blind")
    there = pl.when(pl.col(_WHOLE) > 0).then(statement=True)
    yield there.otherwise(pl.when(may == 0).then(statement=False)).alias(APPLIES)
    enough = reduce(and_, (_between_the_ends(test) for test in tests(measured.wanted)))
    blind = pl.col(_STRAY) | pl.lit(bool(census.flaw))
    yield pl.when(~blind).then(enough).alias(HOLDS)


def _between_the_ends(test: Test) -> pl.Expr:
    low, high, wanted = pl.col(_LOW), pl.col(_HIGH), pl.lit(float(test.operand))  # type: ignore[arg-type]
    yes, no = {
        "at_least": (low >= wanted, high < wanted),
        "above": (low > wanted, high <= wanted),
        "at_most": (high <= wanted, low > wanted),
        "below": (high < wanted, low >= wanted),
    }[test.operator]
    return pl.when(yes).then(statement=True).when(no).then(statement=False)


@dataclass(frozen=True, slots=True)
class Group:
    """How one group stands: how many certainly are as they should be, are not, and cannot be judged.

    `strays` are those that may belong to it or to any other group. `low` and `high` are the ends of its number, None
    where there is nothing to count.
    """

    resource: str
    site: str
    name: str
    right: int
    wrong: int
    unknown: int
    strays: int
    low: float | None
    high: float | None
    stray: bool


def groups(measured: Measured, frame: pl.DataFrame, census: Census) -> Iterator[Group]:
    """Give rows of `counted` as objects."""
    for row in frame.iter_rows(named=True):
        unknown = row["blind"] + row["may_right"] + row["may_wrong"] + row["may_blind"]
        yield Group(
            resource=row[ID], site=row[SITE], name=_name(measured, row, census), right=row["right"],
            wrong=row["wrong"], unknown=unknown, strays=row["lost"] or 0, low=row[_LOW], high=row[_HIGH],
            stray=row[_STRAY],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Members:
    """The resources that one group counts: those that meet what is expected, those that do not, and the others."""

    right: tuple[str, ...]
    wrong: tuple[str, ...]
    unknown: tuple[str, ...]


def members(measured: Measured, states: pl.DataFrame, table: Columns, resource: str) -> Members:
    """Give the members of a group by name. `states` are those that `counted` takes."""
    label = None if resource.endswith(f"/{UNTOLD}") else resource.partition("/")[2]
    wanted = pl.lit(resource if measured.by is None else label, pl.String)
    rows = _labelled(measured, states, table).filter(pl.col(_GROUP).eq_missing(wanted))
    applies, holds = pl.col(APPLIES), pl.col(HOLDS)
    dark = applies.is_null() | (applies & holds.is_null())
    found = (tuple(rows.filter(these)[ID].sort()) for these in (applies & holds, applies & ~holds, dark))
    return Members(*found)


def _name(measured: Measured, row: Mapping[str, Any], census: Census) -> str:
    if measured.by is None:
        return "The district"
    value = row[ID].partition("/")[2]
    if value in {WITHOUT, UNTOLD}:
        return f"{'No' if value == WITHOUT else 'Unknown'} {measured.by.name}"
    return census.sites.get(value, value) if measured.by.name == OF_SITE else value
