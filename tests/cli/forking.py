"""A start of `driftbell` by a fork of a process that has imported it (fork_server.py), where that is the same.

It is the same where the environment differs from that of the server in nothing that an interpreter or a library reads
when it starts. Where it is not, `started` gives None, and the caller starts a process as ever.
"""

from __future__ import annotations

import atexit
import json
import os
import re
import selectors
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.cli.fork_server import LARGEST

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]
# What is read when it is asked for. Any other variable may have been read at an import.
LATE = re.compile(r"DRIFTBELL_.*|ANSIBLE_.*|PYTEST_.*|XDG_.*|SSH_.*|GIT_.*|HOME|PATH|TMPDIR|NO_COLOR|_RJEM_.*")
BEGAN_WITH = dict(os.environ)
LEAST = 0.01  # seconds that are waited for anything
PIECE = 4096  # bytes that a pipe takes at once when it takes any


class Server:
    """One process that forks, with the environment that the tests began with."""

    def __init__(self) -> None:
        self.link, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.cli.fork_server", str(theirs.fileno())], cwd=ROOT, env=fixed(BEGAN_WITH),
            pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        theirs.close()
        said = self.link.recv(LARGEST)
        assert said == b"ready", said
        atexit.register(self.close)

    def close(self) -> None:
        """Let it go: it ends when nobody is there to ask it."""
        self.link.close()
        self.process.wait(20)


class Pipes:
    """The pipes of one start: each is read to its end, whatever it is that holds it open."""

    def __init__(self, kept: ExitStack, stdin: str | None) -> None:
        self.theirs, self.ours = [], selectors.DefaultSelector()
        kept.callback(self.ours.close)
        self.heard: dict[str, bytes] = {}
        self.left = (stdin or "").encode()
        if stdin is None:
            self.theirs.append(os.open(os.devnull, os.O_RDONLY))
        else:
            self._made(kept, "in")
        for name in ("out", "err", "status"):
            self._made(kept, name)
            self.heard[name] = b""

    def _made(self, kept: ExitStack, name: str) -> None:
        reading, writing = os.pipe()
        theirs, ours = (reading, writing) if name == "in" else (writing, reading)
        file = kept.enter_context(os.fdopen(ours, "wb" if name == "in" else "rb", 0))
        self.ours.register(file, selectors.EVENT_WRITE if name == "in" else selectors.EVENT_READ, name)
        self.theirs.append(theirs)

    def move(self, seconds: float) -> bool:
        """Wait for something to be read or written, and do that; False when all is at its end."""
        for key, _ in self.ours.select(seconds):
            if key.data == "in":
                self._give(key.fileobj)
            elif said := key.fileobj.read(1 << 16):  # type: ignore[union-attr]
                self.heard[key.data] += said
            else:
                self.ours.unregister(key.fileobj)
        return bool(self.ours.get_map())

    def _give(self, file: Any) -> None:
        try:
            self.left = self.left[os.write(file.fileno(), self.left[:PIECE]) :] if self.left else b""
        except BrokenPipeError:  # it ended without reading all
            self.left = b""
        if not self.left:
            self.ours.unregister(file)
            file.close()


def fixed(environment: Mapping[str, str]) -> dict[str, str]:
    """Give the variables that must be those of the server."""
    return {name: value for name, value in environment.items() if not LATE.fullmatch(name)}


@cache
def server(_process: int) -> Server:
    """Give the server of this process; it begins with the first start."""
    return Server()


def started(
    words: list[str], environment: Mapping[str, str], folder: Path, timeout: float, stdin: str | None
) -> subprocess.CompletedProcess[str] | None:
    """Run `driftbell` to its end as `subprocess.run` does, or give None where only a process of its own is the same.

    Raises:
        TimeoutExpired: it took longer, and was killed.
    """
    os.umask(umask := os.umask(0o77))
    request = {"words": words, "env": dict(environment), "cwd": str(folder.resolve()), "umask": umask}
    message = json.dumps(request).encode()
    if fixed(environment) != fixed(BEGAN_WITH) or len(message) > LARGEST:
        return None
    with ExitStack() as kept:
        pipes = Pipes(kept, stdin)
        try:
            socket.send_fds(server(os.getpid()).link, [message], pipes.theirs)
        finally:
            for file in pipes.theirs:
                os.close(file)
        deadline = time.monotonic() + timeout
        while pipes.move(max(deadline - time.monotonic(), LEAST)):
            if time.monotonic() > deadline and pipes.heard["status"]:
                os.kill(int(pipes.heard["status"].split()[0]), signal.SIGKILL)
                raise subprocess.TimeoutExpired(words, timeout)
    code = int(pipes.heard["status"].split()[1])
    return subprocess.CompletedProcess(words, code, text(pipes.heard["out"]), text(pipes.heard["err"]))


def text(heard: bytes) -> str:
    """Give what was heard as `subprocess` does in its text mode."""
    return heard.decode().replace("\r\n", "\n").replace("\r", "\n")
