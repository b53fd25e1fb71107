"""Who wrote the last commit of a file, as far as git can prove it: addresses of author and committer.

A file that differs from the commit, a history that ends before it, a folder that is not under git: nobody can tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.intake.git_directory import entry_of
from agent.intake.git_program import git

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from agent.intake.git_revisions import Past

_REAL = {"GIT_NO_REPLACE_OBJECTS": "1"}  # what refs/replace makes of a commit is not what was committed
_PATHS = ("--literal-pathspecs",)


@dataclass(frozen=True, slots=True)
class Wrote:
    """The addresses behind the last commits of some files: who wrote them, and who put them in place for others."""

    authors: frozenset[str]
    committers: frozenset[str]


def wrote(past: Past, root: Path, commit: str, names: Iterable[str]) -> Wrote | None:
    """Give who wrote the last commit of each of these files of a revision; None where nobody can tell for one.

    `root` is where its files stand, and `names` are from there.
    """
    found, cut = [], _cut(past)
    for name in names:
        form = "--format=%H%x00%ae%x00%ce"
        said = _said(past, "log", "-1", "--no-show-signature", "--no-mailmap", form, commit, "--", name)
        last, author, committer = (*said.split("\0"), "", "", "")[:3]
        if not author or last in cut or _committed(past, commit, name) != _here(root / name, commit):
            return None
        found.append((author, committer))
    return Wrote(frozenset(a for a, _ in found), frozenset(c for _, c in found)) if found else None


def _committed(past: Past, commit: str, path: str) -> str:
    entry = _said(past, "ls-tree", "-z", commit, "--", path).partition("\t")[0].split()
    return f"{entry[0]} {entry[2]}" if len(entry) > 2 else ""  # ruff: ignore[magic-value-comparison] - mode, type, object


def _here(path: Path, commit: str) -> str:
    try:
        return entry_of(path, commit)
    except OSError:
        return "gone"


def _cut(past: Past) -> frozenset[str]:
    """Give the commits at which a shallow history begins: what they seem to have written may be anybody's."""
    file = past.where / _said(past, "rev-parse", "--git-path", "shallow")
    try:
        return frozenset(file.read_text(encoding="ascii").split())
    except (OSError, UnicodeDecodeError):
        return frozenset()


def _said(past: Past, *words: str) -> str:
    finished = git(*_PATHS, *words, cwd=past.where, env=_REAL)
    return "" if finished.code else finished.out.decode(errors="replace").strip()
