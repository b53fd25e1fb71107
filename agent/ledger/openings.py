"""The life of a finding: how an open one stands after it was judged again. Pure.

Source of the rules: LANGUAGE.md, "Findings". Unknown suspends and never closes; only an action of ours that a
second look confirmed counts as fixed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent.model.finding import MISSING, Closed, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from agent.model.finding import Finding
    from agent.model.ports import Judged, Opened

OUT = frozenset({Verdict.OUT_OF_LINE, Verdict.EXCEPTED})  # a waiver shields, it does not put right
NOT_READ = "could not be read"


@dataclass(frozen=True, slots=True)
class Word:
    """What one policy said of every sweep it was asked about."""

    findings: Mapping[str, Finding]
    in_scope: frozenset[str]
    known: frozenset[str]
    proven: bool


def gather(judged: Iterable[Judged]) -> dict[str, Word]:
    """Put the sweeps of one policy together: a kind that two systems fill is proven when both are."""
    words: dict[str, Word] = {}
    for said in judged:
        word = Word({f.resource: f for f in said.findings}, said.in_scope, said.known, said.proven)
        before = words.get(said.policy)
        words[said.policy] = word if before is None else _together(before, word)
    return words


def _together(one: Word, other: Word) -> Word:
    return Word(
        {**one.findings, **other.findings},
        one.in_scope | other.in_scope,
        one.known | other.known,
        one.proven and other.proven,
    )


def afterwards(opened: Opened, word: Word | None, fixed: frozenset[tuple[str, str]]) -> Opened | Closed:
    """Say how an open finding stands now, or how it ended; no word at all means that the policy is gone."""
    if word is None:
        return Closed.POLICY_REMOVED
    finding = word.findings.get(opened.resource)
    if finding is None:
        return _unmentioned(opened, word, fixed)
    if finding.verdict is Verdict.UNKNOWN:
        return replace(opened, suspended=finding.why or NOT_READ)
    if finding.verdict in OUT:
        return replace(opened, differences=finding.differences, suspended="", waiver=finding.waiver)
    return _in_line(opened, fixed)


def _unmentioned(opened: Opened, word: Word, fixed: frozenset[tuple[str, str]]) -> Opened | Closed:
    if opened.resource in word.in_scope:
        return _in_line(opened, fixed)
    if opened.resource in word.known:
        return Closed.LEFT_SCOPE
    return Closed.GONE if word.proven else replace(opened, suspended=MISSING)


def _in_line(opened: Opened, fixed: frozenset[tuple[str, str]]) -> Closed:
    return Closed.FIXED if (opened.policy, opened.resource) in fixed else Closed.ITSELF


def new(words: Mapping[str, Word], already: frozenset[tuple[str, str]]) -> list[Finding]:
    """Give the findings that open now; one that cannot be read and was never open opens nothing."""
    return [
        finding
        for policy, word in words.items()
        for finding in word.findings.values()
        if finding.verdict in OUT and (policy, finding.resource) not in already
    ]
