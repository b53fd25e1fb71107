"""The schema of policies/calendars/*.yaml: bells, closures, delays, early release, testing, and what is declared."""

from __future__ import annotations

from agent.decide.why import WEEKDAYS
from agent.intake.district_schema import Schema, text
from agent.intake.values import END
from agent.model.calendar import ROLES

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DATE = text("a date, such as 2026-08-12", "^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}" + END)
_CLOCK = text('a time of the day in quotes, such as "08:10"', "^([01][0-9]|2[0-3]):[0-5][0-9]" + END)
_SPAN = text(
    'a span of the day in quotes, such as "08:10-11:40"',
    "^([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)" + END,
)
_SPANS: Schema = {"type": "array", "minItems": 1, "items": _SPAN}
_NAME = text("a text")
_FROM = {**_CLOCK, "description": "When it opens that day."}
_UNTIL = {**_CLOCK, "description": "When it closes that day."}
_ALONE = {"not": {}, "errorMessage": "One `day` stands alone, without `first` and `last`"}
_DAY: Schema = {
    "day": {**_DATE, "description": "The one day."},
    "first": {**_DATE, "description": "The first of several days."},
    "last": {**_DATE, "description": "The last of several days, itself included."},
}
_WHEN: Schema = {
    "if": {"required": ["day"]},
    "then": {"properties": {"first": _ALONE, "last": _ALONE}},
    "else": {"required": ["first", "last"], "errorMessage": "It needs `day`, or `first` and `last`"},
}


def _days(description: str, **more: Schema) -> Schema:
    """Give a list of named days or spans of days."""
    return {
        "type": "array",
        "description": description,
        "items": {
            "type": "object",
            "required": ["name", *more],
            "additionalProperties": False,
            "properties": {"name": {**_NAME, "description": "What people call it."}, **_DAY, **more},
            **_WHEN,
        },
    }


SPECIAL: Schema = {
    "closed": _days("Days on which it is closed: holidays and breaks."),
    "delays": _days("Days on which it opens later.", **{"from": _FROM}),
    "early_release": _days("Days on which it closes earlier.", until=_UNTIL),
    "hours": _days(
        "Days with other hours in place of the bells.",
        spans={**_SPANS, "description": "What is open that day, in place of the bells."},
    ),
    "breaks": _days(
        "Days on which it is closed for a part of the day.",
        spans={**_SPANS, "description": "What is closed that day."},
    ),
    "testing": _days("State tests: nothing is changed at the schools that keep this calendar."),
    "freezes": _days("Days on which nothing is changed; those of the district's own calendar hold at every school."),
}

_YEAR: Schema = {
    "type": "object",
    "required": ["from", "to"],
    "additionalProperties": False,
    "properties": {
        "from": {**_DATE, "description": "The first day of the school year."},
        "to": {**_DATE, "description": "The last day of the school year."},
        **SPECIAL,
    },
}

CALENDAR: Schema = {
    "type": "object",
    "required": ["calendar", "bells"],
    "additionalProperties": False,
    "properties": {
        "calendar": {
            **text("a short name of small letters, digits, - and _", "^[a-z0-9][a-z0-9_-]{0,63}" + END),
            "description": "The name that sites say they keep.",
        },
        "name": {**_NAME, "description": "What people call it."},
        "timezone": {**_NAME, "description": "Its time zone. Default: the site's, or the district's."},
        "bells": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": False,
            "description": "The spans of each weekday that are in session; breaks lie between them.",
            "properties": {
                day: {**_SPANS, "description": f"When {name} is in session."}
                for day, name in zip(DAYS, WEEKDAYS, strict=True)
            },
        },
        "years": {
            "type": "object",
            "minProperties": 1,
            "description": "The school years, by a name such as 2026-27; closed outside them. Default: for ever.",
            "additionalProperties": _YEAR,
        },
        **SPECIAL,
        "seasons": _days("Times of the year that policies and people know by name, such as the August rollover."),
        "ics": {
            "type": "array",
            "minItems": 1,
            "description": "iCalendar files beside this one: whole days in them are closed, timed events are breaks.",
            "items": text("the name of an .ics file in this folder, such as holidays.ics", r"^[^/\\].*\.ics" + END),
        },
    },
}

_AT = text("a time with its zone, such as 2026-11-23T05:12:00-06:00", r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-].+)")
_BY = {**_NAME, "description": "Who said so."}

CALENDAR_CHANGES: Schema = {
    "type": "object",
    "required": ["calendar_changes"],
    "additionalProperties": False,
    "properties": {
        "calendar_changes": {
            "type": "array",
            "description": "Closures and delays that were declared at once. `driftbell calendar` writes them.",
            "items": {
                "type": "object",
                "required": ["change", "what", "why", "sites", "by", "at"],
                "additionalProperties": False,
                "properties": {
                    "change": {
                        **text("a short id of letters, digits and -", "^[A-Za-z0-9][A-Za-z0-9-]{1,39}" + END),
                        "description": "Its number, which `driftbell calendar undo` takes.",
                    },
                    "what": {"enum": ["closed", "delay", "early_release"], "description": "What it means."},
                    "why": {**_NAME, "description": "Why, as the month and reports say it."},
                    **_DAY,
                    "from": _FROM,
                    "until": _UNTIL,
                    "sites": {"type": "array", "minItems": 1, "items": _NAME, "description": "Whose; `all` is each."},
                    "roles": {
                        "type": "array",
                        "minItems": 1,
                        "items": {"enum": list(ROLES)},
                        "description": "Whose hours there. Default: the school's.",
                    },
                    "by": _BY,
                    "at": {**_AT, "description": "When it was declared."},
                    "undone": {
                        "type": "object",
                        "required": ["by", "at"],
                        "additionalProperties": False,
                        "description": "It counts no more: who took it back, and when.",
                        "properties": {"by": _BY, "at": {**_AT, "description": "When it was taken back."}},
                    },
                },
                **_WHEN,
            },
        },
    },
}
