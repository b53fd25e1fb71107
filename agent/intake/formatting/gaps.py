"""The comments and blank lines between the tokens of a document, in order, each handed out once."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from agent.intake.formatting.tree import Lines, Remark

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_LINE = re.compile(r"\n")
_COMMENT = re.compile(r"#.*")
_HEADER = re.compile(r"[|>][-+0-9]*[ \t]*(#.*)")
_KEPT = re.compile(r"[|>][0-9-]*\+")


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment. `own`: it has its line for itself. `index` counts characters from the beginning."""

    index: int
    line: int
    column: int
    text: str
    own: bool


def remarks(text: str) -> list[str]:
    """Give every comment of a text that can be read, in the order of the alphabet."""
    tokens = list(yaml.scan(text, Loader=yaml.CSafeLoader))
    headers = (_HEADER.match(text, t.start_mark.index) for t in tokens if isinstance(t, yaml.ScalarToken) and t.style)
    inside = [header[1].rstrip() for header in headers if header]
    return sorted(filter(None, [*inside, *Gaps(text, tokens).taken(lambda _: True)]))


class Gaps:
    """What stands between tokens."""

    def __init__(self, text: str, tokens: Sequence[yaml.Token]) -> None:
        """Find every comment; block scalars carry theirs in their own first line."""
        self._lines = text.split("\n")
        self._starts = [0, *(match.end() for match in _LINE.finditer(text))]
        self._content: set[int] = set()  # lines that are blank and yet text, in blocks that keep them
        self._waiting = deque(self._found(text, tokens))

    def _found(self, text: str, tokens: Sequence[yaml.Token]) -> list[Comment]:
        found = []
        end = 0
        for token in tokens:
            start, stop = token.start_mark, token.end_mark
            if stop.index > start.index:  # others are not written, and stand behind the comments before them
                found += self._between(text, end, start.index)
                end = stop.index
            if isinstance(token, yaml.ScalarToken) and _KEPT.match(text, start.index):
                self._content |= set(range(start.line, stop.line))
        return [*found, *self._between(text, end, len(text))]

    def _between(self, text: str, start: int, end: int) -> list[Comment]:
        found = []
        for match in _COMMENT.finditer(text, start, end):
            line = bisect_right(self._starts, match.start()) - 1
            column = match.start() - self._starts[line]
            own = not self._lines[line][:column].strip()
            found.append(Comment(match.start(), line, column, match[0].rstrip(), own))
        return found

    def behind(self, index: int) -> Remark | None:
        """Take the next comment, if it stands behind something on a line, before the character `index`."""
        if self._waiting and self._waiting[0].index < index and not self._waiting[0].own:
            comment = self._waiting.popleft()
            return Remark(comment.text, comment.column)
        return None

    def above(self, index: int, line: int) -> Lines:
        """Take the comments before the character `index`, which stands on `line`, with their blank lines."""
        return self.taken(lambda c: c.index < index) + (("",) if self._blank_above(line) else ())

    def taken(self, wanted: Callable[[Comment], bool]) -> Lines:
        """Take comments as long as they are wanted, with the blank lines above them."""
        lines: list[str] = []
        while self._waiting and wanted(self._waiting[0]):
            comment = self._waiting.popleft()
            lines += ["", comment.text] if comment.own and self._blank_above(comment.line) else [comment.text]
        return tuple(lines)

    def _blank_above(self, line: int) -> bool:
        return 0 < line <= len(self._lines) and line - 1 not in self._content and not self._lines[line - 1].strip()
