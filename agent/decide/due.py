"""Due: promises that are kept so far and about to be broken."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

import polars as pl

from agent.decide.columns import ID, SITE
from agent.decide.parts import fields_tested

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from agent.decide.columns import Columns
    from agent.decide.evaluate import Assessment
    from agent.model.kind import Kind


def about_to_break(
    assessment: Assessment, table: Columns, kind: Kind, now: datetime, until: datetime
) -> Iterator[tuple[str, str, datetime]]:
    """Give resource, site and time of what a policy finds in line and whose deadline is before `until`.

    Only policies that speak of a deadline of the kind are asked: a ticket's promise, not a device's support.
    """
    if assessment.policy.measure is not None:
        return  # it finds groups, which nothing was promised
    deadlines = {f.name for f in kind.fields if f.deadline}
    fields = {f.name for f in fields_tested(assessment.policy.expect)} & deadlines
    for field in sorted(fields):
        at = pl.col(field)
        soon = table.frame.filter(
            pl.col(ID).is_in(assessment.right.implode()), at >= now.astimezone(UTC), at < until.astimezone(UTC)
        )
        yield from soon.select(ID, SITE, field).iter_rows()
