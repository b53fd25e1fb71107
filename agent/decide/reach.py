"""How far a policy reaches: how many resources it applies to, and which fields were read of none of these."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from agent.decide.columns import ID, none_column
from agent.decide.compile import compile_condition
from agent.decide.moments import settled
from agent.decide.parts import fields_compared
from agent.model.run import Blank, Reach

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from agent.decide.columns import Columns
    from agent.decide.evaluate import Assessment

ASKED = 20  # resources that are asked for the reason why a field is unknown on all of them
SEVERAL = "for several reasons"


def reach(assessment: Assessment, table: Columns, now: datetime) -> Reach:
    """Count the resources that a policy applies to, those that it counts in groups included."""
    policy = assessment.policy
    applies = _applies(assessment, table, now)
    number = int(applies.sum() or 0)
    blanks = tuple(_blanks(assessment, table, applies)) if number and _judges(assessment) else ()
    return Reach(policy.id, policy.kind, number, applies.null_count(), table.frame.height, blanks)


def _applies(assessment: Assessment, table: Columns, now: datetime) -> pl.Series:
    """Give, a row of the table, whether the policy applies: null where that cannot be told."""
    where = settled(assessment.policy, table.as_of, now).where
    if where is None:
        return pl.repeat(value=True, n=table.frame.height, eager=True)
    return table.frame.select(compile_condition(where, now).alias("applies"))["applies"]


def _judges(assessment: Assessment) -> bool:
    """Say whether anything at all is judged; where nothing is, each finding says why."""
    return assessment.right.len() + assessment.wrong.len() > 0


def _blanks(assessment: Assessment, table: Columns, applies: pl.Series) -> Iterator[Blank]:
    """Give the fields of `expect` that are unknown on everything that the policy applies to."""
    for field in fields_compared(assessment.policy.expect):
        if field.reckoned is None and field.name in table.fields:
            dark = table.frame.select(pl.col(field.name).is_null() & ~pl.col(none_column(field.name))).to_series()
            if bool((dark | ~applies.fill_null(value=False)).all()):
                whys = {table.reason(r, field.name) for r in table.frame[ID].filter(applies).head(ASKED)}
                yield Blank(field.name, whys.pop() if len(whys) == 1 else SEVERAL)
