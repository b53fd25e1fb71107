"""The schema of conditions: the fields of each kind, the operators of each type of field, and what they take."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agent.intake.composition_schema import DATED, DATED_OPERANDS, REFERENCE, VALUE, or_dated, sets_used
from agent.intake.district_schema import Schema, text
from agent.intake.operators import OF_WHOLE_FIELDS, OPERATORS, operators_of
from agent.intake.values import AGO, END, EXPECTED, MOMENT
from agent.model.kind import MOST_LINKS, FieldType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.model.kind import Family, Field, Kind


def conditions() -> dict[str, Schema]:
    """Give the definitions that the fields refer to: values, conditions and operators of each type."""
    return {
        DATED: REFERENCE,
        **{f"value_{t}": or_dated(_value(t)) for t in FieldType},
        **{_key("condition", label): _condition(label, t) for label, t in _LABELS.items()},
        **{_key("operators", label): _operators(label, t) for label, t in _LABELS.items()},
    }


# What conditions stand on: a field of each type, a member of a list, and how many members there are.
MEMBER, NUMBER_OF_MEMBERS = "list member", "number of members"
_LABELS = {str(t): t for t in FieldType} | {MEMBER: FieldType.TEXT, NUMBER_OF_MEMBERS: FieldType.NUMBER}


def fields(kind: Kind, kinds: Mapping[str, Kind]) -> Schema:
    """Give the fields of a kind: those with a name of their own, those behind links, and a pattern for each family."""
    return {
        "type": "object",
        "title": f"fields of {kind.name}",
        "minProperties": 1,
        "properties": sets_used()
        | _linked(kind, kinds, MOST_LINKS)
        | {f.name: _field(f) for f in kind.fields}
        | {f"{family.name}.{key}": _field(f) for family, key, f in _closed(kind)},
        "patternProperties": {_pattern(family, f): _field(f, family) for family, f in _open(kind)},
        "additionalProperties": False,
    }


def _linked(kind: Kind, kinds: Mapping[str, Kind], depth: int) -> dict[str, Schema]:
    """Give what stands behind the links of a kind: `user`, `user.status`, `user.site.name`."""
    found: dict[str, Schema] = {}
    for link in kind.links if depth else ():
        other = kinds[link.kind]
        found[link.name] = {"$ref": f"#/$defs/condition_{FieldType.TEXT}", "description": link.description}
        behind = _linked(other, kinds, depth - 1) | {f.name: _field(f) for f in other.fields}
        found |= {f"{link.name}.{name}": shape for name, shape in behind.items()}
    return found


def _closed(kind: Kind) -> list[tuple[Family, str, Field]]:
    """Give the families whose keys are all known and end the name: each is offered by name."""
    families = [f for f in kind.families if f.keys is not None and f.keyed_only]
    return [(family, key, family.attributes[0]) for family in families for key in sorted(family.keys or ())]


def _open(kind: Kind) -> list[tuple[Family, Field]]:
    return [(f, a) for f in kind.families if f.keys is None or not f.keyed_only for a in f.attributes]


def _pattern(family: Family, field: Field) -> str:
    key = r"[\s\S]+" if family.keys is None else "(" + "|".join(map(_escape, sorted(family.keys))) + ")"
    return f"^{_escape(family.name)}\\.{key}" + (f"\\.{_escape(field.name)}" if field.name else "") + END


def _escape(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]", lambda m: "\\" + m[0], text)


def _field(field: Field, family: Family | None = None) -> Schema:
    description = field.description or (family.description if family else "")
    offered: Schema = {"examples": list(field.words)} if field.words else {}
    return {"$ref": f"#/$defs/condition_{field.type}", "description": description, **offered}


def _value(field_type: FieldType) -> Schema:
    expected = EXPECTED[field_type]
    types = expected.types[0] if len(expected.types) == 1 else list(expected.types)
    value: Schema = {"title": str(field_type), "type": types, "errorMessage": f"Expected {expected.words}"}
    if expected.pattern:
        value["pattern"] = expected.pattern
    if expected.least is not None:
        value["minimum"] = expected.least
    if expected.most is not None:
        value["maximum"] = expected.most
    if field_type is FieldType.LIST:
        value |= {"minItems": 1, "items": {"$ref": "#/$defs/value_text"}}
    return value


def _condition(label: str, field_type: FieldType) -> Schema:
    """A bare value equals; a bare list on a field that is no list means one of; a mapping holds operators."""
    value = {"$ref": f"#/$defs/value_{field_type}"}
    bare = (
        value
        if field_type is FieldType.LIST
        else {"if": {"type": "array"}, "then": {"minItems": 1, "items": value}, "else": value}
    )
    operators = {"$ref": _ref("operators", label)}
    return or_dated({"if": {"type": "object"}, "then": operators, "else": bare})


def _key(what: str, label: str) -> str:
    return f"{what}_{label.replace(' ', '_')}"


def _ref(what: str, label: str) -> str:
    return f"#/$defs/{_key(what, label)}"


def _operators(label: str, field_type: FieldType) -> Schema:
    names = [n for n in operators_of(field_type) if label == field_type or n not in OF_WHOLE_FIELDS]
    return {
        "title": f"operators on {label}",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": {n: {"description": OPERATORS[n].description, **_operand(n, label, field_type)} for n in names}
        | {"value": VALUE},
    }


def _operand(operator: str, label: str, field_type: FieldType) -> Schema:
    condition = {"$ref": _ref("condition", label)}
    value = {"$ref": f"#/$defs/value_{field_type}"}
    member = {"$ref": "#/$defs/value_text"} if field_type is FieldType.LIST else value
    cases: dict[str, Schema] = {
        "value": value,
        "values": {"type": "array", "minItems": 1, "items": member},
        "condition": condition,
        "conditions": {"type": "array", "minItems": 1, "items": condition},
        "boolean": {"type": "boolean"},
        "alone": {"type": "boolean"},
        "field": text("the name of another field"),
        "part": {"title": "text", "type": ["string", "number"], "minLength": 1},
        "pattern": text("a regular expression in quotes", r"[\s\S]"),
        "folder": text("a path that begins with /", "^/"),
        "pair": {"type": "array", "minItems": 2, "maxItems": 2, "items": value},
        "moment": text("a time: 2027-01-31, 2027-01-31T08:00, today + 30 days, created + 4 school hours", MOMENT),
        "ago": text("a length of time, such as 21 days, 14 school days, 3 hours or 20m, or a date", AGO),
        "parts": {"type": "array", "minItems": 1, "items": member},
        "count": {"if": {"type": "object"}, "then": {"$ref": _ref("operators", NUMBER_OF_MEMBERS)}, "else": _COUNT},
        "element": {"$ref": _ref("condition", MEMBER)},
    }
    operand = OPERATORS[operator].operand
    return or_dated(cases[operand]) if operand in DATED_OPERANDS else cases[operand]


_COUNT: Schema = {"type": "integer", "minimum": 0}
