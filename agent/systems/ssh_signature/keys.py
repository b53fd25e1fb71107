"""SSH public keys as lines of a .pub file, and their fingerprints as `ssh-keygen -l` shows them."""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from binascii import Error


def bare(line: str) -> str:
    """Give a key without its comment."""
    return " ".join(line.split()[:2])


def fingerprint(line: str) -> str:
    """Give `SHA256:...` of a key; an empty text where the line holds none."""
    words = line.split()
    try:
        blob = b64decode(words[1], validate=True)
    except (IndexError, Error):
        return ""
    return "SHA256:" + b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
