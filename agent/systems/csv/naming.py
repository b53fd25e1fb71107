"""What `driftbell import FILE --as NAME` means by NAME: a system of the repository, or a preset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.errors import InputError, Place
from agent.model.kind import nearest
from agent.model.source import ExportSource
from agent.systems.csv.saying import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from agent.model.source import Preset, Source

FRESH_FOR = "8 days"  # what is exported once a week, and a day late
ZIP = "oneroster"  # the one sort of file that is no list of columns


def meant(name: str, sources: Iterable[Source], presets: Mapping[str, Preset]) -> tuple[ExportSource, tuple[str, ...]]:
    """Give the system that a name means, and the lines for inventory/systems.yaml where it has none yet.

    Raises:
        InputError: nothing is called so, or several systems use the preset of that name.
    """
    exports = [s for s in sources if isinstance(s, ExportSource)]
    found = [s for s in exports if s.name == name] or [s for s in exports if s.preset == name]
    if name == ZIP and not found:
        found = [s for s in exports if s.type == ZIP][:1]
    if len(found) > 1:
        msg = f"{listed([s.name for s in found])} are both read with the preset {name}: name one of them after --as."
        raise InputError(msg)
    if found:
        return found[0], ()
    if name in presets:
        new = ExportSource(name, "csv", presets[name].kind, f"{name}.csv", Place("inventory/systems.yaml"), preset=name)
        return new, lines(new)
    if name == ZIP:
        new = ExportSource("roster", ZIP, "person", "roster.zip", Place("inventory/systems.yaml"))
        return new, lines(new)
    known = [*(s.name for s in exports), *presets, ZIP]
    msg = (
        f"There is no system and no preset {name!r}{nearest(name, known)}. Presets are {listed([*presets, ZIP])}; "
        "for another file, write its columns into inventory/systems.yaml first."
    )
    raise InputError(msg)


def lines(source: ExportSource) -> tuple[str, ...]:
    """Give what inventory/systems.yaml needs, so that a file that was imported is read."""
    preset = f", preset: {source.preset}" if source.preset else ""
    said = f"type: {source.type}, kind: {source.kind}, path: {source.path}{preset}, fresh_for: {FRESH_FOR}"
    return ("systems:", f"  {source.name}: {{{said}}}")
