"""From libyaml's tokens to the tree: what belongs to what, comments included.

The document has been read by intake before, so what is met here is one document of mappings, lists and scalars whose
keys are texts.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import yaml

from agent.errors import InputError, Place, Problem
from agent.intake.formatting.gaps import Gaps
from agent.intake.formatting.scalars import bare, block, flowing, style_of
from agent.intake.formatting.tree import Branch, Entry, Leaf, Lines, Remark, Style, Written

if TYPE_CHECKING:
    from collections.abc import Callable

_VALUE = (
    yaml.ScalarToken, yaml.AliasToken, yaml.AnchorToken, yaml.TagToken, yaml.BlockMappingStartToken,
    yaml.BlockSequenceStartToken, yaml.FlowMappingStartToken, yaml.FlowSequenceStartToken,
)  # fmt: skip
_MARKS = (yaml.DirectiveToken, yaml.DocumentStartToken, yaml.DocumentEndToken, yaml.StreamStartToken)


class Reader:
    """Reads one document, token by token."""

    def __init__(self, text: str, name: str) -> None:
        """Take the text, and the name that stands in problems."""
        self._text = text
        self._name = name
        self._tokens = list(yaml.scan(text, Loader=yaml.CSafeLoader))
        self._at = 0
        self._gaps = Gaps(text, self._tokens)
        self._columns = [-1]  # of the block collections that are open
        self._remark: Remark | None = None  # the comment in the first line of the block that was just read

    def document(self) -> Written:
        """Read it all."""
        self._pass_marks()
        lines = self._gaps.above(self._next_real(), self._token.start_mark.line)
        header, first = _parted(lines)
        root = _with_first(self._value(block=True), first)
        self._pass_marks()
        return Written(header, root, self._gaps.taken(lambda _: True))

    @property
    def _token(self) -> yaml.Token:
        return self._tokens[self._at]

    def _pass_marks(self) -> None:
        while isinstance(self._token, _MARKS):
            self._at += 1

    def _next_real(self) -> int:
        """Give where the next token begins that is really written."""
        at = self._at
        while at < len(self._tokens):
            token = self._tokens[at]
            if token.end_mark.index > token.start_mark.index:
                return int(token.start_mark.index)
            at += 1
        return len(self._text) + 1

    def _value(self, *, block: bool) -> Entry:
        """Read a value with what stands around it, behind a key, a dash, a comma or a bracket."""
        head = self._gaps.behind(self._next_real()) if self._is_value(block=block) else None
        properties, more = self._properties()
        if properties and head is None and self._is_value(block=block):
            head = self._gaps.behind(self._next_real())
        inner = self._unless_block(block=block)
        value = self._node(block=block)
        after, self._remark = self._remark or self._gaps.behind(self._next_real()), None
        return Entry(value, properties=properties, head=head, inner=more + inner, after=after)

    def _is_value(self, *, block: bool) -> bool:
        return isinstance(self._token, _VALUE) or (block and isinstance(self._token, yaml.BlockEntryToken))

    def _unless_block(self, *, block: bool) -> Lines:
        """Take the comments before a value, unless it is a block, whose first entry they belong to."""
        blocks = (yaml.BlockMappingStartToken, yaml.BlockSequenceStartToken, yaml.BlockEntryToken)
        if isinstance(self._token, blocks) or not self._is_value(block=block):
            return ()
        index = self._next_real()
        return _without_blanks(self._gaps.taken(lambda c: c.index < index))

    def _properties(self) -> tuple[str, Lines]:
        """Read the anchor and the tag of a value, in either order."""
        words: list[str] = []
        lines: Lines = ()
        while isinstance(self._token, (yaml.AnchorToken, yaml.TagToken)):
            index = self._next_real()
            lines += _without_blanks(self._gaps.taken(lambda c, index=index: c.index < index))  # type: ignore[misc]
            words.append(self._written(self._token))
            self._at += 1
        return " ".join(words), lines

    def _written(self, token: yaml.Token) -> str:
        return self._text[token.start_mark.index : token.end_mark.index]

    def _node(self, *, block: bool) -> Leaf | Branch:
        token = self._token
        if isinstance(token, yaml.ScalarToken):
            self._at += 1
            return self._scalar(token)
        if isinstance(token, yaml.AliasToken):
            self._at += 1
            return Leaf((self._written(token),), Style.ALIAS)
        if isinstance(token, yaml.BlockMappingStartToken):
            return self._block(token, self._pair, yaml.KeyToken)
        if isinstance(token, yaml.BlockSequenceStartToken):
            return self._block(token, self._member, yaml.BlockEntryToken)
        if isinstance(token, (yaml.FlowMappingStartToken, yaml.FlowSequenceStartToken)):
            return self._flow(mapping=isinstance(token, yaml.FlowMappingStartToken))
        if isinstance(token, yaml.BlockEntryToken) and block:  # a list in the column of its key
            return self._entries(token.start_mark.column, self._member, yaml.BlockEntryToken)
        return Leaf(("",), Style.EMPTY)

    def _block(self, token: yaml.Token, one: Callable[[], Entry], begins: type[yaml.Token]) -> Branch:
        self._at += 1
        branch = self._entries(token.start_mark.column, one, begins, closed=True)
        self._at += 1  # its end
        return branch

    def _entries(
        self, column: int, one: Callable[[], Entry], begins: type[yaml.Token], *, closed: bool = False
    ) -> Branch:
        self._columns.append(column)
        entries = []
        while isinstance(self._token, begins):
            entries.append(one())
        self._columns.pop()
        if closed and not isinstance(self._token, yaml.BlockEndToken):
            raise self._refused()
        return Branch(begins is yaml.KeyToken, flow=False, entries=tuple(entries), tail=self._tail(column))

    def _tail(self, column: int) -> Lines:
        """Take the comments at the end of a block that stand in its column or further in."""
        index = self._next_real()
        outer = index - (self._text.rfind("\n", 0, index) + 1) if index <= len(self._text) else -1
        if outer >= column:
            return ()
        return self._gaps.taken(lambda c: c.index < index and c.own and c.column >= column)

    def _member(self) -> Entry:
        before = self._gaps.above(self._next_real(), self._token.start_mark.line)
        self._at += 1  # the dash
        entry = self._value(block=True)
        return _with_head_above(entry, before)

    def _pair(self) -> Entry:
        before = self._gaps.above(self._next_real(), self._token.start_mark.line)
        self._at += 1  # where the key begins
        key = self._key()
        if isinstance(self._token, yaml.ValueToken):
            index = self._next_real()
            before += _without_blanks(self._gaps.taken(lambda c: c.index < index))
            self._at += 1
            entry = self._value(block=bool(self._columns))
        else:
            entry = Entry(Leaf(("",), Style.EMPTY), after=self._gaps.behind(self._next_real()))
        return replace(entry, key=key, before=before)

    def _key(self) -> str:
        properties, _ = self._properties()
        if not isinstance(self._token, yaml.ScalarToken):
            raise self._refused()
        leaf = self._scalar(self._token)
        if len(leaf.lines) > 1 or leaf.style is Style.BLOCK:
            raise self._refused()
        self._at += 1
        return f"{properties} {bare(leaf.lines[0])}".strip()

    def _flow(self, *, mapping: bool) -> Branch:
        self._at += 1  # the bracket
        ends = yaml.FlowMappingEndToken if mapping else yaml.FlowSequenceEndToken
        entries: list[Entry] = []
        while not isinstance(self._token, ends):
            entries.append(self._flow_entry(mapping=mapping))
            if isinstance(self._token, yaml.FlowEntryToken):
                self._comma(entries)
        index = self._next_real()
        tail = _without_blanks(self._gaps.taken(lambda c: c.index < index))
        self._at += 1
        return Branch(mapping, flow=True, entries=tuple(entries), tail=tail)

    def _comma(self, entries: list[Entry]) -> None:
        """Pass a comma; what stands before or behind it on its line belongs to the entry before."""
        index = self._next_real()
        entry = entries[-1]
        early = self._gaps.taken(lambda c: c.index < index)
        self._at += 1
        late = self._gaps.behind(self._next_real())
        remark = entry.after or late
        before = entry.before + _without_blanks(early) + ((late.text,) if late and entry.after else ())
        entries[-1] = replace(entry, before=before, after=remark)

    def _flow_entry(self, *, mapping: bool) -> Entry:
        index = self._next_real()
        before = _without_blanks(self._gaps.taken(lambda c: c.index < index))
        if isinstance(self._token, yaml.KeyToken):
            pair = self._flow_pair(before if mapping else ())
            if mapping:
                return pair
            return Entry(Branch(mapping=True, flow=True, entries=(pair,)), before=before)
        if mapping:
            key = self._key()
            return Entry(Leaf(("",), Style.EMPTY), key, before=before, after=self._gaps.behind(self._next_real()))
        entry = self._value(block=False)
        return _with_head_above(entry, before)

    def _flow_pair(self, before: Lines) -> Entry:
        self._at += 1  # where the key begins
        key = self._key()
        index = self._next_real()
        if not isinstance(self._token, yaml.ValueToken):
            return Entry(Leaf(("",), Style.EMPTY), key, before=before, after=self._gaps.behind(index))
        before += _without_blanks(self._gaps.taken(lambda c: c.index < index))
        self._at += 1
        entry = self._value(block=False)
        return replace(entry, key=key, before=before)

    def _scalar(self, token: yaml.ScalarToken) -> Leaf:
        written, style = self._written(token), style_of(token.style)
        if style is not Style.BLOCK:
            return flowing(written, style)
        leaf, self._remark = block(written, self._columns[-1], token.start_mark.column)
        return leaf

    def _refused(self) -> InputError:
        mark = self._token.start_mark
        place = Place(self._name, mark.line + 1, mark.column + 1)
        return InputError([Problem(place, "What stands here has no layout of ours, so the file is left as it is.")])


def _without_blanks(lines: Lines) -> Lines:
    return tuple(line for line in lines if line)


def _parted(lines: Lines) -> tuple[Lines, Lines]:
    """Part the comments at the top: those above the last blank line are the file's, those below the first key's."""
    if "" in lines:
        last = len(lines) - 1 - lines[::-1].index("")
        return lines[: last + 1], lines[last + 1 :]
    return lines, ()


def _with_head_above(entry: Entry, before: Lines) -> Entry:
    """Give a member of a list: what stands between its dash and its value belongs to the whole of it."""
    head = (entry.head.text,) if entry.head else ()
    return replace(entry, before=before + head + entry.inner, head=None, inner=())


def _with_first(root: Entry, first: Lines) -> Entry:
    """Give a root whose first entry has these comments above it."""
    value = root.value
    if not isinstance(value, Branch) or not value.entries:
        return replace(root, before=first + root.before)
    one, *rest = value.entries
    entries = (replace(one, before=first + one.before), *rest)
    return replace(root, value=replace(value, entries=entries))
