"""Values that stand in dated files, policies/values/*.yaml, and how they come into the policies that use them.

`{value: NAME.key}` is replaced by what the file says before conditions are parsed, so that a value is held to the
type of the field that it is compared with. It keeps the place where the policy uses it, and knows its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from agent.intake.nodes import Node, named, text_at, within
from agent.intake.operators import OPERATORS
from agent.intake.values import EXPECTED
from agent.intake.wording import problem, quote, unknown
from agent.model.kind import FieldType
from agent.model.policy import Dated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from agent.errors import Place, Problem
    from agent.model.kind import FieldRef

_TAKES = {
    "values": "a list of which each is {}",
    "parts": "a list of which each is {}",
    "pair": "a list of two, each {}",
    "boolean": "true or false",
    "part": "a text",
    "pattern": "a regular expression",
    "folder": "a path that begins with /",
    "moment": "a time, such as 2027-01-31 or today + 30 days",
    "ago": "a length of time, such as 21 days, or a date",
    "count": "a whole number",
}


@dataclass(frozen=True, slots=True)
class Values:
    """One file: its last good day, and its values as they stand there."""

    dated: Dated
    node: Node  # the mapping under `set`


@dataclass(slots=True)
class Shelf:
    """Every file of values by name, and which of their values were ever taken."""

    files: Mapping[str, Values]
    taken: set[tuple[str, str]] = field(default_factory=set)

    def unused(self) -> Iterator[str]:
        """Say which values no policy and no condition set takes."""
        for name, file in self.files.items():
            idle = [key for key, _ in file.node.pairs() if (name, key) not in self.taken]
            if len(idle) == len(list(file.node.pairs())):
                yield f"No policy uses the values {name} ({file.dated.place.file})."
            elif idle:
                yield f"No policy uses {', '.join(f'{name}.{key}' for key in idle)} ({file.node.key_place(idle[0])})."


def shelf(documents: Iterable[Node], problems: list[Problem]) -> Shelf:
    """Give the values of every file; what is wrong with a file goes to `problems`."""
    files: dict[str, Values] = {}
    for node in documents:
        name, held = text_at(node, "values"), node.get("set")
        if not name or held is None:
            continue
        if name in files:
            sentence = f"The name {quote(name)} is taken: {files[name].dated.place.file} has it already"
            problems.append(problem(node.key_place("values"), sentence))
            continue
        expires = _expires(node, problems)
        place = (node.get("expires") or node).place
        files[name] = Values(Dated(name, expires or date.max, place), held)
    return Shelf(files)


def _expires(node: Node, problems: list[Problem]) -> date | None:
    written = node.get("expires")
    text = written.text() if written else None
    if written is None or text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        problems.append(problem(written.place, f"{quote(text)} is not on the calendar: name the last good day"))
        return None


@dataclass(frozen=True, slots=True)
class Borrower:
    """Whoever uses values: a policy or a condition set. `dates` gathers the files that it came to rely on."""

    shelf: Shelf
    problems: list[Problem]
    dates: dict[str, Dated] = field(default_factory=dict)

    def fill(self, node: Node) -> Node:
        """Give a node with what each `{value: NAME.key}` in it stands for; what has none in it stays the same node."""
        name = _reference(node)
        if name is not None:
            return self._value(node, name)
        if isinstance(node.value, dict):
            filled = {key: self.fill(value) for key, value in node.value.items()}
            return node if _same(node.value.values(), filled.values()) else replace(node, value=filled)
        if isinstance(node.value, tuple):
            members = tuple(self.fill(item) for item in node.value)
            return node if _same(node.value, members) else replace(node, value=members)
        return node

    def _value(self, node: Node, reference: str) -> Node:
        name, _, key = reference.partition(".")
        written = node.get("value") or node
        file = self.shelf.files.get(name)
        if file is None:
            known = list(self.shelf.files)
            sentence = f"There are no values {quote(name)} in policies/values/"
            self.problems.append(unknown(written.place, sentence, name, known))
            return node
        found = file.node.get(key)
        if found is None:
            keys = [k for k, _ in file.node.pairs()]
            sentence = f"There is no {quote(key)} among the values {name} ({file.node.place})"
            self.problems.append(unknown(written.place, sentence, key, keys))
            return node
        self.shelf.taken.add((name, key))
        self.dates[name] = file.dated
        return _moved(found, node, (reference, found.place))


def _reference(node: Node) -> str | None:
    """Give NAME.key where a node is `{value: NAME.key}`; another mapping with such a key is somebody's own data."""
    if not isinstance(node.value, dict) or set(node.value) != {"value"}:
        return None
    text = node.value["value"].text()
    name, dot, key = (text or "").partition(".")
    return text if dot and _is_word(name) and _is_word(key) else None


def _is_word(text: str) -> bool:
    return bool(text) and text.isascii() and all(c.isalnum() or c in "-_" for c in text)


def _same(before: Iterable[Node], after: Iterable[Node]) -> bool:
    return all(one is other for one, other in zip(before, after, strict=True))


def _moved(found: Node, used: Node, origin: tuple[str, Place]) -> Node:
    """Give a value at the place where it is used."""
    value = tuple(_moved(m, used, origin) for m in found.value) if isinstance(found.value, tuple) else found.value
    return replace(found, value=value, file=used.file, line=used.line, column=used.column, origin=origin)


def blame(field: FieldRef, operator: str, node: Node, problems: list[Problem], noted: int) -> None:
    """Say, with both places, that a value does not fit where it is used; nothing where no value is in the operand.

    Args:
        field: the field that the value is compared with.
        operator: the operator that it stands behind.
        node: the operand, which was refused.
        problems: what is wrong so far; what was said of the operand is replaced.
        noted: how many problems there were before the operand was looked at.
    """
    borrowed = next((n for n in within(node) if n.origin), None)
    if borrowed is None or borrowed.origin is None or isinstance(node.value, dict):  # A condition in this has said it.
        return
    name, place = borrowed.origin
    operand, subject = OPERATORS[operator].operand, quote(field.name) if field.name else "a member"
    member = FieldType.TEXT if field.type is FieldType.LIST and operand in {"values", "parts"} else field.type
    takes = _TAKES.get(operand, "{}").format(EXPECTED[member].words)
    sentence = f"`{operator}` on {subject} takes {takes}, and the value {name} is {named(borrowed)} ({place})"
    reasons = "; ".join(p.sentence.rstrip(".") for p in problems[noted:])
    problems[noted:] = [problem(borrowed.place, f"{sentence}: {reasons}" if reasons else sentence)]
