"""The mode of a policy as text: another word in its place, and every other byte of the file as it was.

Whatever the layout, what was written is read again and compared with what was meant; where the two differ nothing
is given, and a person has to write the line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agent.errors import InputError
from agent.intake import yaml
from agent.intake.nodes import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from agent.intake.nodes import Node
    from agent.model.policy import Mode

_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
_LINE = re.compile(r"\r\n|\r|\n")
_AFTER = ("remedy", "guard", "verify", "check_every")  # what stands behind the mode in the one layout


def with_mode(before: bytes, name: str, mode: Mode, sites: Iterable[str] = ()) -> bytes:
    """Give a policy's bytes with another mode, or with one at these sites alone.

    Raises:
        InputError: it is written in a way that a line cannot be changed by itself; the sentence has the lines.
    """
    sites = tuple(sites)
    text = before.decode()
    wanted = _wanted(yaml.parse(before, name), mode, sites)
    for site in sites or ("",):
        node = yaml.parse(text.encode(), name)
        text = _at_site(text, node, site, mode) if site else _anywhere(text, node, mode)
        if not _reads(text, name):
            break
    if not _reads(text, name) or plain(yaml.parse(text.encode(), name)) != wanted:
        lines = "".join(f"\n  {site}: {{mode: {mode}}}" for site in sites)
        msg = f"{name} is written in a way that its mode cannot be changed by itself. Write this into it:\n"
        raise InputError(msg + (f"sites:{lines}" if sites else f"mode: {mode}"))
    return text.encode()


def _wanted(node: Node, mode: Mode, sites: tuple[str, ...]) -> Mapping[str, object]:
    content = plain(node)
    found = dict(content) if isinstance(content, dict) else {}
    if not sites:
        return {**found, "mode": mode.value}
    there = found.get("sites")
    return {
        **found,
        "sites": {**(there if isinstance(there, dict) else {}), **{s: {"mode": mode.value} for s in sites}},
    }


def _reads(text: str, name: str) -> bool:
    try:
        yaml.parse(text.encode(), name)
    except InputError:
        return False
    return True


def _anywhere(text: str, node: Node, mode: Mode) -> str:
    found = node.get("mode")
    return _replaced(text, found, mode) if found else _inserted(text, node, f"mode: {mode}")


def _at_site(text: str, node: Node, site: str, mode: Mode) -> str:
    sites = node.get("sites")
    entry = sites.get(site) if sites else None
    if entry is not None and (found := entry.get("mode")) is not None:
        return _replaced(text, found, mode)
    if sites is None:
        newline = _newline(text)
        return _inserted(text, node, f"sites:{newline}  {site}: {{mode: {mode}}}")
    start = _index(text, sites.line, sites.column)
    if text[start : start + 1] == "{":
        comma = ", " if plain(sites) else ""
        return f"{text[: start + 1]}{site}: {{mode: {mode}}}{comma}{text[start + 1 :]}"
    line, column = min(sites.keys.values())
    begin = _above(text, line)
    return f"{text[:begin]}{' ' * (column - 1)}{site}: {{mode: {mode}}}{_newline(text)}{text[begin:]}"


def _replaced(text: str, found: Node, mode: Mode) -> str:
    """Put a word in the place of another; comments that stand behind it keep their column where they can."""
    start = _index(text, found.line, found.column)
    start += text[start : start + 1] in {'"', "'"}
    end = start + len(found.raw)
    if text[start:end] != found.raw:
        return text
    gap = re.match(r" +(?=#)", text[end:])
    left = len(found.raw) - len(mode.value)
    blanks = "" if gap is None else " " * max(len(gap[0]) + left, 1)
    return text[:start] + mode.value + blanks + text[end + (len(gap[0]) if gap else 0) :]


def _inserted(text: str, node: Node, lines: str) -> str:
    """Put lines before what stands behind the mode in the one layout, and above its comment; else at the end."""
    newline = _newline(text)
    behind = next((node.keys[key] for key in _AFTER if key in node.keys), None)
    if behind is None:
        stop = re.search(r"(?m)^\.\.\.[ \t]*(?:#.*)?\r?$", text)  # a mark that ends the document
        place = stop.start() if stop else len(text)
        gap = "" if text[:place].endswith(("\n", "\r")) else newline
        return f"{text[:place]}{gap}{lines}{newline}{text[place:]}"
    line, column = behind
    place = _above(text, line) if column == 1 else len(text)
    return f"{text[:place]}{lines}{newline}{text[place:]}"


def _above(text: str, line: int) -> int:
    """Give the index where a line begins, counted from 1, or the comment that stands above it and belongs to it."""
    begins = [0, *(m.end() for m in _LINE.finditer(text))]
    while line > 1 and re.match(r"[ ]*#", text[begins[line - 2] :]):
        line -= 1
    return begins[line - 1]


def _newline(text: str) -> str:
    found = _LINE.search(text)
    return found[0] if found else "\n"


def _index(text: str, line: int, column: int) -> int:
    """Give the index of a place, counted from 1, whatever ends the lines; a byte order mark is no column."""
    start = len(text) - len(text.removeprefix(_BOM))
    for match in list(_LINE.finditer(text))[: line - 1]:
        start = match.end()
    return start + column - 1
