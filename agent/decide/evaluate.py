"""Desired against observed: one policy over one table, whole columns at a time; objects only for what is shown."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import polars as pl

from agent.decide import words
from agent.decide.columns import ID, SITE, Columns
from agent.decide.compile import compile_condition
from agent.decide.explain import Judgement, judge
from agent.model.condition import AllOf, AnyOf, Condition, Not, Test
from agent.model.finding import Difference, Finding, Verdict
from agent.model.reading import NONE, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from agent.model.kind import FieldRef
    from agent.model.policy import Policy
    from agent.model.reading import Reading

_APPLIES, _HOLDS = "\0applies", "\0holds"


@dataclass(frozen=True, slots=True)
class Assessment:
    """What one policy says of one table: findings as objects only where something is to be said.

    `findings` are those out of line and unknown; `in_scope` are the resources where the policy applies, and
    `in_line` those of them that are as they should be.
    """

    policy: Policy
    findings: tuple[Finding, ...]
    in_scope: frozenset[str]
    in_line: frozenset[str]


def evaluate(policy: Policy, table: Columns, now: datetime) -> Assessment:
    """Judge a policy on a table that holds every field the policy reads. `now` carries the district's zone."""
    frame = table.frame.select(
        ID,
        SITE,
        _expression(policy.where, now).alias(_APPLIES),
        _expectation(policy, now).alias(_HOLDS),
    ).filter(pl.col(_APPLIES).is_null() | pl.col(_APPLIES))
    known = frame.filter(pl.col(_APPLIES).is_not_null())
    shown = frame.filter(pl.col(_APPLIES).is_null() | pl.col(_HOLDS).is_null() | ~pl.col(_HOLDS))
    return Assessment(
        policy,
        tuple(_finding(policy, table, row[0], row[1], row[2:], now) for row in shown.iter_rows()),
        frozenset(known[ID]),
        frozenset(known.filter(pl.col(_HOLDS))[ID]),
    )


def read_again(
    policy: Policy, table: Columns, resource: str, fields: Iterable[str], now: datetime
) -> tuple[tuple[Difference, ...], str]:
    """Give what some of a policy's fields still differ in on a resource, and why others cannot be read."""

    def look(field: str) -> Reading:
        return table.reading(resource, field)

    if policy.converge is not None:
        reading = look(converge_field(policy).name)
        return ((), reading.why) if isinstance(reading, Unknown) else (_converge_differences(policy, look), "")
    wanted = set(fields)
    left = tuple(d for d in _differences(policy, look, now) if d.field in wanted)
    asked = [condition for field, condition in _by_field(policy) if field in wanted]
    return left, "; ".join(dict.fromkeys(why for c in asked if (why := _why_unknown(c, look, now))))


def in_scope(policy: Policy, table: Columns, now: datetime) -> frozenset[str]:
    """Give the resources that a policy certainly applies to."""
    frame = table.frame.select(ID, _expression(policy.where, now).alias(_APPLIES))
    return frozenset(frame.filter(pl.col(_APPLIES))[ID])


def in_line(assessment: Assessment, table: Columns) -> tuple[Finding, ...]:
    """Give the findings that are in line as objects too, for `--all`."""
    policy = assessment.policy
    return tuple(
        Finding(policy.id, r, table.site(r), Verdict.IN_LINE, (), f"{r.partition('/')[2]}: as it should be.")
        for r in sorted(assessment.in_line)
    )


def fields_read(policy: Policy) -> tuple[FieldRef, ...]:
    """Give every field that a policy's conditions and remedies look at, each once; not its `converge` field."""
    refs = [test.field for test in _tests(policy.where)] + [test.field for test in _tests(policy.expect)]
    refs.extend(
        cast("FieldRef", test.operand)
        for test in (*_tests(policy.where), *_tests(policy.expect))
        if test.operator == "same_as"
    )
    if policy.converge is None:
        refs += [field for step in policy.remedy for field in (*step.sets, *step.reads)]
    return tuple(dict.fromkeys(refs))


def converge_field(policy: Policy) -> FieldRef:
    """Give the column that holds what check mode would change for a `converge` policy: a list, empty when in line."""
    if policy.converge is None:
        raise AssertionError(policy.id)
    return replace(policy.converge.field, name=f"converge/{policy.id}")


def _expression(condition: Condition | None, now: datetime) -> pl.Expr:
    return pl.lit(value=True) if condition is None else compile_condition(condition, now)


def _expectation(policy: Policy, now: datetime) -> pl.Expr:
    if policy.converge is not None:
        return pl.col(converge_field(policy).name).list.len() == 0
    return _expression(policy.expect, now)


def _finding(
    policy: Policy, table: Columns, resource: str, site: str, state: tuple[bool | None, bool | None], now: datetime
) -> Finding:
    applies, holds = state

    def look(field: str) -> Reading:
        return table.reading(resource, field)

    if applies is None:
        why = f"could not tell whether the policy applies: {_why_unknown(policy.where, look, now)}"
        return _unknown(policy, resource, site, why)
    if holds is None:
        why = _why_unknown(policy.expect, look, now) if policy.expect else str(_converge_why(policy, look))
        return _unknown(policy, resource, site, why)
    differences = _converge_differences(policy, look) if policy.converge else _differences(policy, look, now)
    said = words.sentence(resource, differences)
    return Finding(policy.id, resource, site, Verdict.OUT_OF_LINE, differences, said)


def _unknown(policy: Policy, resource: str, site: str, why: str) -> Finding:
    name = resource.partition("/")[2]
    return Finding(policy.id, resource, site, Verdict.UNKNOWN, (), f"{name}: could not check: {why}.", why)


def _differences(policy: Policy, look: Callable[[str], Reading], now: datetime) -> tuple[Difference, ...]:
    """Give each field of `expect` that is not as it should be; a field that is unknown says so too."""
    found = []
    for field, condition in _by_field(policy):
        if judge(condition, look, now).holds is False:
            ref = words.subject(condition)
            expected, observed = words.wish(condition, bare=True), words.show(look(field))
            if ref.sensitive:
                expected, observed = _stand_in(field, expected), _stand_in(field, observed)
            found.append(Difference(field, expected, observed, ref.sensitive))
    return tuple(found)


def _stand_in(field: str, text: str) -> str:
    """Give what stands for a sensitive text: plans and policies tell two of them apart, and nobody reads either."""
    digest = hashlib.sha256(f"{field}\0{text}".encode("utf-8", "backslashreplace"))
    return f"sha256:{digest.hexdigest()[:16]}"


def _by_field(policy: Policy) -> list[tuple[str, Condition]]:
    """Give what a policy expects of each field."""
    parts = policy.expect.parts if isinstance(policy.expect, AllOf) else (cast("Condition", policy.expect),)
    return [(field, tests[0] if len(tests) == 1 else AllOf(tests)) for field, tests in words.by_field(parts)]


def _converge_differences(policy: Policy, look: Callable[[str], Reading]) -> tuple[Difference, ...]:
    tasks = cast("tuple[str, ...]", look(converge_field(policy).name))
    return tuple(Difference("converge", "ok", task) for task in tasks)


def _converge_why(policy: Policy, look: Callable[[str], Reading]) -> str:
    reading = look(converge_field(policy).name)
    return reading.why if isinstance(reading, Unknown) else str(NONE)


def _why_unknown(condition: Condition | None, look: Callable[[str], Reading], now: datetime) -> str:
    """Give the reasons behind an unknown condition: one reason once, with its fields where they differ."""
    reasons: dict[str, list[str]] = {}
    if condition is not None:
        for test in _unknown_tests(judge(condition, look, now)):
            reading = test.reading
            if is_reference(test) and not isinstance(reading, Unknown):
                reading = look(cast("FieldRef", cast("Test", test.condition).operand).name)
            if isinstance(reading, Unknown):
                reasons.setdefault(reading.why, []).append(cast("Test", test.condition).field.name)
    if len(reasons) == 1:
        return next(iter(reasons))
    return "; ".join(f"{', '.join(dict.fromkeys(fields))}: {why}" for why, fields in reasons.items())


def is_reference(judgement: Judgement) -> bool:
    """Say whether a judged test compares with another field."""
    return isinstance(judgement.condition, Test) and judgement.condition.operator == "same_as"


def _unknown_tests(judgement: Judgement) -> Iterator[Judgement]:
    if judgement.holds is not None:
        return
    if isinstance(judgement.condition, Test):
        yield judgement
    for part in judgement.parts:
        yield from _unknown_tests(part)


def _tests(condition: Condition | None) -> Iterable[Test]:
    match condition:
        case None:
            return
        case Test():
            yield condition
        case Not(part):
            yield from _tests(part)
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from _tests(part)
