"""How this room puts rows and numbers into sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMED = 5  # rows that a sentence names; the others it counts
LONGEST = 40  # characters of a cell that a sentence shows
LONGEST_NAME = 200  # and of a column's name: a row that is no header may hold anything


def counted(number: int, noun: str) -> str:
    """Give `1 row` or `4,998 rows`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def rows(numbers: Sequence[int]) -> str:
    """Give `row 17`, `rows 17 and 30`, or `rows 17, 30, 31, 40, 52 and 12 more`."""
    shown = [f"{n:,}" for n in numbers[:NAMED]]
    rest = len(numbers) - len(shown)
    if rest:
        shown.append(f"{rest:,} more")
    return f"row{'' if len(numbers) == 1 else 's'} {listed(shown)}"


def listed(words: Sequence[str], joint: str = "and") -> str:
    """Give `a, b and c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {joint} {words[-1]}" if words else ""


def reason(why: str, header: str, text: str | None = None, article: str = "the") -> str:
    """Say of a cell why it is unknown: with its text, or without it, as everybody may read it."""
    return f"{article} text under {header} {why}" if text is None else f"{shown(text)} {why}"


def shown(text: str, longest: int = LONGEST) -> str:
    """Give a cell's text in quotes, on one line and not too long."""
    plain = "".join(c if c.isprintable() else "?" for c in text)
    return f'"{plain if len(plain) <= longest else plain[: longest - 1] + "…"}"'


def column_name(name: str) -> str:
    """Give a column's name in quotes, whole: whoever looks for it in the export, or writes it down, needs all of it."""
    return shown(name, LONGEST_NAME)
