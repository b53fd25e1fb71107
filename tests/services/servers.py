"""Real servers, each with its own folder and port, started by a test and ended by it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from pathlib import Path

_PATIENCE = 30.0  # seconds


def program(name: str) -> str:
    """Find a program that the tests need; in CI nothing may be missing."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        missing(f"{name} is not installed")
    return found or ""


def missing(why: str) -> None:
    """Skip, except in CI, where everything must be there."""
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    """Give a port of loopback that nobody listens on."""
    with closing(socket.socket(socket.AF_INET, kind)) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextmanager
def running(command: Sequence[str], ports: Sequence[int], log: Path) -> Generator[None]:
    """Run a server until the test is over; it is there once all its ports answer."""
    with log.open("wb") as file, subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT) as process:
        try:
            for port in ports:
                _wait(port, process, log)
            yield
        finally:
            process.terminate()


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    def answers() -> bool:
        assert process.poll() is None, log.read_text(encoding="utf-8", errors="replace")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            return False
        return True

    wait_until(answers)


def wait_until(true: Callable[[], bool]) -> None:
    """Wait for a condition, with a generous deadline."""
    deadline = time.monotonic() + _PATIENCE
    while not true():
        assert time.monotonic() < deadline, f"not true within {_PATIENCE:g} s"
        time.sleep(0.02)


@contextmanager
def nginx(folder: Path, servers: str, ports: Sequence[int]) -> Generator[None]:
    """Run nginx with these server blocks."""
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    kept = "".join(
        f"{word}_temp_path {folder}/{word};" for word in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.getuid() == 0 else ""  # its workers read the test's own folder
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; pid {folder}/pid; error_log stderr; worker_processes 1; events {{}}\n"
        f"http {{ access_log off; {kept} types {{ text/html html; image/png png; }} default_type text/plain;\n"
        f"{servers}\n}}\n"
    )
    command = [program("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"]
    with running(command, ports, folder / "nginx.log"):
        yield


@contextmanager
def unbound(folder: Path, port: int, zones: str) -> Generator[None]:
    """Run unbound with these local zones; it asks nobody else."""
    (folder / "unbound.conf").write_text(
        f"""server:
  interface: 127.0.0.1@{port}
  username: ""
  chroot: ""
  directory: "{folder}"
  pidfile: "{folder}/unbound.pid"
  use-syslog: no
  logfile: ""
  num-threads: 1
  module-config: "iterator"
  do-not-query-localhost: no
  access-control: 127.0.0.0/8 allow
  local-zone: "." static
{zones}
remote-control:
  control-enable: no
"""
    )
    # AppArmor, where it is on, lets the installed program read only what the distribution put in its place.
    copied = str(shutil.copy(program("unbound"), folder / "unbound"))
    command = [copied, "-d", "-p", "-c", str(folder / "unbound.conf")]
    with running(command, [port], folder / "unbound.log"):
        yield
