"""The schema of policies/calendars/*.yaml: bells, closures, delays, early release, testing. Shape alone, so far."""

from __future__ import annotations

from agent.intake.district_schema import Schema, text
from agent.intake.values import END

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DATE = text("a date, such as 2026-08-12", "^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}" + END)
_CLOCK = text('a time of the day in quotes, such as "08:10"', "^([01][0-9]|2[0-3]):[0-5][0-9]" + END)
_SPAN = text(
    'a span of the day in quotes, such as "08:10-11:40"',
    "^([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)" + END,
)
_NAME = text("a text")


def _days(more: Schema, *, required: tuple[str, ...] = ()) -> Schema:
    """Give a list of named days or spans of days."""
    day = {
        "name": {**_NAME, "description": "What people call it."},
        "day": {**_DATE, "description": "The one day."},
        "first": {**_DATE, "description": "The first of several days."},
        "last": {**_DATE, "description": "The last of several days, itself included."},
    }
    return {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["name", *required],
            "additionalProperties": False,
            "properties": {**day, **more},
            "if": {"required": ["day"]},
            "then": {},
            "else": {"required": ["first", "last"]},
        },
    }


_YEAR: Schema = {
    "type": "object",
    "required": ["from", "to"],
    "additionalProperties": False,
    "properties": {
        "from": {**_DATE, "description": "The first day of the school year."},
        "to": {**_DATE, "description": "The last day of the school year."},
        "closed": {**_days({}), "description": "Days without school: holidays and breaks."},
        "delays": {
            **_days({"from": {**_CLOCK, "description": "When school begins that day."}}, required=("from",)),
            "description": "Days on which school begins later.",
        },
        "early_release": {
            **_days({"until": {**_CLOCK, "description": "When school ends that day."}}, required=("until",)),
            "description": "Days on which school ends earlier.",
        },
        "testing": {**_days({}), "description": "State tests: nothing is to change on devices."},
    },
}

CALENDAR: Schema = {
    "type": "object",
    "required": ["calendar", "bells", "years"],
    "additionalProperties": False,
    "properties": {
        "calendar": {
            **text("a short name of small letters, digits, - and _", "^[a-z0-9][a-z0-9_-]{0,63}" + END),
            "description": "The name that sites say they keep.",
        },
        "name": {**_NAME, "description": "What people call it."},
        "bells": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": False,
            "description": "The spans of each weekday that are in session; breaks lie between them.",
            "properties": {day: {"type": "array", "minItems": 1, "items": _SPAN} for day in DAYS},
        },
        "years": {
            "type": "object",
            "minProperties": 1,
            "description": "The school years, by a name such as 2026-27.",
            "additionalProperties": _YEAR,
        },
    },
}
