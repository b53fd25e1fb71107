"""Desired against observed: one policy over one table, whole columns at a time; objects only for what is shown."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, cast

import polars as pl

from agent.decide import group_findings, measure, words
from agent.decide.columns import ID, Columns
from agent.decide.compile import compile_condition
from agent.decide.expiry import expired
from agent.decide.explain import judge
from agent.decide.findings import Parts, could_not_tell, difference, out_of_line, reader, unknown, why_unknown, whys
from agent.decide.measure import APPLIES, HOLDS, Census, Group, Members
from agent.decide.moments import settled
from agent.decide.parts import fields_compared
from agent.model.condition import AllOf, Condition
from agent.model.finding import Counts, Difference, Finding, Verdict
from agent.model.reading import NONE, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from agent.model.kind import FieldRef
    from agent.model.policy import Measured, Policy
    from agent.model.reading import Reading

_APPLIES, _HOLDS = pl.col(APPLIES), pl.col(HOLDS)
RIGHT, WRONG = _APPLIES & _HOLDS, _APPLIES & ~_HOLDS
BLIND = _APPLIES.is_null() | (_APPLIES & _HOLDS.is_null())
_DARK = frozenset({Verdict.UNKNOWN})


@dataclass(frozen=True)
class Assessment:
    """What one policy says of one table, as columns; findings are made as objects only when they are asked for.

    Attributes:
        states: a row a resource: `ID`, whether the policy applies to it, and whether what it expects holds; null where
            that cannot be told. For a policy that measures a row is a group, as `measure.counted` gives it.
        say: makes a finding for each of `wrong` and `blind`.
        excepted: resource to the waiver that excepts it; one that is not `wrong` is of no account.
        waits: those of `wrong` that were not so for long enough to be said.
        census: what groups were counted against.
    """

    policy: Policy
    states: pl.DataFrame
    say: Callable[[], Iterable[Finding]]
    excepted: Mapping[str, str] = field(default_factory=dict)
    waits: frozenset[str] = frozenset()
    census: Census = field(default_factory=Census)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Give a finding for everything that is out of line, excepted or unknown, but for what waits."""
        return tuple(self._excepted(f) for f in self.say() if f.resource not in self.waits or f.verdict in _DARK)

    def _excepted(self, finding: Finding) -> Finding:
        waiver = self.excepted.get(finding.resource, "")
        if not waiver or finding.verdict is not Verdict.OUT_OF_LINE:
            return finding
        return replace(finding, verdict=Verdict.EXCEPTED, waiver=waiver)

    @cached_property
    def counts(self) -> Counts:
        """Count the verdicts, without making a finding."""
        shares = self.states.select(RIGHT.sum().alias("right"), WRONG.sum().alias("wrong"), BLIND.sum().alias("blind"))
        right, wrong, blind = shares.row(0)
        shielded = [r for r in self.excepted if r not in self.waits]
        excepted = int(self.wrong.is_in(shielded).sum()) if shielded else 0
        return Counts(right, wrong - excepted - len(self.waits), blind, excepted, len(self.waits))

    @property
    def right(self) -> pl.Series:
        """Give the ids of the resources that are as they should be."""
        return self.states.filter(RIGHT)[ID]

    @property
    def wrong(self) -> pl.Series:
        """Give the ids of those that certainly are not, excepted ones included."""
        return self.states.filter(WRONG)[ID]

    @property
    def blind(self) -> pl.Series:
        """Give the ids of those that cannot be judged."""
        return self.states.filter(BLIND)[ID]

    @property
    def groups(self) -> frozenset[str]:
        """Give every group that a policy that measures is known to speak of: none where the list may not be whole."""
        return frozenset() if self.census.flaw else frozenset(self.states[ID])

    @property
    def in_scope(self) -> frozenset[str]:
        """Give the resources that the policy certainly applies to."""
        return frozenset(self.states.filter(_APPLIES)[ID])

    @property
    def in_line(self) -> frozenset[str]:
        """Give the resources that are as they should be."""
        return frozenset(self.right)


def evaluate(policy: Policy, table: Columns, now: datetime, census: Census | None = None) -> Assessment:
    """Judge a policy on a table that holds every field the policy reads.

    Args:
        now: carries the district's zone.
        census: whether the table holds all there is, which a policy that measures hangs on; None: it does.
    """
    policy = settled(policy, table.as_of, now)
    states = _states(policy, table, now)
    old = expired(policy, now)
    if policy.measure is not None:
        counting = replace(census or Census(), flaw=old) if old else census or Census()
        return _measured(policy, policy.measure, states, table, now, counting)
    if old:
        return _expired(policy, states, table, old)
    return Assessment(policy, states, lambda: _findings(policy, table, states, now))


def _expired(policy: Policy, states: pl.DataFrame, table: Columns, why: str) -> Assessment:
    """Say of everything that a policy applies to that its values may no longer be relied on."""
    unknown_states = states.with_columns(pl.lit(None, pl.Boolean).alias(HOLDS))

    def say() -> Iterator[Finding]:
        for resource in unknown_states.filter(BLIND)[ID]:
            yield could_not_tell(policy, resource, table.site(resource), why)

    return Assessment(policy, unknown_states, say)


def _measured(
    policy: Policy, measured: Measured, states: pl.DataFrame, table: Columns, now: datetime, census: Census
) -> Assessment:
    """Judge groups in place of the rows that they are made of."""
    groups = measure.counted(measured, states, table, census)

    def say() -> Iterator[Finding]:
        return group_findings.findings(policy, measured, groups, census, lambda dark: _dark(policy, table, dark, now))

    return Assessment(policy, groups, say, census=census)


def counted_in(policy: Policy, table: Columns, resource: str, now: datetime) -> Members:
    """Give the members of one group of a policy that measures, by how they stand."""
    if policy.measure is None:
        raise AssertionError(policy.id)
    return measure.members(policy.measure, _states(settled(policy, table.as_of, now), table, now), table, resource)


def _states(policy: Policy, table: Columns, now: datetime) -> pl.DataFrame:
    return table.frame.select(ID, _expression(policy.where, now).alias(APPLIES), _expectation(policy, now).alias(HOLDS))


def _dark(policy: Policy, table: Columns, groups: pl.DataFrame, now: datetime) -> list[str]:
    """Give, a group, why the first of its members that cannot be judged cannot, or an empty text."""
    found: dict[int, str] = {}
    for column, condition in (("unsure_row", policy.where), ("dark_row", policy.expect)):
        rows = groups[column].drop_nulls().to_list()
        if rows and condition is not None:
            found |= dict(zip(rows, (why for _, _, why in whys(condition, table, rows, now)), strict=True))
    by = policy.measure.by.name if policy.measure and policy.measure.by else ""
    said = []
    for stray, first, dark, unsure in groups.select("stray", "first_row", "dark_row", "unsure_row").iter_rows():
        reading = table.reading(str(table.frame[ID][first]), by) if stray else None
        said.append(reading.why if isinstance(reading, Unknown) else found.get(unsure if dark is None else dark, ""))
    return said


def _findings(policy: Policy, table: Columns, states: pl.DataFrame, now: datetime) -> Iterator[Finding]:
    states = states.with_row_index("row")
    unsure = states.filter(_APPLIES.is_null())["row"].to_list()
    blind = states.filter(_APPLIES & _HOLDS.is_null())["row"].to_list()
    wrong = states.filter(WRONG)["row"].to_list()
    if unsure:
        said = "could not tell whether the policy applies: "
        yield from unknown(policy, cast("Condition", policy.where), table, unsure, now, said)
    if policy.converge is not None:
        yield from _converge_findings(policy, table, [*blind, *wrong])
        return
    if blind:
        yield from unknown(policy, cast("Condition", policy.expect), table, blind, now)
    yield from out_of_line(policy, by_field(policy), table.frame[wrong], now)


def read_again(
    policy: Policy, table: Columns, resource: str, fields: Iterable[str], now: datetime
) -> tuple[tuple[Difference, ...], str]:
    """Give what some of a policy's fields still differ in on a resource, and why others cannot be read."""
    policy, look = settled(policy, table.as_of, now), reader(table, resource)
    if policy.converge is not None:
        reading = look(converge_field(policy).name)
        return ((), reading.why) if isinstance(reading, Unknown) else (_converge_differences(policy, look), "")
    wanted = set(fields)
    asked = [(field, condition) for field, condition in by_field(policy) if field in wanted]
    left = tuple(
        difference(field, _wanted(c, look), words.show(look(field)), sensitive=words.subject(c).sensitive)
        for field, c in asked
        if judge(c, look, now).holds is False
    )
    return left, "; ".join(dict.fromkeys(why for _, c in asked if (why := why_unknown(c, look, now))))


def _wanted(condition: Condition, look: Callable[[str], Reading]) -> str:
    wish, other = words.wish(condition, bare=True), words.other_field(condition)
    return wish if other is None else words.other_wish(wish, other, words.show(look(other.name)))


def in_scope(policy: Policy, table: Columns, now: datetime) -> frozenset[str]:
    """Give the resources that a policy certainly applies to."""
    policy = settled(policy, table.as_of, now)
    frame = table.frame.select(ID, _expression(policy.where, now).alias(APPLIES))
    return frozenset(frame.filter(_APPLIES)[ID])


def in_line(assessment: Assessment, table: Columns) -> tuple[Finding, ...]:
    """Give the findings that are in line as objects too, for `--all`."""
    policy = assessment.policy
    if policy.measure is not None:
        return tuple(group_findings.in_line(policy, policy.measure, assessment.states, assessment.census))
    return tuple(
        Finding(policy.id, r, table.site(r), Verdict.IN_LINE, (), f"{r.partition('/')[2]}: as it should be.")
        for r in sorted(assessment.in_line)
    )


def group(assessment: Assessment, resource: str) -> Group | None:
    """Give how one group of a policy that measures stands, or None where there is no such group."""
    measured = assessment.policy.measure
    if measured is None:
        return None
    row = assessment.states.filter(pl.col(ID) == resource)
    return next(measure.groups(measured, row, assessment.census), None)


def fields_read(policy: Policy) -> tuple[FieldRef, ...]:
    """Give every field that a policy's conditions and remedies look at, each once; not its `converge` field."""
    refs = [*fields_compared(policy.where), *fields_compared(policy.expect)]
    if policy.measure is not None and policy.measure.by is not None and policy.measure.by.family:
        refs.append(policy.measure.by)
    if policy.converge is None:
        refs += [field for step in policy.remedy for field in (*step.sets, *step.reads)]
    return tuple(dict.fromkeys(refs))


def converge_field(policy: Policy) -> FieldRef:
    """Give the column that holds what check mode would change for a `converge` policy: a list, empty when in line."""
    if policy.converge is None:
        raise AssertionError(policy.id)
    return replace(policy.converge.field, name=f"converge/{policy.id}")


def by_field(policy: Policy) -> Parts:
    """Give what a policy expects of each field."""
    if policy.expect is None:
        return []
    parts = policy.expect.parts if isinstance(policy.expect, AllOf) else (policy.expect,)
    return [(field, found[0] if len(found) == 1 else AllOf(found)) for field, found in words.by_field(parts)]


def _expression(condition: Condition | None, now: datetime) -> pl.Expr:
    return pl.lit(value=True) if condition is None else compile_condition(condition, now)


def _expectation(policy: Policy, now: datetime) -> pl.Expr:
    if policy.converge is not None:
        return pl.col(converge_field(policy).name).list.len() == 0
    return _expression(policy.expect, now)


def _converge_findings(policy: Policy, table: Columns, rows: Iterable[int]) -> Iterator[Finding]:
    for row in rows:
        resource = str(table.frame[ID][row])
        look, site = reader(table, resource), table.site(resource)
        reading = look(converge_field(policy).name)
        if isinstance(reading, Unknown) or reading is NONE:
            yield could_not_tell(policy, resource, site, reading.why if isinstance(reading, Unknown) else str(NONE))
            continue
        differences = _converge_differences(policy, look)
        said = words.sentence(resource, differences)
        yield Finding(policy.id, resource, site, Verdict.OUT_OF_LINE, differences, said)


def _converge_differences(policy: Policy, look: Callable[[str], Reading]) -> tuple[Difference, ...]:
    tasks = cast("tuple[str, ...]", look(converge_field(policy).name))
    return tuple(Difference("converge", "ok", task) for task in tasks)
