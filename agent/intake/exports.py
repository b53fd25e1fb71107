"""Exports that are committed to git: they hold people's data, and git never forgets. Source: GUARDS.md, 15."""

from __future__ import annotations

import os
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from agent.errors import Place, Problem
from agent.intake.git_program import git
from agent.model.source import ExportSource

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from agent.intake.git_program import Checkout
    from agent.model.kind import Catalog
    from agent.model.source import Source

FOLDER = "inventory/exports"
HARMLESS = frozenset({".gitignore", ".gitkeep", "README.md", "README"})
TEXTS = frozenset({".csv", ".tsv", ".txt", ""})
ALIKE = 3  # fields that a first line has in common with a product's export
LONGEST = 16_384  # characters of a first line
HOW = (
    "Move it into the state directory with `driftbell import` and take it out of git "
    "(`git rm --cached`, and it stays in the history until that is rewritten)"
)


def tracked(checkout: Checkout, sources: Sequence[Source], catalog: Catalog) -> list[Problem]:
    """Say which files that git keeps here are exports with fields about people, or may be."""
    named = {_inside(checkout.root, s): s for s in sources if isinstance(s, ExportSource)}
    found = []
    for path in sorted(_committed(checkout)):
        source = named.get(path) or _looks_like(checkout.root / path, catalog)
        if source or _counts(path):
            found.append(_refusal(path, source, catalog))
    return found


def _counts(path: str) -> bool:
    """Say whether a file stands where only exports do."""
    one = PurePosixPath(path)
    return one.is_relative_to(FOLDER) and one.name not in HARMLESS


def _looks_like(file: Path, catalog: Catalog) -> ExportSource | None:
    """Give what a text file anywhere in the repository is an export of, going by its first line."""
    if file.suffix.lower() not in TEXTS:
        return None
    try:
        with file.open(encoding="utf-8-sig", errors="replace") as text:
            words = {w.strip().strip('"').casefold() for w in re.split(r"[,;\t|]", text.readline(LONGEST))}
    except OSError:
        return None
    for preset in catalog.presets.values():
        secret = {f.name for f in catalog.kinds[preset.kind].fields if f.sensitive}
        headers = {name.casefold(): c.field for c in preset.columns for name in c.columns}
        fields = {headers[w] for w in words if w in headers}
        if len(fields) >= ALIKE and fields & secret:
            return ExportSource("", "csv", preset.kind, file.name, Place(file.name), preset=preset.name)
    return None


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
