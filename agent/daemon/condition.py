"""How the daemon is: what it does, did and will do next, and what is wrong. Any thread may ask or tell."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from datetime import datetime

    from agent.model.run import Run


STILL = 300.0  # seconds without any step, after which we may hang


@dataclass(frozen=True, slots=True)
class Last:
    """The last cycle: the run's id, when it ended, and its exit code."""

    run: str
    at: datetime
    code: int


class Condition:
    """What the daemon tells of itself."""

    def __init__(self, started: datetime) -> None:
        """Take when it was started."""
        self.started = started
        self.last: Last | None = None
        self.cycles = 0
        self.looks: Mapping[str, datetime] = {}  # when each system is read next
        self.report: datetime | None = None  # when the next report may go out
        self._lock = threading.Lock()
        self._work, self._what = "", ""
        self._ills: dict[str, str] = {}
        self._moved = time.monotonic()

    @contextmanager
    def at_work(self, what: str) -> Generator[None]:
        """Say what is being done."""
        self.beat()
        self._work = what
        try:
            yield
        finally:
            self._work, self._what = "", ""
            self.beat()

    def doing(self, what: str) -> None:
        """Say what exactly is being done, such as which system is read."""
        self._what = what
        self.beat()

    @property
    def work(self) -> str:
        """Give what is being done, or an empty text."""
        return f"{self._work}: {self._what}" if self._work and self._what else self._work

    def health(self) -> tuple[bool, str]:
        """Say whether the daemon works as it should, and what is wrong where it does not."""
        if self.still() > STILL:
            return False, f"Nothing has moved for {self.still():.0f} s.\n"
        grave = {name: why for name, why in self.ills.items() if name == "look"}
        if grave:
            return False, "".join(f"{name}: {why}\n" for name, why in grave.items())
        return (True, "ok\n") if self.last else (False, "Nothing was looked at yet.\n")

    def beat(self) -> None:
        """Note that something moves."""
        self._moved = time.monotonic()

    def still(self) -> float:
        """Give for how many seconds nothing has moved."""
        return time.monotonic() - self._moved

    def finished(self, run: Run, code: int) -> None:
        """Note a cycle that ended."""
        self.last = Last(run.id, run.finished, code)
        self.cycles += 1

    def ill(self, name: str, why: str) -> bool:
        """Note what is wrong with a job; says whether that is news."""
        with self._lock:
            news = self._ills.get(name) != why
            self._ills[name] = why
        return news

    def well(self, name: str) -> None:
        """Note that nothing is wrong with a job."""
        with self._lock:
            self._ills.pop(name, None)

    @property
    def ills(self) -> Mapping[str, str]:
        """Give what is wrong, by job."""
        with self._lock:
            return dict(self._ills)
