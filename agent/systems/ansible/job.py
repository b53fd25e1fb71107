"""What a run of a playbook is asked to do, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from agent.secrets import Secret


@dataclass(frozen=True, slots=True)
class Account:
    """The account that looks: it takes the place of the inventory's own; an empty part leaves the inventory's."""

    user: str = ""
    key: str = ""  # the path of its private key


def _nothing() -> str:
    return ""


def _unheard(_group: int) -> None:
    return None


def _unwatched(_event: Mapping[str, object]) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Errand:
    """A playbook of our own: `modules` is the folder of its one module.

    Attributes:
        asked: gives what it is to do on each host of the job, as ASCII text that no template takes for one. Behind a
            playbook it is called when that has ended, and a host that it does not name is left alone.
        answered: takes what each host answered, as it comes.
        looks: whether it only looks; it does so in check mode too.
        behind: whether it runs behind the job's playbook, in the same process, and not in its place. It runs if that
            went well everywhere and did nothing that might lead it astray: there may be no answer, from any host.
    """

    modules: Path
    asked: Callable[[], Mapping[str, str]]
    answered: Callable[[str, str], None]
    looks: bool = True
    behind: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """One run of one playbook.

    Attributes:
        root: the repository's directory; `inventory` and `playbook` are relative to it.
        hosts: names in the inventory; the run touches these and no other.
        groups: the names of the inventory's groups, so that a host that shares its name with one is told apart.
        check: whether it only looks (`--check --diff`).
        known_hosts: the one file of trusted host keys, for the hosts and for the jump hosts before them.
        work: where the run's own folder is made, and removed afterwards.
        limit: seconds after which the run is stopped.
        stopped: gives a reason to stop, or nothing; asked before the run and five times a second during it.
        started: called with the process group before Ansible is started.
        secrets: values that no text of the result may hold.
        accounts: the accounts that look, by host; where there are any, each host of the job has one and all
            have the same parts.
        vault: a plain file with the vault's password, where the district has one.
        watched: given each event as it comes.
        errand: what is run in place of `playbook` or behind it, where it is set.
    """

    root: Path
    inventory: tuple[str, ...]
    playbook: str
    hosts: tuple[str, ...]
    check: bool
    known_hosts: Path
    work: Path
    variables: Mapping[str, object] = field(default_factory=dict)
    groups: frozenset[str] = frozenset()
    forks: int = 20
    limit: float = 1800.0
    stopped: Callable[[], str] = _nothing
    started: Callable[[int], None] = _unheard
    secrets: tuple[Secret, ...] = ()
    accounts: Mapping[str, Account] = field(default_factory=dict)
    vault: Path | None = None
    watched: Callable[[Mapping[str, object]], None] = _unwatched
    errand: Errand | None = None


class Status(StrEnum):
    """How one task went on one host."""

    OK = "ok"
    CHANGED = "changed"
    FAILED = "failed"
    UNREACHABLE = "unreachable"
    SKIPPED = "skipped"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Step:
    """One task on one host.

    `place` is file:line, relative to the repository; `diff` is a line or a few; `simulated` is False where check
    mode could not tell what the task would do.
    """

    status: Status
    task: str
    module: str
    place: str
    message: str = ""
    diff: str = ""
    simulated: bool = True

    @property
    def where(self) -> str:
        """Give the task as a person looks it up."""
        return f"{self.task} ({self.place})" if self.place else self.task


class End(StrEnum):
    """How a run ended for one host."""

    DONE = "done"
    FAILED = "failed"
    UNREACHABLE = "unreachable"
    STOPPED = "stopped"  # by the kill switch, the time limit or a guard of ours
    CUT_OFF = "cut off"  # the run ended before the host's tasks did
    UNTOUCHED = "untouched"  # the playbook does not run on it, or nothing was started at all


@dataclass(frozen=True, slots=True)
class HostResult:
    """What a run did on one host.

    `why` says in words why it is not done. `began` tells whether any task was begun there: where it is False,
    certainly nothing was changed. `changes` is how many tasks changed something.
    """

    end: End
    why: str = ""
    steps: tuple[Step, ...] = ()
    began: bool = False
    changes: int = 0

    def having(self, status: Status) -> tuple[Step, ...]:
        """Give the steps of one status."""
        return tuple(step for step in self.steps if step.status is status)


@dataclass(frozen=True, slots=True)
class JobResult:
    """What a run did, host by host: every host of the job is there."""

    hosts: Mapping[str, HostResult]
    seconds: float = 0.0
