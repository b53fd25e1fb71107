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
    home = checkouts / hashlib.sha256(remote.url.encode()).hexdigest()[:16]
    try:
        checkouts.mkdir(parents=True, exist_ok=True, mode=0o700)
        home.mkdir(exist_ok=True, mode=0o700)
        with _alone(home):
            return _read(remote, home)
    except OSError as error:
        msg = f"{remote.shown} cannot be kept in {home}: {error.strerror}."
        raise UnseenError(msg) from error


def _read(remote: Remote, home: Path) -> Checkout:
    mirror = _mirror(home)
    name = f"refs/driftbell/{hashlib.sha256(remote.branch.encode()).hexdigest()[:16]}"
    known = _commit(mirror, name)
    fetched = _fetch(remote, mirror, name, seconds=SECONDS if known else FIRST_SECONDS)
    stamp = home / f"fetched-{name.rpartition('/')[2]}"
    warnings: tuple[str, ...] = ()
    if fetched.code or fetched.late:
        warnings = (_warning(remote, fetched, known, stamp),)
    else:
        stamp.touch()
        known = _commit(mirror, name)
    return Checkout(_folder(mirror, home, known), _revision(remote, mirror, known), warnings)


@contextmanager
def _alone(home: Path) -> Generator[None]:
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


def _mirror(home: Path) -> Path:
    mirror = home / "mirror.git"
    if not mirror.exists():
        with tempfile.TemporaryDirectory(dir=home, prefix=".new-") as made:
            finished = plumbing("init", "--quiet", "--bare", "--template=", "mirror.git", cwd=Path(made))
            if finished.code:
                msg = f"git cannot make a mirror in {home}: {_reason(finished)}"
                raise UnseenError(msg)
            (Path(made) / "mirror.git").rename(mirror)
    return mirror


def _fetch(remote: Remote, mirror: Path, name: str, *, seconds: float) -> Finished:
    wanted = f"refs/heads/{remote.branch}" if remote.branch else "HEAD"
    here = not _ELSEWHERE.match(remote.url)
    return git(
        "fetch",
        *("--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--refmap="),
        "origin",
        f"+{wanted}:{name}",
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


def _commit(mirror: Path, name: str) -> str:
    return plumbing("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}", cwd=mirror).out.decode().strip()


def _warning(remote: Remote, fetched: Finished, known: str, stamp: Path) -> str:
    """Say that the last revision is read again; without one, that there is nothing to read."""
    if "couldn't find remote ref" in fetched.err:
        what = f"no branch {quote(remote.branch)}" if remote.branch else "no commit yet"
        msg = f"{printable(remote.shown)} has {what}."
        raise InputError(msg)
    reason = "it took too long" if fetched.late else _reason(fetched).replace(remote.url, remote.shown)
    if not known:
        msg = ended(f"{printable(remote.shown)} cannot be fetched: {reason.rstrip('.')}")
        raise UnseenError(msg)
    since = datetime.fromtimestamp(stamp.stat().st_mtime, UTC) if stamp.exists() else None
    last = f" of {since:%Y-%m-%d %H:%M} UTC" if since else ""
    return ended(f"{printable(remote.shown)} cannot be fetched ({reason.rstrip('.')}): the last revision{last} is read")


def _reason(finished: Finished) -> str:
    lines = [line.strip() for line in finished.err.splitlines() if line.strip()]
    said = [line.removeprefix("fatal: ") for line in lines if line.startswith(("fatal:", "ssh:"))]
    return printable((said or lines or ["git gave no reason"])[0])[:300]


def _folder(mirror: Path, home: Path, commit: str) -> Path:
    """Give the folder with the files of a commit."""
    folder = home / f"tree-{commit}"
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=home, prefix=".new-") as made:
            tree = Path(made, "tree")
            tree.mkdir()
            _write_out(mirror, commit, tree)
            tree.rename(folder)
    os.utime(folder)
    _prune(home)
    return folder


def _write_out(mirror: Path, commit: str, tree: Path) -> None:
    env = {"GIT_DIR": str(mirror), "GIT_WORK_TREE": str(tree), "GIT_INDEX_FILE": str(tree.parent / "index")}
    for command in (("read-tree", commit), ("checkout-index", "--all", "--quiet")):
        finished = plumbing(*command, cwd=tree, env=env)
        if finished.code:
            msg = f"git cannot write the files of {commit}: {_reason(finished)}"
            raise UnseenError(msg)


def _prune(home: Path) -> None:
    folders = sorted(home.glob("tree-*"), key=lambda p: p.stat().st_mtime, reverse=True)
    for old in folders[KEPT:]:
        shutil.rmtree(old, ignore_errors=True)


def _revision(remote: Remote, mirror: Path, commit: str) -> Revision:
    said = plumbing("log", "-1", "--format=%an <%ae>%x00%cI", commit, cwd=mirror)
    author, _, at = said.out.decode(errors="replace").strip().partition("\0")
    return Revision(commit, remote.shown, author, at)
