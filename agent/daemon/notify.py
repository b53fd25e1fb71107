"""Telling systemd how the daemon is: datagrams on the socket that it names, as sd_notify(3) describes them."""

from __future__ import annotations

import os
import socket
from contextlib import suppress


def notify(*lines: str) -> None:
    """Tell `READY=1`, `STATUS=...`, `WATCHDOG=1` and the like; without systemd nobody is told."""
    where = os.environ.get("NOTIFY_SOCKET", "")
    if not where:
        return
    address = f"\0{where[1:]}" if where.startswith("@") else where
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as door:
        door.connect(address)
        door.sendall("\n".join(line.replace("\n", " ") for line in lines).encode("utf-8", "replace"))


def watchdog_interval() -> float:
    """Give how often systemd wants to hear of us, in seconds: half of its patience; 0 where it does not ask."""
    try:
        microseconds = int(os.environ.get("WATCHDOG_USEC", "0"))
        meant = int(os.environ.get("WATCHDOG_PID", str(os.getpid())))
    except ValueError:
        return 0.0
    return microseconds / 2_000_000 if meant == os.getpid() else 0.0
