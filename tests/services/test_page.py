"""The bytes of a page as text."""

from __future__ import annotations

import gzip
import random
import zlib
from typing import TYPE_CHECKING

import pytest

from agent.model.reading import Unknown
from agent.systems.probe.page import LIMIT, text_of

if TYPE_CHECKING:
    from agent.model.reading import Reading


@pytest.mark.parametrize(
    ("kind", "raw", "text"),
    [
        ("text/html", "é".encode(), "é"),
        ("text/html; charset=ISO-8859-1", b"\xe9", "é"),
        ('text/html; charset="windows-1252"', b"\x80", "€"),
        ("text/html;CHARSET = utf-16le ;x=y", "é".encode("utf-16le"), "é"),
        ("text/plain; charset=us-ascii", b"a\xff", "a\ufffd"),
        ("text/plain; charset=latin-1", b"\xef\xbb\xbf\xc3\xa9", "é"),  # a mark at the beginning is stronger
        ("text/plain", b"\xff\xfeh\x00i\x00", "hi"),
        ("text/plain; charset=shift_jis", "日".encode("shift_jis"), "日"),
        ("application/json", b"{}", "{}"),
        ("application/problem+json; charset=utf-8", b"{}", "{}"),
        ("application/xhtml+xml", b"<p/>", "<p/>"),
        ("", b"plain", "plain"),
        ("TEXT/HTML", b"", ""),
        ("text/plain", b"\xff" * 3, "\ufffd" * 3),
    ],
)
def test_text(kind: str, raw: bytes, text: str) -> None:
    assert text_of(kind, "", raw) == text


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("image/png", b"x"),
        ("application/octet-stream", b"x"),
        ("application/jsonish", b"x"),
        ("", b"\xff\x00"),
        ("text/plain; charset=utf-99", b"x"),
        ("text/plain; charset=base64", b"eA=="),
        ("text/plain; charset=rot13", b"x"),
        ("text/plain; charset=punycode", b"x" * 60_000 + b"-99"),
        ("text/plain; charset=idna", b"x"),
        ("text/plain; charset=unicode_escape", b"\\x41"),
        ("text/plain; charset=../../etc/passwd", b"x"),
        ("text/plain; charset=cp9999", b"x"),
        ("text/plain; charset=" + "u" * 99_999, b"x"),
    ],
)
def test_what_is_not_text_is_unknown(kind: str, raw: bytes) -> None:
    reading = text_of(kind, "", raw)
    assert isinstance(reading, Unknown)
    assert len(reading.why) < 300


def test_packed_pages() -> None:
    text = b"hello" * 9
    assert text_of("text/plain", "GZIP", gzip.compress(text)) == "hello" * 9
    assert text_of("text/plain", "deflate", zlib.compress(text)) == "hello" * 9
    cut = text_of("text/plain", "gzip", gzip.compress(text)[:20])
    assert isinstance(cut, str)
    assert ("hello" * 9).startswith(cut)
    assert isinstance(text_of("text/plain", "gzip", b"no"), Unknown)
    assert isinstance(text_of("text/plain", "br", b"no"), Unknown)


def test_it_is_bounded() -> None:
    assert len(str(text_of("text/plain", "", b"x" * (LIMIT + 99)))) == LIMIT
    assert len(str(text_of("text/plain", "gzip", gzip.compress(b"x" * 10_000_000)))) == LIMIT


@pytest.mark.parametrize("seed", range(100))
def test_noise(seed: int) -> None:
    noise = random.Random(seed)  # ruff: ignore[suspicious-non-cryptographic-random-usage]  the same noise each time
    kind = noise.choice([
        "text/html",
        "",
        "text/x; charset=utf-16",
        "text/x; charset=gb18030",
        "text/x; charset=euc-jp",
    ])
    raw = noise.randbytes(noise.randrange(2000))
    _bounded(text_of(kind, noise.choice(["", "gzip", "deflate"]), raw))
    header = noise.randbytes(60).decode("latin-1")
    for packing in (header, ""):
        _bounded(text_of(header, packing, noise.randbytes(99)))


def _bounded(reading: Reading) -> None:
    """Text that is not too long, or a reason on one short line: nothing else comes of a page."""
    if isinstance(reading, Unknown):
        assert reading.why.isprintable()
        assert 0 < len(reading.why) < 300
    else:
        assert isinstance(reading, str)
        assert len(reading) <= LIMIT
