"""What goes on one line, and where a line that is too long goes on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agent.intake.formatting.tree import Branch, Entry, Leaf, Remark, Style

if TYPE_CHECKING:
    from collections.abc import Iterable

WIDTH = 120
APART = 2  # spaces at least between a value and the comment behind it
_SPACE = re.compile(r"(?<=[^\s\\]) (?=\S)")  # where a text may go on in the next line


def spaced(lines: Iterable[str]) -> list[str]:
    """Give lines with never more than one blank line in a row."""
    kept: list[str] = []
    for line in lines:
        if line or not kept or kept[-1]:
            kept.append(line)
    return kept


def with_remark(line: str, remark: Remark | None) -> str:
    """Put a comment behind a line: in the column that it had, where that can be, so that columns stay columns."""
    if remark is None:
        return line
    nearest = len(line) + APART
    column = max(nearest, remark.column)
    if column + len(remark.text) > WIDTH:
        column = nearest
    return line.ljust(column) + remark.text


def inline(value: Leaf | Branch) -> str | None:
    """Write a value on one line, or give nothing where that cannot be: it is a block, or has comments in it."""
    if isinstance(value, Leaf):
        return _joined(value)
    if not value.flow or value.tail:
        return None
    words = [_inline_entry(entry, mapping=value.mapping) for entry in value.entries]
    whole = [word for word in words if word is not None]
    if len(whole) != len(words):
        return None
    return "{" + ", ".join(whole) + "}" if value.mapping else "[" + ", ".join(whole) + "]"


def _inline_entry(entry: Entry, *, mapping: bool) -> str | None:
    if any(entry.before) or entry.head or entry.inner or entry.after:
        return None
    line = inline(entry.value)
    if line is None:
        return None
    words = " ".join(filter(None, [entry.properties, line]))
    return (f"{entry.key}: {words}" if words else entry.key) if mapping else words


def _joined(leaf: Leaf) -> str | None:
    if leaf.style is Style.BLOCK:
        return None
    return " ".join(leaf.lines) if len(leaf.lines) == 1 or _is_prose(leaf) else None


def _is_prose(leaf: Leaf) -> bool:
    """Tell whether the ends of the lines of a text mean a space each, and nothing else."""
    return all(leaf.lines[1:]) and not any(_goes_on(line) for line in leaf.lines if leaf.style is Style.DOUBLE)


def _goes_on(line: str) -> bool:
    return line.endswith("\\")


def folded(leaf: Leaf, first: int, indent: int) -> list[str]:
    """Give the lines of a text: as they are where they fit, else filled anew.

    `first` is the column of the first line, `indent` that of the others.
    """
    lines = list(leaf.lines)
    widths = [first + len(lines[0]), *(indent + len(line) for line in lines[1:])]
    if max(widths) <= WIDTH or not _is_prose(leaf):
        return lines
    filled = [""]
    for word in _SPACE.split(" ".join(lines)):
        begin = first if len(filled) == 1 else indent
        if filled[-1] and begin + len(filled[-1]) + 1 + len(word) > WIDTH:
            filled.append(word)
        else:
            filled[-1] += f" {word}" if filled[-1] else word
    return filled
