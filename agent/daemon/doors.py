"""The daemon's door for people of this machine: a socket where one line asks and one line answers, both JSON.

The kernel says who is asking (SO_PEERCRED), so nobody has to be believed.
"""

from __future__ import annotations

import json
import os
import pwd
import socket
import struct
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from agent.errors import UnseenError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    Answerer = Callable[[dict[str, Any], str], dict[str, Any]]  # what is asked, and the login of who asks

LONGEST = 65_536  # bytes of a question
SECONDS = 5.0  # for a question to be asked
AT_ONCE = 16
_PEER = struct.Struct("3i")


class Door:
    """Answers at a socket until it is closed, each caller in a thread of its own."""

    def __init__(self, path: Path, answer: Answerer) -> None:
        """Take where it is, and what answers.

        Raises:
            UnseenError: no socket can be made there.
        """
        self._path, self._answer = path, answer
        self._free = threading.Semaphore(AT_ONCE)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        try:
            path.unlink(missing_ok=True)  # of a daemon that was killed: this one holds the lock
            with _address(path) as name:
                self._socket.bind(name)
            path.chmod(0o666)  # who may do what is asked of the kernel, not of the file
            self._socket.listen(AT_ONCE)
        except OSError as error:
            self._socket.close()
            msg = f"The socket {path} cannot be made: {error.strerror or error}."
            raise UnseenError(msg) from error
        threading.Thread(target=self._serve, name="door", daemon=True).start()

    def close(self) -> None:
        """Answer nobody any more."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self._socket.accept()
            except OSError:
                return
            if not self._free.acquire(blocking=False):
                caller.close()
                continue
            threading.Thread(target=self._meet, args=(caller,), name="caller", daemon=True).start()

    def _meet(self, caller: socket.socket) -> None:
        try:
            with caller, suppress(OSError):
                caller.settimeout(SECONDS)
                caller.sendall(json.dumps(self._answered(caller)).encode() + b"\n")
        finally:
            self._free.release()

    def _answered(self, caller: socket.socket) -> dict[str, Any]:
        try:
            asked = json.loads(_line(caller))
        except ValueError:
            return {"error": "A question is one line of JSON.", "code": 2}
        if not isinstance(asked, dict):
            return {"error": "A question is a JSON object.", "code": 2}
        return self._answer(asked, _login(caller))


def ask(path: Path, question: dict[str, Any], seconds: float = 30.0) -> dict[str, Any] | None:
    """Ask the daemon at its door; None where there is no daemon behind it.

    Raises:
        UnseenError: it does not answer.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC) as door:
        door.settimeout(seconds)
        try:
            with _address(path) as name:
                door.connect(name)
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        except OSError as error:
            msg = f"The daemon's socket {path} cannot be used: {error.strerror or error}."
            raise UnseenError(msg) from error
        try:
            door.sendall(json.dumps(question).encode() + b"\n")
            door.shutdown(socket.SHUT_WR)
            said = json.loads(_line(door, 16 * LONGEST))
        except (OSError, ValueError) as error:
            msg = f"The daemon at {path} does not answer ({error}). `systemctl status driftbell` says how it is."
            raise UnseenError(msg) from error
    return said if isinstance(said, dict) else {}


def _line(caller: socket.socket, longest: int = LONGEST) -> bytes:
    """Read one line.

    Raises:
        ValueError: it is too long, or there is none.
    """
    said = bytearray()
    while b"\n" not in said:
        part = caller.recv(4096)
        if not part:
            break
        said += part
        if len(said) > longest:
            msg = "too long"
            raise ValueError(msg)
    return bytes(said)


def _login(caller: socket.socket) -> str:
    """Give the login of the process at the other end."""
    _pid, uid, _gid = _PEER.unpack(caller.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


@contextmanager
def _address(path: Path) -> Generator[str]:
    """Give a name of a socket that is short enough for the kernel, however long its path is."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
