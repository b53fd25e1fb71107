"""A recorded case as YAML: written so that it reads back as the same readings, whatever they hold."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING

from agent.model.reading import NONE, Reading, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from agent.trials.recorded import Recorded

SCHEMA = "# yaml-language-server: $schema="
_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9/_.@-]*(?: [A-Za-z0-9/_.@-]+)*\Z")
_NOT_TEXT = frozenset({"null", "true", "false", "y", "n", "yes", "no", "on", "off"})


def head(recorded: Recorded, up: str) -> str:
    """Give how a new file of recorded cases begins; `up` leads from its folder to policies/."""
    return (
        f"{SCHEMA}{up}driftbell.schema.json\n#\n"
        "# Cases that were really seen, written by `driftbell test --update`. Names and numbers in them are invented.\n"
        f"tests: {scalar(recorded.policy)}\ncases:\n"
    )


def case(recorded: Recorded, name: str, sentence: str, indent: str = "  ") -> str:
    """Give the case, as an item of `cases`."""
    return "".join(f"{indent}{line}\n" for line in _lines(recorded, name, sentence))


def _lines(recorded: Recorded, name: str, sentence: str) -> Iterator[str]:
    yield f"- case: {scalar(name)}"
    yield f"  at: {recorded.at.isoformat()}"
    yield "  given:"
    for resource, row in recorded.rows.items():
        yield f"    {scalar(resource)}:" + ("" if row else " {}")
        yield from (f"      {scalar(field)}: {value(reading)}" for field, reading in row.items())
    for word, kinds in _lists(recorded):
        if kinds:
            yield f"  {word}: [{', '.join(kinds)}]"
    if recorded.as_of:
        yield "  as_of: {" + ", ".join(f"{k}: {scalar(t.isoformat())}" for k, t in recorded.as_of.items()) + "}"
    yield "  expect:"
    yield f"    {scalar(recorded.resource)}:"
    yield f"      verdict: {recorded.stands}"
    if sentence:
        yield f"      sentence: {json.dumps(sentence, ensure_ascii=True)}"


def _lists(recorded: Recorded) -> Iterator[tuple[str, list[str]]]:
    shown = {resource.partition("/")[0] for resource in recorded.rows}
    yield "complete", [kind for kind, whole in recorded.lists.items() if whole and kind not in shown]
    yield "incomplete", [kind for kind, whole in recorded.lists.items() if not whole]


def value(reading: Reading) -> str:
    """Give a reading as a test writes it."""
    if reading is NONE:
        return "null"
    if isinstance(reading, Unknown):
        return f"{{unknown: {scalar(reading.why)}}}"
    if isinstance(reading, bool):
        return "true" if reading else "false"
    if isinstance(reading, (int, float)):
        return repr(reading)
    if isinstance(reading, datetime):
        return scalar(reading.replace(microsecond=0).isoformat())
    if isinstance(reading, tuple):
        return "[" + ", ".join(map(scalar, reading)) + "]"
    return scalar(reading)


def scalar(text: str) -> str:
    """Give a text as YAML: bare where nobody could take it for anything else, else quoted as JSON is."""
    bare = _PLAIN.match(text) and text.lower() not in _NOT_TEXT
    return text if bare else json.dumps(text, ensure_ascii=True)


def named(taken: Mapping[str, object] | frozenset[str], recorded: Recorded) -> str:
    """Give a name for the case that no other case of its file has."""
    base = f"{recorded.resource.partition('/')[0]}, as it was seen on {recorded.at:%Y-%m-%d}"
    numbers = (base if n == 1 else f"{base} ({n})" for n in range(1, len(taken) + 2))
    return next(name for name in numbers if name not in taken)
