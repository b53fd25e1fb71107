"""policies/waivers.yaml as text: one entry more, or another end, and every other byte as it was.

Whatever the layout, what was written is read again and compared with what was meant; where the two differ nothing
is given, and a person has to write the lines.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml as libyaml

from agent.errors import InputError
from agent.intake import yaml
from agent.intake.files import WAIVERS
from agent.intake.nodes import Node, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from agent.model.waiver import Waiver

HEAD = "# Exceptions: who answers for each, why, and until when. `driftbell waivers` says how they stand.\nwaivers:\n"
MEMBERS = 2  # how deep in a document the members of its list stand
WIDTH = 100  # columns of a list on one line
_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
_BARE = re.compile(r"(?!(?:true|false|null|yes|no|on|off|y|n)\Z)[A-Za-z][A-Za-z0-9_./@+-]*\Z", re.IGNORECASE)
_LINE = re.compile(r"\r\n|\r|\n")
_ESCAPED = re.compile(r"[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")


def appended(before: bytes | None, waiver: Waiver) -> bytes:
    """Give the file's bytes with one more waiver at the end of its list; None is a file that is not there yet.

    Raises:
        InputError: the file is written in a way that nothing can be added to; its text has the lines to add.
    """
    node = yaml.parse(before, WAIVERS) if before is not None else Node({}, WAIVERS, 1, 1)
    text = before.decode() if before is not None else ""
    after = _inserted(text, waiver) if before is not None else HEAD + _block(waiver, "  ")
    wanted = [*_entries(node), {**_content(waiver), "until": waiver.until.isoformat()}]
    if not _reads(after, wanted):
        msg = f"{WAIVERS} is written in a way that nothing can be added to by itself. Add to its list:\n"
        lines = _block(waiver, "  ").rstrip("\n").encode(errors="backslashreplace").decode()
        raise InputError(msg + lines)
    return after.encode()


def with_end(before: bytes, name: str, until: date) -> bytes:
    """Give the file's bytes with another last day for one waiver.

    Raises:
        InputError: its `until` stands where it cannot be replaced alone.
    """
    node = yaml.parse(before, WAIVERS)
    entries = node.get("waivers") or node
    index, entry = next((i, e) for i, e in enumerate(entries.items()) if plain(e.get("waiver") or e) == name)
    wanted = _entries(node)
    wanted[index] = {**wanted[index], "until": until.isoformat()}
    end = entry.get("until") or entry
    text = before.decode()
    start = _index(text, end.line, end.column)
    start += text[start : start + 1] in {'"', "'"}
    after = text[:start] + until.isoformat() + text[start + len(end.raw) :]
    if text[start : start + len(end.raw)] != end.raw or not _reads(after, wanted):
        msg = f"{end.place}: The end of {name} cannot be replaced by itself: write `until: {until}` there."
        raise InputError(msg)
    return after.encode()


def _entries(node: Node) -> list[dict[str, object]]:
    listed = node.get("waivers")
    found = plain(listed) if listed else None
    return [e for e in found if isinstance(e, dict)] if isinstance(found, list) else []


def _reads(text: str, wanted: Sequence[Mapping[str, object]]) -> bool:
    """Say whether a text reads as these entries, and is of a size that is read at all."""
    try:
        data = text.encode()
        return len(data) <= yaml.LARGEST and _entries(yaml.parse(data, WAIVERS)) == wanted
    except (InputError, UnicodeEncodeError):
        return False


def _content(waiver: Waiver) -> dict[str, object]:
    targets = {"resources": list(waiver.resources)} if waiver.resources else {"sites": list(waiver.sites)}
    return {
        "waiver": waiver.id,
        "policies": list(waiver.policies),
        **targets,
        "owner": waiver.owner,
        "reason": waiver.reason,
        "ticket": waiver.ticket,
    }


def _block(waiver: Waiver, indent: str) -> str:
    """Write a waiver as an entry of a list that is written line by line."""
    lines = []
    for key, value in _content(waiver).items():
        listed = value if isinstance(value, list) else None
        flow = f"{key}: {_flow(value, quoted=key == 'ticket')}"
        if listed is not None and len(flow) > WIDTH:
            lines += [f"{key}:", *(f"  - {_scalar(str(item))}" for item in listed)]
        else:
            lines.append(flow)
    lines.append(f"until: {waiver.until}")
    return "".join(f"{indent}{'  ' if number else '- '}{line}\n" for number, line in enumerate(lines))


def _flow(value: object, *, quoted: bool = False) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_scalar(str(item)) for item in value) + "]"
    return _scalar(str(value), quoted=quoted)


def _scalar(text: str, *, quoted: bool = False) -> str:
    """Write a text bare where it can be nothing else, in double quotes otherwise, with nothing unseen in it."""
    if _BARE.match(text) and not quoted:
        return text
    return _ESCAPED.sub(lambda m: f"\\u{ord(m[0]):04x}", json.dumps(text, ensure_ascii=False))


@dataclass(frozen=True, slots=True)
class _List:
    """Where the list of waivers stands in a text: its first character, its end, and where its last member ends."""

    flow: bool
    start: int
    end: int
    last: int


def _inserted(text: str, waiver: Waiver) -> str:
    listed = _list(text)
    if listed is None or not listed.flow:
        return _at_the_end(text, waiver, listed)
    between = re.sub(r"#[^\r\n]*", "", text[listed.last : listed.end])
    comma = "" if listed.last == listed.start + 1 or "," in between else ", "
    entry = {**_content(waiver), "until": ""}
    flow = ", ".join(f"{key}: {_flow(value, quoted=key == 'ticket')}" for key, value in entry.items() if value)
    member = f"{comma}{{{flow}, until: {waiver.until}}}"
    begin = max(text.rfind("\n", 0, listed.end), text.rfind("\r", 0, listed.end)) + 1
    if begin > listed.start and not text[begin : listed.end].strip():  # the bracket stands on a line of its own
        return f"{text[:begin]}  {member.lstrip()}{_newline(text)}{text[begin:]}"
    return text[: listed.end] + member + text[listed.end :]


def _at_the_end(text: str, waiver: Waiver, listed: _List | None) -> str:
    """Add to a list that is written line by line, or that is yet to begin."""
    newline = _newline(text)
    begin = text.rfind("\n", 0, listed.start) + 1 if listed else 0
    indent = re.sub(r"[^ ]", " ", text[begin : listed.start]) if listed else "  "
    block = _block(waiver, indent).replace("\n", newline)
    stop = re.search(r"(?m)^\.\.\.[ \t]*(?:#.*)?\r?$", text)  # a mark that ends the document
    place = stop.start() if stop else len(text)
    gap = "" if not text[:place] or text[:place].endswith(("\n", "\r")) else newline
    return text[:place] + gap + block + text[place:]


def _newline(text: str) -> str:
    found = _LINE.findall(text)
    return found[-1] if found else "\n"


def _list(text: str) -> _List | None:
    """Find the list below the key `waivers`, from the events of libyaml."""
    bare = _LINE.sub("\n", text.removeprefix(_BOM))
    depth, key, flow = 0, "", False
    start: libyaml.Event | None = None
    last: libyaml.Event | None = None
    for event in libyaml.parse(bare, Loader=libyaml.CSafeLoader):
        if isinstance(event, libyaml.CollectionStartEvent):
            depth += 1
            if depth == MEMBERS and key == "waivers" and isinstance(event, libyaml.SequenceStartEvent):
                start, last, flow = event, event, bool(event.flow_style)
                continue
        elif isinstance(event, libyaml.CollectionEndEvent):
            depth -= 1
            if start is not None and last is not None and depth < MEMBERS:
                return _List(flow, *(_at(text, m) for m in (start.start_mark, event.start_mark, last.end_mark)))
        elif isinstance(event, libyaml.ScalarEvent) and depth == 1:
            key = event.value
        if start is not None and depth == MEMBERS:
            last = event
    return None


def _at(text: str, mark: Any) -> int:  # ruff: ignore[any-type] - libyaml has two sorts of marks
    return _index(text, mark.line + 1, mark.column + 1)


def _index(text: str, line: int, column: int) -> int:
    """Give the index of a place, counted from 1, whatever ends the lines; a byte order mark is no column."""
    start = len(text) - len(text.removeprefix(_BOM))
    for match in list(_LINE.finditer(text))[: line - 1]:
        start = match.end()
    return start + column - 1
