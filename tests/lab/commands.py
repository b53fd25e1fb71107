"""Running this machine's tools, and waiting for what they bring about."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

TAIL = 1500  # characters of a tool's output that an error quotes
Answer = TypeVar("Answer")


class LabError(Exception):
    """The lab could not do what was asked; the text says what, where, and what to do about it."""


def attempt(
    *argv: str | Path, stdin: str = "", timeout: float = 60, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a tool and return how it went, also when it failed; LabError only where it did not end in time."""
    words = [str(word) for word in argv]
    try:
        return subprocess.run(
            words, input=stdin, capture_output=True, text=True, errors="replace", timeout=timeout, env=env, check=False
        )
    except subprocess.TimeoutExpired as error:
        msg = f"`{' '.join(words)}` did not end within {timeout:g} s."
        raise LabError(msg) from error


def tool(*argv: str | Path, stdin: str = "", timeout: float = 60, env: Mapping[str, str] | None = None) -> str:
    """Run a tool and return its output; LabError with its last words where it fails."""
    done = attempt(*argv, stdin=stdin, timeout=timeout, env=env)
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip())[-TAIL:]
        msg = f"`{' '.join(map(str, argv))}` failed with exit code {done.returncode}: {said or 'it said nothing'}"
        raise LabError(msg)
    return done.stdout


def wait_until(check: Callable[[], Answer], seconds: float, what: str) -> Answer:
    """Return the first true answer of `check`; LabError that names `what` when none came in time."""
    deadline = time.monotonic() + seconds
    while True:
        answer = check()
        if answer:
            return answer
        if time.monotonic() > deadline:
            msg = f"Waited {seconds:g} s, and still not: {what}."
            raise LabError(msg)
        time.sleep(0.03)
