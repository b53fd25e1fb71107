"""Named sets of conditions, policies/conditions/*.yaml: `is: testing-cart` stands for what the set says.

Sets are written out before conditions are parsed: `is` then holds the conditions of each set in place of its name,
each with the place where it stands in the set, so that a mistake in a set is one mistake, however many use it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from agent.intake.composition_schema import IS, IS_NOT
from agent.intake.dated_values import Borrower, Shelf
from agent.intake.nodes import Node, text_at
from agent.intake.wording import problem, quote, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from agent.errors import Place, Problem
    from agent.model.policy import Dated

DEEPEST = 20  # sets in sets
MOST = 5_000  # words and values of a condition when every set in it is written out

Trail = tuple[tuple[str, "Place"], ...]


@dataclass(frozen=True, slots=True)
class WrittenOut:
    """Conditions with their sets written out, how deep those stand in each other, and the values that they rest on."""

    node: Node
    depth: int = 1
    dates: Mapping[str, Dated] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Set:
    """A set as its file has it."""

    name: str
    kind: str
    where: Node
    place: Place


@dataclass(slots=True)
class Sets:
    """Every condition set by name, and which were ever used."""

    shelf: Shelf
    problems: list[Problem]
    known: dict[str, _Set] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    _done: dict[str, WrittenOut | None] = field(default_factory=dict)

    def write_out(self, fields: Node, kind: str, trail: Trail = ()) -> WrittenOut | None:
        """Give a mapping of fields with its sets and values written out; None where a set in it has no meaning."""
        borrower = Borrower(self.shelf, self.problems)
        dates = borrower.dates
        if not isinstance(fields.value, dict):
            return WrittenOut(fields)
        filled: dict[str, Node] = {}
        depth = 1
        for key, value in fields.pairs():
            if key in {IS, IS_NOT}:
                found = self._named(value, kind, trail)
                if found is None:
                    return None
                filled[key] = replace(value, value=tuple(f.node for f in found), size=sum(f.node.size for f in found))
                for one in found:
                    dates |= one.dates
                    depth = max(depth, one.depth + 1)
            else:
                filled[key] = borrower.fill(value)
        size = 1 + sum(n.size for n in filled.values())
        if size > MOST:
            sentence = f"This comes to more than {MOST:,} words when the condition sets in it are written out"
            self.problems.append(problem(fields.place, f"{sentence}: use fewer of them, or fewer in each other"))
            return None
        return WrittenOut(replace(fields, value=filled, size=size), depth, dates)

    def own(self) -> Iterator[tuple[str, Node]]:
        """Give what each set itself asks of fields, with its kind, so that all of it is checked, used or not."""
        for name, one in self.known.items():
            found = self._of(name, ((name, one.place),))
            asked = {k: v for k, v in found.node.pairs() if k not in {IS, IS_NOT}} if found else {}
            if found and asked:
                yield one.kind, replace(found.node, value=asked)

    def unused(self) -> Iterator[str]:
        """Say which sets nothing uses."""
        for name, one in self.known.items():
            if name not in self.used:
                yield f"Nothing uses the condition set {name} ({one.place})."

    def _named(self, node: Node, kind: str, trail: Trail) -> list[WrittenOut] | None:
        """Give the sets that `is` or `is_not` names, each once; None where one of them has no meaning."""
        names = {item.text(): item for item in (node.items() or (node,))}
        found = [self._one(name, item, kind, trail) if name else None for name, item in names.items()]
        good = [f for f in found if f is not None]
        return good if len(good) == len(found) else None

    def _one(self, name: str, used: Node, kind: str, trail: Trail) -> WrittenOut | None:
        one = self.known.get(name)
        if one is None:
            sentence = f"There is no condition set {quote(name)} in policies/conditions/"
            self.problems.append(unknown(used.place, sentence, name, self.known))
            return None
        self.used.add(name)
        if one.kind != kind:
            sentence = f"The condition set {quote(name)} is about {one.kind}s ({one.place}), and this is about {kind}s"
            self.problems.append(problem(used.place, sentence))
            return None
        return self._of(name, (*trail, (name, used.place)))

    def _of(self, name: str, trail: Trail) -> WrittenOut | None:
        """Give a set written out, worked out once. `trail` are the sets that led here, with the place of each use."""
        before = [n for n, _ in trail[:-1]]
        if name in before:
            self._loop(trail[before.index(name) :])
            return None
        if name in self._done:
            return self._done[name]
        one = self.known[name]
        found = self.write_out(one.where, one.kind, trail) if len(trail) <= DEEPEST else None
        if len(trail) > DEEPEST or (found is not None and found.depth > DEEPEST):
            sentence = f"Condition sets stand in each other more than {DEEPEST} deep here: write some of them out"
            self.problems.append(problem(trail[-1][1], sentence))
            found = None
        self._done[name] = found
        return found

    def _loop(self, trail: Trail) -> None:
        way = " -> ".join([trail[0][0], *(f"{name} ({place})" for name, place in trail[1:])])
        self.problems.append(problem(trail[-1][1], f"This condition set is made of itself: {way}"))


def sets(documents: Iterable[Node], shelf: Shelf, problems: list[Problem]) -> Sets:
    """Give the condition sets of every file; what is wrong with one goes to `problems`."""
    found = Sets(shelf, problems)
    for document in documents:
        held = document.get("conditions")
        for name, node in held.pairs() if held else ():
            where = node.get("where")
            if where is None or held is None:
                continue
            other = found.known.get(name)
            if other is not None:
                sentence = f"The name {quote(name)} is taken: {other.place} has it already"
                problems.append(problem(held.key_place(name), sentence))
                continue
            found.known[name] = _Set(name, text_at(node, "kind"), where, held.key_place(name))
    return found
