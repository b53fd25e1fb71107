"""A policy repository that is a directory: read as it stands, uncommitted files included, and named accordingly.

What differs from the commit is found by hashing the files here. `git status` would run the filters that the
repository configures.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from agent.errors import UnseenError
from agent.intake.git_program import Checkout, git
from agent.model.policy import Revision

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FOLDERS = ("policies", "playbooks", "inventory")
LEFT_OUT = frozenset({"exports", "__pycache__", "driftbell.schema.json"})  # what is never loaded
SHORT = 12  # hex digits of the hash of what is not committed
SHA256_LENGTH = 64


def read(folder: Path) -> Checkout:
    """Give a directory with the revision that its content has."""
    try:
        head = _head(folder)
    except UnseenError as error:
        return Checkout(folder, _uncommitted(folder), (f"{error} The revision is a hash of the files.",))
    committed = _committed(folder) if head else {}
    if head is None or not committed:  # a folder inside somebody's repository is not yet a part of it
        return Checkout(folder, _uncommitted(folder))
    commit, author, at = head
    here = _entries(folder, _belonging(folder), algorithm=_algorithm(commit))
    dirty = "" if here == committed else f"+dirty:{_digest(here)}"
    return Checkout(folder, Revision(commit + dirty, str(folder), author, at))


def _head(folder: Path) -> tuple[str, str, str] | None:
    """Give the commit, its author and its time; nothing where there is no git, or no commit yet."""
    said = git("log", "-1", "--no-show-signature", "--format=%H%x00%an <%ae>%x00%cI", cwd=folder)
    if said.code:
        return None
    commit, author, at = said.out.decode(errors="replace").strip().split("\0")
    return commit, author, at


def _committed(folder: Path) -> dict[str, str]:
    """Give mode and object of each file of the commit, by path."""
    said = git("ls-tree", "-r", "-z", "HEAD", "--", *FOLDERS, cwd=folder)
    entries = (entry.partition("\t") for entry in os.fsdecode(said.out).split("\0") if entry)
    loaded = ((words.split(), path) for words, _, path in entries if " blob " in words and _is_loaded(path))
    return {path: f"{mode} {made}" for (mode, _, made, *_), path in loaded}


def _is_loaded(path: str) -> bool:
    return LEFT_OUT.isdisjoint(Path(path).parts)


def _belonging(folder: Path) -> Iterator[str]:
    """Give every file that is loaded, those that git ignores too: the revision is to name what was read."""
    said = git("ls-files", "-z", "--cached", "--others", "--", *FOLDERS, cwd=folder)
    yield from (path for path in os.fsdecode(said.out).split("\0") if path and _is_loaded(path))


def _uncommitted(folder: Path) -> Revision:
    return Revision(f"dirty:{_digest(_entries(folder, _everything(folder), algorithm='sha256'))}", str(folder))


def _everything(folder: Path) -> Iterator[str]:
    for top in FOLDERS:
        for parent, folders, files in os.walk(folder / top):
            folders[:] = [f for f in folders if f not in LEFT_OUT]
            yield from (str(Path(parent, name).relative_to(folder)) for name in files if name not in LEFT_OUT)


def _entries(folder: Path, paths: Iterable[str], *, algorithm: str) -> dict[str, str]:
    """Give mode and object of each file as git would name them, by path."""
    found = {}
    for path in paths:
        with contextlib.suppress(OSError):  # It went away, or cannot be read: whoever loads the file says so.
            entry = _entry(folder / path, algorithm)
            if entry:
                found[path] = entry
    return found


def entry_of(path: Path, commit: str) -> str:
    """Give mode and object of a file as git would name them in a repository that has this commit.

    Raises:
        OSError: it is not there, or cannot be read.
    """
    return _entry(path, _algorithm(commit))


def _entry(path: Path, algorithm: str) -> str:
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        return f"120000 {_object(os.fsencode(path.readlink()), algorithm)}"
    if stat.S_ISREG(mode):
        return f"{'100755' if mode & stat.S_IXUSR else '100644'} {_object(path.read_bytes(), algorithm)}"
    return ""


def _object(content: bytes, algorithm: str) -> str:
    return hashlib.new(algorithm, b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _algorithm(commit: str) -> str:
    return "sha256" if len(commit) == SHA256_LENGTH else "sha1"


def _digest(entries: dict[str, str]) -> str:
    lines = "".join(f"{entry} {path}\0" for path, entry in sorted(entries.items()))
    return hashlib.sha256(os.fsencode(lines)).hexdigest()[:SHORT]
