"""Secrets: a type that masks itself, a scrubber that takes known secrets out of text, and which names tell of one.

Nothing here stores a secret. Settings name one by reference (`env:NAME`, `file:/path`); it is read when it
is used.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

MASK = "********"
SHORTEST = 4  # Shorter secrets would blank out ordinary words wherever they are scrubbed.

_SAYS_SECRET = re.compile(
    r"passw(or)?d|passphrase|secret|token|credential|private_?key|api_?key|(^|_)(pass|pwd|key)s?$", re.IGNORECASE
)
_ABOUT_ONE = re.compile(  # what tells of a secret without being one
    r"_(file|path|dir|name|id|type|user|owner|group|mode|length|url|host|port|algorithms?)$|^driftbell_", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A value whose `str` and `repr` are a mask; `reveal` is the one way to it."""

    value: str

    def reveal(self) -> str:
        """Give the value itself, for the call that needs it."""
        return self.value

    def __str__(self) -> str:
        """Give the mask."""
        return MASK

    def __repr__(self) -> str:
        """Give the mask."""
        return f"Secret({MASK})"


def read_secret(reference: str) -> Secret:
    """Read the secret that `env:NAME` or `file:/path` names.

    Raises:
        InputError: the reference has another form, or nothing is there.
    """
    scheme, _, name = reference.partition(":")
    if scheme == "env" and name:
        value = os.environ.get(name)
        if not value:
            msg = f"The secret {reference} is not there: set the environment variable {name}."
            raise InputError(msg)
        return Secret(value)
    if scheme == "file" and name:
        try:
            return Secret(Path(name).read_text(encoding="utf-8").rstrip("\n"))
        except (OSError, UnicodeDecodeError) as error:
            msg = f"The secret {reference} cannot be read: {getattr(error, 'strerror', None) or 'not text'}."
            raise InputError(msg) from error
    msg = f"A secret is named as env:NAME or file:/path, not as {reference!r}."
    raise InputError(msg)


def says_secret(name: str) -> bool:
    """Say whether a variable's name tells that its value is a secret, as `db_password` does."""
    return bool(_SAYS_SECRET.search(name)) and not _ABOUT_ONE.search(name)


def scrub(text: str, secrets: Iterable[Secret]) -> str:
    """Replace every known secret in a text by the mask."""
    for secret in secrets:
        if len(secret.value) >= SHORTEST:
            text = text.replace(secret.value, MASK)
    return text
