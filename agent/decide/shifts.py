"""How verdicts differ between two judgements of the same look: whole columns at a time, objects only for what moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from agent.decide.columns import ID
from agent.decide.evaluate import BLIND, RIGHT, WRONG
from agent.model.comparison import Shift, Stand
from agent.model.finding import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from agent.decide.evaluate import Assessment
    from agent.model.finding import Finding

_BEFORE, _AFTER = "before", "after"


def shifts(
    before: Assessment | None, after: Assessment | None, site: Callable[[str], str], *, reworded: bool
) -> tuple[Shift, ...]:
    """Give each resource on which the verdict changes, by id. No assessment at all: there is no such policy.

    Args:
        before, after: what the older and the newer revision say.
        site: the site of a resource, where no finding tells it.
        reworded: whether what is out of line in both may be so for another reason, which is then a change too.
    """
    moved = dict(_moved(before, after))
    if reworded and before is not None and after is not None:
        moved |= {r: (Stand.OUT_OF_LINE, Stand.OUT_OF_LINE) for r in _reworded(before, after) if r not in moved}
    if not moved:
        return ()
    older, newer = _findings(before, moved), _findings(after, moved)
    return tuple(_shift(r, *moved[r], newer.get(r) or older.get(r), site) for r in sorted(moved))


def _shift(resource: str, was: Stand, now: Stand, finding: Finding | None, site: Callable[[str], str]) -> Shift:
    return Shift(resource, finding.site if finding else site(resource), was, now, finding)


def _findings(assessment: Assessment | None, wanted: dict[str, tuple[Stand, Stand]]) -> dict[str, Finding]:
    if assessment is None:
        return {}
    return {f.resource: f for f in assessment.findings if f.resource in wanted}


def _moved(before: Assessment | None, after: Assessment | None) -> Iterator[tuple[str, tuple[Stand, Stand]]]:
    """Give the resources whose standing differs. What is out of scope, or in line, of one policy alone is no change."""
    older, newer = _stands(before, _BEFORE), _stands(after, _AFTER)
    both = older.join(newer, on=ID, how="full", coalesce=True)
    nobody = Stand.NOT_THERE.value
    both = both.with_columns(pl.col(_BEFORE).fill_null(nobody), pl.col(_AFTER).fill_null(nobody))
    quiet = [Stand.NOT_THERE.value, Stand.OUT_OF_SCOPE.value, *([] if before and after else [Stand.IN_LINE.value])]
    told = ~(pl.col(_BEFORE).is_in(quiet) & pl.col(_AFTER).is_in(quiet))
    for resource, was, now in both.filter((pl.col(_BEFORE) != pl.col(_AFTER)) & told).iter_rows():
        yield resource, (Stand(was), Stand(now))


def standing(assessment: Assessment, resources: Iterable[str]) -> dict[str, Stand]:
    """Give how a policy stands on some resources; one that was not seen is not there."""
    wanted = list(resources)
    found = _stands(assessment, _AFTER).filter(pl.col(ID).is_in(wanted))
    return {**dict.fromkeys(wanted, Stand.NOT_THERE), **{r: Stand(s) for r, s in found.iter_rows()}}


def _stands(assessment: Assessment | None, name: str) -> pl.DataFrame:
    """Give how a policy stands on each resource that was seen."""
    if assessment is None:
        return pl.DataFrame(schema={ID: pl.String, name: pl.String})
    shielded = pl.col(ID).is_in(list(assessment.excepted))
    stand = (
        pl
        .when(BLIND)
        .then(pl.lit(Stand.UNKNOWN.value))
        .when(WRONG & shielded)
        .then(pl.lit(Stand.EXCEPTED.value))
        .when(WRONG)
        .then(pl.lit(Stand.OUT_OF_LINE.value))
        .when(RIGHT)
        .then(pl.lit(Stand.IN_LINE.value))
        .otherwise(pl.lit(Stand.OUT_OF_SCOPE.value))
    )
    return assessment.states.select(ID, stand.alias(name))


def _reworded(before: Assessment, after: Assessment) -> Iterator[str]:
    """Give what is out of line in both, but in another field or against another wish."""
    older = {f.resource: f.differences for f in before.findings if f.verdict is Verdict.OUT_OF_LINE}
    for finding in after.findings:
        was = older.get(finding.resource)
        if was is not None and finding.verdict is Verdict.OUT_OF_LINE and was != finding.differences:
            yield finding.resource
