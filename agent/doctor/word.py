"""What a check says, and how a list of checks is carried out: side by side, each in bounded time."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

PATIENCE = 30.0  # seconds for one check; a mail server that accepts and stays silent takes its whole time
SHOWN = 3  # so many names stand in a sentence


class State(StrEnum):
    """How a thing stands."""

    OK = "ok"
    LOOK = "look_here"
    BROKEN = "broken"
    UNKNOWN = "could_not_tell"

    @property
    def words(self) -> str:
        """Give it as a person reads it."""
        return self.value.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Word:
    """What was found of one thing, as a sentence, and exactly how to mend it where it wants mending."""

    about: str
    state: State
    said: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at."""

    about: str
    ask: Callable[[], Sequence[Word]]


def ok(about: str, said: str) -> list[Word]:
    """Give the word that a thing is as it should be."""
    return [Word(about, State.OK, said)]


def look(about: str, said: str, mend: str) -> list[Word]:
    """Give the word that a thing works, and deserves a look."""
    return [Word(about, State.LOOK, said, mend)]


def broken(about: str, said: str, mend: str) -> list[Word]:
    """Give the word that a thing does not work."""
    return [Word(about, State.BROKEN, said, mend)]


def unknown(about: str, said: str, mend: str = "") -> list[Word]:
    """Give the word that a thing could not be looked at."""
    return [Word(about, State.UNKNOWN, said, mend)]


def some(names: Iterable[object]) -> str:
    """Give the first few of some names, and how many there are beside them."""
    listed = list(map(str, names))
    more = f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    return ", ".join(listed[:SHOWN]) + more


def examine(checks: Sequence[Check], patience: float = PATIENCE) -> list[Word]:
    """Carry out every check and give what all of them say, in their order.

    They run side by side, so all together take no longer than the patience for one. One that fails or is late is
    a word, too; its thread is left behind and does not keep the program from ending.
    """
    said: dict[int, Sequence[Word]] = {}
    threads = [threading.Thread(target=_ask, args=(c, n, said), daemon=True) for n, c in enumerate(checks)]
    for thread in threads:
        thread.start()
    end = time.monotonic() + patience
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    late = {n: unknown(c.about, f"No answer within {patience:g} seconds.") for n, c in enumerate(checks)}
    return [word for n in range(len(checks)) for word in said.get(n, late[n])]


def _ask(check: Check, number: int, said: dict[int, Sequence[Word]]) -> None:
    try:
        said[number] = check.ask()
    except Exception as error:  # ruff: ignore[blind-except] - one check that fails must not hide the others
        what = " ".join(str(error).split()) or type(error).__name__
        said[number] = unknown(check.about, f"Looking failed: {what.rstrip('.')}.")


def exit_code(words: Sequence[Word]) -> int:
    """Give 3 where something could not be told, 1 where something is to be mended, else 0."""
    states = {w.state for w in words}
    if State.UNKNOWN in states:
        return 3
    return 1 if states & {State.LOOK, State.BROKEN} else 0
