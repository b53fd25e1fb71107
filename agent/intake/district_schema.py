"""The schema of district.yaml, which no kind or verb changes."""

from __future__ import annotations

from typing import Any

from agent.intake.guard_schema import APPROVAL_LASTS, AWAY, GUARDS, SEASONS, SITE_GUARDS
from agent.intake.values import DURATION, END
from agent.model.policy import Mode, Severity

Schema = dict[str, Any]

DUTIES = ("approve", "stop", "calendar")


def text(words: str, pattern: str = r"\S") -> Schema:
    """Give the schema of a text; `words` say what it is, to people and in editors."""
    return {"type": "string", "pattern": pattern, "errorMessage": f"Expected {words}"}


ADDRESS = text("a mail address", r"^[^@\s<>(),;:\"\\]+@[A-Za-z0-9.-]+" + END)
_NAME = text("a text")
_SHORT_NAME = text("a short name of small letters, digits, - and _", "^[a-z0-9][a-z0-9_-]{0,63}" + END)

_ZONE = {**_NAME, "description": "The time zone, such as America/Chicago."}
_HOURS: Schema = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": False,
    "description": "The calendars of those who work here, beside the school's own.",
    "properties": {
        "staff": {**_NAME, "description": "The calendar of the staff: `2 staff days`."},
        "desk": {**_NAME, "description": "The calendar of the help desk: `4 desk hours`."},
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
        "hours": _HOURS,
        "timezone": {**_ZONE, "description": "This school's time zone, where it is not the district's."},
        "mode": {
            "enum": [str(mode) for mode in Mode],
            "description": "As far as any policy may go here. Default: enforce, so that the policies decide.",
        },
        "guards": SITE_GUARDS,
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
        "away": AWAY,
    },
}

DEFAULTS: Schema = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": False,
    "description": "What holds for every policy that does not say it by itself.",
    "properties": {
        "owner": {**ADDRESS, "description": "The address of whoever answers for a policy."},
        "severity": {"enum": [str(s) for s in Severity], "description": "How much a finding matters."},
        "check_every": {
            **text("a length of time, such as 20m, 1h or 2 days", DURATION),
            "description": "How often to look: 20m, 1h, 2 days.",
        },
        "guard": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": False,
            "description": "Limits of each policy, never looser than those of the district.",
            "properties": GUARDS,
        },
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
                "timezone": _ZONE,
                "calendar": {**_NAME, "description": "The calendar of what belongs to no school."},
                "hours": _HOURS,
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
                **GUARDS,
                "seasons": SEASONS,
                "approval_lasts": APPROVAL_LASTS,
                "never_touch": {
                    "type": "array",
                    "items": text("a resource as kind/name, such as host/mail1", r"^[a-z_]+/\S"),
                    "description": "Resources that no policy may write to, as kind/name; * stands for any text.",
                },
            },
        },
        "defaults": DEFAULTS,
        "stop": {**_NAME, "description": "While this stands here nothing is written anywhere; it says why."},
        "example": {
            "type": "boolean",
            "description": "true: an invented district, whose exports may be committed.",
        },
    },
}
