"""The nouns of a document with its comments: what is written, and what each comment belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Lines = tuple[str, ...]  # comments, each on a line of its own; an empty text is a blank line


class Style(StrEnum):
    """How a scalar is written."""

    PLAIN = "plain"
    SINGLE = "single"
    DOUBLE = "double"
    BLOCK = "block"
    ALIAS = "alias"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment behind something on its line, and the column that it began in."""

    text: str
    column: int


@dataclass(frozen=True, slots=True)
class Leaf:
    """A scalar as it was written, a line a member.

    A text of several lines has them without the space around them; of a block (`|` and `>`) the first is the header,
    and the others have lost their indentation.
    """

    lines: Lines
    style: Style


@dataclass(frozen=True, slots=True)
class Branch:
    """A mapping or a list. `tail` are the comments behind its last entry."""

    mapping: bool
    flow: bool
    entries: tuple[Entry, ...]
    tail: Lines = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a mapping or a list, with the comments that belong to it.

    Attributes:
        key: the key as it was written; empty in a list.
        properties: the anchor and the tag of the value.
        before: the comments and blank lines above it.
        head: the comment behind the key, where the value begins on a line further down.
        inner: the comments between that and the value.
        after: the comment behind the value.
    """

    value: Leaf | Branch
    key: str = ""
    properties: str = ""
    before: Lines = ()
    head: Remark | None = None
    inner: Lines = ()
    after: Remark | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A whole document: the comments at its top, which stay there, its root, and the comments at its end."""

    header: Lines
    root: Entry
    tail: Lines
