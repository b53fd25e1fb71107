"""`python tests/crash/launcher.py daemon ...`: the daemon, which dies at one of its journal's points.

`CRASH_AT` is the number of a transaction that writes to the ledger, counted from the start of the process, and
`CRASH_SIDE` says whether the process dies before it is committed or after. What dies is the real thing: SIGKILL.
"""

from __future__ import annotations

import atexit
import os
import signal
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from agent.__main__ import main
from agent.ledger.database import Database

if TYPE_CHECKING:
    from collections.abc import Generator

    from sqlalchemy import Connection

_committed = Database.writing
_point, _before = int(os.environ["CRASH_AT"]), os.environ["CRASH_SIDE"] == "before"
_counted: list[int] = []
_mine = os.getpid()  # what is forked from here inherits what is done at exit


@contextmanager
def _writing(self: Database) -> Generator[Connection]:
    with _committed(self) as connection:
        yield connection  # ruff: ignore[fallible-context-manager] - what fails is rolled back, and counts for nothing
        _counted.append(1)
        if len(_counted) == _point and _before:
            os.kill(os.getpid(), signal.SIGKILL)
    if len(_counted) == _point:
        os.kill(os.getpid(), signal.SIGKILL)


def _told() -> None:
    """Say how many there were, where somebody asks."""
    if os.getpid() == _mine and (where := os.environ.get("CRASH_POINTS")):
        Path(where).write_text(str(len(_counted)), encoding="ascii")


Database.writing = _writing  # type: ignore[method-assign,assignment]
atexit.register(_told)
main()
