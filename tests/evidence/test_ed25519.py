"""Our own Ed25519, against the vectors of RFC 8032, section 7.1, and against another implementation."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.decide.evidence.ed25519 import IDENTITY, L, P, _point, verified

# public key, message, signature: facts of RFC 8032, section 7.1, tests 1 to 3 and SHA(abc)
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ),
]


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_the_vectors_of_the_standard_hold_and_no_bit_of_them_may_change(
    public: str, message: str, signature: str
) -> None:
    key, said, signed = bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature)
    assert verified(key, signed, said)
    for place in (0, 31, 32, 63):
        other = bytearray(signed)
        other[place] ^= 1
        assert not verified(key, bytes(other), said)
    assert not verified(key, signed, said + b"x")
    assert not verified(bytes([key[0] ^ 1]) + key[1:], signed, said)


@given(st.binary(max_size=200), st.binary(min_size=32, max_size=32))
@settings(max_examples=30, deadline=None)
def test_it_agrees_with_another_implementation(message: bytes, seed: bytes) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert verified(public, signature, message)
    assert not verified(public, signature, message + b"\0")
    assert not verified(public, signature[:32] + bytes(32), message)


def test_what_is_no_key_or_no_signature_is_refused() -> None:
    public, _, signature = (bytes.fromhex(v) for v in VECTORS[0])
    assert not verified(b"", signature, b"")
    assert not verified(public, b"", b"")
    assert not verified(public[:31], signature, b"")
    assert not verified((P + 1).to_bytes(32, "little"), signature, b"")  # 1, written in a second way
    assert not verified(bytes(31) + b"\x80", signature, b"")
    assert _point((P + 1).to_bytes(32, "little")) is None
    assert _point((1 + (1 << 255)).to_bytes(32, "little")) is None  # minus zero
    assert _point((1).to_bytes(32, "little")) == IDENTITY
    # The same signature with the order added: malleable, and therefore refused (section 5.1.7).
    scalar = int.from_bytes(signature[32:], "little")
    assert not verified(public, signature[:32] + (scalar + L).to_bytes(32, "little"), b"")
