"""Changes of the calendar as text: a new one is put behind the others, an undone one is marked; comments stay."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from agent.errors import InputError
from agent.intake import yaml
from agent.intake.changes import SHAPE
from agent.intake.nodes import Node, text_at
from agent.model.calendar import Kept

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from agent.model.calendar import CalendarChange

HEAD = """\
# Snow days, delays and early releases that were declared with `driftbell calendar`, which writes this file.
"""
_WORDS = {Kept.CLOSED: "closed", Kept.DELAY: "delay", Kept.EARLY_RELEASE: "early_release"}
_CLOCKS = {Kept.DELAY: "from", Kept.EARLY_RELEASE: "until"}


def written(change: CalendarChange, sites: Sequence[str]) -> list[str]:
    """Write a change as the lines of a list's member; `sites` as they were named, `all` for each."""
    days = change.days
    lines = [f"- change: {_quoted(change.id)}", f"  what: {_WORDS[days.what]}", f"  why: {_quoted(days.name)}"]
    if days.first == days.last:
        lines.append(f"  day: {days.first}")
    else:
        lines += [f"  first: {days.first}", f"  last: {days.last}"]
    second = days.from_second if days.what is Kept.DELAY else days.until_second
    if second is not None:
        lines.append(f'  {_CLOCKS[days.what]}: "{second // 3600:02}:{second // 60 % 60:02}"')
    lines += [f"  sites: [{', '.join(map(_quoted, sites))}]", f"  roles: [{', '.join(change.roles)}]"]
    return [*lines, f"  by: {_quoted(change.by)}", f"  at: {change.at.isoformat(timespec='seconds')}"]


def with_change(text: str, lines: Sequence[str], file: str) -> str:
    """Give a file's text with one more change at its end; an empty text becomes a file.

    Raises:
        InputError: the file is not laid out so that a line could be added.
    """
    node = _parsed(text, file)
    listed = _items(node)
    if not listed:
        return "\n".join([HEAD + f"{SHAPE}:", *(f"  {line}" for line in lines)]) + "\n"
    indent = " " * (listed[0].column - len("- ") - 1)
    made = "\n".join([text.rstrip("\n"), *(indent + line for line in lines)]) + "\n"
    return _checked(made, file, len(listed) + 1, lambda items: items[-1].get("change") is not None)


def with_undone(text: str, change: str, by: str, at: datetime, file: str) -> str:
    """Give a file's text with a change marked as taken back; where it is not in the file, the text as it is.

    Raises:
        InputError: the file is not laid out so that a line could be added.
    """
    listed = _items(_parsed(text, file))
    item = find(listed, change)
    if item is None or item.get("undone") is not None:
        return text
    line, column = item.keys["change"]
    lines = text.split("\n")
    undone = f"undone: {{by: {_quoted(by)}, at: {_quoted(at.isoformat(timespec='seconds'))}}}"
    lines.insert(line, " " * (column - 1) + undone)
    made = "\n".join(lines)

    def marked(items: Sequence[Node]) -> bool:
        found = find(items, change)
        return found is not None and found.get("undone") is not None

    return _checked(made, file, len(listed), marked)


def block(text: str, change: str, file: str) -> list[str]:
    """Give the lines of one change as they stand in a file, moved to the margin; none where it is not there."""
    listed = _items(_parsed(text, file))
    item = find(listed, change)
    if item is None:
        return []
    later = [other.line for other in listed if other.line > item.line]
    lines = text.split("\n")[item.line - 1 : min(later) - 1 if later else None]
    margin = item.column - len("- ") - 1
    return [line[margin:] for line in lines if line.strip()]


def ids(text: str, file: str) -> list[str]:
    """Give the ids of the changes in a file."""
    return [text_at(item, "change") for item in _items(_parsed(text, file))]


def find(items: Sequence[Node], change: str) -> Node | None:
    """Give the change of an id."""
    return next((item for item in items if text_at(item, "change") == change), None)


def _items(node: Node | None) -> tuple[Node, ...]:
    listed = node.get(SHAPE) if node else None
    return listed.items() if listed else ()


def _parsed(text: str, file: str) -> Node | None:
    return yaml.parse(text.encode(), file) if text.strip() else None


def _checked(text: str, file: str, number: int, holds: Callable[[Sequence[Node]], bool]) -> str:
    """Make sure that the text still reads as it should: whoever wrote the file may lay it out as they like."""
    try:
        items = _items(_parsed(text, file))
    except InputError:
        items = ()
    if len(items) != number or not holds(items):
        msg = f"{file} is laid out in a way that nothing can be added to: write each change as a `- change: ...` block."
        raise InputError(msg)
    return text


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
