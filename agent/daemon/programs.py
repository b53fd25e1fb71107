"""This machine's own programs, run as root or as another account; each that fails is a sentence."""

from __future__ import annotations

import os
import subprocess
from typing import Any

from agent.errors import UnseenError

SECONDS = 60.0


def do(*words: str, user: str = "", home: str = "/", stdin: str = "") -> None:
    """Run one of this machine's programs.

    Raises:
        UnseenError: it is not there, or it fails.
    """
    whose: dict[str, Any] = {}
    if user:
        whose = {"user": user, "group": user, "extra_groups": (), "cwd": "/", "umask": 0o077}
        whose["env"] = {"PATH": os.environ.get("PATH", os.defpath), "HOME": home, "LANG": "C.UTF-8"}
    try:
        done = subprocess.run(
            words, input=stdin, capture_output=True, text=True, errors="replace", timeout=SECONDS, check=False, **whose
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        why = getattr(error, "strerror", None) or "it did not end"
    else:
        why = "" if done.returncode == 0 else (done.stderr.strip() or done.stdout.strip() or "it gave no reason")
    if why:
        whom = f" as {user}" if user else ""
        msg = f"`{' '.join(words)}`{whom} failed: {why.rstrip('.')}. Mend that, and run this again."
        raise UnseenError(msg)


def said(*words: str) -> str:
    """Give what a program prints, whatever its exit code; an empty text where it cannot be run."""
    try:
        return subprocess.run(words, capture_output=True, text=True, timeout=SECONDS, check=False).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""
