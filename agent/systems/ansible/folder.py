"""A run's own folder: made for it, locked while its agent lives, and removed with everything in it.

What is where:
    WORK/NAME.lock: held by the agent; a lock that nobody holds is a run that was cut short.
    WORK/NAME/run: the mark of its processes, and the path of its short folder.
    WORK/NAME/leash: the pipe to the guardian, see guardian.py.
    WORK/NAME/private/: all that Ansible reads and writes, secrets among it.
    /tmp/driftbell-XXXXXXXX/run: a link to WORK/NAME/private.
    /tmp/driftbell-XXXXXXXX/c/: ssh's sockets, whose paths must be short.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

SHORT_PREFIX = "driftbell-"
_SHORT_PLACE = "/tmp"  # ruff: ignore[hardcoded-temp-file]  mkdtemp makes it ours alone; TMPDIR may be too long for a socket


@dataclass(frozen=True, slots=True)
class Folder:
    """The places of one run. `mark` is in the environment of all of its processes."""

    path: Path
    short: Path
    mark: str

    @property
    def private(self) -> Path:
        """Give the folder of all that may hold secrets."""
        return self.path / "private"

    @property
    def alias(self) -> Path:
        """Give the private folder by a short name without spaces, colons or other surprises."""
        return self.short / "run"

    @property
    def control(self) -> Path:
        """Give the folder of ssh's sockets."""
        return self.short / "c"

    @property
    def artifacts(self) -> Path:
        """Give the folder of ansible-runner."""
        return self.private / "runner"


@contextmanager
def opened(work: Path) -> Generator[Folder]:
    """Make a run's folder, and remove it at the end, whatever the end."""
    work.mkdir(mode=0o700, parents=True, exist_ok=True)
    mark = secrets.token_hex(16)
    folder = Folder(work.absolute() / f"run-{mark[:12]}", Path(), mark)
    lock = os.open(_lock_path(folder.path), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)  # before the folder is there: nobody can take it for one that was left
        folder = Folder(folder.path, Path(tempfile.mkdtemp(prefix=SHORT_PREFIX, dir=_SHORT_PLACE)), mark)
        _lay_out(folder)
        yield folder
    finally:
        removed(folder.path, folder.short)
        os.close(lock)


def _lay_out(folder: Folder) -> None:
    folder.path.mkdir(mode=0o700)
    write(folder.path / "run", f"{folder.mark}\n{folder.short}")
    os.mkfifo(folder.path / "leash", 0o600)
    for place in (folder.private, folder.private / "tmp", folder.artifacts, folder.control):
        place.mkdir(mode=0o700)
    folder.alias.symlink_to(folder.private)


def write(path: Path, text: str, mode: int = 0o600) -> None:
    """Write a file that nobody else may read, not even for a moment."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
        file.write(text)


def removed(path: Path, short: Path) -> None:
    """Remove a run's folders and its lock."""
    if short.name.startswith(SHORT_PREFIX) and short.parent == Path(_SHORT_PLACE):
        shutil.rmtree(short, ignore_errors=True)
    shutil.rmtree(path, ignore_errors=True)
    _lock_path(path).unlink(missing_ok=True)


@contextmanager
def left_behind(work: Path) -> Generator[tuple[Folder, ...]]:
    """Give the folders of runs whose agent is gone, locked for as long as they are looked after."""
    locks: dict[Path, int] = {}
    try:
        for path in sorted(work.glob("run-*")):
            if path.is_dir() and not path.is_symlink():
                lock = os.open(_lock_path(path), os.O_RDWR | os.O_CREAT, 0o600)
                locks[path] = lock
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:  # its agent lives
                    os.close(locks.pop(path))
        yield tuple(_as_left(path) for path in locks if path.is_dir())
    finally:
        for path, lock in locks.items():
            if not path.exists():  # its agent was just tidying up: the file that we locked is a new one, of ours
                _lock_path(path).unlink(missing_ok=True)
            os.close(lock)


def _as_left(path: Path) -> Folder:
    try:
        mark, _, short = (path / "run").read_text(encoding="utf-8").partition("\n")
    except OSError:  # cut short before anything was started
        mark, short = "", ""
    return Folder(path, Path(short), mark)


def _lock_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.lock")
