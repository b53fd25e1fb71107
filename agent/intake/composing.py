"""What a policy is composed of beside its own words: condition sets, dated values, and the district's defaults."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from agent.intake.condition_sets import Sets, sets
from agent.intake.dated_values import Borrower, Shelf, shelf
from agent.intake.nodes import Node, text_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from agent.errors import Place, Problem
    from agent.intake.structure import Document
    from agent.model.kind import Catalog
    from agent.model.policy import Dated

_PLAIN = ("owner", "severity", "check_every")  # defaults that change no meaning, so that no approval falls with them
_GUARD = "guard"


@dataclass(frozen=True, slots=True)
class Composed:
    """A policy with everything written in.

    Attributes:
        node: the policy as it is to be read.
        meaning: the same without the defaults that change no meaning: what its digest is taken over.
        dates: the files of values that it rests on.
        defaults: the keys that the district's defaults filled in, and where those stand.
    """

    node: Node
    meaning: Node
    dates: tuple[Dated, ...] = ()
    defaults: Mapping[str, Place] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Compositions:
    """Everything that the policies of a repository may be composed of."""

    shelf: Shelf
    sets: Sets
    defaults: Node | None
    variables: frozenset[str]  # the names of verbs' arguments that are maps of variables
    problems: list[Problem]

    def compose(self, policy: Node) -> Composed | None:
        """Give a policy with everything written in; None where a condition set in it has no meaning."""
        dates: dict[str, Dated] = {}
        written = self._conditions(policy, dates)
        if written is None:
            return None
        written = self._arguments(written, dates)
        meaning, given = _with(written, self.defaults, (_GUARD,))
        node, more = _with(meaning, self.defaults, _PLAIN)
        return Composed(node, meaning, tuple(dates[name] for name in sorted(dates)), given | more)

    def warnings(self) -> Iterator[str]:
        """Say what nothing uses; every policy must have been composed."""
        yield from self.shelf.unused()
        yield from self.sets.unused()

    def _conditions(self, policy: Node, dates: dict[str, Dated]) -> Node | None:
        applies, expect = policy.get("applies_to"), policy.get("expect")
        kind = text_at(applies, "kind") if applies else ""
        where = applies.get("where") if applies else None
        scope = self.sets.write_out(where, kind) if where else None
        wish = self.sets.write_out(expect, kind) if expect else None
        if (where and not scope) or (expect and not wish):
            return None
        if applies and scope:
            policy = _put(policy, "applies_to", _put(applies, "where", scope.node))
        for found in (scope, wish):
            dates |= found.dates if found else {}
        return _put(policy, "expect", wish.node) if wish else policy

    def _arguments(self, policy: Node, dates: dict[str, Dated]) -> Node:
        """Fill in the values that verbs' arguments, a `converge` playbook's variables and a measure name."""
        borrower = Borrower(self.shelf, self.problems, dates)
        remedy, converge, measure = policy.get("remedy"), policy.get("converge"), policy.get("measure")
        if remedy is not None:
            steps = tuple(_within(step, "with", lambda given: self._given(given, borrower)) for step in remedy.items())
            same = all(a is b for a, b in zip(steps, remedy.items(), strict=True))
            policy = policy if same else _put(policy, "remedy", replace(remedy, value=steps))
        if converge is not None:
            policy = _put(policy, "converge", _within(converge, "vars", lambda given: _each(given, borrower)))
        return policy if measure is None else _put(policy, "measure", borrower.fill(measure))

    def _given(self, arguments: Node, borrower: Borrower) -> Node:
        """Fill in a verb's arguments; what is a map of variables is looked into, and never a reference itself."""
        for name, value in arguments.pairs():
            filled = _each(value, borrower) if name in self.variables else borrower.fill(value)
            arguments = _put(arguments, name, filled)
        return arguments


def compositions(read: Sequence[Document], catalog: Catalog, problems: list[Problem]) -> Compositions:
    """Gather what policies may be composed of; what is wrong with it goes to `problems`."""
    values = shelf((d.node for d in read if d.shape == "values"), problems)
    district = next((d.node for d in read if d.shape == "district"), None)
    named = sets((d.node for d in read if d.shape == "conditions"), values, problems)
    variables = frozenset(a.name for v in catalog.verbs.values() for a in v.arguments if a.type == "variables")
    return Compositions(values, named, district.get("defaults") if district else None, variables, problems)


def _each(node: Node, borrower: Borrower) -> Node:
    for key, value in node.pairs():
        node = _put(node, key, borrower.fill(value))
    return node


def _within(node: Node, key: str, fill: Callable[[Node], Node]) -> Node:
    found = node.get(key)
    return node if found is None else _put(node, key, fill(found))


def _put(node: Node, key: str, value: Node) -> Node:
    if not isinstance(node.value, dict) or node.value.get(key) is value:
        return node
    return replace(node, value={**node.value, key: value}, keys={key: (value.line, value.column), **node.keys})


def _with(policy: Node, defaults: Node | None, keys: Sequence[str]) -> tuple[Node, dict[str, Place]]:
    """Give a policy with the defaults that it lacks, and where each stands. Each limit of a guard is one of its own."""
    given: dict[str, Place] = {}
    for key in keys:
        default, own = defaults.get(key) if defaults else None, policy.get(key)
        if default is None or defaults is None:
            continue
        if own is None:
            policy = _put(policy, key, default)
            given[key] = defaults.key_place(key)
        elif key == _GUARD and isinstance(own.value, dict):
            for limit, value in default.pairs():
                if own.get(limit) is None:
                    own = _put(own, limit, value)
                    given[f"{key}.{limit}"] = default.key_place(limit)
            policy = _put(policy, key, own)
    return policy, given
