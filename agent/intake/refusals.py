"""Why the schema refuses a value, in words: what it takes, what was found, and how to mend it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from agent.intake.nodes import named
from agent.intake.values import EXPECTED
from agent.intake.wording import quote, worded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.intake.nodes import Node

Path = tuple[str | int, ...]

_JSON_TYPES = {
    "object": "a mapping",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}
_TYPES = {str(field_type): expected for field_type, expected in EXPECTED.items()}
_YES = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


def refusal(node: Node, path: Path, schema: Mapping[str, Any], keyword: str, wanted: object) -> tuple[Any, ...]:
    """Give the sentence for one refused value, with the word and the valid words to choose the nearest from."""
    subject, takes = _subject(path)
    if keyword == "enum" and isinstance(wanted, list) and node.value is not None:
        word = str(node.value)
        return (f"{subject} is one of {', '.join(wanted)}, not {named(node)}", word, wanted)
    if _is_blank(node):
        return (f"{subject} is blank: write {allowed(schema)}, or take it out",)
    if not node.value and not isinstance(node.value, (bool, int, float, str)):
        return (_empty(path, node),)
    if keyword == "uniqueItems":
        words = [item.raw for item in node.items()]
        return (f"{subject} names {next(quote(w) for n, w in enumerate(words) if w in words[:n])} twice",)
    if keyword == "minProperties":
        more = [key for key in schema.get("properties", {}) if not node.get(key)]
        return (f"{subject} says too little: it also takes {', '.join(more)}",)
    if keyword in {"minItems", "maxItems"} and schema.get("maxItems"):
        return (f"{subject} takes two values: from and to",)
    return (f"{subject} {takes} {allowed(schema)}, not {named(node)}{_advice(node, schema)}",)


def nearest_key(path: Path) -> str:
    """Give the innermost key of a path, cut where it is longer than a sentence can take."""
    return worded(next((step for step in reversed(path) if isinstance(step, str)), ""))


def allowed(schema: Mapping[str, Any]) -> str:
    """Say what a part of the schema takes."""
    expected = _TYPES.get(str(schema.get("title")))
    if expected:
        return expected.words
    if "errorMessage" in schema:
        return str(schema["errorMessage"]).removeprefix("Expected ")
    if "enum" in schema:
        return f"one of {', '.join(schema['enum'])}"
    words = _types(schema.get("type"))
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None:
        words += f" from {least} to {most}" if most is not None else f" of {least} or more"
    return words


def _types(types: object) -> str:
    """Say what sorts of value may stand; nothing at all is not offered where something else may."""
    words = [_JSON_TYPES[one] for one in (types if isinstance(types, list) else [types]) if one in _JSON_TYPES]
    return " or ".join(words) or "something else"


def _subject(path: Path) -> tuple[str, str]:
    key = nearest_key(path)
    if not key:
        return "This file", "is"
    return (f"A member of `{key}`", "is") if isinstance(path[-1], int) else (f"`{key}`", "takes")


def _is_blank(node: Node) -> bool:
    return node.value is None or (isinstance(node.value, str) and not node.value.strip())


def _empty(path: Path, node: Node) -> str:
    key = nearest_key(path)
    if key == "where":
        return "An empty `where` never means all: take it out, and `kind` alone means all of the kind"
    if key == "expect":
        return "`expect` holds nothing: write at least one field and its condition"
    sort = "a list without members" if isinstance(node.value, tuple) else "a mapping without keys"
    subject = f"A member of `{key}`" if isinstance(path[-1], int) else f"`{key}`"
    return f"{subject} is {sort}: fill it or take it out"


def _advice(node: Node, schema: Mapping[str, Any]) -> str:
    types = schema.get("type")
    types = types if isinstance(types, list) else [types]
    if "string" in types and isinstance(node.value, (int, float)):
        fits = re.search(str(schema.get("pattern", "")), node.raw)
        wanted = "number" not in types or isinstance(node.value, bool)
        return f': quote it, "{node.raw}"' if fits and wanted else ""
    if types == ["boolean"] and isinstance(node.value, str):
        word = _YES.get(node.value.lower())
        return f": write {word}" if word else ""
    if types == ["array"] and schema.get("title") == "list" and isinstance(node.value, str):
        return f": for one member write `contains: {node.raw}`"
    return ""
