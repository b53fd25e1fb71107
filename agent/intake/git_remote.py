"""A policy repository behind a URL: a mirror of ours, and one folder for each revision that was read from it.

A revision's folder is made elsewhere, put in place in one step, and never changed: a playbook that runs from it keeps
the files it started with.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from agent.errors import InputError, UnseenError
from agent.intake.git_program import Checkout, git, plumbing
from agent.intake.wording import ended, printable, quote
from agent.model.policy import Revision

if TYPE_CHECKING:
    from collections.abc import Generator

    from agent.intake.programs import Finished

FIRST_SECONDS = 600.0  # the whole history comes over the line once
SECONDS = 60.0
KEPT = 5  # revisions whose folders stay
EVERYTHING = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
_ELSEWHERE = re.compile(r"(?!file:)[^/]+:")


@dataclass(frozen=True, slots=True)
class Remote:
    """A git URL and the branch to read, empty for the one that the server names. `shown` has no credentials."""

    url: str
    branch: str

    @property
    def shown(self) -> str:
        """Give the URL as people may see it."""
        hidden = re.sub(r"^(https://)[^/@]*@", r"\1", self.url)
        hidden = re.sub(r"^(ssh://[^/@:]*):[^/@]*@", r"\1@", hidden)
        return hidden + (f"#{self.branch}" if self.branch else "")


def read(remote: Remote, checkouts: Path) -> Checkout:
    """Fetch, and give the newest revision; the last one that was fetched, with a warning, when that fails.

    Raises:
        UnseenError: it cannot be fetched and never was, or the folder for it cannot be used.
        InputError: it can be reached but has no such branch.
    """
    with _kept(remote, checkouts) as home:
        mirror, known, warnings = _fetched(remote, home)
        return Checkout(folder(mirror, home, known), _revision(remote, mirror, known), warnings)


def fetch(remote: Remote, checkouts: Path) -> tuple[Path, str, tuple[str, ...]]:
    """Fetch every branch and tag; gives our mirror, the newest commit of the branch to read, and warnings.

    Raises:
        UnseenError: it cannot be fetched and never was.
        InputError: it can be reached but has no such branch.
    """
    with _kept(remote, checkouts) as home:
        mirror, known, warnings = _fetched(remote, home)
        if not warnings:
            fetched = _fetch(remote, mirror, "--prune", *EVERYTHING, seconds=FIRST_SECONDS)
            if fetched.code or fetched.late:
                reason = "it took too long" if fetched.late else reason_of(fetched).replace(remote.url, remote.shown)
                warnings = (ended(f"{printable(remote.shown)}: not every branch could be fetched ({reason})"),)
        return mirror, known, warnings


@contextmanager
def _kept(remote: Remote, checkouts: Path) -> Generator[Path]:
    """Give the folder of ours for a remote, with other processes kept out of it."""
    home = mirror_of(remote, checkouts).parent
    try:
        private(home)
        with alone(home):
            yield home
    except OSError as error:
        msg = f"{remote.shown} cannot be kept in {home}: {error.strerror}."
        raise UnseenError(msg) from error


def mirror_of(remote: Remote, checkouts: Path) -> Path:
    """Give where our mirror of a remote is, or will be."""
    return checkouts / hashlib.sha256(remote.url.encode()).hexdigest()[:16] / "mirror.git"


def private(home: Path) -> None:
    """Make a folder below the checkouts, and those, for their owner only."""
    home.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    home.mkdir(exist_ok=True, mode=0o700)


def _fetched(remote: Remote, home: Path) -> tuple[Path, str, tuple[str, ...]]:
    """Fetch the branch to read; gives the mirror, its newest commit, and warnings."""
    mirror = mirror_in(home)
    name = f"refs/driftbell/{hashlib.sha256(remote.branch.encode()).hexdigest()[:16]}"
    known = commit_of(mirror, name)
    wanted = f"refs/heads/{remote.branch}" if remote.branch else "HEAD"
    fetched = _fetch(remote, mirror, f"+{wanted}:{name}", seconds=SECONDS if known else FIRST_SECONDS)
    stamp = home / f"fetched-{name.rpartition('/')[2]}"
    warnings: tuple[str, ...] = ()
    if fetched.code or fetched.late:
        warnings = (_warning(remote, fetched, known, stamp),)
    else:
        stamp.touch()
        known = commit_of(mirror, name)
    return mirror, known, warnings


@contextmanager
def alone(home: Path) -> Generator[None]:
    """Keep other processes out of a mirror, waiting for them as long as a fetch may take."""
    deadline = time.monotonic() + FIRST_SECONDS
    with (home / "lock").open("w", encoding="utf-8") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    msg = f"Another process has been busy with {home} for more than {FIRST_SECONDS / 60:g} minutes."
                    raise UnseenError(msg) from None
                time.sleep(0.05)
        yield


def mirror_in(home: Path) -> Path:
    """Give our own bare repository in a folder, making it where there is none; what configures it is ours."""
    mirror = home / "mirror.git"
    if not mirror.exists():
        with tempfile.TemporaryDirectory(dir=home, prefix=".new-") as made:
            finished = plumbing("init", "--quiet", "--bare", "--template=", "mirror.git", cwd=Path(made))
            if finished.code:
                msg = f"git cannot make a mirror in {home}: {reason_of(finished)}"
                raise UnseenError(msg)
            (Path(made) / "mirror.git").rename(mirror)
    return mirror


def _fetch(remote: Remote, mirror: Path, *refs: str, seconds: float) -> Finished:
    here = not _ELSEWHERE.match(remote.url)
    return git(
        "fetch",
        *("--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--refmap="),
        "origin",
        *refs,
        cwd=mirror,
        protocols="file" if here else "ssh:https",
        configuration={"remote.origin.url": remote.url, "fetch.recurseSubmodules": "false"},
        env={"GIT_CONFIG_GLOBAL": str(_any_owner(mirror.parent))} if here else {},
        seconds=seconds,
    )


def _any_owner(home: Path) -> Path:
    """Give a configuration by which git serves a repository of this machine that is another user's.

    The serving side takes it from a file only. All that it could run for its owner is switched off: see `git`.
    """
    path = home / "served.gitconfig"
    path.write_text("[safe]\n\tdirectory = *\n", encoding="utf-8")
    return path


def commit_of(mirror: Path, name: str) -> str:
    """Give the commit that a reference of our mirror names, or an empty text."""
    return plumbing("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}", cwd=mirror).out.decode().strip()


def _warning(remote: Remote, fetched: Finished, known: str, stamp: Path) -> str:
    """Say that the last revision is read again; without one, that there is nothing to read."""
    if "couldn't find remote ref" in fetched.err:
        what = f"no branch {quote(remote.branch)}" if remote.branch else "no commit yet"
        msg = f"{printable(remote.shown)} has {what}."
        raise InputError(msg)
    reason = "it took too long" if fetched.late else reason_of(fetched).replace(remote.url, remote.shown)
    if not known:
        msg = ended(f"{printable(remote.shown)} cannot be fetched: {reason.rstrip('.')}")
        raise UnseenError(msg)
    since = datetime.fromtimestamp(stamp.stat().st_mtime, UTC) if stamp.exists() else None
    last = f" of {since:%Y-%m-%d %H:%M} UTC" if since else ""
    return ended(f"{printable(remote.shown)} cannot be fetched ({reason.rstrip('.')}): the last revision{last} is read")


def reason_of(finished: Finished) -> str:
    """Give the one line of git's complaints that says most."""
    lines = [line.strip() for line in finished.err.splitlines() if line.strip()]
    said = [line.removeprefix("fatal: ") for line in lines if line.startswith(("fatal:", "ssh:"))]
    return printable((said or lines or ["git gave no reason"])[0])[:300]


def folder(mirror: Path, home: Path, commit: str, *, below: str = "", objects: Path | None = None) -> Path:
    """Give the folder with the files of a commit.

    Args:
        mirror: a repository of ours, whose configuration holds.
        home: where the folder is made.
        commit: its full id.
        below: the folder of the commit that is wanted, empty for all of it.
        objects: where the commit's objects are, if not in the mirror.
    """
    folder = home / f"tree-{commit}"
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=home, prefix=".new-") as made:
            tree = Path(made, "tree")
            tree.mkdir()
            _write_out(mirror, f"{commit}:{below}", tree, objects)
            tree.rename(folder)
    os.utime(folder)
    _prune(home)
    return folder


def _write_out(mirror: Path, commit: str, tree: Path, objects: Path | None) -> None:
    env = {"GIT_DIR": str(mirror), "GIT_WORK_TREE": str(tree), "GIT_INDEX_FILE": str(tree.parent / "index")}
    env |= {"GIT_ALTERNATE_OBJECT_DIRECTORIES": str(objects)} if objects else {}
    for command in (("read-tree", commit), ("checkout-index", "--all", "--quiet")):
        finished = plumbing(*command, cwd=tree, env=env)
        if finished.code:
            msg = f"git cannot write the files of {commit.rstrip(':')}: {reason_of(finished)}"
            raise UnseenError(msg)


def _prune(home: Path) -> None:
    folders = sorted(home.glob("tree-*"), key=lambda p: p.stat().st_mtime, reverse=True)
    for old in folders[KEPT:]:
        shutil.rmtree(old, ignore_errors=True)


def _revision(remote: Remote, mirror: Path, commit: str) -> Revision:
    said = plumbing("log", "-1", "--format=%an <%ae>%x00%cI", commit, cwd=mirror)
    author, _, at = said.out.decode(errors="replace").strip().partition("\0")
    return Revision(commit, remote.shown, author, at)
