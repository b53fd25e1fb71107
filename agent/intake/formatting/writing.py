"""From the tree to text: two spaces of indentation, lines of at most 120 characters where that can be had."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agent.intake.formatting.lines import WIDTH, folded, inline, spaced, with_remark
from agent.intake.formatting.tree import Branch, Entry, Leaf, Style

if TYPE_CHECKING:
    from agent.intake.formatting.tree import Lines, Written

STEP = 2


def written(document: Written) -> str:
    """Write a whole document."""
    root = document.root
    top = [*document.header, *root.before, *([root.head.text] if root.head else []), *root.inner]
    bare = replace(root, before=(), head=None, inner=())
    above = _from_first(spaced(top))
    body = _root(bare)
    tail = _to_last(spaced(document.tail))
    if _ends_open(root):
        tail = _from_first(tail)
    return "\n".join([*above, *body, *tail]) + "\n"


def _root(root: Entry) -> list[str]:
    line = inline(root.value)
    if line is not None:
        start = " ".join(filter(None, [root.properties, line]))
        if len(start) <= WIDTH or isinstance(root.value, Leaf):
            return [with_remark(start, root.after)]
    return [*([root.properties] if root.properties else []), *_block(_with_remark_at_end(root), 0)]


def _block(branch: Branch, indent: int) -> list[str]:
    """Write a mapping or a list as a block, without a blank line above its first entry."""
    lines: list[str] = []
    tight = True  # no blank line may follow
    for entry in branch.entries:
        one = _settled(entry, indent, mapping=branch.mapping)
        before = spaced(one.before)
        lines += _indented(_from_first(before) if tight else before, indent)
        lines += _pair(one, indent) if branch.mapping else _member(one, indent)
        tight = _ends_open(one)
    tail = _to_last(spaced(branch.tail))
    return lines + _indented(_from_first(tail) if tight else tail, indent)


def _ends_open(entry: Entry) -> bool:
    """Tell whether a blank line below an entry would be part of it: it ends with a text that keeps them."""
    value = entry.value
    if isinstance(value, Leaf):
        return value.style is Style.BLOCK and "+" in value.lines[0]
    return bool(value.entries) and not value.flow and not value.tail and _ends_open(value.entries[-1])


def _settled(entry: Entry, indent: int, *, mapping: bool) -> Entry:
    """Move the comments that have no place where they stand: those in empty brackets, and those below a dash."""
    value = entry.value
    if not isinstance(value, Branch):
        return entry
    if not value.entries:
        return replace(entry, before=(*entry.before, *value.tail), value=replace(value, tail=()))
    if mapping or entry.properties or _fits(entry, indent):
        return entry
    first = _settled(value.entries[0], indent + STEP, mapping=value.mapping)
    above = tuple(_from_first(list(first.before)))
    entries = (replace(first, before=()), *value.entries[1:])
    return replace(entry, before=(*entry.before, *above), value=replace(value, entries=entries))


def _fits(entry: Entry, indent: int) -> bool:
    """Tell whether a value between brackets fits on one line, behind a dash or below its key."""
    line = inline(entry.value)
    return line is not None and indent + STEP + len(entry.properties) + 1 + len(line) <= WIDTH


def _pair(entry: Entry, indent: int) -> list[str]:
    start = " " * indent + entry.key + ":"
    if isinstance(entry.value, Branch) and not _fits(entry, indent):
        return _opened(entry, start, indent)
    parted = bool(entry.head or entry.inner)
    line = inline(entry.value)
    if isinstance(entry.value, Branch) and line is not None:
        parted = parted or len(" ".join(filter(None, [start, entry.properties, line]))) > WIDTH
    if not parted:
        return _placed(entry, start, indent)
    above = [with_remark(start, entry.head), *_indented(entry.inner, indent + STEP)]
    return above + _placed(entry, " " * (indent + STEP - 1), indent)


def _opened(entry: Entry, start: str, indent: int) -> list[str]:
    """Write a key whose value is a block below it."""
    branch = _with_remark_at_end(replace(entry, after=entry.after if entry.head else None))
    head = entry.head or entry.after
    first, *rest = branch.entries
    above = replace(first, before=(*entry.inner, *first.before))
    line = f"{start} {entry.properties}" if entry.properties else start
    return [with_remark(line, head), *_block(replace(branch, entries=(above, *rest)), indent + STEP)]


def _with_remark_at_end(entry: Entry) -> Branch:
    if not isinstance(entry.value, Branch):
        return Branch(mapping=True, flow=True, entries=())
    after: Lines = (entry.after.text,) if entry.after else ()
    return replace(entry.value, tail=(*entry.value.tail, *after))


def _member(entry: Entry, indent: int) -> list[str]:
    dash = " " * indent + "-"
    if not isinstance(entry.value, Branch) or _fits(entry, indent) or not entry.value.entries:
        return _placed(entry, dash, indent)
    lines = _block(_with_remark_at_end(entry), indent + STEP)
    if entry.properties:
        return [f"{dash} {entry.properties}", *lines]
    return [f"{dash} {lines[0][indent + STEP :]}", *lines[1:]]


def _placed(entry: Entry, start: str, indent: int) -> list[str]:
    """Write a value that begins on the line of its key or its dash."""
    opening = f"{start} {entry.properties}" if entry.properties else start
    if isinstance(entry.value, Branch):
        return [with_remark(f"{opening} {inline(entry.value)}", entry.after)]
    if entry.value.style is Style.EMPTY:
        return [with_remark(opening, entry.after)]
    if entry.value.style is Style.BLOCK:
        header, *text = entry.value.lines
        return [with_remark(f"{opening} {header}", entry.after), *_indented(text, indent + STEP)]
    first, *more = folded(entry.value, len(opening) + 1, indent + STEP)
    lines = [f"{opening} {first}", *_indented(more, indent + STEP)]
    return [*lines[:-1], with_remark(lines[-1], entry.after)]


def _indented(lines: list[str] | Lines, indent: int) -> list[str]:
    return [" " * indent + line if line else "" for line in lines]


def _from_first(lines: list[str]) -> list[str]:
    return lines[1:] if lines[:1] == [""] else lines


def _to_last(lines: list[str]) -> list[str]:
    return lines[:-1] if lines[-1:] == [""] else lines
