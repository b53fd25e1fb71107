"""Who wrote a file as it stands, as far as git can prove it: addresses of authors and committers.

Those are everybody of whom a line stands in it, and whoever made its last commit: who mends a blank line does not
become its only author. A file that differs from the commit, a history that ends before it was written, a folder that
is not under git, a link to elsewhere: nobody can tell.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.intake.git_directory import entry_of
from agent.intake.git_program import git

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from agent.intake.git_revisions import Past

# What refs/replace and grafts make of a history is not what was committed.
_REAL = {"GIT_NO_REPLACE_OBJECTS": "1", "GIT_GRAFT_FILE": os.devnull}
_PATHS = ("--literal-pathspecs",)
_FILE = "100"  # how the mode of a plain file begins: a link's own lines say nothing of what it leads to
# A repository may configure a list of commits to pass over, so that lines are told of somebody else: this empties it.
_PASS_OVER_NONE = ("--ignore-revs-file", "")
# Lines as they stand, and besides: by whoever wrote them before they were indented, moved or copied from another file.
_ASKED = ((), ("-w", "-M", "-C", "-C"))
_LINE = re.compile(rb"([0-9a-f]{40}(?:[0-9a-f]{24})?) [0-9]+ [0-9]+(?: [0-9]+)?\Z")
_CHUNK = 500  # commits that one command names


@dataclass(frozen=True, slots=True)
class Wrote:
    """The addresses behind some files: who wrote what stands in them, and who put that in place for others."""

    authors: frozenset[str]
    committers: frozenset[str]


def wrote(past: Past, root: Path, commit: str, names: Iterable[str]) -> Wrote | None:
    """Give who wrote these files of a revision; None where nobody can tell for one.

    `root` is where its files stand, and `names` are from there.
    """
    commits: set[str] = set()
    for name in names:
        mine = _commits(past, commit, name)
        committed = _committed(past, commit, name)
        if not mine or not committed.startswith(_FILE) or committed != _here(root / name, commit):
            return None
        commits |= mine
    return None if commits & _cut(past) else _people(past, sorted(commits))


def _commits(past: Past, commit: str, name: str) -> set[str]:
    """Give the last commit of a file, and those that its lines come from; none where that cannot be told."""
    last = _said(past, "log", "-1", "--no-show-signature", "--format=%H", commit, "--", name)
    found = {last} if last else set()
    for how in _ASKED:
        words = ("blame", "--porcelain", "--no-textconv", *_PASS_OVER_NONE, *how, commit, "--", name)
        finished = git(*_PATHS, *words, cwd=past.where, env=_REAL)
        if finished.code or not last:
            return set()
        found |= {match[1].decode() for line in finished.out.split(b"\n") if (match := _LINE.match(line))}
    return found


def _people(past: Past, commits: list[str]) -> Wrote | None:
    """Give who is behind some commits, by what stands in them: a .mailmap may say anything."""
    authors, committers, told = set(), set(), 0
    form = "--format=%ae%x00%ce%x00"
    for start in range(0, len(commits), _CHUNK):
        some = commits[start : start + _CHUNK]
        said = _said(past, "log", "--no-walk=unsorted", "--no-show-signature", "--no-mailmap", form, *some, "--")
        for line in said.split("\n"):
            author, committer = (*line.split("\0"), "", "")[:2]
            told += bool(author)
            authors.add(author)
            committers.add(committer)
    return Wrote(frozenset(authors), frozenset(committers)) if told and told == len(commits) else None


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
