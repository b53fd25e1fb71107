"""The example's playbooks on one lab host, as the remedies of its policies run them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import testinfra
import yaml

from agent.systems.ansible.job import HostResult, Job, Status
from agent.systems.ansible.runner import run_playbook

if TYPE_CHECKING:
    from tests.lab.host import Host
    from tests.lab.lab import Lab

PROJECT = Path(__file__).parents[2]
# What Ansible and apt write for themselves, in check mode too.
BESIDE = ["/home/admin/.ansible*", "/root/.ansible*", "/var/cache/apt/*", "/var/lib/apt/*"]
COMMAND = "ansible.builtin.command"  # check mode cannot run one: the task before it says what would change


@dataclass(frozen=True, slots=True)
class Play:
    """`root` holds the example's playbooks and an inventory of the one host."""

    root: Path
    lab: Lab
    host: Host

    def check(self, policy: str, **variables: object) -> HostResult:
        """Run a policy's playbook in check mode; `variables` replace those of the policy, by name."""
        return self._play(policy, variables, check=True)

    def run(self, policy: str, **variables: object) -> HostResult:
        """Run a policy's playbook."""
        return self._play(policy, variables, check=False)

    def login(self, **variables: object) -> None:
        """Write the inventory, with these variables for the host."""
        listed = self.root / "inventory" / "hosts.yml"
        listed.parent.mkdir(exist_ok=True)
        self.lab.write_inventory(listed, [self.host], vars={self.host.name: variables})

    def written(self) -> dict[str, Any]:
        """Give what is on the host's disk, for a comparison."""
        return dict(self.host.snapshot(BESIDE))

    @property
    def eyes(self) -> Any:
        """Give the host as pytest-testinfra sees it."""
        return testinfra.get_host(f"ssh://{self.host.address}", ssh_config=str(self.lab.ssh_config), sudo=True)

    def _play(self, policy: str, variables: dict[str, object], *, check: bool) -> HostResult:
        given = remedy(policy)
        job = Job(
            root=self.root,
            inventory=("inventory/hosts.yml",),
            playbook=given["playbook"],
            hosts=(self.host.name,),
            check=check,
            known_hosts=self.lab.known_hosts,
            work=self.root / "runs",
            variables={**given.get("vars", {}), **variables},
            limit=300,
        )
        return run_playbook(job).hosts[self.host.name]


def new(folder: Path, lab: Lab, host: Host) -> Play:
    """Lay the example's playbooks into a folder, beside an inventory of the host."""
    shutil.copytree(PROJECT / "playbooks", folder / "playbooks")
    play = Play(folder, lab, host)
    play.login()
    return play


def remedy(policy: str) -> dict[str, Any]:
    """Give a policy's playbook and variables, from its file."""
    text = (PROJECT / "policies" / "hosts" / f"{policy}.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)["remedy"][0]["with"]
    return found


def changed(result: HostResult) -> set[str]:
    """Give the tasks that changed, or would change, something; without those that check mode cannot do."""
    return {step.where for step in result.having(Status.CHANGED) if step.module != COMMAND}
