"""Progress at a terminal: a line for each system that is being looked at, with its time, gone when all is said.

It goes to the standard error, so that neither a pipe nor `--json` ever sees it. Where that is no terminal nothing is
shown, or a plain line for each system with `--verbose`.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from agent.cli.output import note

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from rich.progress import TaskID


@contextmanager
def shown(*, verbose: bool = False) -> Generator[Callable[[str], None]]:
    """Give what to call with each thing that begins to be looked at, and show it for as long as this lasts."""
    if sys.stderr.isatty():
        with _lines() as begin:
            yield begin
    else:
        yield _plain if verbose else _silent


def _plain(what: str) -> None:
    note(f"Looking at {what} ...")


def _silent(_what: str) -> None:
    """Show nothing."""


@contextmanager
def _lines() -> Generator[Callable[[str], None]]:
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(finished_text=" "), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        current: list[TaskID] = []

        def begin(what: str) -> None:
            while current:  # a look begins when the one before it has ended
                bars.update(current.pop(), total=1, completed=1)
            current.append(bars.add_task(what, total=None))

        yield begin
