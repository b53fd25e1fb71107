"""Values that an inventory encrypts, read so that no text may show them.

Ansible decrypts them by itself where it uses them; here they are only needed to be recognised. The format is that of
`$ANSIBLE_VAULT;1.1;AES256` and 1.2: https://docs.ansible.com/ansible-core/2.19/vault_guide/vault_using_encrypted_content.html
"""

from __future__ import annotations

import hashlib
import hmac
from binascii import Error, unhexlify
from collections.abc import Mapping
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADER = "$ANSIBLE_VAULT;1."
_ROUNDS, _KEY, _BLOCK = 10_000, 32, 16


def decrypted(values: object, password: bytes) -> set[str]:
    """Give the plain texts of all encrypted values at any depth; what this password does not open is passed over."""
    return {text for text in (_open(envelope, password) for envelope in set(_envelopes(values))) if text}


def _envelopes(values: object) -> Iterator[str]:
    if isinstance(values, str) and values.startswith(_HEADER):
        yield values
    elif isinstance(values, Mapping):
        for value in values.values():
            yield from _envelopes(value)
    elif isinstance(values, list | tuple):
        for value in values:
            yield from _envelopes(value)


def _open(envelope: str, password: bytes) -> str:
    try:
        salt, seal, sealed = (unhexlify(part) for part in unhexlify("".join(envelope.split()[1:])).split(b"\n"))
    except (Error, ValueError):
        return ""
    keys = hashlib.pbkdf2_hmac("sha256", password, salt, _ROUNDS, 2 * _KEY + _BLOCK)
    key, seal_key, counter = keys[:_KEY], keys[_KEY : 2 * _KEY], keys[2 * _KEY :]
    if not hmac.compare_digest(seal, hmac.digest(seal_key, sealed, "sha256")):
        return ""
    plain = Cipher(algorithms.AES(key), modes.CTR(counter)).decryptor().update(sealed)
    return plain[: -plain[-1]].decode(errors="replace") if plain else ""
