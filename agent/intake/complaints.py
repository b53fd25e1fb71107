"""From the errors of jsonschema to sentences: what, where, what is allowed, the nearest word. One cause, one problem.

This module finds the causes and words what is wrong with keys; `refusals` words what is wrong with values.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.intake.composition_schema import IS, IS_NOT
from agent.intake.operators import OPERATORS
from agent.intake.refusals import Path, allowed, nearest_key, refusal
from agent.intake.wording import SHOWN, problem, quote
from agent.model.kind import UnknownFieldError, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from agent.errors import Problem
    from agent.intake.nodes import Node
    from agent.model.kind import Catalog


@dataclass(frozen=True, slots=True)
class Fault:
    """One error of the schema. `of_names` says that it is about a key of the mapping at `path`, not about a value."""

    path: Path
    keyword: str
    wanted: Any
    schema: Mapping[str, Any]
    instance: Any
    of_names: bool = False


MANY = 12  # words; a longer list helps nobody


def complain(root: Node, errors: Iterable[Fault], catalog: Catalog) -> list[Problem]:
    """Give the problems that the schema errors of one document stand for."""
    groups: dict[Path, list[Fault]] = defaultdict(list)
    for error in errors:
        groups[error.path].append(error)
    return [found for path, group in groups.items() for found in _at_one_place(root, path, group, catalog)]


def _at_one_place(root: Node, path: Path, errors: Sequence[Fault], catalog: Catalog) -> Iterator[Problem]:
    node, parent = _walk(root, path), _walk(root, path[:-1])
    extras = {key: e for e in errors if e.keyword == "additionalProperties" for key in _extras(e)}
    missing = {key: e for e in errors if e.keyword == "required" for key in e.wanted if not node.get(key)}
    for key, error in extras.items():
        yield problem(node.key_place(key), *_extra(key, error, catalog))
    for key, error in missing.items():
        if not any(nearest(extra, [key]) for extra in extras):  # A misspelt key is one mistake, not two.
            yield problem(node.place, _missing(key, error, path))
    for error in (e for e in errors if e.of_names):
        sentence = f"The name {quote(error.instance)} is not {allowed(error.schema)}"
        yield problem(node.key_place(error.instance), sentence)
    values = [e for e in errors if e.keyword not in {"additionalProperties", "required"} and not e.of_names]
    if values:
        yield _of_value(node, parent, path, min(values, key=_rank))


def _walk(node: Node, path: Path) -> Node:
    for step in path:
        node = node.value[step]  # type: ignore[index, assignment]
    return node


def _rank(error: Fault) -> int:
    """Order the errors of one value: that it stands there at all, then its type, then the rest."""
    return {"not": 0, "type": 1, "enum": 2}.get(error.keyword, 3)


def _of_value(node: Node, parent: Node, path: Path, error: Fault) -> Problem:
    if error.keyword == "not":  # The schema refuses the key with any value.
        key = str(path[-1])
        return problem(parent.key_place(key), str(error.schema["errorMessage"]))
    return problem(node.place, *refusal(node, path, error.schema, error.keyword, error.wanted))


def _extras(error: Fault) -> list[str]:
    known = error.schema.get("properties", {})
    patterns = error.schema.get("patternProperties", {})
    return [k for k in error.instance if k not in known and not any(re.search(p, k) for p in patterns)]


def _extra(key: str, error: Fault, catalog: Catalog) -> tuple[Any, ...]:
    """Say that a key does not belong where it stands."""
    title = str(error.schema.get("title", ""))
    known = list(error.schema.get("properties", {}))
    if title.startswith("fields of "):
        return _unknown_field(key, catalog, title.removeprefix("fields of "))
    if title.startswith("operators on "):
        return _unknown_operator(key, title.removeprefix("operators on "), known)
    sentence = f"The word {quote(key, SHOWN)} does not stand here"
    if known and not nearest(key, known) and len(known) <= MANY:
        sentence += f"; known are {', '.join(known)}"
    return (sentence, key, known)


def _unknown_field(key: str, catalog: Catalog, kind: str) -> tuple[str]:
    if key in OPERATORS:
        return (f"The operator {quote(key)} stands below a field: `FIELD: {{{key}: ...}}`",)
    try:
        catalog.resolve(catalog.kinds[kind], key)
    except UnknownFieldError as error:
        return (str(error),)
    return (f"The kind {kind} has no field {quote(key)}",)


def _unknown_operator(key: str, field_type: str, known: list[str]) -> tuple[Any, ...]:
    if key in {IS, IS_NOT}:
        return (f"`{key}` names a condition set, and stands among the fields: `{key}: NAME`",)
    if key in OPERATORS:
        own = [k for k in known if k in OPERATORS and len(OPERATORS[k].types) < len(OPERATORS["unique"].types)]
        takes = f", which takes {', '.join(own)} beside those of every field" if own else ""
        return (f"The operator {quote(key)} does not stand on a {field_type.replace('_', ' ')} field{takes}",)
    return (f"There is no operator {quote(key)}", key, known)


def _missing(key: str, error: Fault, path: Path) -> str:
    if key == "expect":
        return "This policy says nothing that must be true: it needs `expect`, or `converge` with a playbook"
    if "errorMessage" in error.schema:
        return str(error.schema["errorMessage"])
    where = f" in `{nearest_key(path)}`" if path else ""
    known = error.schema.get("properties", {}).get(key, {})
    says = allowed(known) if "enum" in known and len(known["enum"]) <= MANY else known.get("description", "")
    return f"`{key}` is missing{where}" + (f": {says.rstrip('.')}" if says else "")
