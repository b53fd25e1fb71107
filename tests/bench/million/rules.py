"""Fifty rules, each said three times: as a policy, as cloud-custodian's own filters, and as Python."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.bench.million.devices import NOW

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Resource = dict[str, object]
AGO = {"within": "<", "older_than": ">"}
FIGURES = {"at_least": (">=", "gte"), "at_most": ("<=", "lte"), "above": (">", "gt"), "below": ("<", "lt")}

# Field, operator, operand. Figures are chosen so that a rule finds about one device in a hundred out of line.
WHERES = (
    ("boolean_0", "equals", True), ("text_0", "starts_with", "chromeos"), ("path_0", "under", "/chromeos"),
    ("version_0", "at_least", "120"), ("number_0", "above", 300), ("text_1", "contains", "os"),
    ("list_0", "contains", "windows"), ("boolean_1", "equals", False), ("time_0", "within", 45),
    ("percent_0", "below", 60),
)  # fmt: skip
EXPECTS = (
    ("text_2", "not_one_of", ("chromeos 17", "ipados 42", "macos 99")), ("version_1", "at_least", "110.0.100"),
    ("number_1", "at_least", 10), ("percent_1", "at_most", 99), ("time_1", "within", 59),
    ("size_0", "at_least", 10**9), ("path_1", "not_under", "/windows/7"), ("text_3", "contains", " "),
    ("list_1", "contains_only", ("chromeos", "ipados", "windows", "macos", "android")),
    ("version_2", "below", "131.0.8000"), ("text_4", "not_starts_with", "android 1"), ("number_2", "below", 990),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: where this holds, that is expected."""

    id: str
    where: tuple[str, str, object]
    expect: tuple[str, str, object]


RULES = tuple(
    Rule(f"BENCH-{n:02}", WHERES[n % len(WHERES)], EXPECTS[(n * 7 + n // 12) % len(EXPECTS)]) for n in range(50)
)


def policy(rule: Rule) -> str:
    """Say a rule as a policy file."""
    parts = {"applies_to": {"kind": "device", "where": _condition(rule.where)}, "expect": _condition(rule.expect)}
    return json.dumps({"policy": rule.id, "title": rule.id, **parts})


def _condition(part: tuple[str, str, object]) -> dict[str, object]:
    field, operator, operand = part
    said: object = {operator.removeprefix("not_"): f"{operand} days" if operator in AGO else operand}
    return {field: {"not": said} if operator.startswith("not_") else said}


def custodian(part: tuple[str, str, object]) -> Mapping[str, object]:
    """Say a condition as a filter of cloud-custodian, whose answer is turned round for `not_` and `contains_only`."""
    field, operator, operand = part
    bare = operator.removeprefix("not_")
    value: dict[str, object] = {"type": "value", "key": field}
    if bare in AGO:
        return {
            **value,
            "value_type": "age",
            "op": "less-than" if bare == "within" else "greater-than",
            "value": operand,
        }
    if bare in FIGURES:
        sort = {"value_type": "version"} if field.startswith("version") else {}
        return {**value, **sort, "op": FIGURES[bare][1], "value": operand}
    if bare in {"starts_with", "under"}:
        return {**value, "op": "regex", "value": f"^{operand}.*"}
    if bare == "contains":
        return {**value, "op": "contains", "value": operand}
    if bare == "contains_only":
        return {**value, "op": "difference", "value": operand}
    return {**value, "op": {"equals": "eq", "one_of": "in"}[bare], "value": operand}


def closure(rule: Rule) -> Callable[[Resource], bool]:
    """Give a rule as the Python that one would write for it: True where a device is out of line."""
    source = f"lambda d: {_python(rule.where)} and not ({_python(rule.expect)})"
    names: dict[str, object] = {"now": NOW.timestamp(), "version": _version}
    made: Callable[[Resource], bool] = eval(source, names)  # ruff: ignore[suspicious-eval-usage] - our own text
    return made


def _python(part: tuple[str, str, object]) -> str:
    field, operator, operand = part
    bare = operator.removeprefix("not_")
    if operator != bare:
        return f"not ({_python((field, bare, operand))})"
    have = f"d.get({field!r})"
    there = f"{have} is not None and "
    if bare in AGO:
        return f"{there}(now - {have}.timestamp()) {AGO[bare]} {operand} * 86400"
    if bare in FIGURES:
        sign = FIGURES[bare][0]
        if field.startswith("version"):
            return f"{there}version({have}) {sign} {_version(str(operand))}"
        return f"{there}{have} {sign} {operand}"
    texts = {
        "starts_with": f"{have}.startswith({operand!r})",
        "under": f"({have} == {operand!r} or {have}.startswith({str(operand) + '/'!r}))",
        "contains": f"{operand!r} in {have}",
        "contains_only": f"set({have}) <= {set(operand) if isinstance(operand, tuple) else operand}",
        "one_of": f"{have} in {operand!r}",
        "equals": f"{have} == {operand!r}",
    }
    return there + texts[bare]


def _version(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))
