"""The short hand that presets are written in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.model.source import ColumnMap

if TYPE_CHECKING:
    from collections.abc import Mapping


def under(field: str, *columns: str, none: tuple[str, ...] = (), written: str = "") -> ColumnMap:
    """Say under which headers a field stands."""
    return ColumnMap(field, columns, none=frozenset(none), format=written)


def word(field: str, *columns: str, means: Mapping[str, str], none: tuple[str, ...] = ()) -> ColumnMap:
    """Say under which headers a field stands that holds one of a list of words; any other word is unknown."""
    return ColumnMap(field, columns, values=means, only=True, none=frozenset(none))


def same(**words: str) -> dict[str, str]:
    """Give meanings as a map: `in_use="deployed, in service"` makes both of them `in_use`."""
    found = {}
    for meaning, texts in words.items():
        for text in texts.split(","):
            found[text.strip()] = meaning
    return found
