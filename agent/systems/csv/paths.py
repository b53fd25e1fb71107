"""Where the file of an export is: in the state directory, else in the repository; never outside by way of `..`."""

from __future__ import annotations

import hashlib
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, BinaryIO

from agent.systems.csv.content import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

IN_REPOSITORY = Path("inventory") / "exports"


@dataclass(frozen=True, slots=True)
class Found:
    """A file that is there. `imported` says that it lies where `driftbell import` puts files."""

    path: Path
    imported: bool


def find(name: str, exports: Path, root: Path, system: str) -> Found:
    """Find the file that a system's `path` names.

    Raises:
        UnreadableError: it is not there, is no file, or is named outside the folders of exports.
    """
    given = Path(name)
    if given.is_absolute():
        if not given.exists():
            msg = "is not there"
            raise UnreadableError(msg)
        return Found(_regular(given), imported=False)
    _inside_or_refuse(given)
    if (exports / given).exists():
        return Found(_regular(exports / given), imported=True)
    shared = root / IN_REPOSITORY / given
    if not shared.exists():
        msg = f"was not imported yet: driftbell import FILE --as {system}"
        raise UnreadableError(msg)
    if not shared.resolve().is_relative_to(root.resolve()):
        msg = "is a link that leads out of the repository"
        raise UnreadableError(msg)
    return Found(_regular(shared), imported=False)


def _inside_or_refuse(path: PurePath) -> None:
    if ".." in path.parts or not path.parts or "\0" in str(path):
        msg = "is named outside the folders of exports; write a name without `..`"
        raise UnreadableError(msg)


@contextmanager
def steady(path: Path) -> Generator[Callable[[], BinaryIO], None, None]:
    """Give what opens a file again and again, always the same one, even if an import replaces it meanwhile."""
    with path.open("rb") as held:
        again = Path(f"/dev/fd/{held.fileno()}")

        def opened() -> BinaryIO:
            return again.open("rb")

        yield opened


def inside(exports: Path, name: str) -> Path:
    """Give where `driftbell import` puts the file of a system.

    Raises:
        UnreadableError: the system names its file somewhere else.
    """
    given = Path(name)
    if given.is_absolute() and not given.is_relative_to(exports):
        msg = "is read from a place of its own, which driftbell does not write to; put the file there yourself"
        raise UnreadableError(msg)
    _inside_or_refuse(given)
    return exports / given


def make_private(folder: Path) -> None:
    """Make a folder and those above it that are not there, each for its owner alone."""
    for path in reversed([p for p in folder.parents if not p.exists()]):
        path.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)


def digest(path: Path) -> str:
    """Give the sha256 of a file, as the note of its import has it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _regular(path: Path) -> Path:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        msg = f"cannot be read: {error.strerror}"
        raise UnreadableError(msg) from error
    if not stat.S_ISREG(mode):
        msg = "is no file"
        raise UnreadableError(msg)
    return path
