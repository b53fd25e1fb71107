"""Causes: one policy broken in one way is one line, on three servers or on three thousand.

A cause is found, not guessed. What is said of a group of cases is what was counted: the same policy, the same
difference, the same school, or a trait (model, system) that nearly all of them have and most others have not. It is
told as an observation, with how common the trait is elsewhere, and never as a claim about what did it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from heapq import nsmallest
from types import MappingProxyType
from typing import TYPE_CHECKING

from agent.report.words import one_kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from agent.model.finding import Difference, Finding
    from agent.model.run import Run

MOST_TOLD = 5  # lines that a section of a report can have
SITE = "site"
FEWEST = 5  # resources that have a trait in common before that is worth a word
NEARLY_ALL = 0.95
MOST_OF_THEM = 0.5
ONE_WAY = 0.8  # how many must differ in the same fields and readings to stand apart from the rest
RARER = 3.0  # how much more common a trait has to be among the cases than among all
UNTOLD_SITE = 0.3  # how much of a district one school is taken for where nobody counted; only to choose by
_NO_TRAITS: Mapping[str, str] = MappingProxyType({})
TRAITS = ("model", "system", "platform", "org_unit", "category", "team")


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
class Shared:
    """A trait that (nearly) all cases have: `count` of them, and `total` of `everybody` of that kind."""

    trait: str
    value: str
    count: int
    total: int
    everybody: int


@dataclass(frozen=True, slots=True)
class Part:
    """Some cases of one policy, counted. `resources` are the first few of `count`, in order.

    `differences` and `after` are those of the commonest of `ways` in which they differ; `since` is the oldest, None
    where none is known; `kind` is empty where there are several.
    """

    resources: tuple[str, ...]
    count: int
    kind: str
    sites: tuple[str, ...]
    since: datetime | None
    differences: tuple[Difference, ...]
    after: tuple[Difference, ...]
    ways: int
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Cause:
    """The cases of one policy: the part that has something in common, the others, and what the part shares."""

    policy: str
    main: Part
    others: Part | None = None
    shared: Shared | None = None

    @property
    def count(self) -> int:
        """Give how many resources there are in all."""
        return self.main.count + (self.others.count if self.others else 0)

    @property
    def since(self) -> datetime | None:
        """Give when the oldest case was first seen."""
        return min((p.since for p in (self.main, self.others) if p and p.since), default=None)


@dataclass(frozen=True, slots=True)
class Causes:
    """The causes of one section: the first few looked into, and how many policies, cases and resources in all.

    A resource on which two policies do not hold is two cases and one thing.
    """

    told: tuple[Cause, ...]
    policies: int
    cases: int
    things: int

    def __len__(self) -> int:
        """Give how many policies there are: one is one line."""
        return self.policies


def case(finding: Finding) -> Case:
    """Give the case of a finding."""
    return Case(finding.policy, finding.resource, finding.site, finding.differences, since=finding.since)


def causes(run: Run, found: Iterable[Case | Finding]) -> Causes:
    """Gather cases into causes: the gravest policy first, then the most widespread. Only the first are looked into."""
    policies: dict[str, list[Case | Finding]] = {}
    for one in found:
        policies.setdefault(one.policy, []).append(one)
    ranks = {n.id: n.severity.rank for n in run.policies}
    ordered = sorted(policies, key=lambda p: (ranks.get(p, 0), -len(policies[p]), p))
    told = tuple(cause(run, [c if isinstance(c, Case) else case(c) for c in policies[p]]) for p in ordered[:MOST_TOLD])
    things = {c.resource for cases in policies.values() for c in cases}
    return Causes(told, len(policies), sum(map(len, policies.values())), len(things))


def cause(run: Run, cases: Sequence[Case]) -> Cause:
    """Give what the cases of one policy have in common: a trait of most of them, else the commonest difference."""
    ways = _ways(cases)
    trait = _telling_trait(run, cases)
    if trait and trait.count < NEARLY_ALL * len(cases):
        inside = [c for c in cases if _trait(run, c, trait.trait) == trait.value]
        outside = [c for c in cases if _trait(run, c, trait.trait) != trait.value]
        return Cause(cases[0].policy, _part(inside), _part(outside), _shared(run, inside, trait))
    commonest = ways.most_common(1)[0]
    if len(ways) > 1 and commonest[1] >= max(ONE_WAY * len(cases), 2):
        inside = [c for c in cases if (c.differences, c.after) == commonest[0]]
        outside = [c for c in cases if (c.differences, c.after) != commonest[0]]
        return Cause(cases[0].policy, _part(inside), _part(outside), _shared(run, inside, None))
    return Cause(cases[0].policy, _part(cases, ways), None, _shared(run, cases, trait))


def whole(run: Run, cases: Sequence[Case]) -> Cause:
    """Give all cases as one cause, undivided."""
    return Cause(cases[0].policy, _part(cases), None, _shared(run, cases, None))


def _ways(cases: Iterable[Case]) -> Counter[Way]:
    return Counter((c.differences, c.after) for c in cases)


def _part(cases: Sequence[Case], known: Counter[Way] | None = None) -> Part:
    resources = {c.resource for c in cases}
    ways = known or _ways(cases)
    before, after = ways.most_common(1)[0][0]
    return Part(
        resources=tuple(nsmallest(MOST_TOLD + 1, resources)),
        count=len(resources),
        kind=one_kind(resources),
        sites=tuple(sorted({c.site for c in cases})),
        since=min((c.since for c in cases if c.since), default=None),
        differences=before,
        after=after,
        ways=len(ways),
        cases=tuple(cases),
    )


def _shared(run: Run, cases: Sequence[Case], trait: Shared | None) -> Shared | None:
    """Give the trait to speak of. That all are in one school is said by naming the school."""
    if trait and trait.trait != SITE:
        return trait if trait.count >= NEARLY_ALL * len(cases) else _telling_trait(run, cases, TRAITS)
    found = _telling_trait(run, cases, TRAITS)
    return found if found and found.count >= NEARLY_ALL * len(cases) else None


def _telling_trait(run: Run, cases: Sequence[Case], traits: Sequence[str] = (SITE, *TRAITS)) -> Shared | None:
    """Give the trait that stands out most: above what its share among all would have led to expect."""
    if len(cases) < FEWEST:
        return None
    kind = cases[0].resource.partition("/")[0]
    totals = run.trait_totals.get(kind, {})
    counted = [t for t in traits if t in totals or t == SITE]  # of the rest nobody knows how common they are
    found = (_commonest(run, cases, trait, totals.get(trait, {})) for trait in counted)
    telling = [t for t in found if t and _tells(t, len(cases))]
    return max(telling, key=lambda t: t.count - len(cases) * _usual(t), default=None)


def _commonest(run: Run, cases: Sequence[Case], trait: str, totals: Mapping[str, int]) -> Shared | None:
    counts = Counter([_trait(run, c, trait) for c in cases])
    counts.pop("", None)
    if not counts:
        return None
    value, count = counts.most_common(1)[0]
    return Shared(trait, value, count, totals.get(value, 0), sum(totals.values()))


def _tells(trait: Shared, cases: int) -> bool:
    """Whether a trait says something: enough cases have it, and it is not simply what everybody has."""
    share = trait.count / cases
    if trait.count < FEWEST or share < MOST_OF_THEM or (trait.trait != SITE and not trait.total):
        return False
    return trait.everybody == 0 or share >= RARER * _usual(trait)


def _usual(trait: Shared) -> float:
    return trait.total / trait.everybody if trait.everybody else UNTOLD_SITE


def _trait(run: Run, case: Case, trait: str) -> str:
    return case.site if trait == SITE else run.traits.get(case.resource, _NO_TRAITS).get(trait, "")
