"""Errors that a person can act on: each is a sentence with what, where and what to do.

DriftbellError
├── InputError      the policies, settings or arguments are wrong     exit 2
├── UnseenError     something outside could not be reached or read    exit 3
└── HeldError       a guard stopped a change                          exit 4

Anything else that reaches the command line is a bug (exit 70).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands in a file; line and column count from 1, and 0 means the file as a whole."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """Give `file:line:col`, or the file alone when no line is known."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong in the input, and where."""

    place: Place
    sentence: str

    def __str__(self) -> str:
        """Give `file:line:col: sentence`."""
        return f"{self.place}: {self.sentence}"


class DriftbellError(Exception):
    """The root of all expected errors."""

    exit_code: ClassVar[int] = 70


class InputError(DriftbellError):
    """The input is wrong. Carries every problem found, not only the first."""

    exit_code = 2

    def __init__(self, problems: Iterable[Problem] | str) -> None:
        """Take a sentence, or the problems of one or more files."""
        self.problems: tuple[Problem, ...] = () if isinstance(problems, str) else tuple(sorted(set(problems)))
        super().__init__(problems if isinstance(problems, str) else "\n".join(map(str, self.problems)))


class UnseenError(DriftbellError):
    """Something outside (a git server, a file, a database) could not be reached or read."""

    exit_code = 3


class HeldError(DriftbellError):
    """A guard stopped a change before it began."""

    exit_code = 4
