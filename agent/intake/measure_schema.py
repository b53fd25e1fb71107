"""The schema of what a policy measures, how long it waits, and how far it may go at single sites."""

from __future__ import annotations

from agent.intake.district_schema import Schema, text
from agent.intake.values import END, EXPECTED
from agent.model.kind import FieldType
from agent.model.policy import Mode

_ENDS = {
    "at_least": "This or more.",
    "at_most": "This or less.",
    "above": "More than this.",
    "below": "Less than this.",
}
_SHARE: Schema = {
    "type": ["string", "number"],
    "pattern": EXPECTED[FieldType.PERCENT].pattern,
    "minimum": 0,
    "maximum": 100,
    "errorMessage": "Expected a share from 0% to 100%, such as 98%",
}
_NUMBER: Schema = {"type": "integer", "minimum": 0, "errorMessage": "Expected a whole number, such as 3"}
SWEEPS = r"^[0-9]{1,4} *(sweep|sweeps|look|looks)" + END


def _limits(number: Schema, description: str) -> Schema:
    return {
        "type": "object",
        "minProperties": 1,
        "description": description,
        "additionalProperties": False,
        "properties": {name: {**number, "description": said} for name, said in _ENDS.items()},
    }


def _nowhere(why: str) -> Schema:
    """Refuse a key with any value; jsonschema loses the path of a plain `false`."""
    return {"not": {}, "errorMessage": why}


_EITHER = "What is wanted, as `share: {at_least: 98%}` or `count: {at_most: 3}`."
MEASURE: Schema = {
    "type": "object",
    "description": "Ask this of groups in place of single resources: how many of a group meet `expect`.",
    "additionalProperties": False,
    "properties": {
        "by": {
            **text("`site`, or the name of a text field"),
            "description": "What makes the groups: site, or a text field such as model. Left out: the whole district.",
        },
        "share": _limits(_SHARE, "The share of the group that meets `expect`, of those that the policy applies to."),
        "count": _limits(_NUMBER, "How many of the group meet `expect`."),
    },
    "if": {"required": ["share"]},
    "then": {"properties": {"count": _nowhere("A measure is of a `share` or of a `count`, not of both")}},
    "else": {
        "required": ["count"],
        "properties": {"count": {"description": _EITHER}},
    },
}
_TAKEN = "Sites may set `mode`, never `{}`: what must be true is the same at every school"
SITES: Schema = {
    "type": "object",
    "minProperties": 1,
    "description": "How far this policy may go at single sites, by their names in district.yaml.",
    "additionalProperties": {
        "type": "object",
        "required": ["mode"],
        "additionalProperties": False,
        "properties": {
            "mode": {
                "enum": [str(mode) for mode in Mode],
                "description": "audit: watch only. propose: ask first. enforce: fix. At this site.",
            },
            **{word: _nowhere(_TAKEN.format(word)) for word in ("expect", "where", "applies_to", "remedy", "measure")},
        },
    },
}
FOR: Schema = {
    **text("how many looks in a row, such as 2 sweeps", SWEEPS),
    "description": "How many looks in a row must find it out of line before a finding opens: 2 sweeps.",
}
