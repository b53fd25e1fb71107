"""Which lists a district can have, and which of the example's policies those can show anything of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from agent.errors import InputError
from agent.example.composed import IS
from agent.model.kind import UnknownFieldError, nearest
from agent.systems.csv.spec import ALWAYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from agent.example.composed import Parts
    from agent.model.kind import Catalog, Kind

ONEROSTER = "oneroster"
# What OneRoster's users.csv can say of a person; its other two kinds are shown whole.
_ROSTER_PERSON = frozenset({"email", "username", "number", "name", "role", "status", "grade", "site", "left_on"})
_ROSTER_KINDS = {"person": "people", "class": "classes", "school": "schools"}
_GENERIC = "generic_"  # presets for a list of any program: `generic_printers` is the list `printers`
_COMBINE = frozenset({"all_of", "any_of", "not"})
_SITE = frozenset({"id", "name"})  # what a new district.yaml always says of a school
_UNITS = frozenset({"org_units", "student_ou"})  # and what it says where the org units were named

Fields = frozenset[str] | None  # None: every field of the kind


@dataclass(frozen=True, slots=True)
class List:
    """An export that a district can make: what it is called, where it is made, and each source that it becomes."""

    name: str
    description: str
    sources: tuple[tuple[str, str], ...]  # (name in systems.yaml, kind)
    preset: str = ""  # empty for OneRoster, whose columns are a standard


def lists(catalog: Catalog) -> dict[str, List]:
    """Give every list that there is a preset for, and OneRoster's archive."""
    known = {}
    for preset in catalog.presets.values():
        name = preset.name.removeprefix(_GENERIC)
        known[name] = List(name, preset.description, ((name, preset.kind),), preset.name)
    kinds = tuple((f"{ONEROSTER}-{word}", kind) for kind, word in _ROSTER_KINDS.items() if kind in catalog.kinds)
    if kinds:
        said = "The OneRoster 1.1 or 1.2 archive (CSV, as one zip file) of the student information system."
        known[ONEROSTER] = List(ONEROSTER, said, kinds)
    return known


def chosen(said: Iterable[str], catalog: Catalog) -> tuple[str, ...]:
    """Give the lists that were named; a product's name (`incident_iq`) stands for all of its lists.

    Raises:
        InputError: there is no such list; its text names them all.
    """
    known = lists(catalog)
    found: dict[str, None] = {}
    for word in (w.strip().lower().replace("-", "_").replace(" ", "_") for w in said if w.strip()):
        meant = [word] if word in known else [name for name in known if name.startswith(f"{word}_")]
        if not meant:
            hint = nearest(word, list(known))
            msg = f"There is no list {word[:60]!r}{hint or '.'} The lists are {', '.join(known)}."
            raise InputError(msg)
        found |= dict.fromkeys(meant)
    return tuple(found)


def shown(names: Sequence[str], catalog: Catalog, *, hosts: bool, units: bool) -> dict[str, Fields]:
    """Give what these lists show: the fields, by kind. `units` says that the schools have their org units."""
    known = lists(catalog)
    found: dict[str, Fields] = {"site": _SITE | _UNITS if units else _SITE}
    if hosts:
        found["host"] = None
    for name in names:
        preset = catalog.presets.get(known[name].preset)
        if preset is not None:
            fields = {c.field for c in preset.columns} | {preset.key, *ALWAYS.get(preset.name, {})}
            fields |= {"site"} if units and "org_unit" in fields else set()
            found[preset.kind] = _both(found.get(preset.kind, frozenset()), frozenset(fields))
        elif name == ONEROSTER:
            found |= {"class": None, "school": None}
            found["person"] = _both(found.get("person", frozenset()), _ROSTER_PERSON)
    return found


def _both(one: Fields, other: Fields) -> Fields:
    return None if one is None or other is None else one | other


def lacking(policy: Path, known: Mapping[str, Fields], catalog: Catalog, composed: Parts) -> str:
    """Say what a policy asks for that these lists do not show, as a clause, or nothing where they show it all."""
    try:
        content = yaml.safe_load(policy.read_text(encoding="utf-8"))
        kind = catalog.kinds[content["applies_to"]["kind"]]
    except (yaml.YAMLError, KeyError, TypeError, UnicodeDecodeError):
        return ""  # what is wrong with it, `validate` says with its place
    if kind.name not in known:
        return _MISSING[kind.name]
    where, expect = content["applies_to"].get("where"), content.get("expect")
    asked = [*_fields(where, composed), *_fields(expect, composed)]
    return next((gap for name in asked if (gap := _gap(kind, name, known, catalog))), "")


_NO_UNITS = "no school in policies/district.yaml has its org units yet"
_MISSING = {
    "host": "no server is named in inventory/hosts.yml",
    "service": "no service is named in inventory/systems.yaml",
    "device": "no list shows devices",
    "asset": "no list shows what is owned",
    "ticket": "no list shows tickets",
    "person": "no list shows people",
    "printer": "no list shows printers",
    "class": "no list shows classes",
    "school": "no list shows the roster's schools",
}


def _fields(condition: Any, composed: Parts) -> Iterator[str]:  # ruff: ignore[any-type] - YAML as it stands in the file
    """Give the names of the fields that a condition reads."""
    if isinstance(condition, list):
        for part in condition:
            yield from _fields(part, composed)
    elif isinstance(condition, dict):
        for key, value in condition.items():
            if key in _COMBINE:
                yield from _fields(value, composed)
            elif key in IS:
                for name in value if isinstance(value, list) else [value]:
                    yield from _fields(composed.where.get(name), composed)
            else:
                yield str(key)
                if isinstance(value, dict) and isinstance(value.get("same_as"), str):
                    yield value["same_as"]


def _gap(kind: Kind, name: str, known: Mapping[str, Fields], catalog: Catalog) -> str:
    """Say what is missing to read a field, going through its links."""
    try:
        field = catalog.resolve(kind, name)
    except UnknownFieldError:
        return ""
    at = kind
    for step in field.through:
        link = at.link(step)
        other = catalog.kinds[link.kind] if link else at
        if other.name not in known:
            return _MISSING[other.name]
        if link and not any(_has(known, at.name, mine) and _has(known, other.name, its) for mine, its in link.by):
            return _NO_UNITS if other.name == "site" else f"no list says which {other.name} a {at.name} belongs to"
        at = other
    last = name.split(".", len(field.through))[-1]
    if name in field.through or _has(known, at.name, last):
        return ""
    if at.name == "site" or last == "site":
        return _NO_UNITS
    return f"no list says the `{last}` of a {at.name}"


def _has(known: Mapping[str, Fields], kind: str, field: str) -> bool:
    fields = known.get(kind, frozenset())
    return fields is None or field in fields
