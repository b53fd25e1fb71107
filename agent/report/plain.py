"""Text from outside, made safe to show: on a terminal, in a mail header, in a line of text.

A resource may be named by whoever plugged it in. Control characters move cursors and split headers; bidirectional
marks make a line read as another one (CVE-2021-42574). They come out visible, and nothing else changes.
"""

from __future__ import annotations

import unicodedata

# Control, format, surrogate, unassigned, line separator, paragraph separator.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"})
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_WIDTHS = ((2, "x"), (4, "u"), (8, "U"))  # hex digits of the escapes that people know
_CUT = "…"


def plain(text: str) -> str:
    r"""Give a text on one line with every control character visible: a newline becomes `\n`, an escape `\x1b`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_visible, text))


def brief(text: str, words: int, characters: int = 80) -> str:
    """Give a text in plain form, cut to so many words and characters; `…` says that it was cut."""
    shown = " ".join(plain(text).split())
    parts = shown.split(" ")
    cut = " ".join(parts[:words])
    if len(cut) > characters:
        cut = cut[: characters - 1].rstrip()
    return shown if cut == shown else cut.rstrip(" .,;:") + _CUT


def clause(text: str, words: int, characters: int = 80) -> str:
    """Give a cut text without its full stop, to stand inside another sentence."""
    return brief(text, words, characters).rstrip(".")


def ended(text: str) -> str:
    """Give a text with a stop behind it. Its first letter stays: a sentence may begin with a name."""
    bare = text.strip()
    return bare if not bare or bare[-1] in ".!?…" else f"{bare}."


def capital(text: str) -> str:
    """Give a phrase of our own with a capital letter."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """Give a phrase of our own (`connection timed out`) as a sentence."""
    return ended(capital(text))


def _visible(character: str) -> str:
    if unicodedata.category(character) == "Zs":
        return " "
    if unicodedata.category(character) not in _INVISIBLE:
        return character
    if character in _SHORT:
        return _SHORT[character]
    code = ord(character)
    width, letter = next((w, name) for w, name in _WIDTHS if code < 16**w)
    return f"\\{letter}{code:0{width}x}"
