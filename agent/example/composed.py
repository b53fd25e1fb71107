"""Which condition sets and dated values the example's rules are composed of, so that they are laid down with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

IS = frozenset({"is", "is_not"})


@dataclass(frozen=True, slots=True)
class Parts:
    """The example's sets and values: for each name the file, and for a set what it says."""

    values: dict[str, Path] = field(default_factory=dict)
    sets: dict[str, Path] = field(default_factory=dict)
    where: dict[str, Any] = field(default_factory=dict)

    def needed(self, content: object) -> Iterator[Path]:
        """Give the files that a policy's content rests on, those that its sets rest on included."""
        for name in _names(content):
            if name in self.sets:
                yield self.sets[name]
                yield from self.needed(self.where[name])
        for reference in _references(content):
            if (name := reference.partition(".")[0]) in self.values:
                yield self.values[name]


def parts(policies: Path) -> Parts:
    """Find the sets and values of a folder of policies."""
    found = Parts()
    for path in sorted((policies / "values").glob("*.yaml")):
        found.values[read(path)["values"]] = path
    for path in sorted((policies / "conditions").glob("*.yaml")):
        for name, one in read(path)["conditions"].items():
            found.sets[name], found.where[name] = path, one["where"]
    return found


def read(path: Path) -> Any:  # ruff: ignore[any-type] - YAML as it stands in the file
    """Read a file of the example, which is known to be YAML."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _inside(content: object) -> Iterable[tuple[str, object]]:
    if isinstance(content, dict):
        for key, value in content.items():
            yield str(key), value
            yield from _inside(value)
    elif isinstance(content, list):
        for member in content:
            yield from _inside(member)


def _names(content: object) -> Iterator[str]:
    for key, value in _inside(content):
        if key in IS:
            yield from (str(name) for name in (value if isinstance(value, list) else [value]))


def _references(content: object) -> Iterator[str]:
    for key, value in _inside(content):
        if key == "value" and isinstance(value, str):
            yield value
