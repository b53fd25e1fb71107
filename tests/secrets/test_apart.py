"""What reads and what writes are apart: where nothing may be changed, what changes things is not even opened."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from tests.cli.playbooks import WRITE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.fixtures import Driftbell

LOADED = """
import sys
from agent import cli
code = cli.command(sys.argv[1:])
print("LOADED", *sorted(m for m in sys.modules if m.endswith(".write") or "ansible_runner" in m))
"""


class Pipe:
    """A vault password in a pipe: whoever opens it waits for us, and is noticed."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path, 0o600)
        self.path, self.opened = path, 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while not self._over.is_set():
            try:
                end = os.open(self.path, os.O_WRONLY | os.O_NONBLOCK)
            except OSError as error:
                if error.errno != errno.ENXIO:  # that nobody reads
                    raise
                time.sleep(0.01)
                continue
            self.opened += 1
            os.write(end, b"open sesame\n")
            os.close(end)
            time.sleep(0.05)

    def close(self) -> int:
        self._over.set()
        self._thread.join()
        return self.opened


def district(driftbell: Driftbell, mode: str) -> Pipe:
    folder = driftbell.folder / "only"
    folder.mkdir()
    driftbell.hosts({"here": {"ansible_connection": "local", "site": "east", "driftbell_only_under": str(folder)}})
    driftbell.write("playbooks/write.yml", WRITE)
    variables = {"path": f"{folder}/file", "text": "done\n"}
    driftbell.policy(
        "FILE-01", mode=mode, expect={f"file.{folder}/file.content": "done\n"},
        remedy=[{"do": "ansible.playbook", "with": {"playbook": "playbooks/write.yml", "vars": variables}}],
    )  # fmt: skip
    pipe = Pipe(driftbell.folder / "vault-password")
    driftbell.settings(ansible={"vault_password_file": str(pipe.path)})
    return pipe


@pytest.mark.parametrize(
    ("mode", "words", "opened"),
    [
        ("audit", ["check"], False),
        ("audit", ["plan"], False),
        ("audit", ["run", "--mail", "never"], False),
        ("propose", ["run", "--mail", "never"], False),
        ("enforce", ["check"], False),
        ("enforce", ["plan"], False),
        ("enforce", ["run", "--mail", "never"], True),  # so that the others mean something
    ],
)
def test_the_vaults_password_is_opened_to_write_and_for_nothing_else(
    driftbell: Driftbell, mode: str, words: list[str], opened: bool
) -> None:
    pipe = district(driftbell, mode)
    try:
        done = subprocess.run(
            [sys.executable, "-c", LOADED, *words, "--config", str(driftbell.config)], env=driftbell.environment(),
            capture_output=True, text=True, timeout=240, check=False, cwd=driftbell.folder,
        )  # fmt: skip
    finally:
        times = pipe.close()
    loaded = done.stdout.splitlines()[-1].split()
    assert loaded[:1] == ["LOADED"], done.stdout + done.stderr
    assert ("agent.systems.ansible.write" in loaded) is opened, loaded
    assert bool(times) is opened
    assert not (driftbell.folder / "only" / "file").exists()  # a pipe is refused where the password belongs
