"""The same script on this machine itself (`ansible_connection: local`), in a process group of its own."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

from agent.systems.host import shell
from agent.systems.host.answer import Answer, SilentError

if TYPE_CHECKING:
    from agent.settings import HostSettings
    from agent.systems.host.connection import Target


def ask(target: Target, script: bytes, settings: HostSettings) -> Answer:
    """Run the script here, within the deadline.

    Raises:
        SilentError: there is no /bin/sh that can be run.
    """
    words = ["/bin/sh", "-c", shell.command(target.become)]
    pipe = subprocess.PIPE
    try:
        process = subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True)
    except OSError as error:
        msg = f"/bin/sh cannot be run here: {error.strerror}"
        raise SilentError(msg) from error
    try:
        stdout, stderr = process.communicate(shell.stdin(target.become, script), timeout=settings.deadline)
    except subprocess.TimeoutExpired as error:
        _end(process)
        return Answer(error.stdout or b"", error.stderr or b"", f"the look was cut off after {settings.deadline:g} s")
    return Answer(stdout, stderr, status=process.returncode)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the whole group, because a question that hangs is a child of the shell.

    Where sudo made it root's and we are not, it is not ours to end; it ends itself once its output goes nowhere.
    """
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream:
            with suppress(OSError):  # what was still to be written goes nowhere
                stream.close()
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=1)
