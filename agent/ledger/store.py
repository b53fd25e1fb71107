"""The ledger as the cycle sees it: each call one transaction, durable when it returns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from agent.ledger import findings, history, plans, runs, sweeps, versions
from agent.ledger import intents as journal
from agent.ledger import streaks as waiting
from agent.ledger.books import (
    ApprovalBook,
    BeliefBook,
    CaptureBook,
    DurationBook,
    OverrideBook,
    ReturnBook,
    ReversalBook,
    RolloutBook,
)
from agent.ledger.evidence.book import EvidenceBook
from agent.ledger.opening import opened
from agent.ledger.spool import LedgerSpool
from agent.model.evidence import Grounds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from agent.ledger.database import Database
    from agent.ledger.findings import Why
    from agent.model.action import Action, Batch, Outcome
    from agent.model.books import Approvals, Beliefs, Captures, Durations, Overrides, Returns, Reversals, Rollouts
    from agent.model.cause import Edition, Memory
    from agent.model.evidence import Evidence
    from agent.model.finding import Counts, Streak
    from agent.model.kind import FieldRef
    from agent.model.ports import Begun, Changes, Deed, Intent, Judged, Ledger, Opened
    from agent.model.run import Run
    from agent.model.spool import Spool
    from agent.model.sweep import Sweep

GROUNDLESS = Grounds()


def open_ledger(where: str | Path, *, read_only: bool = False) -> LedgerStore:
    """Open the ledger at a path or `sqlite:///PATH`; make it, or raise its version, where that is needed.

    With `read_only` nothing is made or changed: a ledger that is not there yet is an empty one.

    Raises:
        InputError: it is no ledger, a newer program wrote it, or the address is wrong.
        UnseenError: it cannot be read, or not be made.
    """
    return LedgerStore(opened(where, read_only=read_only))


class LedgerStore:  # ruff: ignore[too-many-public-methods] - the port has that many verbs, each three lines
    """The Ledger of `agent.model.ports`, in one SQLite file."""

    def __init__(self, database: Database) -> None:
        """Take an open, current database."""
        self._database = database
        self.spool: Spool = LedgerSpool(database)
        self.past = history.LedgerPast(database)
        self.approvals: Approvals = ApprovalBook(database)
        self.rollouts: Rollouts = RolloutBook(database)
        self.beliefs: Beliefs = BeliefBook(database)
        self.captures: Captures = CaptureBook(database)
        self.reversals: Reversals = ReversalBook(database)
        self.returns: Returns = ReturnBook(database)
        self.overrides: Overrides = OverrideBook(database)
        self.durations: Durations = DurationBook(database)
        self.evidence: Evidence = EvidenceBook(database)

    def close(self) -> None:
        """Close every connection."""
        self._database.close()

    def __enter__(self) -> Self:
        """Give the ledger itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def begin(self, run: str, command: str, revision: str, at: datetime) -> None:
        """Open a run."""
        with self._database.writing() as connection:
            runs.begin(connection, run, command, revision, at)

    def finish(self, run: Run, exit_code: int) -> None:
        """Close a run and keep its record."""
        with self._database.writing() as connection:
            runs.finish(connection, run, exit_code)

    def copy_to(self, target: Path) -> None:
        """Copy the ledger while it is in use; the copy appears whole and proven, or not at all.

        Raises:
            UnseenError: it cannot be copied, or what was copied is damaged.
        """
        versions.copy(self._database.path, target)

    def newest_run(self) -> str:
        """Give the newest run that ended, or an empty text before there is one."""
        with self._database.reading() as connection:
            return runs.newest(connection)

    def last_run(self, run: str | None = None) -> Run | None:
        """Give the record of a run (default: the newest finished one), or None."""
        with self._database.reading() as connection:
            return runs.last(connection, run)

    def record_sweep(self, run: str, sweep: Sweep, fields: Sequence[FieldRef], *, whole: bool | None = None) -> None:
        """Keep a sweep; see `sweeps.record` for when it replaces the last one and when it is laid over it."""
        with self._database.writing() as connection:
            sweeps.record(connection, runs.number(connection, run), sweep, fields, whole=whole)

    def last_sweep(self, kind: str, system: str = "") -> Sweep | None:
        """Give the newest sweep of a kind, table included, or None; of one system, where it is named."""
        with self._database.reading() as connection:
            return sweeps.last(connection, kind, system)

    def counts_before(self, at: datetime) -> tuple[datetime, Counts] | None:
        """Give the verdicts of the newest finished run that began at or before an instant."""
        with self._database.reading() as connection:
            return runs.counts_before(connection, at)

    def record_findings(
        self,
        run: str,
        at: datetime,
        judged: Sequence[Judged],
        fixed: frozenset[tuple[str, str]],
        streaks: Sequence[Streak] = (),
        why: Why = findings.nobody_asks,
    ) -> Changes:
        """Open, suspend and close findings, each with its cause, and keep what waits to be opened."""
        with self._database.writing() as connection:
            waiting.keep(connection, streaks)
            return findings.record(connection, runs.number(connection, run), at, judged, fixed, why)

    def streaks(self) -> Sequence[Streak]:
        """Give what is out of line and not open yet."""
        with self._database.reading() as connection:
            return waiting.kept(connection)

    def open_findings(self, policy: str | None = None, resource: str | None = None) -> Sequence[Opened]:
        """Give the open findings, oldest first."""
        with self._database.reading() as connection:
            return findings.open_now(connection, policy, resource)

    def memory(self) -> Memory | None:
        """Give what the last finished run judged by, or None before the first."""
        with self._database.reading() as connection:
            return history.memory(connection)

    def record_editions(self, run: str, editions: Sequence[Edition]) -> None:
        """Keep which content each policy has from this run on."""
        with self._database.writing() as connection:
            history.keep_editions(connection, runs.number(connection, run), editions)

    def store_batches(self, batches: Sequence[Batch], at: datetime) -> None:
        """Keep batches by digest."""
        with self._database.writing() as connection:
            plans.store(connection, batches, at)

    def batch(self, digest: str) -> Batch | None:
        """Give a stored batch by its digest or a unique beginning of it."""
        with self._database.reading() as connection:
            return plans.find(connection, digest)

    def intend(
        self, run: str, actions: Sequence[tuple[str, Action]], at: datetime, grounds: Grounds = GROUNDLESS
    ) -> Sequence[int]:
        """Journal actions before anything is written."""
        with self._database.writing() as connection:
            return journal.intend(connection, runs.number(connection, run), actions, at, grounds)

    def started(self, intents: Sequence[int], group: int) -> None:
        """Note the process group that carries intents out."""
        with self._database.writing() as connection:
            journal.started(connection, intents, group)

    def settle(self, intents: Sequence[int], outcomes: Sequence[Outcome], at: datetime) -> None:
        """Record what came of intents, once."""
        with self._database.writing() as connection:
            journal.settle(connection, intents, outcomes, at)

    def unfinished(self, since: datetime | None = None) -> Sequence[Intent]:
        """Give the intents without a last word; with `since` also those that had none at that instant."""
        with self._database.reading() as connection:
            return journal.unfinished(connection, since)

    def asked(self, intent: int) -> Action | None:
        """Give the action that an intent was about, whole."""
        with self._database.reading() as connection:
            return journal.asked(connection, intent)

    def knows(self, run: str) -> bool:
        """Say whether a run was ever begun."""
        with self._database.reading() as connection:
            return runs.known(connection, run)

    def deeds(self, run: str = "", resource: str = "") -> Sequence[Deed]:
        """Give what a run began, or what was ever begun on a resource, oldest first."""
        with self._database.reading() as connection:
            return journal.deeds(connection, run, resource)

    def outcomes(self, policy: str, resource: str, limit: int = 10) -> Sequence[tuple[datetime, Outcome]]:
        """Give what was tried, newest first."""
        with self._database.reading() as connection:
            return journal.outcomes(connection, policy, resource, limit)

    def told_since(self, since: datetime) -> Sequence[Outcome]:
        """Give the last word on each change that was said since an instant."""
        with self._database.reading() as connection:
            return journal.told_since(connection, since)

    def begun(self, since: datetime) -> Sequence[Begun]:
        """Count the intents since an instant, whatever came of them."""
        with self._database.reading() as connection:
            return journal.begun(connection, since)

    def identities(self) -> Mapping[str, str]:
        """Give each resource's machine identity as last read."""
        with self._database.reading() as connection:
            return sweeps.identities(connection)

    def remember_identities(self, identities: Mapping[str, str], at: datetime) -> None:
        """Keep identities that a sweep read."""
        with self._database.writing() as connection:
            sweeps.remember_identities(connection, identities, at)

    def population(self, kind: str) -> int | None:
        """Give how many resources of a kind there were at the last good look, or None before the first."""
        with self._database.reading() as connection:
            return sweeps.population(connection, kind)

    def accept_population(self, kind: str, number: int, at: datetime) -> None:
        """Keep the number of a good look."""
        with self._database.writing() as connection:
            sweeps.accept_population(connection, kind, number, at)


if TYPE_CHECKING:

    def _is_a_ledger(store: LedgerStore) -> Ledger:
        return store
