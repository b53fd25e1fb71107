"""The one JSON Schema of every file that a person writes, generated from the Catalog.

Editors and `driftbell validate` read the same one. It is written with `if`, `then` and `else` in place of `anyOf`,
so that an editor names the word that is wrong. Draft: https://json-schema.org/draft/2020-12/schema
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.intake.calendar_schema import CALENDAR, CALENDAR_CHANGES
from agent.intake.composition_schema import FRAMEWORK, VALUES, condition_sets, or_dated
from agent.intake.condition_schema import conditions, fields
from agent.intake.district_schema import ADDRESS, DISTRICT, Schema, text
from agent.intake.guard_schema import GUARDS, VERIFY
from agent.intake.measure_schema import FOR, MEASURE, SITES
from agent.intake.systems_schema import systems
from agent.intake.trial_schema import trial_parts, trials
from agent.intake.values import DURATION, END
from agent.intake.waiver_schema import WAIVERS
from agent.model.kind import Risk
from agent.model.policy import Mode, Severity

if TYPE_CHECKING:
    from agent.model.kind import Argument, Catalog, Kind, Verb

CONVERGE_VERB = "ansible.playbook"  # what runs a `converge` playbook for real
_ID = text("an id such as HOST-01: letters, digits, -, _ and .", "^[A-Za-z][A-Za-z0-9_.-]{0,63}" + END)
_PLAYBOOK = text("a playbook of the repository, as playbooks/NAME.yml", r"^playbooks/.+\.ya?ml" + END)
_VARIABLE = text("a variable's name: letters, digits and _", "^[A-Za-z_][A-Za-z0-9_]*" + END)
_TEXT = text("a text")
_DURATION = text("a length of time, such as 20m, 1h or 2 days", DURATION)
_VARIABLES: Schema = {"type": "object", "propertyNames": _VARIABLE}
_ARGUMENTS: dict[str, Schema] = {"text": _TEXT, "playbook": _PLAYBOOK, "variables": _VARIABLES}


def schema(catalog: Catalog) -> Schema:
    """Generate the schema of policy files, district.yaml and systems.yaml."""
    shapes = {
        "policy": _policy(catalog),
        "district": DISTRICT,
        "systems": systems(catalog),
        "tests": trials(catalog),  # before calendars: a file of tests may have a `calendar` of its own
        "calendar": CALENDAR,
        "calendar_changes": CALENDAR_CHANGES,
        "waivers": WAIVERS,
        "values": VALUES,
        "conditions": condition_sets(catalog),
        "framework": FRAMEWORK,
    }
    # An empty file is offered the words that files begin with.
    begins: Schema = {
        shape: {"description": made["properties"][shape]["description"]} for shape, made in shapes.items()
    }
    branch: Schema = {"required": ["policy"], "properties": begins}
    for shape in reversed(shapes):
        branch = {"if": {"required": [shape]}, "then": {"$ref": f"#/$defs/{shape}"}, "else": branch}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        **branch,
        "$defs": {
            **shapes,
            **conditions(),
            **trial_parts(catalog),
            **{f"fields_{kind.name}": fields(kind, catalog.kinds) for kind in catalog.kinds.values()},
        },
    }


def _policy(catalog: Catalog) -> Schema:
    return {
        "type": "object",
        "required": ["policy", "title", "applies_to"],
        "additionalProperties": False,
        "properties": {
            **_statement(catalog),
            "expect": {
                "type": "object",
                "description": "What must be true: a field and its condition, on each line.",
            },
            "converge": _converge(),
            **_acts(catalog),
        },
        "if": {"required": ["converge"]},
        "then": {
            "properties": {
                "expect": _nowhere("A policy with `converge` has no `expect`: its playbook says what must be true"),
                "remedy": _nowhere("A policy with `converge` has no `remedy`: its playbook is the remedy"),
            }
        },
        "else": {"required": ["expect"]},
        "allOf": [_of_kind(kind) for kind in catalog.kinds.values()],
    }


def _statement(catalog: Catalog) -> Schema:
    """What the policy says, and of which resources."""
    return {
        "policy": {
            **_ID,
            "description": "The id of the policy, such as HOST-01. Findings and waivers name it.",
        },
        "title": {**_TEXT, "description": "The rule in one sentence that anybody understands."},
        "why": {**_TEXT, "description": "Why it matters, for the person who asks."},
        "severity": _words(Severity, "How much a finding matters. Default: medium."),
        "owner": {**ADDRESS, "description": "The address of whoever answers for this policy."},
        "frameworks": {
            "type": "object",
            "description": "Which safeguards of which framework this policy serves.",
            "additionalProperties": {"type": "array", "minItems": 1, "items": _TEXT},
        },
        "applies_to": {
            "type": "object",
            "description": "Which resources: a kind, and where its fields meet conditions.",
            "required": ["kind"],
            "additionalProperties": False,
            "properties": {
                "kind": {
                    "enum": list(catalog.kinds),
                    "description": "The type of resource. Alone it means all.",
                },
                "where": {
                    "type": "object",
                    "description": "Only resources whose fields meet all of these conditions.",
                },
            },
        },
    }


def _acts(catalog: Catalog) -> Schema:
    """What may be done, how far, and how often it is looked at."""
    return {
        "measure": MEASURE,
        "for": FOR,
        "mode": _words(Mode, "audit: watch only. propose: ask first. enforce: fix. Default: audit."),
        "sites": SITES,
        "remedy": {
            "type": "array",
            "minItems": 1,
            "description": "The steps that may be taken, in order.",
            "items": _step(catalog),
        },
        "guard": {
            "type": "object",
            "minProperties": 1,
            "description": "Limits of this policy, never looser than those of the district.",
            "additionalProperties": False,
            "properties": GUARDS,
        },
        "verify": VERIFY,
        "check_every": {**_DURATION, "description": "How often to look: 20m, 1h, 2 days."},
    }


def _converge() -> Schema:
    return {
        "type": "object",
        "description": "A playbook whose check mode finds the drift, in place of `expect`.",
        "required": ["playbook"],
        "additionalProperties": False,
        "properties": {
            "playbook": {**_PLAYBOOK, "description": "The playbook, from the repository's root."},
            "vars": {**_VARIABLES, "description": "Extra variables; they are data, never templates."},
            "allow": {
                "type": "array",
                "minItems": 1,
                "items": _TEXT,
                "description": "Tasks, by name, that may act even in check mode or elsewhere.",
            },
            "risk": _words(Risk, "How bad a wrong run would be. Default: disruptive."),
        },
    }


def _step(catalog: Catalog) -> Schema:
    return {
        "type": "object",
        "required": ["do"],
        "additionalProperties": False,
        "properties": {
            "do": {
                "enum": list(catalog.verbs),
                "description": "What is done. Each verb belongs to one system.",
            },
            "with": {
                "type": "object",
                "description": "The verb's arguments; <field> stands for the resource's value.",
            },
            "sets": {
                "type": "array",
                "minItems": 1,
                "items": _TEXT,
                "description": "The fields that this sets. Default: the fields in `expect`.",
            },
            "allow": {
                "type": "array",
                "minItems": 1,
                "items": _TEXT,
                "description": "Tasks, by name, that may act elsewhere than on the host itself.",
            },
            "risk": _words(Risk, "How bad a wrong run would be. Default: disruptive."),
            "after": {**_DURATION, "description": "Only when the finding has been open for so long: 2 days."},
        },
        "allOf": [_of_verb(verb) for verb in catalog.verbs.values()],
    }


def _of_verb(verb: Verb) -> Schema:
    required = [a.name for a in verb.arguments if a.required]
    arguments: Schema = {
        "additionalProperties": False,
        "properties": {a.name: _argument(a) for a in verb.arguments},
    }
    if required:
        arguments["required"] = required
    then: Schema = {"properties": {"with": arguments}}
    if required:
        then["required"] = ["with"]
    if not verb.declares:
        says = f"The verb {verb.name} says by itself what it sets and how risky it is: take this out"
        then["properties"] |= {"sets": _nowhere(says), "risk": _nowhere(says)}
    if not any(a.type == "playbook" for a in verb.arguments):
        then["properties"] |= {"allow": _nowhere(f"The verb {verb.name} runs no playbook: take this out")}
    return {"if": {"properties": {"do": {"const": verb.name}}, "required": ["do"]}, "then": then}


def _argument(argument: Argument) -> Schema:
    taken = _ARGUMENTS.get(argument.type, _TEXT)
    shape = or_dated(taken) if taken is _TEXT else taken
    return {**shape, "description": argument.description}


def _of_kind(kind: Kind) -> Schema:
    fields = {"$ref": f"#/$defs/fields_{kind.name}"}
    named = {"properties": {"kind": {"const": kind.name}}, "required": ["kind"]}
    return {
        "if": {"properties": {"applies_to": named}, "required": ["applies_to"]},
        "then": {"properties": {"applies_to": {"properties": {"where": fields}}, "expect": fields}},
    }


def _nowhere(why: str) -> Schema:
    """Refuse a key with any value; jsonschema loses the path of a plain `false`."""
    return {"not": {}, "errorMessage": why}


def _words(words: type[Mode | Severity | Risk], description: str) -> Schema:
    return {"enum": [str(word) for word in words], "description": description}
