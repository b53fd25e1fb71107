"""Two lists that do not agree: what a field should be is what another list says, as `east (device.site)`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.report import words
from agent.report.fields import Spoken, spoken

if TYPE_CHECKING:
    from agent.model.finding import Difference

_RIVAL = re.compile(r"(.+) \(([a-z_]+(?:\.[a-z_]+)*)\)", re.DOTALL)
_NOTHING = re.compile(r"the same as ([a-z_]+(?:\.[a-z_]+)*), which is none")
_PLAIN = frozenset({"site", "status"})  # fields whose readings tell what they are of
NONE = "none"  # it was read, and there is nothing


@dataclass(frozen=True, slots=True)
class Rival:
    """The other reading: what it says, and of which field. `shown` is whether a mail may quote it."""

    value: str
    name: str
    field: Spoken
    shown: bool


def rival(found: Difference, kind: str, hidden: frozenset[str]) -> Rival | None:
    """Give what a field was to be the same as, or None where the wish is of another sort."""
    nothing = _NOTHING.fullmatch(found.expected)
    read = nothing or _RIVAL.fullmatch(found.expected)
    if read is None or found.sensitive:
        return None
    value, name = (NONE, read[1]) if nothing else (read[1], read[2])
    field = spoken(kind, name)
    if field is None or value.startswith("not "):
        return None
    address = any(name == other or name.endswith(f".{other}") for other in hidden)
    return Rival(value, name, field, shown=value == NONE or not (field.free or address))


def bare(expected: str) -> str:
    """Give a wish without the name of the field that it comes from."""
    read = _RIVAL.fullmatch(expected)
    return read[1] if read else expected


def disagreement(kind: str, field: Spoken, mine: str, other: Rival, theirs: str) -> str:
    """Give `the asset list says South High, the device list says East High`; empty where there are no two lists."""
    own = field.source or words.list_word(kind)
    if not other.field.source or other.field.source == own:
        return ""
    of = "" if field.field and field.field.name in _PLAIN else f"{field.phrase.noun}: "
    return f"{of}{own} {_says(mine)}, {other.field.source} {_says(theirs)}"


def _says(value: str) -> str:
    return f"says {value}" if value else "has none"
