"""Waiting for processes to come and go, and an agent that can be killed."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from tests.ansible.district import Place

PATIENCE = 60.0  # seconds: far more than it takes, for a machine that is busy


def wait_until(check: Callable[[], object], what: str) -> float:
    """Wait until something holds; gives the seconds that it took."""
    began = time.monotonic()
    while not check():
        assert time.monotonic() - began < PATIENCE, f"waited in vain until {what}"
        time.sleep(0.01)
    return time.monotonic() - began


def running(word: str) -> list[int]:
    """Give the processes, dead ones apart, one of whose arguments is this word."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if word.encode() in words:
            found.append(int(path.parent.name))
    return found


def alive(pid: int) -> bool:
    """Whether a process is there and is not a dead one that nobody has collected."""
    try:
        return (
            Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]
            not in "ZX"
        )
    except OSError:
        return False


AGENT = """
import sys
from pathlib import Path
from agent.systems.ansible.job import Job
from agent.systems.ansible.runner import run_playbook
root, state, *hosts = sys.argv[1:]
state = Path(state)
job = Job(Path(root), ("inventory/hosts",), "playbooks/play.yml", tuple(hosts), False, state / "known_hosts",
          state / "runs", started=lambda group: print(group, flush=True))
for name, host in run_playbook(job).hosts.items():
    print(name, host.end, host.why, flush=True)
"""


@contextmanager
def agent(place: Place, *hosts: str) -> Generator[tuple[subprocess.Popen[str], int], None, None]:
    """Run the playbook in a process of its own; gives that process and the guardian's process group."""
    root = Path(__file__).parents[2]
    words = [sys.executable, "-c", AGENT, str(place.root), str(place.state), *hosts]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        try:
            assert process.stdout is not None
            yield process, int(process.stdout.readline())
        finally:
            process.kill()
