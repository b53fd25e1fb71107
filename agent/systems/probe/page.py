"""A page's first 64 KiB as text: pure, bounded, and unknown where it is not text."""

from __future__ import annotations

import codecs
import re
import zlib
from typing import TYPE_CHECKING

from agent.model.reading import Unknown
from agent.systems.probe.failures import printable

if TYPE_CHECKING:
    from agent.model.reading import Reading

LIMIT = 64 * 1024  # bytes, compressed or not

_TEXT = re.compile(r"text/|application/(.+\+)?(json|xml|javascript|yaml)$|application/x-www-form-urlencoded$")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([^\s"';]+)""", re.IGNORECASE)
# Codecs that are character sets; Python has others under the same roof, some of them slow on hostile bytes.
_KNOWN = re.compile(
    r"utf-?8|utf-?16([bl]e)?|(us-)?ascii|latin-?1|iso-?8859-\d{1,2}|(windows|cp)-?\d{3,4}|koi8-[ru]|"
    r"shift[_-]jis|euc-(jp|kr)|gb2312|gbk|gb18030|big5"
)
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_PACKED = 47  # zlib's windowBits for "gzip or zlib, whichever it is"


def text_of(content_type: str, packing: str, raw: bytes) -> Reading:
    """Give what a page says, cut after 64 KiB.

    Args:
        content_type: the header, or an empty text, which lets in what is UTF-8.
        packing: the header Content-Encoding, or an empty text.
        raw: the first bytes as they came.
    """
    body = _unpacked(packing.strip().lower(), raw[:LIMIT])
    if isinstance(body, Unknown):
        return body
    media = content_type.partition(";")[0].strip().lower()
    if media and not _TEXT.match(media):
        return Unknown(f"the page is not text but {printable(media)}")
    charset = _charset(content_type, body)
    if isinstance(charset, Unknown):
        return charset
    try:
        # The cut may go through a character, hence no `final`. A page that says it is text may have a bad byte.
        return codecs.getincrementaldecoder(charset)("replace" if media else "strict").decode(body)
    except (LookupError, ValueError):
        return Unknown(f"the page is not text in {charset}")


def _unpacked(packing: str, raw: bytes) -> bytes | Unknown:
    if packing in {"", "identity"}:
        return raw
    if packing not in {"gzip", "x-gzip", "deflate"}:
        return Unknown(f"the page is packed in a way that was not asked for ({printable(packing)})")
    try:
        return zlib.decompressobj(_PACKED).decompress(raw, LIMIT)
    except zlib.error:
        return Unknown("the page's compression cannot be undone")


def _charset(content_type: str, body: bytes) -> str | Unknown:
    marked = next((name for mark, name in _MARKS if body.startswith(mark)), None)
    if marked:
        return marked
    said = _CHARSET.search(content_type)
    if said is None:
        return "utf-8"
    name = said[1].lower()
    return name if _KNOWN.fullmatch(name) else Unknown(f"the page is in an unknown character set ({printable(name)})")
