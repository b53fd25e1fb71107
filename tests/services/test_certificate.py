"""Certificates as bytes: whatever stands in them is data."""

from __future__ import annotations

import random
from datetime import datetime

import pytest

from agent.model.reading import Unknown
from agent.systems.probe import certificate
from tests.services.authority import NOW, issue

GOOD = issue("x", None, names=("good.example", "*.wild.example", "192.0.2.7", "2001:db8::7", "xn--bcher-kva.example"))


@pytest.mark.parametrize(
    ("name", "matches"),
    [
        ("good.example", True),
        ("good.example.", True),
        ("sub.good.example", False),
        ("good.example.evil.example", False),
        ("wild.example", False),
        ("a.wild.example", True),
        (".wild.example", False),
        ("a.b.wild.example", False),
        ("*.wild.example", True),  # the name itself, star and all
        ("192.0.2.7", True),
        ("192.0.2.8", False),
        ("2001:0db8:0:0::7", True),
        ("2001:db8::7%eth0", True),
        ("bücher.example", True),
        ("BÜCHER.example", True),
        ("", False),
        (".", False),
        ("x" * 5000, False),
        ("good.example\x00", False),
    ],
)
def test_for_whom_it_is(name: str, matches: bool) -> None:
    assert certificate.read(GOOD.der).is_for(name) is matches


@pytest.mark.parametrize(
    "name", ["*", "*.example", "a*.good.example", "*.*.example", "good.example\x00.evil.example", ""]
)
def test_names_that_fit_nobody(name: str) -> None:
    made = certificate.read(issue("x", None, names=("one.example", name)).der)
    assert made.is_for("good.example") is False
    assert made.is_for("one.example") is True


def test_an_address_written_as_a_name_is_a_name() -> None:
    made = certificate.Certificate(NOW, NOW, "", certificate.Names(("192.0.2.7",), ()))
    assert made.is_for("192.0.2.7") is False


def test_a_name_of_control_characters_is_text() -> None:
    made = certificate.read(issue("a\x00b\x1b[2J\u202e", None).der)
    assert isinstance(made.issuer, str)
    assert made.issuer.startswith("CN=a")


@pytest.mark.parametrize("data", [b"", b"\x00", b"0" * 65536, b"\x30\x84\xff\xff\xff\xff", GOOD.der[:-9]])
def test_what_is_no_certificate_is_unknown(data: bytes) -> None:
    made = certificate.read(data)
    assert isinstance(made.expires, Unknown)
    assert isinstance(made.is_for("good.example"), Unknown)
    assert made.out_of_date(NOW) is False


@pytest.mark.parametrize("seed", range(300))
def test_bytes_that_were_changed_on_the_way(seed: int) -> None:
    noise = random.Random(seed)  # ruff: ignore[suspicious-non-cryptographic-random-usage]  the same noise each time
    data = bytearray(GOOD.der)
    for _ in range(noise.randrange(1, 6)):
        data[noise.randrange(len(data))] = noise.randrange(256)
    made = certificate.read(bytes(data))
    assert isinstance(made.begins, (datetime, Unknown))
    assert isinstance(made.expires, (datetime, Unknown))
    assert isinstance(made.issuer, (str, Unknown))
    fits = made.is_for("good.example")
    assert fits is made.names if isinstance(made.names, Unknown) else isinstance(fits, bool)
    known = isinstance(made.begins, datetime) and isinstance(made.expires, datetime)
    assert made.out_of_date(NOW) in ({True, False} if known else {False})
