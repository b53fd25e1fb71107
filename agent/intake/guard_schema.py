"""The schema of guards: caps, windows and rings, in a policy, in its defaults and in district.yaml."""

from __future__ import annotations

from typing import Any

from agent.intake.values import DURATION, END
from agent.model.window import Window

Schema = dict[str, Any]

_LIMIT: Schema = {
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
CAPS: dict[str, Schema] = {
    "per_run": {**_LIMIT, "description": "More than this in one run waits for an approval."},
    "per_day": {**_LIMIT, "description": "More than this in one day waits for the next."},
    "per_site": {**_LIMIT, "description": "More than this in one day at one site waits for the next."},
    "per_credential": {**_LIMIT, "description": "More than this in one day by one system waits for the next."},
}
_SPAN: Schema = {
    "type": "string",
    "pattern": DURATION,
    "errorMessage": "Expected a length of time, such as 20m, 1h or 2 days",
}
_SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 100}
_WINDOW: Schema = {"enum": [w.value for w in Window]}
GUARDS: dict[str, Schema] = {
    **CAPS,
    "window": {
        "if": {"type": "array"},
        "then": {"type": "array", "minItems": 1, "uniqueItems": True, "items": _WINDOW},
        "else": _WINDOW,
        "description": "Changes are made in this window only, or in any of several. Default: at any hour.",
    },
    "rings": {
        "type": "object",
        "additionalProperties": False,
        "description": "A new rule changes one resource first, then one site, then all. {} takes every default.",
        "properties": {
            "soak": {**_SPAN, "description": "How long each ring is watched. Default: 1h."},
            "failed": {**_SHARE, "description": "Halt above this percentage of failed changes. Default: 0."},
            "new_findings": {
                **_SHARE,
                "description": "Halt above this percentage of resources with new findings. Default: 0.",
            },
            "site": {
                "type": "string",
                "pattern": r"\S",
                "description": "The trial site, by its key in district.yaml. Default: the site of the first resource.",
            },
        },
    },
}
SITE_GUARDS: Schema = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": False,
    "description": "Stricter limits of this site, beside those of every policy.",
    "properties": {"window": GUARDS["window"], "per_site": CAPS["per_site"]},
}
SEASONS: Schema = {
    "type": "object",
    "minProperties": 1,
    "description": "Other caps while a season of the calendar lasts, such as the August rollover.",
    "additionalProperties": {
        "type": "object",
        "required": ["approved_by"],
        "minProperties": 2,
        "additionalProperties": False,
        "properties": {
            **CAPS,
            "approved_by": {
                "type": "string",
                "pattern": r"\S",
                "description": "The person who answers for it, and who may approve.",
            },
        },
    },
}
APPROVAL_LASTS: Schema = {**_SPAN, "description": "How long an approval counts. Default: 3 days."}
AWAY: Schema = {
    "type": "array",
    "minItems": 1,
    "description": "When this person is away: the deputy stands in.",
    "items": {
        "type": "object",
        "required": ["first", "last"],
        "additionalProperties": False,
        "properties": {
            key: {
                "type": "string",
                "pattern": "^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}" + END,
                "errorMessage": "Expected a date, such as 2026-12-21",
                "description": f"The {key} day.",
            }
            for key in ("first", "last")
        },
    },
}
VERIFY: Schema = {
    "type": "array",
    "minItems": 1,
    "uniqueItems": True,
    "items": {
        "type": "string",
        "pattern": r"^tests/([A-Za-z0-9_-]+/)*test_[A-Za-z0-9_]+\.py" + END,
        "errorMessage": "Expected a pytest-testinfra module below tests/, such as tests/test_ssh.py",
    },
    "description": "Modules of pytest-testinfra that give a second opinion of what was changed.",
}
