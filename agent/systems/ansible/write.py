"""Playbooks that write: exactly over the hosts of the actions, and only while nothing says stop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent.model.action import Written
from agent.systems.ansible.job import End, HostResult, Status
from agent.systems.ansible.request import job_for
from agent.systems.ansible.spec import PLAYBOOK
from agent.systems.ansible.variables import problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from agent.model.action import Action
    from agent.model.policy import Repository
    from agent.model.ports import Clearance
    from agent.settings import Settings


@dataclass(frozen=True, slots=True)
class PlaybookWriter:
    """Carries out `ansible.playbook`.

    `inventory` are its sources, relative to the repository; `vault` is a file with the vault's password.
    """

    settings: Settings
    inventory: tuple[str, ...] = ("inventory/hosts.yml",)
    vault: Path | None = None

    def enforce(
        self,
        repository: Repository,
        actions: Sequence[Action],
        started: Callable[[int], None],
        clearance: Clearance,
    ) -> Mapping[str, Written]:
        """Run the playbook once over the hosts of the actions; see model.ports.Writer."""
        from agent.systems.ansible.runner import run_playbook  # ruff: ignore[import-outside-top-level]  70 ms

        asked = {action.resource for action in actions}
        refusal = _refusal(actions)
        if refusal:
            return {resource: Written(resource, f"refused: {refusal}", ran=False) for resource in asked}
        names = {host.name: host.id for host in repository.hosts if host.id in asked}
        arguments = actions[0].arguments if actions else {}
        playbook, variables = str(arguments.get("playbook")), _variables(arguments)
        job = job_for(self.settings, self.inventory, repository, playbook, variables, self.vault)
        result = run_playbook(replace(job, hosts=tuple(names), check=False, stopped=clearance.stopped, started=started))
        missing = {resource: Written(resource, _UNLISTED, ran=False) for resource in asked - set(names.values())}
        return missing | {names[name]: _written(names[name], done) for name, done in result.hosts.items()}


_UNLISTED = "failed: the inventory has no such host"


def _variables(arguments: Mapping[str, object]) -> Mapping[str, object]:
    given = arguments.get("vars")
    return given if isinstance(given, Mapping) else {}


def _refusal(actions: Sequence[Action]) -> str:
    """Say why these actions are no one run of a playbook, or give nothing."""
    first = next(iter(actions), None)
    if first is None:
        return ""
    if any(action.verb != PLAYBOOK or action.arguments != first.arguments for action in actions):
        return f"one run is for actions that share {PLAYBOOK} and its arguments"
    stray = sorted(set(first.arguments) - {"playbook", "vars"})
    if stray:
        return f"{PLAYBOOK} has no argument {stray[0]!r}"
    if not isinstance(first.arguments.get("playbook"), str):
        return f"{PLAYBOOK} needs the playbook's path as text"
    return "" if first.arguments.get("vars") is None else problem(first.arguments["vars"]).rstrip(".")


def _written(resource: str, result: HostResult) -> Written:
    events = tuple(f"{step.status}: {step.where}" for step in result.steps if step.status in _TOLD)
    return Written(resource, _said(result), result.began, events)


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
