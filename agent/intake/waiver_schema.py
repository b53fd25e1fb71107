"""The schema of policies/waivers.yaml: exceptions with an owner, a reason, a ticket and an end."""

from __future__ import annotations

from agent.intake.district_schema import Schema, text
from agent.intake.values import END
from agent.model.waiver import REASONS

_ID = r"[A-Za-z][A-Za-z0-9_.-]{0,63}"

# A ticket is a number: what people would write beside it may be read by anybody a mail is forwarded to. GUARDS.md 15.
TICKET = r"^(?=[^0-9]*[0-9])[A-Za-z0-9#][A-Za-z0-9#_./-]{0,39}" + END

_WAIVER: Schema = {
    "type": "object",
    "required": ["waiver", "policies", "owner", "reason", "ticket", "until"],
    "additionalProperties": False,
    "properties": {
        "waiver": {
            **text("an id such as W-2026-001: letters, digits, -, _ and .", f"^{_ID}{END}"),
            "description": "The id of the waiver. Findings, reports and `driftbell waive --end` name it.",
        },
        "policies": {
            "type": "array",
            "minItems": 1,
            "items": text("the id of a policy", f"^{_ID}{END}"),
            "description": "The policies that it shields from, and no other.",
        },
        "resources": {
            "type": "array",
            "minItems": 1,
            "items": text("a resource as kind/name, such as device/5CD1234", r"^[^/\s]+/[\s\S]*\S"),
            "description": "Exactly these resources, as kind/name. No patterns.",
        },
        "sites": {
            "type": "array",
            "minItems": 1,
            "items": text("a school by its short name in district.yaml"),
            "description": "In place of resources: everything at these schools.",
        },
        "owner": {**text("a person of district.yaml"), "description": "Who answers for it, by the name in `people`."},
        "reason": {
            "enum": list(REASONS),
            "description": "Why, as a code: " + "; ".join(f"{code}: {why}" for code, why in REASONS.items()) + ".",
        },
        "ticket": {
            "type": ["string", "integer"],
            "pattern": TICKET,
            "errorMessage": 'Expected a ticket\'s number, such as "4711" or INC-4711: no blanks, at most 40 characters',
            "description": "The number of the ticket that says more.",
        },
        "until": {
            **text("a date, such as 2027-01-31", "^[0-9]{4}-[0-9]{2}-[0-9]{2}" + END),
            "description": "Its last day, in the district's time zone. At most 400 days ahead.",
        },
    },
}

WAIVERS: Schema = {
    "type": "object",
    "required": ["waivers"],
    "additionalProperties": False,
    "properties": {
        "waivers": {
            "type": ["array", "null"],
            "items": _WAIVER,
            "description": "Exceptions: what may be out of line, from which policy, until when.",
        }
    },
}
