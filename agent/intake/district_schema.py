"""The schema of district.yaml, which no kind or verb changes."""

from __future__ import annotations

from typing import Any

from agent.intake.values import END

Schema = dict[str, Any]

DUTIES = ("approve", "stop", "calendar")


def text(words: str, pattern: str = r"\S") -> Schema:
    """Give the schema of a text; `words` say what it is, to people and in editors."""
    return {"type": "string", "pattern": pattern, "errorMessage": f"Expected {words}"}


ADDRESS = text("a mail address", r"^[^@\s<>(),;:\"\\]+@[A-Za-z0-9.-]+" + END)
_NAME = text("a text")
_SHORT_NAME = text("a short name of small letters, digits, - and _", "^[a-z0-9][a-z0-9_-]{0,63}" + END)

LIMIT: Schema = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": False,
    "properties": {
        "count": {
            "type": "integer",
            "minimum": 0,
            "description": "At most so many resources; 0 allows none.",
        },
        "percent": {
            "type": "number",
            "minimum": 0,
            "maximum": 100,
            "description": "At most this share of all resources of the kind.",
        },
    },
}

_SITE: Schema = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {**_NAME, "description": "The school's name, as reports say it."},
        "org_units": {"type": "array", "items": _NAME, "description": "Org units whose devices belong here."},
        "student_ou": {**_NAME, "description": "The org unit of this school's students."},
        "calendar": {**_NAME, "description": "The calendar that this school keeps."},
    },
}

_PERSON: Schema = {
    "type": "object",
    "required": ["name", "email"],
    "additionalProperties": False,
    "properties": {
        "name": {**_NAME, "description": "The person's name."},
        "email": {**ADDRESS, "description": "Where mail reaches them."},
        "may": {"type": "array", "items": {"enum": list(DUTIES)}, "description": "What this person may do."},
        "deputy": {**_NAME, "description": "Who stands in, by the name used here."},
    },
}

DISTRICT: Schema = {
    "type": "object",
    "required": ["district"],
    "additionalProperties": False,
    "properties": {
        "district": {
            "type": "object",
            "required": ["name", "timezone"],
            "additionalProperties": False,
            "description": "Whose policies these are.",
            "properties": {
                "name": {**_NAME, "description": "The district's name, as reports say it."},
                "timezone": {**_NAME, "description": "The time zone, such as America/Chicago."},
            },
        },
        "sites": {
            "type": "object",
            "description": "The schools and other buildings, by the short name that inventories use.",
            "propertyNames": _SHORT_NAME,
            "additionalProperties": _SITE,
        },
        "people": {
            "type": "object",
            "description": "The people whom policies and reports name.",
            "propertyNames": _SHORT_NAME,
            "additionalProperties": _PERSON,
        },
        "reports": {
            "type": "object",
            "description": "Who receives which report.",
            "additionalProperties": False,
            "properties": {"drift": {"type": "array", "items": _NAME, "description": "The drift report, by person."}},
        },
        "guards": {
            "type": "object",
            "description": "The limits that hold for every policy.",
            "additionalProperties": False,
            "properties": {
                "per_run": {**LIMIT, "description": "More than this in one run waits for an approval."},
                "per_day": {**LIMIT, "description": "More than this in one day waits for the next."},
                "never_touch": {
                    "type": "array",
                    "items": text("a resource as kind/name, such as host/mail1", r"^[a-z_]+/\S"),
                    "description": "Resources that no policy may write to, as kind/name.",
                },
            },
        },
        "stop": {**_NAME, "description": "While this stands here nothing is written anywhere; it says why."},
        "example": {
            "type": "boolean",
            "description": "true: an invented district, whose exports may be committed.",
        },
    },
}
