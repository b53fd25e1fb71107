"""Verify Ed25519 signatures with Python's own library. Written after RFC 8032, sections 5.1.3 and 5.1.7.

It is for verifying alone, where nothing is secret: it takes as long as it takes.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Point = tuple[int, int, int, int]

SIZE = 32  # bytes of a point and of a number
P = 2**255 - 19  # the field
L = 2**252 + 27742317777372353535851937790883648493  # the order of the base point
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)  # a square root of -1
IDENTITY = (0, 1, 1, 0)


def _add(one: Point, other: Point) -> Point:
    """Add two points of the curve in extended coordinates (section 5.1.4)."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * one[3] * other[3] * D % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def _times(number: int, point: Point) -> Point:
    found = IDENTITY
    while number:
        if number & 1:
            found = _add(found, point)
        point = _add(point, point)
        number >>= 1
    return found


def _same(one: Point, other: Point) -> bool:
    x = (one[0] * other[2] - other[0] * one[2]) % P
    y = (one[1] * other[2] - other[1] * one[2]) % P
    return x == 0 and y == 0


def _point(written: bytes) -> Point | None:
    """Give the point that 32 bytes stand for, or None."""
    number = int.from_bytes(written, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    if len(written) != SIZE or y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P)


BASE = _point((4 * pow(5, P - 2, P) % P).to_bytes(SIZE, "little"))


def verified(public: bytes, signature: bytes, message: bytes) -> bool:
    """Say whether a signature of 64 bytes over a message was made with the key that a public key of 32 belongs to."""
    if len(signature) != 2 * SIZE:
        return False
    key, half = _point(public), _point(signature[:SIZE])
    scalar = int.from_bytes(signature[SIZE:], "little")
    if BASE is None or key is None or half is None or scalar >= L:
        return False
    asked = hashlib.sha512(signature[:SIZE] + public + message).digest()
    challenge = int.from_bytes(asked, "little") % L
    return _same(_times(scalar, BASE), _add(half, _times(challenge, key)))
