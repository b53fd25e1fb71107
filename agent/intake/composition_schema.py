"""The schema of what policies are composed of: dated values, condition sets and frameworks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.intake.district_schema import Schema, text
from agent.intake.values import END

if TYPE_CHECKING:
    from agent.model.kind import Catalog, Kind

DATED = "dated"  # the definition of a value that stands in a file of its own
# What operators take that may be a dated value as a whole; the others are made of values, or are conditions.
DATED_OPERANDS = frozenset({"values", "parts", "pair", "part", "pattern", "folder", "moment", "ago"})
IS, IS_NOT = "is", "is_not"
NAME = "[a-z0-9][a-z0-9_-]{0,63}"
_NAME = text("a short name of small letters, digits, - and _", f"^{NAME}{END}")
_KEY = text("a word without dots: letters, digits, - and _", f"^[A-Za-z0-9_-]{{1,64}}{END}")
_TEXT = text("a text")
_DATE = text("a date, such as 2027-01-31", f"^(19|20|21)[0-9]{{2}}-[0-9]{{2}}-[0-9]{{2}}{END}")
_REFERENCE = text("a value as NAME.key, such as chromeos.stable", rf"^{NAME}\.[A-Za-z0-9_-]{{1,64}}{END}")
_SCALAR: Schema = {
    "type": ["string", "number", "boolean"],
    "pattern": r"\S",
    "errorMessage": "Expected a text, a number, or true or false",
}

VALUE: Schema = {
    **_REFERENCE,
    "description": "A value of policies/values/, as NAME.key. It is used until the file's last good day.",
}
REFERENCE: Schema = {
    "type": "object",
    "title": "a dated value",
    "required": ["value"],
    "additionalProperties": False,
    "properties": {"value": VALUE},
}

VALUES: Schema = {
    "type": "object",
    "required": ["values", "expires", "set"],
    "additionalProperties": False,
    "properties": {
        "values": {**_NAME, "description": "The name that policies write before the dot."},
        "expires": {**_DATE, "description": "The last day on which these may be relied on."},
        "source": {**_TEXT, "description": "Where they come from, for whoever looks them up again."},
        "why": {**_TEXT, "description": "What they are for."},
        "set": {
            "type": "object",
            "minProperties": 1,
            "description": "The values, by the word that policies write behind the dot.",
            "propertyNames": _KEY,
            "additionalProperties": {
                "if": {"type": "array"},
                "then": {"minItems": 1, "items": _SCALAR},
                "else": _SCALAR,
            },
        },
    },
}

FRAMEWORK: Schema = {
    "type": "object",
    "required": ["framework", "name", "version", "safeguards"],
    "additionalProperties": False,
    "properties": {
        "framework": {**_NAME, "description": "The word that policies write, such as cis_v8."},
        "name": {**_TEXT, "description": "What people call it."},
        "version": {**text('a version in quotes, such as "8"'), "description": "Which version of it this is."},
        "source": {**_TEXT, "description": "Where its own words stand."},
        "safeguards": {
            "type": "array",
            "minItems": 1,
            "description": "Everything that it asks for.",
            "items": {
                "type": "object",
                "required": ["id", "title"],
                "additionalProperties": False,
                "properties": {
                    "id": {**text('an id in quotes, such as "4.10"'), "description": "Its number in the framework."},
                    "group": {**_TEXT, "description": "The heading it stands under."},
                    "title": {**_TEXT, "description": "What it asks for, in few words."},
                },
            },
        },
    },
}


def or_dated(shape: Schema) -> Schema:
    """Give the schema of what may also be taken from a file of dated values."""
    return {"if": {"type": "object", "required": ["value"]}, "then": {"$ref": f"#/$defs/{DATED}"}, "else": shape}


def sets_used() -> dict[str, Schema]:
    """Give the words that name condition sets, which stand among the fields of a kind."""
    several: Schema = {
        "if": {"type": "array"},
        "then": {"minItems": 1, "items": _NAME},
        "else": _NAME,
    }
    return {
        IS: {**several, "description": "All conditions of this condition set hold; of several: of every one."},
        IS_NOT: {**several, "description": "Not all conditions of this set hold; of several: of none of them."},
    }


def condition_sets(catalog: Catalog) -> Schema:
    """Give the schema of a file of condition sets."""
    one: Schema = {
        "type": "object",
        "required": ["kind", "where"],
        "additionalProperties": False,
        "properties": {
            "kind": {"enum": list(catalog.kinds), "description": "The type of resource that the set is about."},
            "description": {**_TEXT, "description": "What it means, for the person who uses it."},
            "where": {"type": "object", "description": "The conditions, all of which have to hold."},
        },
        "allOf": [_of_kind(kind) for kind in catalog.kinds.values()],
    }
    return {
        "type": "object",
        "required": ["conditions"],
        "additionalProperties": False,
        "properties": {
            "conditions": {
                "type": "object",
                "minProperties": 1,
                "description": "Named sets of conditions, used in policies as `is: NAME`.",
                "propertyNames": _NAME,
                "additionalProperties": one,
            }
        },
    }


def _of_kind(kind: Kind) -> Schema:
    return {
        "if": {"properties": {"kind": {"const": kind.name}}, "required": ["kind"]},
        "then": {"properties": {"where": {"$ref": f"#/$defs/fields_{kind.name}"}}},
    }
