"""Found money: five questions that a district's own lists answer when they are laid side by side.

Devices with nobody and nowhere, in two places, with people who left, past their support, paid for and never seen.
Source: REPORTS.md, "found-money report". Each question is a condition of the policy language over the catalog's
kinds, judged by the same columns as a policy.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from itertools import starmap
from typing import TYPE_CHECKING

import polars as pl

from agent.decide.columns import ID, SITE
from agent.decide.compile import compile_condition
from agent.decide.findings import whys
from agent.decide.parts import fields_compared
from agent.errors import Place
from agent.model.condition import AllOf, AnyOf, Condition, Moment, Not, Test
from agent.model.run import Detail, Found

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from agent.decide.columns import Columns
    from agent.model.kind import Catalog, FieldRef

GONE = ("retired", "disposed", "lost", "stolen")  # of an asset: nobody is to have it any more
HOLDER = ("assigned_to", "assigned_username")
LEFT = ("left", "suspended", "archived")  # of a person
# What is handed out and managed: only of these does "never seen" say anything.
MANAGED = ("chromebook", "ipad", "tablet", "laptop", "notebook", "computer", "desktop", "macbook", "chromebox")
TODAY = Moment("today", timedelta(0), day=True)
NO_SUCH_LIST = "no list of such devices was imported"
REASONS = 200  # rows that are asked for their reason; the commonest is shown


@dataclass(frozen=True, slots=True)
class Question:
    """One question: of which resources it is asked, what is true of those that it finds, and what they cost."""

    name: str
    kind: str
    where: Condition
    found: Condition
    cost: FieldRef
    model: FieldRef
    sort: FieldRef | None  # only sorts of which something was found in the other list are asked about
    item: FieldRef | None  # what leads from a device to its line in the asset list, None where it is one

    @property
    def fields(self) -> frozenset[FieldRef]:
        """Give every field that has to be read."""
        asked = {*fields_compared(self.where), *fields_compared(self.found), self.cost, self.model}
        return frozenset(asked | {f for f in (self.item, self.sort) if f})


def questions(catalog: Catalog) -> tuple[Question, ...]:
    """Give the five questions, in the order of the report."""
    asset, device = _Words(catalog, "asset"), _Words(catalog, "device")
    in_use = Not(asset("status", "one_of", GONE))
    held = AnyOf(tuple(asset.there(field) for field in HOLDER))
    closed = AnyOf((asset("user.status", "one_of", LEFT), asset.empty("user")))
    apart = Not(device("site", "same_as", device.field("asset.site")))
    active = device("status", "equals", "active")
    managed = AnyOf(tuple(asset("category", "contains", word) for word in MANAGED))
    return (
        asset.item("unassigned", in_use, AllOf((asset.empty("assigned_to"), asset.empty("location")))),
        device.device("two_places", AllOf((device.there("site"), device.there("asset.site"))), apart),
        asset.item("leavers", AllOf((in_use, held)), closed),
        device.device(
            "past_support",
            AllOf((active, device.there("support_end"))),
            device("support_end", "before", TODAY),
        ),
        asset.item("never_seen", AllOf((in_use, managed)), asset.empty("device"), sort="category"),
    )


@dataclass(frozen=True, slots=True)
class _Words:
    """Says tests and questions about one kind in the words of the policy language."""

    catalog: Catalog
    kind: str

    def __call__(self, name: str, operator: str, operand: object) -> Test:
        """Give a test on a field."""
        return Test(self.field(name), operator, operand, str(operand), Place("found money"))

    def there(self, name: str) -> Test:
        """Give the test that a field has a value."""
        return self(name, "exists", operand=True)

    def empty(self, name: str) -> Test:
        """Give the test that a field has none."""
        return self(name, "empty", operand=True)

    def field(self, name: str) -> FieldRef:
        """Resolve a field."""
        return self.catalog.resolve(self.catalog.kinds[self.kind], name)

    def item(self, name: str, where: Condition, found: Condition, sort: str = "") -> Question:
        """Give a question about the lines of the asset list."""
        only = self.field(sort) if sort else None
        return Question(name, self.kind, where, found, self.field("cost"), self.field("model"), only, None)

    def device(self, name: str, where: Condition, found: Condition) -> Question:
        """Give a question about devices, whose cost is that of their line in the asset list."""
        cost, item = self.field("asset.cost"), self.field("asset")
        return Question(name, self.kind, where, found, cost, self.field("model"), None, item)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found, and the items behind it with what each cost, None where no list says so."""

    found: Found
    items: Mapping[str, float | None]


def answer(question: Question, tables: Mapping[str, Columns], now: datetime) -> Answer:
    """Answer one question. What could not be said is counted, with the commonest reason."""
    table = tables.get(question.kind)
    if table is None:
        return Answer(Found(question.name, 0, (), {}, 0.0, 0, 0, f"no system shows {question.kind}s"), {})
    states = table.frame.select(
        ID,
        SITE,
        compile_condition(question.where, now).alias("where"),
        _answerable(question, now).alias("found"),
        pl.col(question.cost.name).alias("cost"),
        pl.col(question.model.name).alias("model"),
        pl.coalesce(question.item.name if question.item else ID, ID).alias("item"),
    ).with_row_index("row")
    hits = states.filter(pl.col("where") & pl.col("found"))
    unsure = states.filter(pl.col("where").is_null())
    blind = states.filter(pl.col("where") & pl.col("found").is_null())
    why = Counter(_why(question.where, table, unsure, now) + _why(question.found, table, blind, now))
    if "" in why:
        why[NO_SUCH_LIST] += why.pop("")
    items = dict(hits.select("item", "cost").iter_rows())
    return Answer(_found(question, states, hits, unsure.height + blind.height, why), items)


def _found(question: Question, states: pl.DataFrame, hits: pl.DataFrame, unknown: int, why: Counter[str]) -> Found:
    return Found(
        question=question.name,
        asked=states.filter(pl.col("where") & pl.col("found").is_not_null()).height,
        resources=tuple(sorted(hits[ID])),
        sites=dict(Counter(hits[SITE].to_list())),
        cost=float(hits["cost"].sum() or 0.0),
        costed=hits["cost"].drop_nulls().len(),
        unknown=unknown,
        why=why.most_common(1)[0][0] if why else "",
        details=tuple(
            starmap(Detail, hits.sort(ID).select(ID, SITE, pl.col("model").fill_null(""), "cost").iter_rows())
        ),
    )


def _answerable(question: Question, now: datetime) -> pl.Expr:
    """Give whether something is found; unknown for a sort of which nothing at all is on the other list.

    Where only the Chromebooks' list was imported, no list says anything of tablets.
    """
    found = compile_condition(question.found, now)
    if question.sort is None:
        return found
    told = (~found).fill_null(value=False).any().over(question.sort.name)
    return pl.when(told).then(found).otherwise(None)


def _why(condition: Condition, table: Columns, states: pl.DataFrame, now: datetime) -> list[str]:
    return [why for _, _, why in whys(condition, table, states["row"].head(REASONS).to_list(), now)]
