"""A daemon as systemd starts it: a process of its own, asked at its door, ended by a signal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from agent.daemon.doors import ask
from agent.errors import UnseenError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from tests.cli.fixtures import Driftbell

DEADLINE = 90.0


@dataclass
class Daemon:
    """A running daemon; `log` is what it says."""

    process: subprocess.Popen[bytes]
    socket: Path
    log: Path

    def status(self) -> dict[str, Any] | None:
        try:
            return ask(self.socket, {"do": "status"})
        except UnseenError:  # it is on its way down or up
            return None

    def events(self) -> list[dict[str, Any]]:
        """Give what it logged; a line that is no JSON is a defect."""
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]

    def until(self, true: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait until the daemon's own status is so."""
        end, said = time.monotonic() + DEADLINE, None
        while time.monotonic() < end:
            said = self.status()
            if said is not None and true(said):
                return said
            if self.process.poll() is not None:
                pytest.fail(f"it ended with {self.process.returncode}: {self.log.read_text()}")
            time.sleep(0.02)
        pytest.fail(f"it did not come to that: {said}\n{self.log.read_text()}")

    def cycles(self, number: int) -> dict[str, Any]:
        """Wait until it went through so many cycles, and has nothing to do."""
        return self.until(lambda said: said["cycles"] >= number and not said["work"])

    def tell(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(DEADLINE)


@contextmanager
def daemon(driftbell: Driftbell, *words: str) -> Generator[Daemon, None, None]:
    """Run a daemon over a district."""
    log = driftbell.folder / "daemon.log"
    with log.open("ab") as said:
        process = subprocess.Popen(
            driftbell.arguments("daemon", *words), env=driftbell.environment(), stdout=said, stderr=said,
            cwd=driftbell.folder, stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    running = Daemon(process, driftbell.state / "daemon.sock", log)
    try:
        yield running
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            process.wait(DEADLINE)
