"""How problems are worded: quoted safely, ended properly, with the nearest valid word where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.errors import Place, Problem
from agent.model.kind import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

LISTED = 12  # words that a sentence names
SHOWN = 60  # characters of a value or a key that a sentence repeats
LONGEST = 300  # characters of a name; a path has to be whole to be of use


def quote(value: object, longest: int = LONGEST) -> str:
    """Give a value as it may stand in a sentence: quoted, on one line, without anything unprintable, not too long."""
    text = repr(value)
    return text if len(text) <= longest else text[: longest - 4] + "..." + text[-1]


def printable(text: str) -> str:
    """Give a file's name with everything unprintable escaped, so that no terminal acts on it."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def worded(key: str, longest: int = SHOWN) -> str:
    """Give a key as it may stand between backquotes: nothing unprintable, and cut where it is too long."""
    text = printable(key)
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def problem(place: Place, sentence: str, word: str = "", words: Iterable[str] = ()) -> Problem:
    """Make a problem of a sentence without its final stop, with the nearest of the valid words behind it."""
    hint = nearest(word, list(words)) if word else ""
    return Problem(place, ended(sentence + hint))


def unknown(place: Place, sentence: str, word: str, words: Iterable[str]) -> Problem:
    """Make a problem of a word that is not there: the nearest of those that are, or all of them where none is near."""
    known = list(words)
    listed = ", ".join(known[:LISTED]) + (f" and {len(known) - LISTED} more" if len(known) > LISTED else "")
    otherwise = f"; there {'is' if len(known) == 1 else 'are'} {listed or 'none'}"
    return Problem(place, ended(sentence + (nearest(word, known) or otherwise)))


def ended(sentence: str) -> str:
    """End a sentence that has no final mark yet."""
    return sentence if sentence.endswith((".", "?", "!")) else sentence + "."
