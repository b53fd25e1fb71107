"""Ansible's diffs, in a line or a few; the same text for the same difference at every look."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.systems.ansible.cleaning import Cleaner

LINES = 6  # of one file's diff
_WIDTH = 160  # characters of one line
_MOST = 60_000  # characters of each side that are compared
_SAME = "(what differs is hidden)"


def in_short(diff: object, target: object, cleaner: Cleaner) -> str:
    """Give a task's diff as one line; `target` is the file that it is about, where the task names one."""
    parts = diff if isinstance(diff, list) else [diff]
    said = [_headed(part, target, cleaner) for part in parts if isinstance(part, Mapping)]
    return "; ".join(dict.fromkeys(filter(None, said)))


def _headed(part: Mapping[str, object], target: object, cleaner: Cleaner) -> str:
    """Give one file's difference behind its path: not a template's, which is another one at every look."""
    text = _part(part, cleaner)
    paths = (target, part.get("before_header"), part.get("after_header"))
    path = next((path for path in paths if isinstance(path, str) and path and "ansible-" not in path), "")
    return f"{cleaner.line(path.removesuffix(' (content)'))}: {text}" if text and path else text


def _part(part: Mapping[str, object], cleaner: Cleaner) -> str:
    prepared, before, after = part.get("prepared"), part.get("before"), part.get("after")
    if isinstance(prepared, str) and prepared.strip():
        return _capped([line for line in cleaner.scrubbed(prepared).splitlines() if line.strip()], cleaner)
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return _of_maps(before, after, cleaner)
    if before == after:
        return ""
    return _of_texts(_text(before, cleaner), _text(after, cleaner), cleaner)


def _of_maps(before: Mapping[str, object], after: Mapping[str, object], cleaner: Cleaner) -> str:
    pairs = ((name, before.get(name), after.get(name)) for name in {**before, **after} if name != "path")
    said = [f"{name} {_word(old, cleaner)} -> {_word(new, cleaner)}" for name, old, new in pairs if old != new]
    return "; ".join(said)


def _of_texts(before: str, after: str, cleaner: Cleaner) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    changed = [line for line in list(lines)[2:] if not line.startswith("@@")]
    return _capped(changed, cleaner) if changed else _SAME


def _capped(lines: list[str], cleaner: Cleaner) -> str:
    shown = [cleaner.line(line, _WIDTH) for line in lines[:LINES]]
    more = len(lines) - len(shown)
    return "; ".join([*shown, *([f"and {more} more lines"] if more else [])])


def _text(value: object, cleaner: Cleaner) -> str:
    return cleaner.scrubbed(value if isinstance(value, str) else cleaner.line(value))[:_MOST]


def _word(value: object, cleaner: Cleaner) -> str:
    return "none" if value is None else cleaner.line(value, _WIDTH)
