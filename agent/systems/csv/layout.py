"""Where each field stands: what systems.yaml says, over what the preset says."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent.model.source import ColumnMap
from agent.systems.csv.spec import ALWAYS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.model.source import ExportSource, Preset

_ASIDE = re.compile(r"[\s_\ufeff]+")


@dataclass(frozen=True, slots=True)
class Layout:
    """What is looked for in a file.

    Attributes:
        key: the field that names a row.
        maps: every field's columns; of several maps the first that says something counts.
        always: what is true of every row although no column says so.
        timezone: of times without a zone; empty: the district's.
    """

    key: str
    maps: Mapping[str, tuple[ColumnMap, ...]]
    always: Mapping[str, str]
    as_of: str
    timezone: str

    def headers(self) -> frozenset[str]:
        """Give every header that means something, in the form they are compared in."""
        found = {folded(c) for maps in self.maps.values() for m in maps for c in m.columns}
        return frozenset(found | ({folded(self.as_of)} if self.as_of else set()))


def folded(header: str) -> str:
    """Give a header in the form that headers are compared in: without case, blanks and underscores."""
    return _ASIDE.sub("", header).casefold()


def layout(source: ExportSource, preset: Preset | None) -> Layout:
    """Lay what systems.yaml says of an export over what its preset says."""
    key = source.key or (preset.key if preset else "")
    maps: dict[str, tuple[ColumnMap, ...]] = {}
    for mapped in preset.columns if preset else ():
        maps[mapped.field] = (*maps.get(mapped.field, ()), mapped)
    for own in source.columns:
        maps[own.field] = _over(own, maps.get(own.field, ()))
    maps.setdefault(key, (ColumnMap(key, (key,)),))
    always = ALWAYS.get(preset.name, {}) if preset else {}
    return Layout(
        key=key,
        maps=maps,
        always={field: value for field, value in always.items() if field not in maps},
        as_of=source.as_of or (preset.as_of if preset else ""),
        timezone=source.timezone or (preset.timezone if preset else ""),
    )


def _over(own: ColumnMap, base: tuple[ColumnMap, ...]) -> tuple[ColumnMap, ...]:
    """Put a district's own map over the preset's: its words count first, and the preset's words beside them."""
    if not base:
        return (own,)
    last = base[-1]
    merged = replace(
        own,
        columns=own.columns or last.columns,
        values={**last.values, **own.values},
        only=own.only or last.only,
        format=own.format or ("" if own.columns else last.format),
        none=own.none | last.none,
    )
    return (merged,) if own.columns else (*base[:-1], merged)
