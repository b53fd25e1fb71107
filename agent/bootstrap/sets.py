"""Which condition set a place in the repository belongs to: `explain` names it beside the condition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from agent.errors import Place

FOLDER = "policies/conditions"


def names(root: Path) -> Callable[[Place], str]:
    """Give what names the set that a place is in. A file is read when the first place in it is asked for."""
    read: dict[str, list[tuple[int, str]]] = {}

    def name(place: Place) -> str:
        if not place.file.startswith(f"{FOLDER}/"):
            return ""
        if place.file not in read:
            read[place.file] = _lines(root, place.file)
        begun = [name for line, name in read[place.file] if line <= place.line]
        return begun[-1] if begun else ""

    return name


def _lines(root: Path, file: str) -> list[tuple[int, str]]:
    """Give the line that each set of a file begins on, in the order of the file."""
    from agent.intake import yaml

    try:
        sets = yaml.read(root / file, file).get("conditions")
    except InputError:
        return []
    return sorted((sets.key_place(key).line, key) for key, _ in sets.pairs()) if sets is not None else []
