"""Scalars as they were written: their lines, freed of indentation, so that they can stand at another one."""

from __future__ import annotations

import re

from agent.intake.formatting.tree import Leaf, Remark, Style

_STYLES = {"'": Style.SINGLE, '"': Style.DOUBLE, "|": Style.BLOCK, ">": Style.BLOCK}
_HEADER = re.compile(r"([|>])([-+0-9]*)[ \t]*(#.*)?")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
_DOUBTFUL = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})  # to one reader or another
_EASY = re.compile(r"'[^'\"\\]*'")  # reads the same between double quotes


def bare(key: str) -> str:
    """Give a key without quotes that it does not need."""
    word = key[1:-1]
    if key[:1] != '"' or not _WORD.fullmatch(word) or word.lower() in _DOUBTFUL:
        return key
    return word


def style_of(written: str | None) -> Style:
    """Give the style that libyaml names by a character."""
    return _STYLES.get(written or "", Style.PLAIN)


def flowing(written: str, style: Style) -> Leaf:
    """Read a scalar that may run over several lines, the space around each of which means nothing."""
    first, *others = written.split("\n")
    lines = [_ended(line, style) for line in (first, *(other.lstrip(" \t") for other in others))]
    if style is Style.SINGLE and _EASY.fullmatch("\n".join(lines)):
        return Leaf(tuple("\n".join(lines).replace("'", '"').split("\n")), Style.DOUBLE)
    return Leaf(tuple(lines), style)


def _ended(line: str, style: Style) -> str:
    """Take the space off the end of a line of a text, but not what a backslash keeps."""
    short = line.rstrip(" \t")
    kept = style is Style.DOUBLE and (len(short) - len(short.rstrip("\\"))) % 2
    return line[: len(short) + 1] if kept else short


def block(written: str, outer: int, column: int) -> tuple[Leaf, Remark | None]:
    """Read a block scalar, and the comment in its first line.

    `outer` is the column of the collection around it, `column` its own. An indentation that the header gives as a
    number stays a number, since the text itself then begins with a space.
    """
    head, *lines = written.split("\n")
    match = _HEADER.match(head)
    mark, signs, said = match.groups() if match else ("", "", "")
    digit = re.search(r"[0-9]", signs)
    first = next((line for line in lines if line.strip(" ")), "")
    depth = max(outer, 0) + int(digit[0]) if digit else len(first) - len(first.lstrip(" "))
    chomp = next((sign for sign in "+-" if sign in signs), "")
    kept = [line[depth:] for line in lines]
    if kept and kept[-1]:
        chomp = "-"  # the file ends within this line: there is no newline to keep
    if kept and not kept[-1]:
        kept.pop()
    while kept and not kept[-1] and chomp != "+":
        kept.pop()
    remark = Remark(said.rstrip(), column + match.start(3)) if match and said else None
    return Leaf((mark + ("2" if digit else "") + chomp, *kept), Style.BLOCK), remark
