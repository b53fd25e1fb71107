"""Lines that fit a terminal: broken between words, below their own indentation."""

from __future__ import annotations

import textwrap


def fitted(text: str, width: int, deeper: int = 2) -> list[str]:
    """Give a line as several where it is too long; what follows stands `deeper` columns further in."""
    if len(text) <= width:
        return [text]
    bare = text.lstrip(" ")
    indent = " " * (len(text) - len(bare))
    below = indent + " " * deeper
    return textwrap.wrap(bare, width, initial_indent=indent, subsequent_indent=below, break_on_hyphens=False) or [""]
