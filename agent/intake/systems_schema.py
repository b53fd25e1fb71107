"""The schema of inventory/systems.yaml: which systems are read beside the servers, by their type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.intake.district_schema import Schema, text
from agent.intake.values import DURATION, END

if TYPE_CHECKING:
    from agent.model.kind import Catalog

ROSTER_KINDS = ("person", "class", "school")  # what a OneRoster export holds
PROBED = "service"
FIRST_HAND = frozenset({"host", "site", PROBED})  # kinds that no export fills

_NAME = text("a text")
_SHORT = text("a short name of small letters, digits, - and _", "^[a-z0-9][a-z0-9_-]{0,63}" + END)
_SPAN = text("a length of time, such as 26h, 20m or 5s", DURATION)
_PATH: Schema = {**_NAME, "description": "The file, below the state directory's exports/ or inventory/exports/."}
_FRESH: Schema = {**_SPAN, "description": "How old the data may be before nothing more is changed on its word."}

_COLUMN: Schema = {
    "if": {"type": "object"},
    "then": {
        "required": ["from"],
        "additionalProperties": False,
        "properties": {
            "from": {
                "description": "The header of the column, or several that it may have.",
                "if": {"type": "array"},
                "then": {"minItems": 1, "items": _NAME},
                "else": _NAME,
            },
            "map": {
                "type": "object",
                "minProperties": 1,
                "description": "What a cell's text means; others keep their text.",
                "additionalProperties": {"type": ["string", "number", "boolean"]},
            },
            "only": {"type": "boolean", "description": "true: a text that `map` does not name is unknown."},
            "format": {
                **_NAME,
                "description": "How a time is written: %d/%m/%Y, day first or month first; of a size, its unit.",
            },
            "none": {"type": "array", "minItems": 1, "items": _NAME, "description": "Texts that mean: there is none."},
        },
    },
    "else": _NAME,
}


def systems(catalog: Catalog) -> Schema:
    """Give the schema of the whole file."""
    return {
        "type": "object",
        "required": ["systems"],
        "additionalProperties": False,
        "properties": {
            "systems": {
                "type": "object",
                "description": "The systems beside the servers of hosts.yml, by a name of your own.",
                "propertyNames": _SHORT,
                "additionalProperties": _system(catalog),
            }
        },
    }


def _system(catalog: Catalog) -> Schema:
    kinds = [kind for kind in catalog.kinds if kind not in FIRST_HAND]
    types = {"csv": _csv(catalog, kinds), "oneroster": _oneroster(), "probe": _probe()}
    return {
        "type": "object",
        "required": ["type", "kind"],
        "properties": {
            "type": {"enum": list(types), "description": "How it is read."},
            "kind": {"enum": [*kinds, PROBED], "description": "What it shows."},
        },
        "allOf": [
            {"if": {"properties": {"type": {"const": name}}, "required": ["type"]}, "then": shape}
            for name, shape in types.items()
        ],
    }


def _csv(catalog: Catalog, kinds: list[str]) -> Schema:
    return {
        "required": ["path"],
        "additionalProperties": False,
        "properties": {
            "type": {},
            "kind": {"enum": kinds},
            "path": _PATH,
            "preset": {"enum": sorted(catalog.presets), "description": "The product that made the export."},
            "key": {**_NAME, "description": "The field whose value names each resource. Default: the preset's."},
            "as_of": {**_NAME, "description": "The column that says when the data is from."},
            "fresh_for": _FRESH,
            "timezone": {**_NAME, "description": "The zone of times that name none. Default: the district's."},
            "delimiter": {"enum": [",", ";", "\t", "|"], "description": "Between cells; found out by default."},
            "encoding": {
                "enum": ["utf-8", "utf-16", "windows-1252"],
                "description": "How text is written; found out by default.",
            },
            "columns": {
                "type": "object",
                "minProperties": 1,
                "description": "The kind's fields, and the column that each stands in.",
                "additionalProperties": _COLUMN,
            },
        },
    }


def _oneroster() -> Schema:
    kinds = {"enum": list(ROSTER_KINDS)}
    return {
        "required": ["path"],
        "additionalProperties": False,
        "properties": {"type": {}, "kind": kinds, "path": _PATH, "fresh_for": _FRESH},
    }


def _probe() -> Schema:
    return {
        "required": ["checks"],
        "additionalProperties": False,
        "properties": {
            "type": {},
            "kind": {"const": PROBED},
            "samples": {"type": "integer", "minimum": 1, "maximum": 20, "description": "How often each is asked."},
            "timeout": {**_SPAN, "description": "For one sample. Default: 5s."},
            "checks": {
                "type": "object",
                "minProperties": 1,
                "description": "What is asked, by a name of your own.",
                "propertyNames": _SHORT,
                "additionalProperties": _check(),
            },
        },
    }


ASKS = {
    "tcp": ("a host and a port, such as gate.example.org:22", r"^\S+:[0-9]{1,5}" + END),
    "tls": ("a host and a port, such as mail.example.org:993", r"^\S+:[0-9]{1,5}" + END),
    "http": ("an address, such as https://www.example.org/", r"^https?://\S+" + END),
    "dns": ("a name, such as www.example.org", r"^\S+" + END),
    "ping": ("a host, or a host and a port, such as core.example.org:443", r"^\S+" + END),
}
OPTIONS = {
    "server": "dns: the server to ask, as an address or address:port. Default: this machine's own.",
    "record": "dns: the type of record. Default: A.",
    "blocked_answers": "dns: the addresses that a filter answers with in place of the real one.",
    "server_name": "tls, http: the name that the certificate must be for, where it is not the host's.",
    "ca_file": "tls, http: the authority that signs, as a PEM file on this server.",
}


def _check() -> Schema:
    asks = {ask: {**text(*shape), "description": f"Ask by {ask}."} for ask, shape in ASKS.items()}
    options: dict[str, Schema] = {name: {**_NAME, "description": said} for name, said in OPTIONS.items()}
    options["blocked_answers"] = {
        "type": "array",
        "minItems": 1,
        "items": _NAME,
        "description": OPTIONS["blocked_answers"],
    }
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {**asks, **options, "site": {**_SHORT, "description": "The school that it belongs to."}},
    }
