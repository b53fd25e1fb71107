"""A district, sources and readers for the tests of exports, the smallest that make a point."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import starmap
from typing import TYPE_CHECKING, Any

from agent.catalog import KINDS
from agent.errors import Place
from agent.model.policy import Caps, District, Repository, Revision, Site
from agent.model.source import ColumnMap, ExportSource
from agent.model.sweep import Request
from agent.systems.csv.read import CsvReader
from agent.systems.csv.spec import PRESETS
from agent.systems.oneroster.read import RosterReader

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from agent.model.sweep import Sweep

NOW = datetime(2026, 10, 14, 18, tzinfo=UTC)
SITES = {
    key: Site(key, name, (f"/Students/{unit}", f"/Staff/{unit}"), f"/Students/{unit}")
    for key, name, unit in (
        ("east", "East High", "East"),
        ("north", "North Middle", "North"),
        ("cedar", "Cedar Elementary", "Cedar"),
    )
} | {"office": Site("office", "District Office", ("/Staff",))}
DISTRICT = District("Riverton Unified", "America/Chicago", SITES, {}, (), Caps(), frozenset())


@dataclass(frozen=True, slots=True)
class Place_:  # ruff: ignore[invalid-class-name] - Place is a noun of the errors
    """Where a test keeps its files."""

    exports: Path
    root: Path

    @staticmethod
    def at(folder: Path) -> Place_:
        place = Place_(folder / "state" / "exports", folder / "repo")
        place.exports.mkdir(parents=True)
        (place.root / "inventory" / "exports").mkdir(parents=True)
        return place

    @property
    def repository(self) -> Repository:
        return Repository(str(self.root), Revision("abc", "here"), DISTRICT, (), (), "")


def source(preset: str = "", **changes: Any) -> ExportSource:
    """Give a system; `columns` may be a map of field to header, or to what systems.yaml would say of it."""
    columns = tuple(starmap(column, changes.pop("columns", {}).items()))
    kind = changes.pop("kind", PRESETS[preset].kind if preset else "device")
    options = {"name": "list", "type": "csv", "path": "list.csv", **changes}
    return ExportSource(
        kind=kind, place=Place("inventory/systems.yaml", 2, 3), preset=preset, columns=columns, **options
    )


def column(field: str, said: Any) -> ColumnMap:
    if isinstance(said, str):
        return ColumnMap(field, (said,))
    headers = said.get("from", ())
    return ColumnMap(
        field,
        (headers,) if isinstance(headers, str) else tuple(headers),
        {text.lower(): meaning for text, meaning in said.get("map", {}).items()},
        only=said.get("only", False),
        format=said.get("format", ""),
        none=frozenset(said.get("none", ())),
    )


def look(place: Place_, what: ExportSource, fields: Sequence[str] = (), only: tuple[str, ...] | None = None) -> Sweep:
    """Observe a system whose file is in place; all fields of its kind when none are named."""
    kind = KINDS[what.kind]
    names = fields or [f.name for f in kind.fields]
    request = Request(what.kind, tuple(kind.resolve(n) for n in names), only)
    if what.type == "oneroster":
        reader: Any = RosterReader(what, kind, place.exports, lambda: NOW)
    else:
        reader = CsvReader(what, PRESETS.get(what.preset), kind, place.exports, lambda: NOW)
    sweep: Sweep = reader.observe(place.repository, request)
    return sweep


def seen(place: Place_, text: str | bytes, what: ExportSource | None = None, **options: Any) -> Sweep:
    """Observe a file with this content."""
    data = text.encode() if isinstance(text, str) else text
    chosen = what or PLAIN
    (place.exports / chosen.path).write_bytes(data)
    return look(place, chosen, **options)


PLAIN = source("generic_devices")
