"""A look from a network of its own: `unshare` makes one that leads nowhere, and a test says what is in it.

Run as a program it looks once: what it is told comes as JSON on standard input, what it saw goes to standard output.
"""

from __future__ import annotations

import json
import os
import shlex
import socket
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import starmap
from pathlib import Path

from agent.model.source import Check
from tests.services.conftest import EVERYTHING, Seen, look
from tests.services.servers import missing, program

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Network:
    """What is in it: shell commands that make it, and addresses where somebody listens and says nothing."""

    setup: str = "true"
    silent: tuple[tuple[str, int], ...] = ()
    files: dict[str, str] = field(default_factory=dict)  # files of this machine, as they are seen there


@dataclass(frozen=True, slots=True)
class Told:
    """What was seen: each reading as text, the reasons of those unseen, the notes, and the seconds it took."""

    readings: dict[str, dict[str, str]]
    unseen: dict[str, str]
    notes: list[str]
    seconds: float


def observe_apart(folder: Path, network: Network, *checks: Check, **pace: float) -> Told:
    """Look at checks from within a network."""
    folder.mkdir(exist_ok=True)
    mounts = []
    for number, (path, text) in enumerate(network.files.items()):
        (folder / str(number)).write_text(text)
        mounts.append(f"mount --bind {shlex.quote(str(folder / str(number)))} {path}")
    listed = [[c.name, c.site, c.ask, c.target, dict(c.options)] for c in checks]
    told = json.dumps({"root": str(folder), "checks": listed, "pace": pace, "silent": network.silent})
    script = " && ".join([*mounts, network.setup, f"exec {shlex.quote(sys.executable)} -m tests.services.apart"])
    root = [] if os.getuid() == 0 else ["--map-root-user"]
    command = [program("unshare"), *root, "--net", "--mount", "sh", "-c", script]
    done = subprocess.run(
        command, input=told, capture_output=True, text=True, check=False, timeout=120, cwd=ROOT, env=_environment()
    )
    if "unshare failed" in done.stderr or "Operation not permitted" in done.stderr:
        missing(f"this account may not make a network namespace: {done.stderr}")
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return Told(**json.loads(done.stdout))


def _environment() -> dict[str, str]:
    return os.environ | {"PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"}


def _main() -> None:
    told = json.load(sys.stdin)
    checks = tuple(starmap(Check, told["checks"]))
    with ExitStack() as open_sockets:
        for host, port in told["silent"]:
            for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                family = socket.AF_INET6 if ":" in host else socket.AF_INET
                sock = open_sockets.enter_context(socket.socket(family, kind))
                sock.bind((host, port))
                if kind == socket.SOCK_STREAM:
                    sock.listen()
        seen = look(Path(told["root"]), checks, **told["pace"])
    json.dump(_shown(seen, checks), sys.stdout)


def _shown(seen: Seen, checks: tuple[Check, ...]) -> dict[str, object]:
    return {
        "readings": {c.name: {name: str(seen[c.name, name]) for name in EVERYTHING} for c in checks},
        "unseen": {unseen.resource: unseen.why for unseen in seen.sweep.unseen},
        "notes": seen.sweep.notes,
        "seconds": seen.seconds,
    }


if __name__ == "__main__":
    _main()
