"""Playbooks that write: exactly over the hosts of the actions, and only while nothing says stop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from agent.model.action import Written
from agent.model.reading import Unknown
from agent.systems.ansible import keeping, places
from agent.systems.ansible.job import End, HostResult, Status
from agent.systems.ansible.keeping import Aim
from agent.systems.ansible.request import job_for
from agent.systems.ansible.spec import PLAYBOOK, RESTORE
from agent.systems.ansible.variables import problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from agent.model.action import Action
    from agent.model.capture import Capture, Restoration
    from agent.model.policy import Repository
    from agent.model.ports import Clearance
    from agent.settings import Settings
    from agent.systems.ansible.job import Job

Kept = Mapping[str, "Capture | Unknown"]


def _nothing_kept(_action: Action) -> Restoration | Unknown:
    return Unknown("nothing was kept of how it was")


@dataclass(frozen=True, slots=True)
class PlaybookWriter:
    """Carries out `ansible.playbook` and `ansible.restore`.

    `inventory` are its sources, relative to the repository; `vault` is a file with the vault's password;
    `restoration` says what an action of the second verb is to put back. `known` is what was captured, without its
    contents, until it is written to: it is read again behind the write, in the same process.
    """

    settings: Settings
    inventory: tuple[str, ...] = ("inventory/hosts.yml",)
    vault: Path | None = None
    restoration: Callable[[Action], Restoration | Unknown] = _nothing_kept
    known: dict[str, Capture] = field(default_factory=dict, repr=False, compare=False)

    def capture(self, repository: Repository, actions: Sequence[Action], clearance: Clearance) -> Kept:
        """Give what is there of what the actions would change; see model.ports.Writer."""
        refusal = _refusal(actions)
        if refusal:
            return {a.resource: Unknown(f"refused: {refusal}") for a in actions}
        if actions and actions[0].verb == RESTORE:
            return self._now(repository, self._wanted(actions), clearance, content=True)
        ids = {host.id: host.name for host in repository.hosts}
        aims = [Aim(ids[a.resource], a.resource, a.sets) for a in actions if a.resource in ids]
        missing = {a.resource: Unknown(_UNLISTED) for a in actions if a.resource not in ids}
        if not aims:
            return missing
        job = self._job(repository, actions[0].arguments, clearance)
        captured = keeping.capture(job, aims)
        self.known.update({r: _without_contents(one) for r, one in captured.items() if not isinstance(one, Unknown)})
        return missing | captured

    def reread(self, repository: Repository, kept: Mapping[str, Capture], clearance: Clearance) -> Kept:
        """Give what is there now of what was kept, without contents; see model.ports.Writer."""
        return self._now(repository, kept, clearance, content=False)

    def enforce(
        self,
        repository: Repository,
        actions: Sequence[Action],
        started: Callable[[int], None],
        clearance: Clearance,
    ) -> Mapping[str, Written]:
        """Run the playbook once over the hosts of the actions, or put back; see model.ports.Writer."""
        asked = {action.resource for action in actions}
        refusal = _refusal(actions)
        if refusal:
            return {resource: Written(resource, f"refused: {refusal}", ran=False, refused=True) for resource in asked}
        if actions and actions[0].verb == RESTORE:
            return self._restore(repository, actions, started, clearance)
        names = {host.name: host.id for host in repository.hosts if host.id in asked}
        job = self._job(repository, actions[0].arguments if actions else {}, clearance)
        kept = {name: self.known.pop(r) for name, r in names.items() if r in self.known}
        job = replace(job, hosts=tuple(names), check=False, started=started)
        result, now = keeping.written(job, kept)
        missing = {r: Written(r, f"failed: {_UNLISTED}", ran=False) for r in asked - set(names.values())}
        return missing | {names[n]: _written(names[n], done, now.get(n)) for n, done in result.hosts.items()}

    def _job(self, repository: Repository, arguments: Mapping[str, object], clearance: Clearance) -> Job:
        playbook, variables = str(arguments.get("playbook")), _variables(arguments)
        job = job_for(self.settings, self.inventory, repository, playbook, variables, self.vault)
        return replace(job, stopped=clearance.stopped)

    def _now(
        self, repository: Repository, kept: Mapping[str, Capture | Unknown], clearance: Clearance, *, content: bool
    ) -> Kept:
        ids = {host.id: host.name for host in repository.hosts}
        known = {ids[r]: one for r, one in kept.items() if r in ids and not isinstance(one, Unknown)}
        read = keeping.reread(self._job(repository, {}, clearance), known, content=content) if known else {}
        unread: dict[str, Capture | Unknown] = {
            r: one if isinstance(one, Unknown) else Unknown(_UNLISTED)
            for r, one in kept.items()
            if ids.get(r) not in read
        }
        return unread | {one.resource: read[host] for host, one in known.items()}

    def _wanted(self, actions: Sequence[Action]) -> dict[str, Capture | Unknown]:
        found = {a.resource: self.restoration(a) for a in actions}
        return {r: one if isinstance(one, Unknown) else one.wanted for r, one in found.items()}

    def _restore(
        self,
        repository: Repository,
        actions: Sequence[Action],
        started: Callable[[int], None],
        clearance: Clearance,
    ) -> dict[str, Written]:
        ids = {host.id: host.name for host in repository.hosts}
        found = {a.resource: self.restoration(a) for a in actions}
        wanted = {ids[r]: one for r, one in found.items() if r in ids and not isinstance(one, Unknown)}
        names = {ids[r]: r for r in found if r in ids}
        job = replace(self._job(repository, {}, clearance), started=started)
        answers, results = places.put_back(job, wanted) if wanted else ({}, {})
        refused = {
            r: Written(r, f"failed: {one.why if isinstance(one, Unknown) else _UNLISTED}", ran=False)
            for r, one in found.items()
            if ids.get(r) not in wanted
        }
        return refused | {names[h]: _put_back(names[h], answers.get(h), done) for h, done in results.items()}


_UNLISTED = "the inventory has no such host"


def _variables(arguments: Mapping[str, object]) -> Mapping[str, object]:
    given = arguments.get("vars")
    return given if isinstance(given, Mapping) else {}


def _refusal(actions: Sequence[Action]) -> str:
    """Say why these actions are no one run of a playbook, or give nothing."""
    first = next(iter(actions), None)
    if first is None:
        return ""
    if first.verb == RESTORE and all((a.verb, a.arguments) == (RESTORE, first.arguments) for a in actions):
        return ""
    if any(action.verb != PLAYBOOK or action.arguments != first.arguments for action in actions):
        return f"one run is for actions that share {PLAYBOOK} and its arguments"
    stray = sorted(set(first.arguments) - {"playbook", "vars"})
    if stray:
        return f"{PLAYBOOK} has no argument {stray[0]!r}"
    if not isinstance(first.arguments.get("playbook"), str):
        return f"{PLAYBOOK} needs the playbook's path as text"
    return "" if first.arguments.get("vars") is None else problem(first.arguments["vars"]).rstrip(".")


def _without_contents(one: Capture) -> Capture:
    return replace(one, files=tuple(replace(file, content=None) for file in one.files))


def _written(resource: str, result: HostResult, now: Capture | None) -> Written:
    events = tuple(f"{step.status}: {step.where}" for step in result.steps if step.status in _TOLD)
    halted = result.end is End.STOPPED
    return Written(resource, _said(result), result.began, events, now=now, halted=halted)


_TOLD = {Status.CHANGED, Status.FAILED, Status.UNREACHABLE, Status.IGNORED}


def _said(result: HostResult) -> str:
    match result.end:
        case End.DONE:
            return _changed(result)
        case End.UNTOUCHED:
            return result.why
        case _:
            return f"{result.end}: {result.why}" + (f"; {_changed(result)} before that" if result.changes else "")


def _changed(result: HostResult) -> str:
    return f"changed {result.changes} task{'' if result.changes == 1 else 's'}"


def _put_back(resource: str, answer: Mapping[str, object] | None, result: HostResult) -> Written:
    if answer is None:
        return Written(resource, f"{result.end}: {result.why}", result.began)
    if "error" in answer:
        return Written(resource, f"failed: {answer['error']}", ran=False)
    done, problems = answer.get("done"), answer.get("problems")
    told = [str(p) for p in problems] if isinstance(problems, list) else []
    return Written(resource, "; ".join([f"put back {done} thing{'' if done == 1 else 's'}", *told]), ran=True)
