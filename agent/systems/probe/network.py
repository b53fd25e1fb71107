"""The event loop that a look runs on: names are looked up once a look, and no look-up can hold it up.

The system's resolver cannot be interrupted, and asyncio's own threads are waited for at the end of the process; here
each look-up has a thread that nobody waits for.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable
    from typing import Literal

    Four = tuple[Literal[socket.AddressFamily.AF_INET], socket.SocketKind, int, str, tuple[str, int]]
    Six = tuple[
        Literal[socket.AddressFamily.AF_INET6],
        socket.SocketKind,
        int,
        str,
        tuple[str, int, int, int] | tuple[int, bytes],
    ]
    Addresses = list[Four | Six]


# The names that a sample is looking up: what is still here when its time is over was the resolver's doing.
LOOKING_UP: ContextVar[set[str]] = ContextVar("LOOKING_UP")


class ProbeLoop(asyncio.SelectorEventLoop):
    """A selector loop whose look-ups are shared, and leave nothing behind that is waited for."""

    def __init__(self) -> None:
        """Begin without a name."""
        super().__init__()
        self._asked: dict[Hashable, asyncio.Future[Addresses]] = {}

    async def getaddrinfo(
        self,
        host: bytes | str | None,
        port: bytes | str | int | None,
        *,
        family: int = 0,
        type: int = 0,  # ruff: ignore[builtin-argument-shadowing] - the name that asyncio gives it
        proto: int = 0,
        flags: int = 0,
    ) -> Addresses:
        """Look a name up as the system does; how long that may last is the caller's. The text of an error is the name.

        Raises:
            socket.gaierror: it is not there, or the resolver says that it cannot tell.
        """
        name = host.decode("ascii", "backslashreplace") if isinstance(host, bytes) else host or ""
        key = (name, port, family, type, proto, flags)
        pending = self._asked.get(key)
        if pending is None:
            pending = self._asked[key] = self.create_future()
            pending.add_done_callback(lambda done: self._forget(key, done))
            arguments = (host, port, family, type, proto, flags)
            threading.Thread(target=self._look_up, args=(pending, name, arguments), daemon=True).start()
        waiting = LOOKING_UP.get(set())
        waiting.add(name)
        found = await asyncio.shield(pending)
        waiting.discard(name)
        return found

    def _forget(self, key: Hashable, done: asyncio.Future[Addresses]) -> None:
        """Let the next sample try again what failed."""
        if done.cancelled() or done.exception() is not None:
            self._asked.pop(key, None)

    def _look_up(
        self,
        pending: asyncio.Future[Addresses],
        name: str,
        arguments: tuple[bytes | str | None, bytes | str | int | None, int, int, int, int],
    ) -> None:
        try:
            found = socket.getaddrinfo(*arguments)
        except socket.gaierror as error:
            self._settle(pending, socket.gaierror(error.errno, name))
        except OSError as error:
            self._settle(pending, error)
        except ValueError:  # no name at all: too long a label, a NUL
            self._settle(pending, socket.gaierror(socket.EAI_NONAME, name))
        else:
            self._settle(pending, found)

    def _settle(self, pending: asyncio.Future[Addresses], result: Addresses | OSError) -> None:
        def settle() -> None:
            if pending.done():
                return
            if isinstance(result, OSError):
                pending.set_exception(result)
            else:
                pending.set_result(result)

        with suppress(RuntimeError):  # the look is over
            self.call_soon_threadsafe(settle)
