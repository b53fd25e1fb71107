"""Sessions that outlive a look, for whoever looks again and again: no handshake and no login the next time.

One is kept for a host that is reached directly, and used by one look at a time. Through a jump host none is kept.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import paramiko

    from agent.systems.host.connection import Target
    from agent.systems.host.link import Connections

MOST = 100  # each costs a thread and a socket here, and a process at the host
IDLE = 4000.0  # seconds after which one that nobody used is closed: more than the hour between two usual looks
ALIVE = 60  # seconds between two signs of life, so that no firewall forgets it


@dataclass(frozen=True, slots=True)
class Session:
    """A connection that is logged in."""

    transport: paramiko.Transport
    held: Connections
    used: float


class Sessions:
    """Keeps them by what they lead to; any thread may take one."""

    def __init__(self, most: int = MOST, idle: float = IDLE) -> None:
        """Take how many are kept at most, and for how many seconds without use."""
        self._most, self._idle = most, idle
        self._lock = threading.Lock()
        self._kept: dict[Target, Session] = {}

    def take(self, target: Target) -> Session | None:
        """Give the session to a host, which is the taker's from then on, or None."""
        with self._lock:
            found = self._kept.pop(target, None)
        if found is None or (found.transport.is_active() and not found.held.expired):
            return found
        found.held.close()
        return None

    def keep(self, target: Target, transport: paramiko.Transport, held: Connections) -> None:
        """Keep one, if there is room; close it otherwise, and whatever nobody used for long."""
        now = time.monotonic()
        with self._lock:
            late = [t for t, one in self._kept.items() if now - one.used > self._idle]
            closing = [self._kept.pop(t).held for t in late]
            if target in self._kept or len(self._kept) >= self._most or not transport.is_active():
                closing.append(held)
            else:
                transport.set_keepalive(ALIVE)
                self._kept[target] = Session(transport, held, now)
        for one in closing:
            one.close()

    def close(self) -> None:
        """Close every session."""
        with self._lock:
            closing, self._kept = list(self._kept.values()), {}
        for one in closing:
            one.held.close()

    def __len__(self) -> int:
        """Count them."""
        with self._lock:
            return len(self._kept)
