"""From libyaml's events to nodes. No constructor runs and nothing recurses.

Source of the scalars: https://yaml.org/spec/1.2.2/#1032-tag-resolution
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import yaml

from agent.errors import Place, Problem
from agent.intake.nodes import Node, Scalar
from agent.intake.wording import quote

if TYPE_CHECKING:
    from collections.abc import Iterable

DEEPEST = 50
MOST = 100_000  # values of one document, with every alias counted at its full size
LONGEST_NUMBER = 40  # characters

_TEXT_TAGS = frozenset({"!", "tag:yaml.org,2002:str"})
_TAGS = _TEXT_TAGS | {"tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"}
_INT = re.compile(r"[-+]?[0-9]+\Z")
_BASED = re.compile(r"(?:0o[0-7]+|0x[0-9a-fA-F]+)\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_SPECIAL = re.compile(r"(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z")
_NUMERIC = frozenset("-+.0123456789")
_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def resolve(raw: str) -> Scalar:
    """Give the value of a scalar written without quotes; a number of more than 40 characters is a ValueError."""
    if raw in _WORDS:
        return _WORDS[raw]
    if raw[0] not in _NUMERIC:
        return raw
    if _INT.match(raw):
        return int(_bounded(raw))
    if _BASED.match(raw):
        return int(_bounded(raw), 0)
    if _FLOAT.match(raw):
        return float(_bounded(raw))
    return float(raw.lower().replace(".", "", 1)) if _SPECIAL.match(raw) else raw


def _bounded(raw: str) -> str:
    if len(raw) > LONGEST_NUMBER:
        raise ValueError(raw)
    return raw


class StopReading(Exception):  # ruff: ignore[error-suffix-on-exception-name] - it ends a loop and is no error
    """What follows would only repeat the problem that was just found."""


@dataclass(slots=True)
class _Open:
    """A list or a mapping whose end has not come yet. `key` is the key that waits for its value."""

    event: yaml.CollectionStartEvent
    items: list[Node] | dict[str, Node]
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)
    key: str | None = None
    size: int = 1


class Builder:
    """Turns the events of one document into nodes, and collects what is wrong on the way."""

    def __init__(self, file: str, *, foreign: bool) -> None:
        """Take the name that stands in the problems, and whether tags and keys of any sort may pass."""
        self.problems: list[Problem] = []
        self.root: Node | None = None
        self._file = file
        self._foreign = foreign
        self._stack: list[_Open] = []
        self._anchors: dict[str, Node] = {}
        self._documents = 0
        self._values = 0

    def run(self, events: Iterable[object]) -> None:
        """Build the document; StopReading ends it where what follows would only repeat the last problem."""
        for event in events:
            if isinstance(event, yaml.ScalarEvent):
                self._scalar(event)
            elif isinstance(event, yaml.CollectionStartEvent):
                self._open(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._close()
            elif isinstance(event, yaml.AliasEvent):
                self._alias(event)
            elif isinstance(event, yaml.DocumentStartEvent):
                self._document(event)

    def _complain(self, event: yaml.Event, sentence: str) -> None:
        self.problems.append(Problem(Place(self._file, *_position(event)), sentence))

    def _stop(self, event: yaml.Event, sentence: str) -> StopReading:
        self._complain(event, sentence)
        return StopReading()

    def _document(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            raise self._stop(event, "A second document begins here: one file holds one document.")

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        self._grow(event, 1)
        self._check_tag(event)
        plain = not event.style and event.tag not in _TEXT_TAGS
        value = self._value(event) if plain else event.value
        if "\0" in event.value:
            self._complain(event, "This text holds the character NUL, which no system takes.")
        if self._awaits_key():
            self._key(event, value, plain=plain)
            return
        line, column = _position(event)
        node = Node(value, self._file, line, column, event.value, plain, tag=event.tag or "")
        self._add(event.anchor, node)

    def _value(self, event: yaml.ScalarEvent) -> Scalar:
        try:
            return resolve(event.value)
        except ValueError:
            self._complain(event, "This number is too long to be one: put it in quotes if it is text.")
            return event.value

    def _key(self, event: yaml.ScalarEvent, value: Scalar, *, plain: bool) -> None:
        top = self._stack[-1]
        word = event.value
        if not self._foreign and plain and word == "<<":
            self._complain(event, "The merge key << is not read here: write the keys out.")
        elif not self._foreign and not isinstance(value, str):
            self._complain(event, f"The key {quote(word)} is not text: put it in quotes.")
        elif word in top.keys:
            first = Place(self._file, *top.keys[word])
            self._complain(event, f"The key {quote(word)} stands here twice; the first is at {first}.")
        top.key = word
        top.keys.setdefault(word, _position(event))

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        self._grow(event, 1)
        if len(self._stack) >= DEEPEST:
            raise self._stop(event, f"This is nested more than {DEEPEST} levels deep.")
        if self._awaits_key():
            raise self._stop(event, "A key is a text here, not a list or a mapping.")
        self._check_tag(event)
        self._stack.append(_Open(event, {} if isinstance(event, yaml.MappingStartEvent) else []))

    def _close(self) -> None:
        done = self._stack.pop()
        line, column = _position(done.event)
        value = tuple(done.items) if isinstance(done.items, list) else done.items
        tag = done.event.tag or ""
        node = Node(value, self._file, line, column, keys=done.keys, size=done.size, tag=tag)
        self._add(done.event.anchor, node)

    def _alias(self, event: yaml.AliasEvent) -> None:
        if self._awaits_key():
            raise self._stop(event, "A key is a text here, not an alias.")
        name = event.anchor or ""
        node = self._anchors.get(name)
        if node is None:
            inside = any(one.event.anchor == name for one in self._stack)
            why = "stands inside the value that it names" if inside else "has no anchor before it"
            raise self._stop(event, f"The alias {quote('*' + name)} {why}.")
        self._grow(event, node.size)
        self._add(None, node)

    def _grow(self, event: yaml.Event, size: int) -> None:
        self._values += size
        if self._values > MOST:
            raise self._stop(event, f"This document grows to more than {MOST:,} values, aliases written out.")

    def _awaits_key(self) -> bool:
        return bool(self._stack) and isinstance(self._stack[-1].items, dict) and self._stack[-1].key is None

    def _check_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.tag is not None and event.tag not in _TAGS and not self._foreign:
            self._complain(event, f"The tag {quote(event.tag)} is not known here: take it out.")

    def _add(self, anchor: str | None, node: Node) -> None:
        if anchor:
            self._anchors[anchor] = node
        if not self._stack:
            self.root = node
            return
        top = self._stack[-1]
        top.size += node.size
        if isinstance(top.items, list):
            top.items.append(node)
        elif top.key is not None:
            top.items[top.key] = node
            top.key = None


def _position(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (0, 0)
