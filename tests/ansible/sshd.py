"""Real ssh servers on the loopback, run by whoever runs the tests."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.ansible.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Generator

ADDRESS = "127.0.0.1"
SEARCH = f"/usr/sbin:/sbin:{os.environ.get('PATH', '')}"


@dataclass(frozen=True, slots=True)
class Server:
    """One server: its port, its public host key, and a private key that it lets in."""

    port: int
    host_key: str
    key: Path

    @property
    def known(self) -> str:
        """Give its line in known_hosts."""
        return f"[{ADDRESS}]:{self.port},[localhost]:{self.port} {self.host_key}\n"


@contextmanager
def serving(folder: Path) -> Generator[Server, None, None]:
    """Run a server below a folder."""
    program = shutil.which("sshd", path=SEARCH)
    if program is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(
            "sshd is missing: apt-get install openssh-server"
        )
        return
    folder.mkdir(parents=True)
    host_key, key, port = _key(folder / "host"), _key(folder / "user"), _free_port()
    lines = {
        "Port": port,
        "ListenAddress": ADDRESS,
        "HostKey": host_key,
        "AuthorizedKeysFile": f"{key}.pub",
        "PermitRootLogin": "yes",
        "StrictModes": "no",
        "UsePAM": "no",
        "PidFile": "none",
        "MaxStartups": "100",
        "Subsystem": "sftp /bin/false",  # nothing may depend on sftp
    }
    (folder / "config").write_text("".join(f"{name} {value}\n" for name, value in lines.items()))
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where it gives up its rights
    with (folder / "log").open("w") as log, subprocess.Popen(
        [program, "-D", "-e", "-f", folder / "config"], stderr=log
    ) as server:  # fmt: skip
        try:
            wait_until(lambda: _answers(port), f"sshd answers, see {folder}/log")
            yield Server(port, Path(f"{host_key}.pub").read_text(encoding="ascii").rsplit(" ", 1)[0], key)
        finally:
            server.terminate()


def _key(path: Path) -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", path], check=True)
    return path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((ADDRESS, 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    try:
        with socket.create_connection((ADDRESS, port), timeout=1) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False
