"""Running an outside program: its own session, its own environment, a limit of time, and nothing left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class Finished:
    """How a program ended. `late` says that it was stopped at its limit of time."""

    code: int
    out: bytes
    err: str
    late: bool = False


def find(name: str) -> str:
    """Give a program's path: beside our own interpreter first, then as PATH has it; empty where there is none."""
    beside = Path(sys.executable).parent / name
    return str(beside) if os.access(beside, os.X_OK) else which(name) or ""


def run(command: Sequence[str], *, env: Mapping[str, str], cwd: Path | None = None, seconds: float) -> Finished:
    """Run a program without input and without a terminal; at its limit of time all it started is stopped."""
    with begun(command, env=env, cwd=cwd) as process:
        return finish(process, seconds)


@contextlib.contextmanager
def begun(
    command: Sequence[str], *, env: Mapping[str, str], cwd: Path | None = None
) -> Generator[subprocess.Popen[bytes]]:
    """Start a program that `finish` waits for; whatever happens before that, nothing of it is left behind."""
    process = subprocess.Popen(
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PATH": os.environ.get("PATH", _PATH), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", **env},
        cwd=cwd,
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                _stop(process)


def finish(process: subprocess.Popen[bytes], seconds: float) -> Finished:
    """Wait for a program that was begun; at its limit of time it is stopped."""
    try:
        out, err = process.communicate(timeout=seconds)
        late = False
    except subprocess.TimeoutExpired:
        _stop(process)
        out, err = process.communicate()
        late = True
    return Finished(process.returncode, out, err.decode(errors="replace"), late)


def _stop(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
