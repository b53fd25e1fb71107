"""Causes: one policy broken in one way is one line, on three servers or on three thousand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from agent.model.finding import Difference, Finding
    from agent.model.run import Run

MOST_WAYS = 2  # A policy broken in more ways than this is one line too: the ways are the detail.


@dataclass(frozen=True, slots=True)
class Case:
    """One resource on which a policy does not hold (or did not)."""

    policy: str
    resource: str
    site: str
    differences: tuple[Difference, ...]
    after: tuple[Difference, ...] = ()  # what a second look still found, where there was a repair
    since: datetime | None = None


Way = tuple[tuple["Difference", ...], tuple["Difference", ...]]  # before, after


@dataclass(frozen=True, slots=True)
class Cause:
    """The cases of one policy that have one thing in common. `ways` is in how many ways they differ.

    `differences` and `after` are those of the commonest way; `since` is the oldest, None where none is known.
    """

    policy: str
    differences: tuple[Difference, ...]
    after: tuple[Difference, ...]
    cases: tuple[Case, ...]
    ways: int = 1

    @property
    def resources(self) -> tuple[str, ...]:
        """Give the resources, in order, each once."""
        return tuple(sorted({c.resource for c in self.cases}))

    @property
    def since(self) -> datetime | None:
        """Give when the oldest case was first seen."""
        return min((c.since for c in self.cases if c.since), default=None)

    @property
    def site(self) -> str:
        """Give the school, where all are in one."""
        sites = {c.site for c in self.cases}
        return sites.pop() if len(sites) == 1 else ""


def case(finding: Finding) -> Case:
    """Give the case of a finding."""
    return Case(finding.policy, finding.resource, finding.site, finding.differences, since=finding.since)


def causes(run: Run, cases: Iterable[Case]) -> tuple[Cause, ...]:
    """Gather cases into causes: the gravest policy first, then what is most widespread."""
    policies: dict[str, dict[Way, list[Case]]] = {}
    for one in cases:
        policies.setdefault(one.policy, {}).setdefault((one.differences, one.after), []).append(one)
    found = [cause for policy, ways in policies.items() for cause in _of_policy(policy, ways)]
    ranks = {n.id: n.severity.rank for n in run.policies}
    return tuple(sorted(found, key=lambda c: (ranks.get(c.policy, 0), -len(c.cases), c.policy, c.resources[:1])))


def _of_policy(policy: str, ways: Mapping[Way, list[Case]]) -> list[Cause]:
    if len(ways) <= MOST_WAYS:
        return [Cause(policy, *way, tuple(found)) for way, found in ways.items()]
    commonest = max(ways, key=lambda w: len(ways[w]))
    return [Cause(policy, *commonest, tuple(c for found in ways.values() for c in found), len(ways))]
