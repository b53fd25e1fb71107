"""A sleep that a signal handler, or any thread, may end: by a byte in a pipe, which needs no lock."""

from __future__ import annotations

import os
import select
from contextlib import suppress


class Alarm:
    """Sleeps until it is rung, or the time is over."""

    def __init__(self) -> None:
        """Make the pipe."""
        self._read, self._write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def ring(self) -> None:
        """End the sleep, or the next one."""
        with suppress(BlockingIOError):  # it is full: whoever sleeps is woken by what is there
            os.write(self._write, b"!")

    def sleep(self, seconds: float) -> None:
        """Sleep."""
        select.select([self._read], [], [], seconds)
        with suppress(BlockingIOError):
            os.read(self._read, 65536)
