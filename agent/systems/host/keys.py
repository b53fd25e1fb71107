"""Private keys that log in: the one the inventory names, else what OpenSSH would try."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm

from agent.systems.host.answer import SilentError

if TYPE_CHECKING:
    from collections.abc import Sequence

_USUAL = ("id_rsa", "id_ecdsa", "id_ed25519")  # ssh_config(5), IdentityFile, in its order


class Keyring:
    """Keys, each read from its file once a sweep, whichever thread asks first."""

    def __init__(self) -> None:
        """Start with no key read."""
        self._lock = threading.Lock()
        self._files: dict[Path, paramiko.PKey | SilentError] = {}
        self._usual: tuple[paramiko.PKey, ...] | None = None

    def key(self, path: Path) -> paramiko.PKey:
        """Give the key in a file.

        Raises:
            SilentError: it cannot be used, with the reason.
        """
        with self._lock:
            if path not in self._files:
                self._files[path] = _load(path)
            found = self._files[path]
        if isinstance(found, SilentError):
            raise SilentError(*found.args)
        return found

    def usual(self) -> Sequence[paramiko.PKey]:
        """Give the keys of the running agent and of ~/.ssh that can be used without asking anybody."""
        with self._lock:
            if self._usual is None:
                files = [_load(path) for name in _USUAL if (path := Path.home() / ".ssh" / name).exists()]
                self._usual = (*_agent(), *(key for key in files if not isinstance(key, SilentError)))
            return self._usual


def _agent() -> Sequence[paramiko.PKey]:
    try:
        return paramiko.Agent().get_keys()
    except (paramiko.SSHException, OSError):  # a socket that nobody listens on any more
        return ()


def _load(path: Path) -> paramiko.PKey | SilentError:
    try:
        return paramiko.PKey.from_path(str(path))
    except OSError as error:
        return SilentError(f"the key file {path} cannot be read: {error.strerror}")
    except (paramiko.PasswordRequiredException, TypeError):  # cryptography's word for a passphrase that is missing
        return SilentError(f"the key file {path} has a passphrase; nobody is there to type it")
    except (paramiko.SSHException, paramiko.pkey.UnknownKeyType, UnsupportedAlgorithm, ValueError):
        return SilentError(f"the key file {path} holds no private key that can be used")
