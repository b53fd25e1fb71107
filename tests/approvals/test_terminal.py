"""A key with a passphrase: ssh-keygen asks for it on the terminal, and nothing of it passes through our hands."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.approvals.ground import key

if TYPE_CHECKING:
    from pathlib import Path

SIGN = """
import sys
from pathlib import Path
from agent.systems.ssh_signature.program import sign
sys.stdout.write(sign("x", Path(sys.argv[1]), "driftbell-approval"))
"""
DEADLINE = 120.0


@pytest.mark.parametrize(("typed", "signs"), [("correct horse", True), ("battery staple", False)])
def test_a_passphrase_is_asked_for_on_the_terminal(tmp_path: Path, typed: str, signs: bool) -> None:
    path = key(tmp_path, "locked", passphrase="correct horse")
    ours, theirs = pty.openpty()
    env = {k: v for k, v in os.environ.items() if k not in {"DISPLAY", "SSH_ASKPASS", "SSH_ASKPASS_REQUIRE"}}
    process = subprocess.Popen(
        ["setsid", "--ctty", "--wait", sys.executable, "-c", SIGN, str(path)], stdin=theirs, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, env=env, start_new_session=False,
    )  # fmt: skip
    os.close(theirs)
    try:
        shown, end = "", time.monotonic() + DEADLINE
        while "passphrase" not in shown:
            assert time.monotonic() < end, shown
            if select.select([ours], [], [], 1)[0]:
                shown += os.read(ours, 4096).decode(errors="replace")
        os.write(ours, f"{typed}\n".encode())
        said = process.communicate(timeout=DEADLINE)[0]
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert (b"BEGIN SSH SIGNATURE" in said) is signs
    assert (process.returncode == 0) is signs
