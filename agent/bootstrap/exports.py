"""Importing an export: what the name means, and what reads the file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agent.bootstrap.registry import exports, now

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from agent.model.kind import Catalog
    from agent.model.policy import Repository
    from agent.settings import Settings
    from agent.systems.csv.taking import Taken


def import_export(  # ruff: ignore[too-many-arguments] - what is said of the file is three things
    settings: Settings,
    repository: Repository,
    known: Catalog,
    file: Path,
    name: str,
    as_of: datetime | None,
    *,
    vouched: bool = False,
) -> Taken:
    """Take a file into the state directory as what `name` means: a system of the repository, or a preset.

    Raises:
        InputError: the name means nothing, the file shows nothing, or it looks wrong and nobody vouched for it.
        UnseenError: the state directory cannot be written.
    """
    from agent.systems.csv.naming import ZIP, meant
    from agent.systems.csv.taking import Target, take
    from agent.systems.csv.understanding import understand
    from agent.systems.oneroster.understanding import understand as understand_roster

    source, add = meant(name, repository.sources, known.presets)
    preset, kind = known.presets.get(source.preset), known.kinds[source.kind]
    target = Target(exports(settings), source, preset, kind, repository.district)
    reading = understand_roster if source.type == ZIP else understand
    return replace(take(file, target, as_of, now(), reading, vouched=vouched), add=add)
