"""Whether documents have the shape that the schema asks for; jsonschema is imported only when one must be checked."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from functools import cache as kept_once
from typing import TYPE_CHECKING

from agent.intake.complaints import Fault, complain
from agent.intake.keeping import keep, recall
from agent.intake.nodes import Node, plain, within
from agent.intake.schema import schema
from agent.intake.wording import problem
from agent.model.kind import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from agent.errors import Problem
    from agent.model.kind import Catalog

KEPT = 4  # schemas whose results stay

BEGINNINGS = {
    "policy": "A policy file begins with `policy: ID`",
    "district": "The file district.yaml begins with `district:`",
    "tests": "A file of policy tests begins with `tests:`",  # before calendars, for it may have a `calendar`
    "calendar": "A calendar begins with `calendar: NAME`",
    "systems": "The file systems.yaml begins with `systems:`",
    "waivers": "The file waivers.yaml begins with `waivers:`",
    "calendar_changes": "The file changes.yaml begins with `calendar_changes:`",
    "conditions": "A file of condition sets begins with `conditions:`",
    "framework": "A framework begins with `framework: NAME`",
    "values": "A file of values begins with `values: NAME`",
}


@dataclass(frozen=True, slots=True)
class Document:
    """One file as it was read. `shape` is the part of the schema that it must fit; `digest` is of its bytes."""

    node: Node
    shape: str
    digest: str


def check(documents: Sequence[Document], catalog: Catalog, cache: Path | None = None) -> list[Problem]:
    """Give every problem of every document. What passed once is not checked again while its bytes are the same."""
    whole = schema(catalog)
    kept = cache / f"shapes-{_digest(whole)}" if cache else None
    passed = _passed(kept)
    fresh = [d for d in documents if _name(d) not in passed]
    if not fresh:
        return []
    find = _finder(whole, catalog)
    problems: list[Problem] = []
    good = {_name(d) for d in documents} & passed
    for document in fresh:
        found = _beginning(document) or find(document)
        problems += found
        if not found:
            good.add(_name(document))
    if kept:
        keep(kept, sorted(good), newest=KEPT)
    return problems


def _name(document: Document) -> str:
    return f"{document.shape}:{document.digest}"


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _passed(kept: Path | None) -> set[str]:
    found = recall(kept) if kept else None
    return {name for name in found if isinstance(name, str)} if isinstance(found, list) else set()


def _beginning(document: Document) -> list[Problem]:
    """Say what is wrong with a file that does not even begin as its sort does, and nothing of what would follow."""
    node, shape = document.node, document.shape
    if node.get(shape) is not None:
        return []
    near = next((key for key, _ in node.pairs() if nearest(key, [shape])), "")
    return [problem(node.key_place(near) if near else node.place, BEGINNINGS[shape], near, [shape])]


def _no_numbers(document: Document) -> list[Problem]:
    """Refuse what YAML takes for a number and JSON does not know: it compares with nothing."""
    return [
        problem(node.place, f"{node.raw} is no number that anything can have")
        for node in within(document.node)
        if isinstance(node.value, float) and not math.isfinite(node.value)
    ]


def _finder(whole: dict[str, object], catalog: Catalog) -> Callable[[Document], list[Problem]]:
    # ruff: ignore[import-outside-top-level] - jsonschema costs 0.1 s, which most runs do not need
    from jsonschema import Draft202012Validator, ValidationError

    def fault(error: ValidationError) -> Fault:
        return Fault(
            path=tuple(error.absolute_path),
            keyword=str(error.validator),
            wanted=error.validator_value,
            schema=error.schema if isinstance(error.schema, dict) else {},
            instance=error.instance,
            of_names="propertyNames" in error.absolute_schema_path,
        )

    @kept_once
    def of_shape(shape: str) -> Draft202012Validator:
        return Draft202012Validator({"$ref": f"#/$defs/{shape}", "$defs": whole["$defs"]})

    def find(document: Document) -> list[Problem]:
        faults = map(fault, of_shape(document.shape).iter_errors(plain(document.node)))
        return [*complain(document.node, faults, catalog), *_no_numbers(document)]

    return find
