"""Warnings in the order of their gravity: what changes the meaning of a report stands before what is only so."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_GRAVE = "since the last good look"  # a list changed its size
_HARMLESS = "There is no inventory/"  # a district may well have none


def by_gravity(warnings: Iterable[str]) -> list[str]:
    """Give all warnings, the gravest first: a list that changed, then what else is the matter, then what is harmless.

    Blank ones say nothing and are left out.
    """
    return sorted((w for w in warnings if w.strip()), key=lambda w: (_GRAVE not in w, w.startswith(_HARMLESS)))
