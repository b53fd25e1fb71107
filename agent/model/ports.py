"""Ports: what the cycle asks of the world. Systems implement them; bootstrap chooses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from agent.model.action import Action, Batch, Outcome, Result, Written
    from agent.model.books import Approvals, Captures, Durations, Overrides, Returns, Reversals, Rollouts
    from agent.model.capture import Capture
    from agent.model.cause import Cause, Edition, Memory, Turn
    from agent.model.evidence import Evidence, Grounds
    from agent.model.finding import Counts, Difference, Finding, Streak
    from agent.model.kind import FieldRef
    from agent.model.policy import Converge, Repository
    from agent.model.reading import Reading, Unknown
    from agent.model.run import Closing, Run
    from agent.model.sweep import Request, Sweep


@dataclass(frozen=True, slots=True)
class Clearance:
    """What a writer must ask before and while it writes: `stopped` gives the kill switch's reason, or nothing."""

    stopped: Callable[[], str]


class Reader(Protocol):
    """Reads one kind from one system, with read credentials only."""

    def observe(self, repository: Repository, request: Request) -> Sweep:
        """Look once. A resource that cannot be read is a row of unknowns, never an exception."""


class Rehearser(Protocol):
    """Runs a playbook in check mode and says what it would change."""

    def rehearse(self, repository: Repository, converge: Converge, resources: Sequence[str]) -> Mapping[str, Reading]:
        """Give, for each resource, a tuple of texts (one a task that would change), or Unknown with the reason."""


class Writer(Protocol):
    """Carries out actions of one verb, with write credentials."""

    def capture(
        self, repository: Repository, actions: Sequence[Action], clearance: Clearance
    ) -> Mapping[str, Capture | Unknown]:
        """Give what is there now of what the actions would change, by resource, with all that is needed to undo them.

        They share verb and arguments. Unknown is a resource that cannot be read, which is then not written to.
        """

    def reread(
        self, repository: Repository, kept: Mapping[str, Capture], clearance: Clearance
    ) -> Mapping[str, Capture | Unknown]:
        """Give what is there now of what was kept, by resource: digests in place of contents."""

    def enforce(
        self,
        repository: Repository,
        actions: Sequence[Action],
        started: Callable[[int], None],
        clearance: Clearance,
    ) -> Mapping[str, Written]:
        """Write exactly what the actions say; they share verb and arguments.

        `started` is called before anything is written, with the process group that will do it (the writer's own where
        there is no other): the ledger knows by it what to look for after a crash, and what was never begun. Returns
        what the system said, for every resource of the actions.
        """


@dataclass(frozen=True, slots=True)
class Judged:
    """What one policy said of one sweep, for the ledger: only what is not in line has objects.

    `in_scope` are the resources that the policy applies to (where it is known); `known` is every resource whose
    existence the sweep shows, and `proven` whether one that is missing there is gone.
    """

    policy: str
    findings: tuple[Finding, ...]  # out of line, excepted and unknown
    in_scope: frozenset[str]
    known: frozenset[str]
    proven: bool


@dataclass(frozen=True, slots=True)
class Intent:
    """A change that was about to be made, as the ledger keeps it. `group` is a process group, 0 before there is one."""

    id: int
    run: str
    batch: str
    policy: str
    resource: str
    verb: str
    at: datetime
    group: int


@dataclass(frozen=True, slots=True)
class Deed:
    """An intent with the action that it was about, and what came of it: None while nothing did."""

    intent: Intent
    action: Action
    result: Result | None

    @property
    def name(self) -> str:
        """Give the name that `driftbell undo` takes."""
        return f"{self.intent.run}/{self.intent.id}"


@dataclass(frozen=True, slots=True)
class Begun:
    """How often a policy began to change one resource by one verb."""

    policy: str
    resource: str
    verb: str
    number: int


@dataclass(frozen=True, slots=True)
class Opened:
    """An open finding as the ledger keeps it. `suspended` is the reason while it cannot be read, or empty.

    `site` is where the resource was when it was last seen; a move alone is no other finding.
    """

    policy: str
    resource: str
    since: datetime
    differences: tuple[Difference, ...]
    suspended: str
    waiver: str = ""  # the id of the waiver that excepts it
    site: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Changes:
    """What a run's verdicts changed among the open findings."""

    opened: tuple[tuple[str, str], ...]
    closed: tuple[Closing, ...]


class Ledger(Protocol):  # ruff: ignore[too-many-public-methods] - the ledger is one thing, and each is one transaction
    """The memory: runs, sweeps, findings, batches, intents and outcomes. Every call is one transaction.

    What stands beside the journal has a book of its own.
    """

    @property
    def approvals(self) -> Approvals:
        """Give who said what of which batch."""

    @property
    def rollouts(self) -> Rollouts:
        """Give how far each content of a policy was rolled out."""

    @property
    def captures(self) -> Captures:
        """Give what was there before changes were made."""

    @property
    def reversals(self) -> Reversals:
        """Give what a person took back."""

    @property
    def returns(self) -> Returns:
        """Give what keeps changing back."""

    @property
    def overrides(self) -> Overrides:
        """Give what was said against freezes."""

    @property
    def durations(self) -> Durations:
        """Give how long things took."""

    @property
    def evidence(self) -> Evidence:
        """Give the chain of evidence, which the other calls add to."""

    def begin(self, run: str, command: str, revision: str, at: datetime) -> None:
        """Open a run."""

    def finish(self, run: Run, exit_code: int) -> None:
        """Close a run and keep its record; the records of the newest 30 runs are kept whole."""

    def last_run(self, run: str | None = None) -> Run | None:
        """Give the record of a run (default: the newest finished one), or None."""

    def record_sweep(self, run: str, sweep: Sweep, fields: Sequence[FieldRef]) -> None:
        """Keep how much was seen, and the table itself in place of the last one of that system and kind."""

    def last_sweep(self, kind: str, system: str = "") -> Sweep | None:
        """Give the newest sweep of a kind, table included, or None; of one system, where it is named."""

    def record_findings(
        self,
        run: str,
        at: datetime,
        judged: Sequence[Judged],
        fixed: frozenset[tuple[str, str]],
        streaks: Sequence[Streak] = (),
        why: Callable[[Sequence[Turn]], Mapping[tuple[str, str], Cause]] = ...,
    ) -> Changes:
        """Open, suspend and close findings by LANGUAGE.md's rules; what is in line costs nothing.

        `judged` holds every policy of the revision: open findings of any other policy close as "policy removed".
        `fixed` names the (policy, resource) that an action of ours put right and a second look confirmed. `streaks`
        are all that wait to be opened, in place of those that did. `why` is asked for the cause of each turn.
        """

    def memory(self) -> Memory | None:
        """Give what the last finished run judged by, or None before the first."""

    def record_editions(self, run: str, editions: Sequence[Edition]) -> None:
        """Keep which content each policy has from this run on; what is the same as before costs nothing."""

    def streaks(self) -> Sequence[Streak]:
        """Give what is out of line and not open yet."""

    def open_findings(self, policy: str | None = None, resource: str | None = None) -> Sequence[Opened]:
        """Give the open findings, oldest first."""

    def counts_before(self, at: datetime) -> tuple[datetime, Counts] | None:
        """Give the verdicts of the newest finished run that began at or before an instant, and when that was."""

    def store_batches(self, batches: Sequence[Batch], at: datetime) -> None:
        """Keep batches by digest, so that `apply --plan DIGEST` can name them."""

    def batch(self, digest: str) -> Batch | None:
        """Give a stored batch; a unique beginning of 12 or more hex digits of the digest is enough."""

    def intend(
        self, run: str, actions: Sequence[tuple[str, Action]], at: datetime, grounds: Grounds = ...
    ) -> Sequence[int]:
        """Journal (batch digest, action) pairs before anything is written; gives the intents' ids in order.

        `grounds` is what they stand on, for the evidence that is written with them.
        """

    def started(self, intents: Sequence[int], group: int) -> None:
        """Note the process group, above 0, that carries intents out."""

    def settle(self, intents: Sequence[int], outcomes: Sequence[Outcome], at: datetime) -> None:
        """Record what came of intents, one outcome an intent."""

    def unfinished(self, since: datetime | None = None) -> Sequence[Intent]:
        """Give the intents that have no last word: what a killed process left behind, or what is pending.

        With `since` also those whose last word came after that instant: what was in flight at that time.
        """

    def asked(self, intent: int) -> Action | None:
        """Give the action that an intent was about, whole."""

    def knows(self, run: str) -> bool:
        """Say whether a run was ever begun."""

    def deeds(self, run: str = "", resource: str = "") -> Sequence[Deed]:
        """Give what a run began, or what was ever begun on a resource, oldest first."""

    def outcomes(self, policy: str, resource: str, limit: int = 10) -> Sequence[tuple[datetime, Outcome]]:
        """Give what was tried, newest first."""

    def told_since(self, since: datetime) -> Sequence[Outcome]:
        """Give the last word on each change that was said since an instant, oldest first."""

    def begun(self, since: datetime) -> Sequence[Begun]:
        """Count the intents since an instant, whatever came of them."""

    def identities(self) -> Mapping[str, str]:
        """Give each resource's machine identity as last read."""

    def remember_identities(self, identities: Mapping[str, str], at: datetime) -> None:
        """Keep identities that a sweep read; a resource's older one is replaced."""

    def population(self, kind: str) -> int | None:
        """Give how many resources of a kind there were at the last good look, or None before the first."""

    def accept_population(self, kind: str, number: int, at: datetime) -> None:
        """Keep the number of a good look, which the next one is measured against."""
