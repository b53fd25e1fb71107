"""The schema of policies/tests/*.yaml: readings as policies write values, and what is expected of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.intake.district_schema import Schema, text
from agent.intake.values import END, EXPECTED, INSTANT
from agent.model.kind import FieldType
from agent.model.policy import Mode
from agent.model.trial import STANDS

if TYPE_CHECKING:
    from agent.model.kind import Catalog, Kind

SITE = "site"
SCHOOL_FIELDS = frozenset({"name", "org_units", "student_ou", "calendar"})  # the rest is reckoned from calendars
SILENT, CONVERGE = "unknown", "converge"
_OR = "; or null for none, or {unknown: why}"
_WHEN = (
    r"^((19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?)?"
    r"|(today|now)( *[+-] *[0-9]{1,5} *(s|m|h|d|w|seconds?|min|minutes?|hours?|days?|weeks?))?)" + END
)
_WHY: Schema = {
    "type": "object",
    "required": ["unknown"],
    "additionalProperties": False,
    "properties": {"unknown": {**text("why it could not be read"), "description": "Why it could not be read."}},
}
_ID = text("a resource as kind/name, such as device/A1", r"^[^/\s]+/\S")
_NAME = text("a text")
_AT = text("a date or a time, such as 2026-11-20T09:00", INSTANT)
_CLOCK = text('a time of the day in quotes, such as "10:10"', "^([01][0-9]|2[0-3]):[0-5][0-9]" + END)
_SPAN = text(
    'a span of the day in quotes, such as "08:00-15:00"',
    "^([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)" + END,
)
_DATE = text("a date, such as 2026-11-20", "^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}" + END)


def trial_parts(catalog: Catalog) -> dict[str, Schema]:
    """Give the definitions that `trials` refers to: readings by type of field, and the fields of each kind."""
    kinds = catalog.kinds.values()
    return {f"reading_{t}": _reading(t) for t in FieldType} | {f"readings_{k.name}": _readings(k) for k in kinds}


def trials(catalog: Catalog) -> Schema:
    """Give the schema of one file of policy tests."""
    setting: dict[str, Schema] = {
        "at": {**_AT, "description": "The time of the look, the district's own where it names no zone."},
        "calendar": {**_calendar(), "description": "Closures, delays and hours on top of the district's calendars."},
    }
    one_or_more: Schema = {"if": {"type": "array"}, "then": _list(_NAME, least=1), "else": _NAME}
    return {
        "type": "object",
        "required": ["tests", "cases"],
        "additionalProperties": False,
        "properties": {
            "tests": {**one_or_more, "description": "The policy that is tested, or a list of them, or a name."},
            **setting,
            "resources": {**_resources(catalog), "description": "What every case has. What is not named is unknown."},
            "cases": {**_list(_case(catalog, setting), least=1), "description": "The cases, one after the other."},
        },
    }


def _case(catalog: Catalog, setting: dict[str, Schema]) -> Schema:
    kinds = _list({"enum": list(catalog.kinds)})
    return {
        "type": "object",
        "required": ["case", "expect"],
        "additionalProperties": False,
        "properties": {
            "case": {**_NAME, "description": "What this case is, in words."},
            **setting,
            "given": {**_resources(catalog), "description": "What this case has on top of `resources`."},
            "complete": {**kinds, "description": "Kinds of which the whole list is here, be it empty."},
            "incomplete": {**kinds, "description": "Kinds of which more may be there than is listed."},
            "as_of": {
                "type": "object",
                "additionalProperties": False,
                "properties": dict.fromkeys(catalog.kinds, _AT),
                "description": "When the list of a kind was made, where that is not `at`.",
            },
            "mode": {"enum": list(map(str, Mode)), "description": "The mode to try, in place of the policy's own."},
            "looks": {"type": "integer", "minimum": 0, "description": "Earlier looks in a row that found it so."},
            "waivers": {**_list(_waiver()), "description": "Exceptions; those of waivers.yaml do not count here."},
            "expect": _expect(),
            "actions": {**_list(_wanted("verb", list(catalog.verbs))), "description": "Every action there is to be."},
            "holds": {**_list(_wanted("guard", None)), "description": "Every hold there is to be, by its guard."},
        },
    }


def _resources(catalog: Catalog) -> Schema:
    """A kind that there is not is said later, with the nearest; null takes a resource out."""
    shapes = {
        f"^{kind}/\\S": {"if": {"type": "null"}, "then": {}, "else": {"$ref": f"#/$defs/readings_{kind}"}}
        for kind in catalog.kinds
    }
    return {"type": "object", "propertyNames": _ID, "patternProperties": shapes}


def _readings(kind: Kind) -> Schema:
    plain = {f.name: _described(f.type, f.description) for f in kind.fields}
    if kind.name == SITE:
        plain = {name: shape for name, shape in plain.items() if name in SCHOOL_FIELDS}
    families = {
        f"^{family.name}\\.[\\s\\S]+" + (f"\\.{a.name}" if a.name else "") + END: _described(a.type, a.description)
        for family in kind.families
        for a in family.attributes
    }
    extra: dict[str, Schema] = {
        SILENT: {**text("why the rest could not be read"), "description": "Why every other field is unknown."},
        "site": {"$ref": "#/$defs/reading_text", "description": "Its school."},
    }
    if kind.name == "host":
        extra[CONVERGE] = _described(FieldType.LIST, "What check mode would change, a text each; [] for nothing.")
    return {
        "type": "object",
        "title": f"fields of {kind.name}",
        "properties": {**extra, **plain},
        "patternProperties": families,
        "additionalProperties": False,
    }


def _described(field_type: FieldType, description: str) -> Schema:
    return {"$ref": f"#/$defs/reading_{field_type}", "description": description}


def _reading(field_type: FieldType) -> Schema:
    expected = EXPECTED[field_type]
    value: Schema = {"type": list(expected.types), "errorMessage": f"Expected {expected.words}{_OR}"}
    if field_type is FieldType.TIME:
        value |= {"pattern": _WHEN, "errorMessage": f"Expected a date, a time, or such as today - 3 days{_OR}"}
    elif field_type is not FieldType.TEXT and expected.pattern:
        value["pattern"] = expected.pattern
    if expected.least is not None:
        value["minimum"] = expected.least
    if expected.most is not None:
        value["maximum"] = expected.most
    if field_type is FieldType.LIST:
        value["items"] = {"$ref": "#/$defs/value_text"}
    other: Schema = {"if": {"type": "null"}, "then": {}, "else": value}
    return {"if": {"type": "object"}, "then": _WHY, "else": other}


def _calendar() -> Schema:
    sites: Schema = {"if": {"type": "array"}, "then": _list(_NAME, least=1), "else": _NAME}
    day = {
        "site": {**sites, "description": "The school, or a list of them. Default: all."},
        "name": {**_NAME, "description": "What people call it."},
        "day": {**_DATE, "description": "The one day."},
        "first": {**_DATE, "description": "The first of several days."},
        "last": {**_DATE, "description": "The last of several days, itself included."},
    }
    return {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": {
            "open": {
                **_list(_SPAN, least=1),
                "description": "When every site is open, Mondays to Fridays, in place of the district's calendars.",
            },
            "close": _days(day, {}),
            "delay": _days(day, {"from": {**_CLOCK, "description": "When school begins that day."}}),
            "early_release": _days(day, {"until": {**_CLOCK, "description": "When school ends that day."}}),
            "testing": _days(day, {}),
            "season": _days(day, {}),
        },
    }


def _days(day: dict[str, Schema], more: dict[str, Schema]) -> Schema:
    return _list({
        "type": "object",
        "required": list(more),
        "additionalProperties": False,
        "properties": {**day, **more},
        "if": {"required": ["day"]},
        "then": {},
        "else": {"required": ["first", "last"]},
    })


def _waiver() -> Schema:
    return {
        "type": "object",
        "required": ["until"],
        "additionalProperties": False,
        "properties": {
            "waiver": {**_NAME, "description": "Its id."},
            "resources": {**_list(_ID, least=1), "description": "The resources that it excepts."},
            "sites": {**_list(_NAME, least=1), "description": "Or the sites where it excepts everything."},
            "until": {**_DATE, "description": "Its last day."},
        },
        "if": {"required": ["sites"]},
        "then": {},
        "else": {"required": ["resources"]},
    }


def _expect() -> Schema:
    verdict: Schema = {"enum": list(STANDS)}
    texts: Schema = {
        "type": "object",
        "additionalProperties": False,
        "properties": {"expected": {"type": "string"}, "observed": {"type": "string"}},
    }
    whole: Schema = {
        "type": "object",
        "required": ["verdict"],
        "additionalProperties": False,
        "properties": {
            "verdict": {**verdict, "description": "How the policy stands on it; left_out: it does not apply."},
            "sentence": {**_NAME, "description": "The sentence, word for word."},
            "differences": {
                "if": {"type": "array"},
                "then": _list(_NAME, least=1),
                "else": {"type": "object", "minProperties": 1, "additionalProperties": texts},
                "description": "The fields that are not as they should be, all of them.",
            },
        },
    }
    one: Schema = {"if": {"type": "object"}, "then": whole, "else": verdict}
    return {
        "type": "object",
        "minProperties": 1,
        "description": "A resource and how it stands, on each line; below a policy's id where several are tested.",
        "patternProperties": {
            "/": one,
            f"^[^/]+{END}": {"type": "object", "minProperties": 1, "propertyNames": _ID, "additionalProperties": one},
        },
    }


def _wanted(word: str, words: list[str] | None) -> Schema:
    what: Schema = {"enum": words} if words else _NAME
    return {
        "type": "object",
        "required": [word],
        "additionalProperties": False,
        "properties": {
            word: {**what, "description": f"The {word}."},
            "resource": {**_ID, "description": "The resource. Default: whichever."},
        },
    }


def _list(items: Schema, least: int = 0) -> Schema:
    return {"type": "array", "items": items, **({"minItems": least} if least else {})}
