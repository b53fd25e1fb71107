"""What a file is made of: its encoding, its digest, and whether it is text at all. One pass over the bytes."""

from __future__ import annotations

import codecs
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Callable

CHUNK = 1 << 20
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
NOT_TEXT = (
    (b"PK\x03\x04", "is a workbook or an archive, not text; export it as CSV"),
    (b"\xd0\xcf\x11\xe0", "is an old Excel workbook, not text; export it as CSV"),
    (b"%PDF", "is a PDF, not text; export it as CSV"),
    (b"\x1f\x8b", "is compressed (gzip); unpack it first"),
)
ENCODINGS = re.compile(r"utf-8(-sig)?|utf-16(-[bl]e)?|ascii|cp\d+|iso8859-\d+|mac-\w+|big5|gb\w+|shift_jis|euc_\w+")
PAGE = (b"<!doctype html", b"<html")
ZEROS = "is not text: it holds zero bytes; export it as CSV in UTF-8, or name its `encoding` in inventory/systems.yaml"
CUT = "in the middle of a character"
LONGEST = 16 * CHUNK  # bytes of one line; a list has none as long, and a line is held in memory whole


class UnreadableError(Exception):
    """A file shows nothing at all; the text is a clause that follows its name.

    `columns` are the headers of a file that lacks the one that names its rows. Without a header they are what
    stands in its first row, perhaps somebody's name: only who imports the file is shown them.
    """

    def __init__(self, said: str, columns: tuple[str, ...] = ()) -> None:
        """Take the clause, and the headers there are."""
        super().__init__(said)
        self.columns = columns


@dataclass(frozen=True, slots=True)
class Content:
    """What a file is made of.

    Attributes:
        codec: what Python calls its encoding; `encoding` is what people call it.
        digest: the sha256 of its bytes, in hex.
        ended: whether its last line has an end.
        cut: where it breaks off, when its bytes already show that it does.
        guessed: whether it says nothing of its encoding and is not UTF-8 throughout.
    """

    codec: str
    encoding: str
    size: int
    digest: str
    ended: bool
    cut: str = ""
    guessed: bool = False


def examine(opened: Callable[[], BinaryIO], named: str = "") -> Content:
    """Read a file once and say what it is made of.

    Args:
        opened: opens the file at its beginning.
        named: the encoding where it is known beforehand.

    Raises:
        UnreadableError: it is empty, is not text, or `named` is no encoding.
    """
    with opened() as file:
        head = file.read(CHUNK)
        _refuse(head)
        codec, encoding = _named(named, head) if named else _marked(head)
        scan = _Scan(wide=codec.startswith("utf-16"))
        while head:
            scan.take(head)
            head = file.read(CHUNK)
    if scan.zero and not scan.wide:
        raise UnreadableError(ZEROS)
    guessed = not codec and not scan.utf8
    if not codec:
        codec, encoding = ("utf-8", "UTF-8") if scan.mostly_utf8 else ("cp1252", "Windows-1252")
    cut = CUT if (scan.open and codec.startswith("utf-8")) or (scan.wide and scan.size % 2) else ""
    return Content(codec, encoding, scan.size, scan.digest.hexdigest(), scan.ended, cut, guessed)


def _refuse(head: bytes) -> None:
    if not head.strip():
        msg = "is empty"
        raise UnreadableError(msg)
    for magic, said in NOT_TEXT:
        if head.startswith(magic):
            raise UnreadableError(said)
    if head.lstrip()[:20].lower().startswith(PAGE):
        msg = "is a web page, not an export; the download may have needed a login"
        raise UnreadableError(msg)


def _marked(head: bytes) -> tuple[str, str]:
    return next(((codec, said) for mark, codec, said in BOMS if head.startswith(mark)), ("", ""))


def _named(name: str, head: bytes) -> tuple[str, str]:
    try:
        codec = codecs.lookup(name).name
    except (LookupError, ValueError):
        codec = ""
    if not ENCODINGS.fullmatch(codec):
        msg = f"cannot be read: there is no encoding {name!r}; write utf-8, utf-16 or windows-1252"
        raise UnreadableError(msg)
    if codec == "utf-16" and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        msg = "does not say in which order its bytes are; write utf-16-le or utf-16-be"
        raise UnreadableError(msg)
    return ("utf-8-sig" if codec == "utf-8" else codec), name


class _Scan:
    """The state of the one pass."""

    def __init__(self, *, wide: bool) -> None:
        self.wide, self.size, self.utf8, self.zero = wide, 0, True, False
        self.digest = hashlib.sha256()
        self._strict = codecs.getincrementaldecoder("utf-8")()
        self._lenient = codecs.getincrementaldecoder("utf-8")("replace")
        self._good = self._bad = self._unbroken = 0
        self._last = b""

    def take(self, chunk: bytes) -> None:
        self.size += len(chunk)
        self.digest.update(chunk)
        self._last = (self._last + chunk)[-4:]
        self.zero = self.zero or b"\0" in chunk
        self._unbroken = 0 if b"\n" in chunk or b"\r" in chunk else self._unbroken + len(chunk)
        if self._unbroken > LONGEST:
            msg = "is no list: one of its lines does not end"
            raise UnreadableError(msg)
        if not self.wide:
            self._try(chunk)

    def _try(self, chunk: bytes) -> None:
        """Decode as UTF-8, strictly, and see how much of what is not ASCII is characters."""
        if chunk.isascii() and not self._strict.getstate()[0]:
            return
        text = self._lenient.decode(chunk)
        spoiled = text.count("\ufffd")
        self._bad += spoiled
        self._good += len(text) - len(text.encode("ascii", "ignore")) - spoiled
        if self.utf8:
            try:
                self._strict.decode(chunk)
            except UnicodeDecodeError:
                self.utf8 = False

    @property
    def mostly_utf8(self) -> bool:
        """Whether it is UTF-8, or UTF-8 with some bytes spoiled: in Windows-1252 hardly two letters look like it."""
        return self.utf8 or self._good > self._bad

    @property
    def open(self) -> bool:
        """Whether the bytes end within a character of UTF-8."""
        return self.utf8 and bool(self._strict.getstate()[0])

    @property
    def ended(self) -> bool:
        return self._last.rstrip(b"\0")[-1:] in {b"\n", b"\r"}
