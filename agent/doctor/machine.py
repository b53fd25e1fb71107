"""The machine itself: its Python, its letters, its clock."""

from __future__ import annotations

import codecs
import ctypes
import platform
import sys
from typing import TYPE_CHECKING

from agent.doctor.word import broken, look, ok, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agent.doctor.word import Word

OLDEST = (3, 11)
_UNSYNCHRONISED = 5  # TIME_ERROR of adjtimex(2)
_ROOM = 512  # bytes; struct timex is smaller on every platform


def python(version: tuple[int, int] = sys.version_info[:2]) -> Sequence[Word]:
    """Say which Python runs."""
    said = f"Python {platform.python_version()} at {sys.executable}."
    if version >= OLDEST:
        return ok("python", said)
    return broken("python", said, f"Install Driftbell under Python {OLDEST[0]}.{OLDEST[1]} or later.")


def letters(encoding: str | None) -> Sequence[Word]:
    """Say whether names in every language can be shown; `encoding` is that of the standard output."""
    name = codecs.lookup(encoding or "ascii").name
    if name == "utf-8":
        return ok("letters", "The terminal takes UTF-8.")
    return look("letters", f"The terminal takes {name}, so names may be shown with escapes.", "export LANG=C.UTF-8")


def kernel_clock() -> int:
    """Ask the kernel whether something keeps its clock right: the state that adjtimex(2) gives, or -1."""
    room = ctypes.create_string_buffer(_ROOM)  # modes = 0: it only reads
    return int(ctypes.CDLL(None, use_errno=True).adjtimex(room))


def clock(state: Callable[[], int] = kernel_clock) -> Sequence[Word]:
    """Say whether something keeps this machine's clock right. No other machine is asked."""
    try:
        told = state()
    except (OSError, AttributeError):
        told = -1
    if told < 0:
        return unknown("clock", "The kernel does not say whether anything keeps its clock right.", "timedatectl")
    if told != _UNSYNCHRONISED:
        return ok("clock", "Something keeps the clock right.")
    return look(
        "clock",
        "Nothing tells the kernel that its clock is right, and how old a list or a finding is goes by it.",
        "sudo timedatectl set-ntp true    (on a virtual machine its host may keep the time: compare `date`)",
    )
