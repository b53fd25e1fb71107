"""Findings as objects, made of whole columns: only for what is out of line or unknown, and few steps a row."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, cast

from agent.decide import words
from agent.decide.asides import asides
from agent.decide.columns import ID, SITE, Columns, none_column, to_python
from agent.decide.compile import compile_condition
from agent.decide.explain import Judgement, judge
from agent.decide.parts import fields_compared, tests
from agent.model.condition import Condition, Test
from agent.model.finding import Difference, Finding, Verdict
from agent.model.reading import NONE, Reading, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    import polars as pl

    from agent.model.policy import Policy

Parts = list[tuple[str, Condition]]


def out_of_line(policy: Policy, parts: Parts, frame: pl.DataFrame, now: datetime) -> Iterator[Finding]:
    """Give the findings of rows that are known to be out of line.

    Args:
        parts: the condition on each field of the policy's `expect`.
        frame: these rows alone, with every column of the table.
    """
    if frame.is_empty():
        return
    columns = [_broken(field, condition, frame, now) for field, condition in parts]
    beside = [asides(field, condition, frame, now) for field, condition in parts]
    known: dict[tuple[Difference | None, ...], tuple[Difference, ...]] = {}
    told = zip(*beside, strict=True) if beside else [()] * frame.height
    rows = zip(frame[ID].to_list(), frame[SITE].to_list(), told, *columns, strict=True)
    for resource, site, more, *cells in rows:
        key = tuple(cells)
        if key not in known:
            known[key] = tuple(d for d in key if d is not None)
        said = words.sentence(resource, known[key], [m for m, d in zip(more, key, strict=True) if d is not None])
        yield Finding(policy.id, resource, site, Verdict.OUT_OF_LINE, known[key], said)


def _broken(field: str, condition: Condition, frame: pl.DataFrame, now: datetime) -> list[Difference | None]:
    """Give, a row, how it differs from what is expected of one field, or None where it does not or is unknown."""
    holds = frame.select(compile_condition(condition, now).alias("holds"))["holds"].to_list()
    sensitive = words.subject(condition).sensitive
    made: dict[tuple[str, str], Difference] = {}
    found: list[Difference | None] = []
    for held, observed, expected in zip(holds, _shown(frame, field), _expected(condition, frame), strict=True):
        key = (expected, observed)
        if held is not False:
            found.append(None)
            continue
        if key not in made:
            made[key] = difference(field, expected, observed, sensitive=sensitive)
        found.append(made[key])
    return found


def _shown(frame: pl.DataFrame, field: str) -> list[str]:
    """Give the readings of a column as text."""
    cells = zip(frame[field].to_list(), frame[none_column(field)].to_list(), strict=True)
    return [
        words.show(NONE if none else to_python(value)) if none or value is not None else "" for value, none in cells
    ]


def _expected(condition: Condition, frame: pl.DataFrame) -> list[str]:
    """Give what is expected, a row: the value of the other field, where a field is to be the same as that."""
    wish = words.wish(condition, bare=True)
    other = words.other_field(condition)
    if other is None:
        return [wish] * frame.height
    return [words.other_wish(wish, other, value) for value in _shown(frame, other.name)]


def difference(field: str, expected: str, observed: str, *, sensitive: bool) -> Difference:
    """Give a difference; what is sensitive is replaced by what stands for it."""
    if sensitive:
        expected, observed = _stand_in(field, expected), _stand_in(field, observed)
    return Difference(field, expected, observed, sensitive)


def _stand_in(field: str, text: str) -> str:
    """Give what stands for a sensitive text: plans and policies tell two of them apart, and nobody reads either."""
    digest = hashlib.sha256(f"{field}\0{text}".encode("utf-8", "backslashreplace"))
    return f"sha256:{digest.hexdigest()[:16]}"


def unknown(
    policy: Policy, condition: Condition, table: Columns, rows: Sequence[int], now: datetime, prefix: str = ""
) -> Iterator[Finding]:
    """Give the findings of rows where a condition is unknown; `prefix` comes before the reason."""
    for resource, site, why in whys(condition, table, rows, now):
        yield could_not_tell(policy, resource, site, prefix + why)


def whys(condition: Condition, table: Columns, rows: Sequence[int], now: datetime) -> Iterator[tuple[str, str, str]]:
    """Give resource, site and reason of rows where a condition is unknown.

    What is unknown, and why, hangs on how each test of the condition stands alone: rows that agree in that agree in
    their reason, which is worked out once.
    """
    frame = table.frame[rows]
    leaves = list(tests(condition))
    states = frame.select(compile_condition(leaf, now).alias(str(i)) for i, leaf in enumerate(leaves))
    ids, sites = frame[ID].to_list(), frame[SITE].to_list()
    known: dict[object, str] = {}
    for resource, site, state in zip(ids, sites, states.iter_rows(), strict=True):
        reasons = tuple(_reasons(leaf, table, resource) for leaf, s in zip(leaves, state, strict=True) if s is None)
        key = (state, reasons)
        if key not in known:
            known[key] = why_unknown(condition, reader(table, resource), now)
        yield resource, site, known[key]


def _reasons(leaf: Test, table: Columns, resource: str) -> tuple[str, ...]:
    return tuple(table.reason(resource, field.name) for field in fields_compared(leaf))


def could_not_tell(policy: Policy, resource: str, site: str, why: str) -> Finding:
    """Give the finding of a resource that could not be judged."""
    name = resource.partition("/")[2]
    return Finding(policy.id, resource, site, Verdict.UNKNOWN, (), f"{name}: could not check: {why}.", why)


def reader(table: Columns, resource: str) -> Callable[[str], Reading]:
    """Give what looks up the readings of one resource by field name."""
    return lambda field: table.reading(resource, field)


def why_unknown(condition: Condition | None, look: Callable[[str], Reading], now: datetime) -> str:
    """Give the reasons behind an unknown condition: one reason once, with its fields where they differ."""
    reasons: dict[str, list[str]] = {}
    if condition is not None:
        for test in _unknown_tests(judge(condition, look, now)):
            reading = test.reading if isinstance(test.reading, Unknown) else test.other
            if isinstance(reading, Unknown):
                reasons.setdefault(reading.why, []).append(cast("Test", test.condition).field.name)
    if len(reasons) == 1:
        return next(iter(reasons))
    return "; ".join(f"{', '.join(dict.fromkeys(fields))}: {why}" for why, fields in reasons.items())


def _unknown_tests(judgement: Judgement) -> Iterator[Judgement]:
    if judgement.holds is not None:
        return
    if isinstance(judgement.condition, Test):
        yield judgement
    for part in judgement.parts:
        yield from _unknown_tests(part)
