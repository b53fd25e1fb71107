"""The files that changes of the calendar are written into: one writer at a time, each text whole."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from agent.errors import UnseenError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path


@contextmanager
def alone(state: Path) -> Generator[None, None, None]:
    """Let one process at a time write changes; another waits until it is done.

    Raises:
        UnseenError: the state directory cannot be written.
    """
    lock = state / "calendar.lock"
    try:
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = lock.open("a", encoding="utf-8")
    except OSError as error:
        msg = f"{lock} cannot be written: {error.strerror}. Name the server's state directory with --state."
        raise UnseenError(msg) from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def content(path: Path) -> str:
    """Give a file's text, empty where there is none.

    Raises:
        UnseenError: it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8") if path.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{path} cannot be read: {error}."
        raise UnseenError(msg) from error


def edited(path: Path, name: str, edit: Callable[[str, str], str]) -> None:
    """Edit a file's text, known to people by a name; where nothing changes it is left alone.

    Raises:
        InputError: its layout does not take the edit.
        UnseenError: it cannot be read or written.
    """
    text = content(path)
    made = edit(text, name)
    if made != text:
        _replace(path, made)


def _replace(path: Path, text: str) -> None:
    """Put a file in place in one step, so that a crash leaves the old one or the new one whole.

    Raises:
        UnseenError: it cannot be written.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        _draft(draft, text)
        draft.replace(path)
        _settle(path.parent)
    except OSError as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        msg = f"{path} cannot be written: {error.strerror}."
        raise UnseenError(msg) from error


def _draft(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    _like_its_folder(path)


def _settle(folder: Path) -> None:
    """Make the new name of a file as durable as its content."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _like_its_folder(path: Path) -> None:
    """Give what root writes into somebody's checkout to whom the checkout belongs."""
    owner = path.parent.stat()
    if os.geteuid() == 0:
        os.chown(path, owner.st_uid, owner.st_gid)
