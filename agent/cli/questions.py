"""Questions to the person at the terminal; where nobody can be asked, what was not given has its default."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import available_timezones

import typer

from agent.cli.output import note
from agent.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Answer = TypeVar("Answer")
UNMISTAKABLE = "America/Chicago"  # offered where the machine does not tell its own zone


@dataclass(frozen=True, slots=True)
class Clerk:
    """Takes answers: the given ones, or what a person says; each is checked the same."""

    asking: bool

    def text(self, given: str | None, question: str, default: str, check: Callable[[str], str]) -> str:
        """Take a text.

        Raises:
            InputError: it was given, and it is wrong. At a terminal it is asked for again.
        """
        if given is not None or not self.asking:
            return check(default if given is None else given)
        return _until_right(question, default, check)

    def several(
        self, given: Sequence[str] | None, question: str, check: Callable[[Sequence[str]], tuple[Answer, ...]]
    ) -> tuple[Answer, ...]:
        """Take any number of texts; a person writes them with commas between.

        Raises:
            InputError: they were given, and are wrong. At a terminal they are asked for again.
        """
        if given or not self.asking:
            return check(tuple(given or ()))
        return _until_right(question, "", lambda said: check(said.split(",")))

    def agrees(self, question: str, *, given: bool | None, default: bool) -> bool:
        """Take a yes or a no."""
        if given is not None or not self.asking:
            return default if given is None else given
        return typer.confirm(question, default=default)


def _until_right(question: str, default: str, check: Callable[[str], Answer]) -> Answer:
    while True:
        said = typer.prompt(question, default=default, show_default=bool(default))
        try:
            return check(said)
        except InputError as error:
            note(str(error))


def machine_zone() -> str:
    """Give this machine's time zone by its name, or one to start from where the machine does not tell."""
    told = [os.environ.get("TZ", "").removeprefix(":"), _first_line(Path("/etc/timezone"))]
    told.append(str(Path("/etc/localtime").resolve()).partition("zoneinfo/")[2])
    zones = available_timezones()
    return next((zone for zone in told if zone in zones), UNMISTAKABLE)


def _first_line(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError):
        return ""
