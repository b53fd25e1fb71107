"""The file of trusted host keys, in OpenSSH's own format: read once a sweep, written only by `hosts trust`.

Format: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT". A certificate authority's line (`@cert-authority`) is left alone.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import tempfile
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from agent.errors import UnseenError
from agent.systems.host.connection import SSH_PORT

if TYPE_CHECKING:
    from collections.abc import Iterable

_REVOKED = "@revoked"
_HASHED = "|1|"
_WORDS = 3  # names, type, key; a comment may follow


@dataclass(frozen=True, slots=True)
class HostKey:
    """A public host key: its type as known_hosts names it, and its bytes."""

    type: str
    blob: bytes

    @property
    def fingerprint(self) -> str:
        """Give what `ssh-keygen -l` shows: SHA256:..."""
        digest = base64.b64encode(hashlib.sha256(self.blob).digest()).decode("ascii")
        return f"SHA256:{digest.rstrip('=')}"

    def __str__(self) -> str:
        """Give the type and the fingerprint."""
        return f"{self.type} {self.fingerprint}"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file. A comment or a line that cannot be read has no key, and stays as it is."""

    text: str
    names: str = ""
    key: HostKey | None = None
    marker: str = ""

    def is_for(self, name: str) -> bool:
        """Say whether the line speaks of a host, under exactly this name."""
        if self.names.startswith(_HASHED):
            return _hash_matches(self.names, name)
        patterns = self.names.lower().split(",")
        # fnmatch would take brackets for a set of characters; known_hosts takes them as they are, as in [host]:2222.
        taken = [p for p in patterns if fnmatchcase(name.lower(), p.removeprefix("!").replace("[", "[[]"))]
        return bool(taken) and not any(p.startswith("!") for p in taken)

    def without(self, name: str) -> Line | None:
        """Give the line as it speaks of the other hosts only, or None where it speaks of no other."""
        if self.key is None or self.marker or not self.is_for(name):
            return self
        names = [] if self.names.startswith(_HASHED) else self.names.split(",")
        others = [other for other in names if other.lower() != name.lower()]
        if not others:
            return None
        left = self._named(",".join(others))
        # Where a pattern still takes the name in, it is told to leave it out.
        return self._named(f"{left.names},!{name}") if left.is_for(name) else left

    def _named(self, names: str) -> Line:
        return replace(self, names=names, text=self.text.replace(self.names, names, 1))


@dataclass(frozen=True, slots=True)
class KnownHosts:
    """The file as it was when the sweep began."""

    lines: tuple[Line, ...]

    def keys(self, name: str) -> tuple[HostKey, ...]:
        """Give the keys that are trusted for a host."""
        revoked = self.revoked(name)
        found = [line.key for line in self.lines if line.key and not line.marker and line.is_for(name)]
        return tuple(key for key in dict.fromkeys(found) if key not in revoked)

    def revoked(self, name: str) -> frozenset[HostKey]:
        """Give the keys that must never be accepted for a host."""
        return frozenset(x.key for x in self.lines if x.key and x.marker == _REVOKED and x.is_for(name))


def host_name(host: str, port: int) -> str:
    """Give the name that OpenSSH files a host under: `host`, or `[host]:port` for another port than 22."""
    return host.lower() if port == SSH_PORT else f"[{host.lower()}]:{port}"


def read(path: Path) -> KnownHosts:
    """Read the file; one that is not there knows nobody.

    Raises:
        UnseenError: the file is there and cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
    except FileNotFoundError:
        return KnownHosts(())
    except OSError as error:
        msg = f"The known host keys in {path} cannot be read: {error.strerror}. Give the account that runs this access."
        raise UnseenError(msg) from error
    return KnownHosts(tuple(map(_parse, text.splitlines())))


def write(path: Path, lines: Iterable[Line]) -> None:
    """Put a new file in place of the old one at once, readable by its owner alone.

    Raises:
        UnseenError: it cannot be written.
    """
    content = "".join(f"{line.text}\n" for line in lines)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # made with mode 0600
    except OSError as error:
        msg = f"The known host keys in {path} cannot be written: {error.strerror}."
        raise UnseenError(msg) from error
    _replace(handle, Path(name), path, content)


def _replace(handle: int, temporary: Path, path: Path, content: str) -> None:
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        msg = f"The known host keys in {path} cannot be written: {error.strerror}."
        raise UnseenError(msg) from error


def line(name: str, key: HostKey) -> Line:
    """Make the line that trusts a key for a host."""
    return Line(f"{name} {key.type} {base64.b64encode(key.blob).decode('ascii')}", name, key)


def _parse(text: str) -> Line:
    words = text.split()
    marker = words.pop(0) if words and words[0].startswith("@") else ""
    if len(words) < _WORDS or words[0].startswith("#"):
        return Line(text)
    try:
        blob = base64.b64decode(words[2], validate=True)
    except (binascii.Error, ValueError):
        return Line(text)
    return Line(text, words[0], HostKey(words[1], blob), marker)


def _hash_matches(hashed: str, name: str) -> bool:
    salt, _, digest = hashed.removeprefix(_HASHED).partition("|")
    try:
        wanted = base64.b64decode(digest)
        made = hmac.new(base64.b64decode(salt), name.lower().encode("utf-8"), hashlib.sha1).digest()
    except (binascii.Error, ValueError):
        return False
    return hmac.compare_digest(made, wanted)
