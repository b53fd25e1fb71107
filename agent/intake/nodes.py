"""The nodes that YAML is read into, and how the rest of intake looks into them.

The looks are tolerant: what has the wrong shape gives nothing. The schema has said so already, with its place, and
one mistake is one problem.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agent.errors import Place
from agent.intake.wording import SHOWN, quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Scalar = None | bool | int | float | str


@dataclass(frozen=True, slots=True)
class Node:
    """One value of a document, and where it stands.

    Attributes:
        value: a scalar, a tuple of nodes, or a dict of nodes by key.
        raw: a scalar as it was written, without its quotes.
        plain: whether a scalar was written without quotes.
        keys: where each key of a mapping stands, as (line, column).
        size: how many values it holds, itself included, aliases counted in full.
        tag: the tag it carries, which only foreign YAML may.
        origin: for a value of a dated file, where it is used: its name and the place where it stands.
    """

    value: Scalar | tuple[Node, ...] | dict[str, Node]
    file: str
    line: int
    column: int
    raw: str = ""
    plain: bool = False
    keys: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    size: int = 1
    tag: str = ""
    origin: tuple[str, Place] | None = None

    @property
    def place(self) -> Place:
        """Give where the value begins."""
        return Place(self.file, self.line, self.column)

    def key_place(self, key: str) -> Place:
        """Give where a key of this mapping stands."""
        return Place(self.file, *self.keys[key])

    def get(self, key: str) -> Node | None:
        """Give the value of a key, or nothing where this is no mapping or has no such key."""
        return self.value.get(key) if isinstance(self.value, dict) else None

    def pairs(self) -> Iterator[tuple[str, Node]]:
        """Give the keys and values of a mapping, in order; nothing of anything else."""
        if isinstance(self.value, dict):
            yield from self.value.items()

    def items(self) -> tuple[Node, ...]:
        """Give the members of a list; nothing of anything else."""
        return self.value if isinstance(self.value, tuple) else ()

    def text(self) -> str | None:
        """Give a text, or nothing where this is something else."""
        return self.value if isinstance(self.value, str) else None

    def texts(self) -> tuple[str, ...]:
        """Give the texts of a list."""
        return tuple(i.value for i in self.items() if isinstance(i.value, str))


def text_at(node: Node, key: str) -> str:
    """Give the text under a key without the space around it, or an empty one."""
    found = node.get(key)
    return (found.text() or "").strip() if found else ""


def number_at(node: Node, key: str) -> float | int | None:
    """Give the number under a key."""
    found = node.get(key)
    value = found.value if found else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return value if math.isfinite(value) else None


def within(node: Node) -> Iterator[Node]:
    """Give a node and everything in it."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        if isinstance(one.value, dict):
            waiting.extend(reversed(one.value.values()))
        elif isinstance(one.value, tuple):
            waiting.extend(reversed(one.value))


def plain(node: Node) -> object:
    """Give the values alone, as JSON has them."""
    if isinstance(node.value, dict):
        return {key: plain(value) for key, value in node.value.items()}
    if isinstance(node.value, tuple):
        return [plain(item) for item in node.value]
    return node.value


def content(node: Node) -> object:
    """Give what a digest is taken over: the values, where a number that JSON would change stays as written."""
    if isinstance(node.value, dict):
        return {key: content(value) for key, value in node.value.items()}
    if isinstance(node.value, tuple):
        return [content(item) for item in node.value]
    exact = not isinstance(node.value, (int, float)) or node.raw in {str(node.value), "true", "false"}
    return node.value if exact else {"number": node.raw}


def flow(node: Node) -> str:
    """Write a value on one line, much as the policy wrote it."""
    if isinstance(node.value, dict):
        return "{" + ", ".join(f"{key}: {flow(value)}" for key, value in node.value.items()) + "}"
    if isinstance(node.value, tuple):
        return "[" + ", ".join(flow(item) for item in node.value) + "]"
    return node.raw


def named(node: Node) -> str:
    """Say in words what sort of value this is."""
    value = node.value
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, tuple):
        return "a list"
    if isinstance(value, bool):
        return f"the yes/no value {node.raw}"
    if isinstance(value, (int, float)):
        return f"the number {node.raw}" if math.isfinite(value) else f"{node.raw}, which is no number"
    return "a blank text" if not value.strip() else f"the text {quote(node.raw, SHOWN)}"
