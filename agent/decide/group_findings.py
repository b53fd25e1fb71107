"""What is said of groups: how many meet what a policy expects, in words and as findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from agent.decide.measure import APPLIES, HOLDS, Census, Group, groups
from agent.decide.parts import tests
from agent.model.finding import Difference, Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agent.model.condition import Test
    from agent.model.policy import Measured, Policy

_EXACT = 6  # decimals of a share, at most
_PLURALS = {"person": "people", "class": "classes"}
_PHRASES = {"at_least": "at least", "at_most": "at most", "above": "above", "below": "below"}
_UP = frozenset({"at_least", "above"})


def wish(measured: Measured) -> str:
    """Give what is wanted of the number: `at least 98%`."""
    unit = "%" if measured.share else ""
    return " and ".join(f"{_PHRASES[t.operator]} {t.operand:g}{unit}" for t in tests(measured.wanted))


def rule(policy: Policy, measured: Measured, expected: str) -> str:
    """Give the whole rule as a clause: `of the devices of each site at least 98% meet this: ...`."""
    of = plural(policy.kind) + ("" if measured.by is None else f" of each {measured.by.name}")
    return f"of the {of}, {wish(measured)} meet this: {expected}"


def plural(kind: str) -> str:
    """Give a kind's word for many."""
    return _PLURALS.get(kind, f"{kind}s")


def said(policy: Policy, measured: Measured, group: Group) -> str:
    """Give how a group stands in words: `91% (182 of 200) of devices are as they should be`."""
    up = all(t.operator in _UP for t in tests(measured.wanted))
    so = "are as they should be" if up else "meet the condition"
    if measured.share:
        return f"{observed(measured, group)} of {plural(policy.kind)} {so}"
    of = f"{group.right + group.wrong + group.unknown:,}"
    return f"{observed(measured, group)} of {of} {plural(policy.kind)} {so}"


def observed(measured: Measured, group: Group) -> str:
    """Give the number of a group as text, with both ends where they differ: `91% (182 of 200)`."""
    if group.low is None or group.high is None:
        return "none"
    ends = dict.fromkeys(_number(measured, end) for end in (group.low, group.high))
    number = " to ".join(ends)
    if not measured.share:
        return number
    certain = group.right + group.wrong
    dark = f", {group.unknown + group.strays:,} could not be judged" if len(ends) > 1 else ""
    return f"{number} ({group.right:,} of {certain + group.unknown:,}{dark})"


def _number(measured: Measured, value: float) -> str:
    """Give a number with as few decimals as leave it on its side of what is wanted: 97.96% is not 98%."""
    if not measured.share:
        return f"{value:,.0f}"
    for decimals in range(_EXACT):
        if all(_meets(t, round(value, decimals)) == _meets(t, value) for t in tests(measured.wanted)):
            return f"{round(value, decimals):.{decimals}f}%"
    return f"{value}%"


def _meets(test: Test, value: float) -> bool:
    limit = float(test.operand)  # type: ignore[arg-type]
    return {
        "at_least": value >= limit, "above": value > limit, "at_most": value <= limit, "below": value < limit,
    }[test.operator]  # fmt: skip


def findings(
    policy: Policy, measured: Measured, frame: pl.DataFrame, census: Census, whys: Callable[[pl.DataFrame], list[str]]
) -> Iterator[Finding]:
    """Give the findings of groups that have too few or too many, and of those where that cannot be told.

    Args:
        frame: what `counted` gave.
        whys: gives, for rows of `frame`, why one of the group's members cannot be judged, or an empty text.
    """
    applies, holds = pl.col(APPLIES), pl.col(HOLDS)
    dark = frame.filter(applies.is_null() | (applies & holds.is_null()))
    for group, why in zip(groups(measured, dark, census), whys(dark), strict=True):
        yield _could_not_tell(policy, measured, group, census.flaw, why)
    for group in groups(measured, frame.filter(applies & ~holds), census):
        told = f"{group.name}: {said(policy, measured, group)}; {'it' if measured.share else 'there'} should be"
        difference = Difference("share" if measured.share else "count", wish(measured), observed(measured, group))
        yield Finding(
            policy.id, group.resource, group.site, Verdict.OUT_OF_LINE, (difference,), f"{told} {wish(measured)}."
        )


def in_line(policy: Policy, measured: Measured, frame: pl.DataFrame, census: Census) -> Iterator[Finding]:
    """Give the findings of groups that are in line."""
    for group in groups(measured, frame.filter(pl.col(APPLIES) & pl.col(HOLDS)), census):
        told = f"{group.name}: {said(policy, measured, group)}."
        yield Finding(policy.id, group.resource, group.site, Verdict.IN_LINE, (), told)


def _could_not_tell(policy: Policy, measured: Measured, group: Group, flaw: str, why: str) -> Finding:
    """Say why; the reason has no numbers in it, so that one reason is one line for all groups."""
    many, because = plural(policy.kind), f" ({why})" if why else ""
    number = ""
    if group.stray and measured.by is not None:
        reason = f"it could not be read which {measured.by.name} some {many} are of{because}"
    elif flaw:
        reason = flaw
    else:
        reason = f"too many {many} could not be judged{because}"
        number = f" It is {observed(measured, group)} and should be {wish(measured)}." if group.low is not None else ""
    told = f"{group.name}: could not check: {reason}.{number}"
    return Finding(policy.id, group.resource, group.site, Verdict.UNKNOWN, (), told, reason)
