"""Locks of the state directory: the kernel frees one when the process that holds it is gone, however it went."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from agent.errors import HeldError, UnseenError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path


@contextmanager
def locked(lock: Path, taken: Callable[[str], str]) -> Generator[None]:
    """Hold a lock as long as it takes; `taken` says what to tell where somebody (`process 4711`) holds it.

    Raises:
        HeldError: another process holds it.
        UnseenError: its directory cannot be written.
    """
    try:
        lock.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = lock.open("a+", encoding="utf-8")
    except OSError as error:
        msg = f"{lock} cannot be written: {error.strerror}. Name a state directory of yours with --state."
        raise UnseenError(msg) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            raise HeldError(taken(file.read().strip() or "process unknown")) from None
        with suppress(OSError):  # on a full disk the lock holds all the same; nobody can read who has it
            file.truncate(0)
            file.write(f"process {os.getpid()}")
            file.flush()
        yield
