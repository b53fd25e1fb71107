"""The key that seals: made at first use, in a file that its owner alone can read."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent.decide.evidence.chain import digest
from agent.errors import InputError, UnseenError

if TYPE_CHECKING:
    from pathlib import Path

PRIVATE, OTHERS = 0o600, 0o077
LONGEST = 10_000  # bytes of a file that can be a key


@dataclass(frozen=True, slots=True)
class Key:
    """A key that signs. `name` is the sha256 of the public one."""

    _held: Ed25519PrivateKey

    @property
    def public(self) -> bytes:
        """Give the public key, 32 bytes."""
        return self._held.public_key().public_bytes_raw()

    @property
    def name(self) -> str:
        """Give what seals call it."""
        return digest(self.public)

    def sign(self, message: bytes) -> str:
        """Sign, as hex."""
        return self._held.sign(message).hex()


def kept(file: Path) -> Key:
    """Read a key.

    Raises:
        InputError: it is none, or others may read it.
        UnseenError: it cannot be read.
    """
    try:
        with file.open("rb") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            written = opened.read(LONGEST)
    except OSError as error:
        msg = f"The key of the evidence, {file}, cannot be read: {error.strerror}."
        raise UnseenError(msg) from error
    if mode & OTHERS:
        msg = (
            f"{file} seals the evidence and others may read it (mode {mode & 0o777:04o}), so it is not used. "
            f"`chmod 600 {file}`; then, if somebody may have copied it, `driftbell evidence key --new` makes another."
        )
        raise InputError(msg)
    try:
        read = serialization.load_pem_private_key(written, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        read = None
    if not isinstance(read, Ed25519PrivateKey):
        msg = f"{file} is no Ed25519 key in PEM. Put the key back from a backup, or move the file away for a new one."
        raise InputError(msg)
    return Key(read)


def made(file: Path) -> Key:
    """Make a key and keep it.

    Raises:
        UnseenError: it cannot be kept.
    """
    fresh = Ed25519PrivateKey.generate()
    written = fresh.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    part = file.with_name(f"{file.name}.part")
    try:
        _write(part, written)
    except OSError as error:
        msg = f"The key of the evidence, {file}, cannot be made: {error.strerror}."
        raise UnseenError(msg) from error
    put_in_place(part, file)
    return Key(fresh)


def _write(file: Path, written: bytes) -> None:
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(written)
        opened.flush()
        os.fsync(opened.fileno())


def put_in_place(part: Path, file: Path) -> None:
    """Give a key its name, so that it outlives a power cut.

    Raises:
        UnseenError: that is not possible.
    """
    try:
        part.replace(file)
        _settle(file.parent)
    except OSError as error:
        msg = f"The key of the evidence, {file}, cannot be put in place: {error.strerror}."
        raise UnseenError(msg) from error


def _settle(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
