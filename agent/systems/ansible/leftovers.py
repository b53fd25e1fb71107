"""What a killed agent left of its runs: found, stopped and removed when the next one starts."""

from __future__ import annotations

import os
import select
import signal
from typing import TYPE_CHECKING

from agent.systems.ansible import guardian
from agent.systems.ansible.folder import left_behind, removed

if TYPE_CHECKING:
    from pathlib import Path

    from agent.systems.ansible.folder import Folder

_WAIT = guardian.GIVE_UP + 2.0  # seconds for a guardian that is still at it


def recover(work: Path) -> list[str]:
    """Stop and remove what runs of a killed agent left; gives a sentence for each. To be called at start-up.

    A run whose agent lives is left alone. Nothing is told from a process id alone: a guardian is known by its start
    time, and all other processes by the mark of their run.
    """
    with left_behind(work) as folders:
        return [_ended(folder) for folder in folders]


def _ended(folder: Folder) -> str:
    _await_guardian(folder)
    stopped = guardian.end_marked(folder.mark, str(folder.control)) if folder.mark else 0
    removed(folder.path, folder.short)
    what = f"{stopped} of its processes were still there and were stopped" if stopped else "nothing of it ran any more"
    return f"An Ansible run ({folder.path.name}) was cut short with its agent: {what}; its folder was removed."


def _await_guardian(folder: Folder) -> None:
    """Let the guardian finish, as it knows all of the run; a signal makes sure that it knows."""
    try:
        pid, born = map(int, (folder.path / "guardian").read_text(encoding="ascii").split())
        handle = os.pidfd_open(pid)
    except (OSError, ValueError):  # it was never started, or it is gone
        return
    try:
        if guardian.start_time(pid) == born:  # asked after the handle was taken: this is the process that it names
            signal.pidfd_send_signal(handle, signal.SIGTERM)
            _await(handle, _WAIT)
    except ProcessLookupError:
        return
    finally:
        os.close(handle)


def await_end(pid: int, seconds: float) -> None:
    """Wait until a child has ended; it stays ours, even dead, until it is collected."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        _await(handle, seconds)
    finally:
        os.close(handle)


def _await(handle: int, seconds: float) -> None:
    ready = select.poll()
    ready.register(handle, select.POLLIN)
    ready.poll(seconds * 1000)
