"""Revisions of the policy repository: what `main~2` stands for, a folder with its files, and who changed a file.

The files are written out by a repository of ours that borrows the objects of the other: what that one configures
(filters, hooks) never runs.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.errors import InputError, UnseenError
from agent.intake.git_program import Checkout, git
from agent.intake.git_remote import alone, fetch, folder, mirror_in, mirror_of, private
from agent.intake.wording import printable, quote
from agent.model.kind import nearest
from agent.model.policy import Commit, Revision
from agent.model.provenance import Course

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from agent.intake.git_remote import Remote
    from agent.intake.programs import Finished

MOST_COMMITS = 20  # that are told of one change
MOST_AT_ONCE = 5000  # commits between two looks
_NAME = re.compile(r"(?!-)[^\s\x00-\x1f\x7f:?*\[\\]+\Z")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_HEAD = re.compile(r"(?:HEAD|@)(?=\Z|[~^])")
_PARTS = ("policies", "playbooks", "inventory")


@dataclass(frozen=True, slots=True)
class Past:
    """A repository that can be asked for its revisions.

    `where` is the folder in which git is asked; `head` is the commit that is read where none is named, and `below`
    the folder of the commit that holds policies/, empty for all of it.
    """

    where: Path
    home: Path  # where folders are written out
    shown: str
    head: str
    below: str = ""
    warnings: tuple[str, ...] = ()

    def commit(self, name: str) -> str:
        """Give the commit that a branch, a tag, a commit id or `HEAD~1` stands for.

        Raises:
            InputError: there is no such revision; the sentence names the nearest branch or tag.
        """
        if _NAME.match(name):
            wanted = f"{_HEAD.sub(self.head, name, count=1)}^{{commit}}"
            found = self._said("rev-parse", "--verify", "--quiet", "--end-of-options", wanted)
            if _COMMIT.match(found):
                return found
        msg = f"{printable(self.shown)} has no revision {quote(name)}{nearest(name, self._names()) or '.'}"
        raise InputError(msg)

    def checkout(self, name: str) -> Checkout:
        """Give a folder with the files of a revision.

        Raises:
            InputError: there is no such revision.
            UnseenError: its files are not here, as in a shallow clone, or cannot be written out.
        """
        commit = self.commit(name)
        objects = (self.where / self._said("rev-parse", "--git-path", "objects")).resolve()
        try:
            private(self.home)
            with alone(self.home):
                root = folder(mirror_in(self.home), self.home, commit, below=self.below, objects=objects)
        except OSError as error:
            msg = f"The files of {commit} cannot be kept in {self.home}: {error.strerror}."
            raise UnseenError(msg) from error
        author, _, at = self._said("log", "-1", "--format=%an <%ae>%x00%cI", commit).partition("\0")
        return Checkout(root, Revision(commit, self.shown, author, at), self.warnings)

    def same(self, one: str, other: str, path: str) -> bool:
        """Say whether a file or folder is the same in two commits."""
        ids = [self._said("rev-parse", "--verify", "--quiet", f"{c}:{self.below}{path}") for c in (one, other)]
        return ids[0] == ids[1]

    def commits(self, older: str, newer: str, paths: Sequence[str] = _PARTS) -> tuple[Commit, ...]:
        """Give the commits after one up to another that touched any of these paths, newest first.

        Nothing where the history does not tell: a commit that is gone, or that is none at all.
        """
        if not (_COMMIT.match(older) and _COMMIT.match(newer)):
            return ()
        form = "--format=%H%x00%an <%ae>%x00%cI%x00%s"
        said = self._said("log", form, f"--max-count={MOST_COMMITS}", f"{older}..{newer}", "--", *paths)
        return tuple(
            Commit(*line.split("\0", 3)) for line in said.splitlines() if line.count("\0") == form.count("%x00")
        )

    def course(self, last: str, newest: str) -> Course:
        """Say how one commit lies to the one that was run last; empty where none was."""
        if not last:
            return Course.FIRST
        if last == newest:
            return Course.SAME
        if self._comes_after(newest, last):
            return Course.ONWARD
        return Course.BACK if self._comes_after(last, newest) else Course.PARTED

    def since(self, last: str, newest: str) -> tuple[str, ...]:
        """Give the commits after one up to another, those that were merged too, oldest first.

        Raises:
            InputError: there are more of them than anybody looks at.
        """
        found = self._real("rev-list", "--reverse", f"--max-count={MOST_AT_ONCE + 1}", f"^{last}", newest, "--")
        commits = tuple(found.out.decode().split())
        if found.code or len(commits) > MOST_AT_ONCE:
            msg = f"More than {MOST_AT_ONCE:,} commits came at once to {printable(self.shown)}: nobody checks so many."
            raise InputError(msg)
        return commits

    def _comes_after(self, newer: str, older: str) -> bool:
        return self._real("merge-base", "--is-ancestor", older, newer).code == 0

    def _real(self, *words: str) -> Finished:
        """Ask for commits as they are, whatever refs/replace makes of them."""
        return git(*words, cwd=self.where, env={"GIT_NO_REPLACE_OBJECTS": "1"})

    def _names(self) -> list[str]:
        return self._said("for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads", "refs/tags").split()

    def _said(self, *words: str) -> str:
        return git(*words, cwd=self.where).out.decode(errors="replace").strip()


def of_directory(root: Path, checkouts: Path) -> Past:
    """Give the past of a directory.

    Raises:
        InputError: it is not under git, or has no commit yet.
    """
    said = git("rev-parse", "--verify", "--quiet", "HEAD^{commit}", cwd=root)
    if said.code:
        msg = f"{printable(str(root))} has no commits in git, so there is no older revision to compare with."
        raise InputError(msg)
    below = git("rev-parse", "--show-prefix", cwd=root).out.decode(errors="surrogateescape").rstrip("\n")
    home = checkouts / f"{hashlib.sha256(str(root).encode(errors='surrogateescape')).hexdigest()[:16]}-past"
    return Past(root, home, str(root), said.out.decode().strip(), below)


def of_remote(remote: Remote, checkouts: Path, *, fetched: bool = False) -> Past:
    """Give the past of a git URL: every branch and tag of it, fetched now, or only what was `fetched` before."""
    known: tuple[Path, str, tuple[str, ...]] = (mirror_of(remote, checkouts), "", ())
    mirror, head, warnings = known if fetched else fetch(remote, checkouts)
    return Past(mirror, mirror.parent.with_name(f"{mirror.parent.name}-past"), remote.shown, head, "", warnings)
