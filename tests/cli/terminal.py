"""The command at a terminal: a pseudo-terminal of its own, and a person who answers what is asked."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.cli.fixtures import Driftbell

DEADLINE = 120.0


def converse(
    driftbell: Driftbell, words: Sequence[str], answers: Sequence[tuple[str, str]] = (), *, out: int | None = None
) -> tuple[int, str]:
    """Run a command at a terminal: wait for each question, answer it; give its exit code and all it showed.

    `out` takes the standard output instead of the terminal, as a pipe would.
    """
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        driftbell.arguments(*words), env={**driftbell.environment(), "TERM": "xterm", "COLUMNS": "200"},
        stdin=theirs, stdout=theirs if out is None else out, stderr=theirs, cwd=driftbell.folder,
        start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    shown, seen = "", 0
    try:
        for question, answer in answers:
            while question not in shown[seen:]:
                more = _read(ours)
                assert more, f"it ended before it asked {question!r}:\n{shown}"
                shown += more
            seen = shown.index(question, seen) + len(question)
            os.write(ours, f"{answer}\n".encode())
        while more := _read(ours):
            shown += more
        return process.wait(DEADLINE), shown.replace("\r\n", "\n")
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def _read(ours: int) -> str:
    """Give what it shows next, or nothing once it has ended."""
    end = time.monotonic() + DEADLINE
    while not select.select([ours], [], [], 1)[0]:
        assert time.monotonic() < end, "it shows nothing more and does not end"
    try:
        return os.read(ours, 65536).decode(errors="replace")
    except OSError:  # Linux says EIO once the other end is closed
        return ""
