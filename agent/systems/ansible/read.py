"""Check mode: what a playbook would change, read with the account that looks. This module never writes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from agent.model.reading import Reading, Unknown
from agent.systems.ansible.job import Account, End, HostResult, Status, Step
from agent.systems.ansible.request import job_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from agent.model.policy import Converge, Host, Repository
    from agent.settings import Settings

UNLISTED = Unknown("the inventory has no such host")


@dataclass(frozen=True, slots=True)
class PlaybookRehearser:
    """Runs playbooks in check mode.

    `inventory` are its sources, relative to the repository; `vault` is a file with the vault's password.
    """

    settings: Settings
    inventory: tuple[str, ...] = ("inventory/hosts.yml",)
    vault: Path | None = None

    def rehearse(self, repository: Repository, converge: Converge, resources: Sequence[str]) -> Mapping[str, Reading]:
        """Give, for each resource, a text for each task that would change, or Unknown with the reason.

        A text ends with the task's difference. What check mode could not simulate stands behind the changes; where
        nothing else would change, it makes the reading unknown.
        """
        from agent.systems.ansible.runner import run_playbook  # ruff: ignore[import-outside-top-level]  70 ms

        asked = frozenset(resources)
        hosts = [host for host in repository.hosts if host.id in asked]
        readings: dict[str, Reading] = dict.fromkeys(resources, UNLISTED)
        job = job_for(self.settings, self.inventory, repository, converge.playbook, converge.variables, self.vault)
        for alike in _by_account(hosts):
            names = {host.name: host.id for host in alike}
            accounts = {host.name: account for host in alike if (account := _account(host)) != Account()}
            result = run_playbook(replace(job, hosts=tuple(names), check=True, accounts=accounts))
            readings |= {names[name]: _reading(done) for name, done in result.hosts.items()}
        return readings


def _account(host: Host) -> Account:
    given = (host.variables.get(name) for name in ("driftbell_read_user", "driftbell_read_key"))
    return Account(*(str(value) if value else "" for value in given))


def _by_account(hosts: Iterable[Host]) -> list[list[Host]]:
    """Part hosts by which parts of an account they name: a run replaces a part for all of its hosts or for none."""

    def parts(host: Host) -> tuple[bool, bool]:
        return bool(_account(host).user), bool(_account(host).key)

    return [list(alike) for _, alike in groupby(sorted(hosts, key=parts), key=parts)]


def _reading(result: HostResult) -> Reading:
    if result.end is not End.DONE:
        return Unknown(f"{_ENDS[result.end]}{result.why}")
    changes = tuple(_would_change(step) for step in result.having(Status.CHANGED))
    unsure = tuple(step.where for step in result.steps if not step.simulated)
    if changes:
        return changes + tuple(f"could not simulate: {where}" for where in unsure)
    if unsure:
        return Unknown(f"could not simulate: {'; '.join(unsure)}")
    if result.changes:
        return Unknown("Ansible counted a change and did not say which")
    return ()


def _would_change(step: Step) -> str:
    return f"{step.where}: {step.diff or 'would change'}"


_ENDS = {
    End.FAILED: "check mode failed: ",
    End.UNREACHABLE: "unreachable: ",
    End.STOPPED: "stopped: ",
    End.CUT_OFF: "",
    End.UNTOUCHED: "",
}
