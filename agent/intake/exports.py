"""Exports that are committed to git: they hold people's data, and git never forgets. Source: GUARDS.md, 15."""

from __future__ import annotations

import os
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from agent.errors import Place, Problem
from agent.intake.git_program import git
from agent.model.source import ExportSource

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from agent.intake.git_program import Checkout
    from agent.model.kind import Catalog
    from agent.model.source import Source

FOLDER = "inventory/exports"
SUFFIXES = frozenset({".csv", ".tsv", ".zip", ".xlsx", ".xls", ".ods"})
HOW = (
    "Move it into the state directory with `driftbell import` and take it out of git "
    "(`git rm --cached`, and it stays in the history until that is rewritten)"
)


def tracked(checkout: Checkout, sources: Sequence[Source], catalog: Catalog) -> list[Problem]:
    """Say which files that git keeps here are exports with fields about people, or may be."""
    named = {_inside(checkout.root, s): s for s in sources if isinstance(s, ExportSource)}
    return [_refusal(path, named.get(path), catalog) for path in sorted(_committed(checkout)) if _counts(path, named)]


def _counts(path: str, named: Iterable[str]) -> bool:
    one = PurePosixPath(path)
    return path in named or (one.is_relative_to(FOLDER) and one.suffix.lower() in SUFFIXES)


def _inside(root: Path, source: ExportSource) -> str:
    """Give where in the repository the file of a source would be."""
    return os.path.relpath(root / FOLDER / source.path, root)  # an absolute path stays what it is


def _committed(checkout: Checkout) -> list[str]:
    """Give the files that git keeps; all there are, where this is the checkout of a remote."""
    said = git("ls-files", "-z", cwd=checkout.root)
    if said.code == 0:
        return [p for p in os.fsdecode(said.out).split("\0") if p]
    if checkout.revision.id.startswith("dirty:"):
        return []
    return [p.relative_to(checkout.root).as_posix() for p in checkout.root.rglob("*") if p.is_file()]


def _refusal(path: str, source: ExportSource | None, catalog: Catalog) -> Problem:
    fields = _sensitive(source, catalog) if source else []
    what = f"This export is committed to git and holds {', '.join(fields)}" if fields else "This export is in git"
    return Problem(Place(path), f"{what}. {HOW}, or say `example: true` in district.yaml where nobody in it is real.")


def _sensitive(source: ExportSource, catalog: Catalog) -> list[str]:
    preset = catalog.presets.get(source.preset)
    mapped = {c.field for c in (*source.columns, *(preset.columns if preset else ()))}
    return [f.name for f in catalog.kinds[source.kind].fields if f.sensitive and (f.name in mapped or not mapped)]
