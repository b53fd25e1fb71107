"""The lookout: reads each system when it is time, in a thread of its own, and knows what it showed last.

A slow system delays no other: whoever judges meanwhile gets what it showed before, with its age, or is told that it has
not answered yet. A system is never read twice at once.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent.decide.columns import build
from agent.decide.rhythm import due, following, interval
from agent.errors import DriftbellError
from agent.eyes import read
from agent.model.sweep import Sweep
from agent.observe import reading

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from datetime import datetime, timedelta

    from agent.eyes import Eyes
    from agent.model.kind import FieldRef
    from agent.model.policy import Repository

_STEP = 0.2  # seconds between two looks at whether all is to end

Key = tuple[str, str]  # a kind and the system that shows it


@dataclass(frozen=True, slots=True)
class Shown:
    """What a system showed last: of which fields, when it was asked and when it answered, and the how manieth it is."""

    fields: frozenset[FieldRef]
    sweep: Sweep
    asked: datetime
    answered: datetime
    number: int


@dataclass(frozen=True, slots=True)
class Source:
    """A system that policies need: which fields of it, and how often."""

    kind: str
    system: str
    fields: frozenset[FieldRef]
    every: timedelta

    @property
    def key(self) -> Key:
        """Give what it is known by."""
        return (self.kind, self.system)

    @property
    def name(self) -> str:
        """Give the words of a status."""
        return f"{self.kind}s ({self.system})"


@dataclass(frozen=True, slots=True)
class _Asked:
    """A look that is under way."""

    since: datetime
    answered: threading.Event


class Lookout:
    """Knows what each system showed last. Implements agent.eyes.Lately; any thread may ask it."""

    def __init__(self, clock: Callable[[], datetime], fault: Callable[[str, Exception], None]) -> None:
        """Take the clock, and whom to tell of a fault of ours in the middle of a look."""
        self._clock, self._fault = clock, fault
        self._lock = threading.Lock()
        self._shown: dict[Key, Shown] = {}
        self._asked: dict[Key, _Asked] = {}
        self._forgotten: set[Key] = set()
        # Answers there were, those that the last caller of `gather` knows of, and those that a cycle judged by.
        self._count = self._told = self._used = 0

    def sources(self, eyes: Eyes, repository: Repository) -> tuple[Source, ...]:
        """Give the systems that the policies need, and how often."""
        wanted = reading(eyes.catalog, repository.policies)
        every: dict[str, timedelta] = {}
        for policy in repository.policies:
            for kind in reading(eyes.catalog, [policy]):
                every[kind] = min(every.get(kind, interval([policy])), interval([policy]))
        return tuple(
            Source(kind, system, fields, every[kind])
            for kind, fields in wanted.items()
            for system in eyes.readers.get(kind, {})
        )

    def due(self, sources: Iterable[Source], now: datetime) -> tuple[Source, ...]:
        """Give those that it is time for; what is being read now is not."""
        with self._lock:
            return tuple(s for s in sources if s.key not in self._asked and self._is_due(s, now))

    def _is_due(self, source: Source, now: datetime) -> bool:
        shown = self._shown.get(source.key)
        if shown is None or not source.fields <= shown.fields:
            return True
        return due(source.name, source.every, shown.asked, now)

    def next(self, source: Source, now: datetime) -> datetime:
        """Give when a system is read next."""
        return following(source.name, source.every, now)

    def gather(
        self, eyes: Eyes, repository: Repository, sources: Iterable[Source], patience: float, ending: Callable[[], bool]
    ) -> bool:
        """Ask systems side by side, and wait for these for some seconds; who takes longer goes on being asked.

        Gives whether anything was answered since the last call. Nobody waits any longer once `ending` says so.
        """
        pending = [self._ask(eyes, repository, source) for source in sources]
        end = time.monotonic() + patience
        for answered in pending:
            while not ending() and not answered.wait(min(_STEP, left := max(0.0, end - time.monotonic()))) and left:
                pass
        with self._lock:
            newest = max((shown.number for shown in self._shown.values()), default=0)
            news, self._told = newest > self._told, self._count
        return news

    def _ask(self, eyes: Eyes, repository: Repository, source: Source) -> threading.Event:
        """Begin to read a system, unless that is under way; gives what is set once it has answered."""
        asked = _Asked(self._clock(), threading.Event())

        def look() -> None:
            sweep = self._read(eyes, repository, source)
            with self._lock:
                if self._asked.get(source.key) is asked:  # if not, the rules changed while it was read
                    self._show(source.fields, sweep, asked.since)
                    del self._asked[source.key]
            asked.answered.set()

        with self._lock:
            before = self._asked.setdefault(source.key, asked)
        if before is asked:
            threading.Thread(target=look, name=f"look {source.name}", daemon=True).start()
        return before.answered

    def _read(self, eyes: Eyes, repository: Repository, source: Source) -> Sweep:
        """Read a system; whatever goes wrong is an answer, too: nothing was seen, and why."""
        try:
            return read(eyes, repository, source.kind, source.system, source.fields)
        except DriftbellError as error:
            why = str(error).rstrip(".")
        except Exception as error:  # ruff: ignore[blind-except] - a fault in one system must not blind the others
            self._fault(f"look {source.name}", error)
            why = f"Driftbell failed to read it ({type(error).__name__})"
        return _nothing(source.key, source.fields, why, self._clock())

    def _show(self, fields: frozenset[FieldRef], sweep: Sweep, asked: datetime) -> None:
        self._count += 1
        self._shown[sweep.kind, sweep.system] = Shown(fields, sweep, asked, self._clock(), self._count)

    def recall(self, kind: str, system: str, fields: Collection[FieldRef]) -> Sweep | None:
        """Give what a system showed last; where it has not answered yet, that.

        What was forgotten while it is being read is waited for: nobody may read it a second time beside that.
        """
        key, wanted = (kind, system), frozenset(fields)
        with self._lock:
            shown, asked = self._shown.get(key), self._asked.get(key)
        if shown is not None and wanted <= shown.fields:
            return shown.sweep
        if asked is None:
            return None
        if key in self._forgotten:
            asked.answered.wait()
            return self.recall(kind, system, fields)
        why = f"it has not answered since {asked.since:%H:%M} UTC, and is still being read"
        return _nothing(key, wanted, why, self._clock())

    def judged(self, kind: str, system: str) -> bool:
        """Say whether a cycle has judged by what `recall` gives before, or there is nothing yet to judge by."""
        with self._lock:
            shown = self._shown.get((kind, system))
        return shown is None or shown.number <= self._used

    def mark(self) -> int:
        """Give what `used` is told of a cycle that begins now: what is answered meanwhile may not come into it."""
        with self._lock:
            return self._count

    def used(self, mark: int) -> None:
        """Note that a cycle judged by all that was shown when it began."""
        with self._lock:
            self._used = mark

    def keep(self, fields: Collection[FieldRef], sweep: Sweep) -> None:
        """Keep what a look read."""
        now = self._clock()
        with self._lock:
            known = self._told == self._count
            self._show(frozenset(fields), sweep, now)
            self._told = self._count if known else self._told  # whoever reads it here judges by it
            self._forgotten.discard((sweep.kind, sweep.system))

    def amend(self, sweep: Sweep) -> None:
        """Keep it with what was read again of single resources."""
        key = (sweep.kind, sweep.system)
        with self._lock:
            if key in self._shown:
                self._shown[key] = replace(self._shown[key], sweep=sweep)

    def forget(self, kinds: Collection[str]) -> None:
        """Let the next look read these kinds."""
        with self._lock:
            self._forgotten |= {key for key in (*self._shown, *self._asked) if key[0] in kinds}
            self._shown = {key: shown for key, shown in self._shown.items() if key[0] not in kinds}

    def begin_anew(self) -> None:
        """Read everything again: the rules are others, or somebody else changed something."""
        with self._lock:
            self._shown, self._asked, self._forgotten = {}, {}, set()

    def state(self) -> tuple[Mapping[Key, Shown], Mapping[Key, datetime]]:
        """Give what was shown last, and since when who is being asked."""
        with self._lock:
            return dict(self._shown), {key: asked.since for key, asked in self._asked.items()}


def _nothing(key: Key, fields: Collection[FieldRef], why: str, now: datetime) -> Sweep:
    """Give the sweep of a system that showed nothing."""
    kind, system = key
    return Sweep(
        system=system, kind=kind, table=build(sorted(fields), ()), expected=0, seen=0, proven=False,
        membership="nothing was shown", as_of=now, unseen=(), trouble=why,
    )  # fmt: skip
