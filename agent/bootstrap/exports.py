"""Exports: taking one in, what its name means and what reads the file; and which kinds wait for one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from agent.bootstrap.registry import exports, now
from agent.model.source import ExportSource

if TYPE_CHECKING:
    from datetime import datetime

    from agent.model.kind import Catalog
    from agent.model.policy import Repository
    from agent.model.source import Source
    from agent.settings import Settings
    from agent.systems.csv.taking import Taken

HOST, SITE = "host", "site"  # kinds that the repository itself names


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


def waiting_kinds(settings: Settings, repository: Repository, known: Catalog) -> dict[str, str]:
    """Say, a kind, why nothing of it can be looked at: no system shows it, or none of its lists is there yet."""
    absent: dict[str, list[str]] = {kind: [] for kind in known.kinds if kind not in {HOST, SITE}}
    there = set()
    for source in repository.sources:
        why = _absent(settings, repository, source)
        if why:
            absent[source.kind].append(f"{source.name} {why.partition(':')[0]}")
        else:
            there.add(source.kind)
    found = {k: "; ".join(whys) or "no system shows any" for k, whys in absent.items() if k not in there}
    return found if repository.hosts else {**found, HOST: "no server is named in inventory/hosts.yml"}


def _absent(settings: Settings, repository: Repository, source: Source) -> str:
    """Say, as a clause, why a list is not there; whatever is not an export is there when it is asked."""
    from agent.systems.csv.content import UnreadableError
    from agent.systems.csv.paths import find

    if not isinstance(source, ExportSource):
        return ""
    try:
        find(source.path, exports(settings), Path(repository.root), source.name)
    except UnreadableError as error:
        return str(error)
    return ""
