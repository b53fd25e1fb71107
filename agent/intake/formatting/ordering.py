"""The order of keys: that of the schema, so that an editor offers them in the order in which `fmt` puts them.

Fields in `where` and `expect` and names of one's own keep the order that they were written in.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agent.intake.formatting.tree import Branch, Entry, Leaf, Style, Written

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from agent.intake.district_schema import Schema

_FREE = ("fields of ", "operators on ")  # titles of mappings whose order is the writer's


def in_order(document: Written, shape: str, whole: Schema) -> Written:
    """Give the document with its keys in order."""
    root = _ordered(document.root, [whole["$defs"][shape]], whole["$defs"])
    return replace(document, root=root)


def _ordered(entry: Entry, schemas: list[Schema], known: Mapping[str, Schema]) -> Entry:
    branch = entry.value
    if not isinstance(branch, Branch):
        return entry
    parts = [part for schema in schemas for part in _parts(schema, branch, known)]
    if not branch.mapping:
        items = [part["items"] for part in parts if "items" in part]
        members = tuple(_ordered(one, items, known) for one in branch.entries)
        return replace(entry, value=replace(branch, entries=members))
    pairs = [_ordered(one, _below(parts, one.key), known) for one in branch.entries]
    order = {key: place for place, key in enumerate(dict.fromkeys(k for p in parts for k in p.get("properties", ())))}
    pairs.sort(key=lambda one: order.get(_bare(one.key), len(order)))
    return replace(entry, value=replace(branch, entries=tuple(pairs)))


def _parts(schema: Schema, branch: Branch, known: Mapping[str, Schema]) -> Iterator[Schema]:
    """Give every part of a schema that speaks about the keys of a value."""
    if "$ref" in schema:
        yield from _parts(known[schema["$ref"].rpartition("/")[2]], branch, known)
    if str(schema.get("title", "")).startswith(_FREE):
        return
    yield schema
    for part in (schema, *schema.get("allOf", ())):
        if "if" in part:
            taken = part.get("then" if _meets(part["if"], branch) else "else", {})
            yield from _parts(taken, branch, known)


def _meets(condition: Schema, branch: Branch) -> bool:
    """Tell whether a branch meets an `if` of our own schema: its type, keys that it must have, words that they are."""
    if "type" in condition and condition["type"] != ("object" if branch.mapping else "array"):
        return False
    values = {_bare(one.key): one.value for one in branch.entries} if branch.mapping else {}
    if any(key not in values for key in condition.get("required", ())):
        return False
    return all(_has(values.get(key), wanted) for key, wanted in condition.get("properties", {}).items())


def _has(value: Leaf | Branch | None, wanted: Schema) -> bool:
    if isinstance(value, Branch):
        return _meets(wanted, value)
    if value is None or value.style is Style.EMPTY:
        return False
    said: Any = wanted.get("const")
    return said is None or _bare(value.lines[0]) == said


def _below(parts: list[Schema], key: str) -> list[Schema]:
    """Give the schemas of what stands under a key."""
    bare = _bare(key)
    named = [part["properties"][bare] for part in parts if bare in part.get("properties", {})]
    if named:
        return [schema for schema in named if isinstance(schema, dict)]
    return [part["additionalProperties"] for part in parts if isinstance(part.get("additionalProperties"), dict)]


def _bare(word: str) -> str:
    return word[1:-1] if word[:1] in {'"', "'"} and word[-1:] == word[:1] else word
