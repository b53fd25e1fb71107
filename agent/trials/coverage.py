"""Coverage: which policies have a case, and whether each test of their conditions was seen to decide, both ways.

A test decides on a resource where the opposite answer would have changed how the policy stands. So each branch of an
`any_of` has to be the one that is met, and each part of a `where` the one that leaves out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.decide.explain import Judgement, judge
from agent.decide.findings import reader
from agent.decide.moments import settled
from agent.decide.parts import tests
from agent.decide.words import rule
from agent.model.condition import AllOf, AnyOf, Condition, Not, Test
from agent.model.trial import LEFT_OUT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from agent.errors import Place
    from agent.model.policy import Policy
    from agent.model.reading import Reading
    from agent.model.trial import Case
    from agent.observe import View

PARTS = ("where", "expect")
CONVERGE, MEASURE = "converge", "measure"
TRUE, FALSE, UNKNOWN = "true", "false", "unknown"
SIDES = (TRUE, FALSE)


@dataclass(frozen=True, slots=True, order=True)
class Sight:
    """One side of one test that a case showed: `leaf` counts the tests of a part from 0."""

    policy: str
    part: str
    leaf: int
    side: str


@dataclass(frozen=True, slots=True)
class Leaf:
    """One test of a policy, in words, and which sides of it were seen to decide."""

    policy: str
    part: str
    rule: str
    place: Place
    seen: frozenset[str]

    @property
    def missing(self) -> tuple[str, ...]:
        """Give the sides that no case showed."""
        return tuple(side for side in SIDES if side not in self.seen)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the cases show of the policies: `untested` are the ids of those without a case."""

    policies: int
    untested: tuple[str, ...]
    leaves: tuple[Leaf, ...]

    @property
    def sides(self) -> int:
        """Give how many sides there are."""
        return len(SIDES) * len(self.leaves)

    @property
    def seen(self) -> int:
        """Give how many sides were seen."""
        return self.sides - sum(len(leaf.missing) for leaf in self.leaves)

    @property
    def percent(self) -> float:
        """Give the share of sides that were seen, 100 where there are none."""
        return 100 * self.seen / self.sides if self.sides else 100.0

    @property
    def whole(self) -> bool:
        """Say whether nothing is missing."""
        return not self.untested and self.seen == self.sides


def coverage(policies: Sequence[Policy], tested: Iterable[str], seen: Iterable[Sight]) -> Coverage:
    """Put together what the cases showed."""
    found: dict[tuple[str, str, int], set[str]] = {}
    for sight in seen:
        found.setdefault((sight.policy, sight.part, sight.leaf), set()).add(sight.side)
    leaves = tuple(
        Leaf(policy.id, part, text, place, frozenset(found.get((policy.id, part, number), ())))
        for policy in policies
        for part, number, text, place in _leaves_of(policy)
    )
    known = set(tested)
    return Coverage(len(policies), tuple(p.id for p in policies if p.id not in known), leaves)


def _leaves_of(policy: Policy) -> Iterator[tuple[str, int, str, Place]]:
    for part in PARTS:
        condition: Condition | None = getattr(policy, part)
        for number, leaf in enumerate(tests(condition)):
            yield part, number, rule(leaf), leaf.place
    if policy.converge is not None:
        yield CONVERGE, 0, f"{policy.converge.playbook} finds nothing to change", policy.converge.place
    if policy.measure is not None:
        yield MEASURE, 0, f"{'share' if policy.measure.share else 'count'}: {policy.measure.text}", policy.place


def sights(case: Case, policies: Sequence[Policy], view: View, now: datetime) -> Iterator[Sight]:
    """Give what a case shows: of the resources that it says something of, and for a measure of all that it counts."""
    for policy in policies:
        said = {e.resource: e.stands for e in case.expect if e.policy == policy.id}
        table = view.tables.get(policy.kind)
        if table is None or not said:
            continue
        if policy.measure is not None:
            yield from _outcomes(policy, MEASURE, said)
        if policy.converge is not None:
            yield from _outcomes(policy, CONVERGE, said)
        on = settled(policy, table.as_of, now)
        for resource in table.index if policy.measure is not None else said:
            if resource in table.index:
                yield from _of_row(on, reader(table, resource), now)


def _outcomes(policy: Policy, part: str, said: Mapping[str, str]) -> Iterator[Sight]:
    for stands in said.values():
        if stands != LEFT_OUT:
            yield Sight(policy.id, part, 0, _SIDE_OF.get(stands, UNKNOWN))


_SIDE_OF = {"in_line": TRUE, "out_of_line": FALSE, "excepted": FALSE, "not_yet": FALSE}


def _of_row(policy: Policy, look: Callable[[str], Reading], now: datetime) -> Iterator[Sight]:
    parts = {p: judge(c, look, now) for p in PARTS if (c := getattr(policy, p)) is not None}
    stands = _stands(parts, None)
    for part, tree in parts.items():
        for number, leaf in enumerate(_judged(tree)):
            if leaf.holds is None:
                yield Sight(policy.id, part, number, UNKNOWN)
            elif _stands(parts, leaf) != stands:
                yield Sight(policy.id, part, number, TRUE if leaf.holds else FALSE)


def _judged(tree: Judgement) -> Iterator[Judgement]:
    if isinstance(tree.condition, Test):
        yield tree
    for part in tree.parts:
        yield from _judged(part)


def _stands(parts: Mapping[str, Judgement], turned: Judgement | None) -> tuple[bool | None, bool | None]:
    """Give how the policy stands: whether it applies, and where it does, whether it holds; `turned` is answered no."""
    where, expect = (_answer(parts[p], turned) if p in parts else True for p in PARTS)
    return where, expect if where else None


def _answer(tree: Judgement, turned: Judgement | None) -> bool | None:
    if tree is turned:
        return not tree.holds
    match tree.condition:
        case AllOf():
            answers = [_answer(p, turned) for p in tree.parts]
            return False if False in answers else None if None in answers else True
        case AnyOf():
            answers = [_answer(p, turned) for p in tree.parts]
            return True if True in answers else None if None in answers else False
        case Not():
            inner = _answer(tree.parts[0], turned)
            return None if inner is None else not inner
    return tree.holds
