"""The plays, roles, blocks and tasks of a playbook's files, and what an entry does that it should not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.intake.reach import word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.errors import Place
    from agent.intake.nodes import Node

BLOCKS = frozenset({"block", "rescue", "always"})
ROLES = frozenset({"roles", "dependencies"})
KEYS = frozenset({"tasks", "pre_tasks", "post_tasks", "handlers"}) | BLOCKS | ROLES
_PLAYS = frozenset({"hosts", "import_playbook"})


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that acts. `task` is the name of the task it stands in, empty where there is none."""

    place: Place
    task: str
    what: str


def entries(node: Node) -> Iterator[Node]:
    """Give the plays, roles, blocks and tasks of a file, each of which may have a name and keywords."""
    yield from (entry for _, entry in _walk(node))


def tasks(node: Node) -> Iterator[Node]:
    """Give the tasks and blocks alone, which are what may name a module."""
    for key, entry in _walk(node):
        if key not in ROLES and not any(word(k) in _PLAYS for k, _ in entry.pairs()):
            yield entry


def _walk(node: Node) -> Iterator[tuple[str, Node]]:
    waiting = [("", item) for item in node.items()]
    waiting += [("dependencies", item) for item in _listed(node.get("dependencies"))]
    while waiting:
        key, entry = waiting.pop()
        yield key, entry
        waiting += [(k, item) for k, value in entry.pairs() if k in KEYS for item in value.items()]


def _listed(node: Node | None) -> tuple[Node, ...]:
    return node.items() if node else ()


def name(entry: Node) -> str:
    """Give the name of an entry, empty where it has none."""
    found = entry.get("name")
    return (found.text() or "") if found else ""


def action(entry: Node, key: str) -> tuple[str, str, Node | None]:
    """Give the module that `action` or `local_action` names, what follows it on the line, and where it stands."""
    node = entry.get(key)
    if node is None:
        return "", "", None
    named = node.get("module") or node
    text = (named.text() or "").strip()
    module, _, rest = text.partition(" ")
    return word(module), rest, node
