"""A lab district for benchmarks: so many hosts, ten rules, and the same for each peer."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tests.bench.policies import RULES
from tests.bench.timing import Command

if TYPE_CHECKING:
    from tests.lab.lab import Lab

ROOT = Path(__file__).parent.parent.parent
PEERS = Path(__file__).parent / "peers"
BIN = Path(sys.executable).parent
FINE = frozenset({0, 1})  # 1: something is out of line, which it is there to find


@dataclass(frozen=True, slots=True)
class District:
    """A policy repository and a state directory on lab hosts that are booted and trusted."""

    lab: Lab
    folder: Path

    @property
    def repo(self) -> Path:
        """The policy repository."""
        return self.folder / "district"

    def environment(self) -> dict[str, str]:
        """Give an environment in which every tool finds its files, and Ansible asks nothing."""
        return {
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "DRIFTBELL_REPO": str(self.repo),
            "DRIFTBELL_STATE": str(self.folder / "state"),
            "ANSIBLE_SSH_ARGS": f"-F {self.lab.ssh_config} -o ControlMaster=auto -o ControlPersist=1s",
            "ANSIBLE_FORKS": "20",
        }

    def ours(self, *words: str) -> Command:
        """Give a command of ours."""
        return Command(f"driftbell {words[0]}", ["driftbell", *words], self.environment(), self.folder, FINE)

    def batched(self) -> Command:
        """Give the bare batched script."""
        addresses = self.folder / "addresses"
        addresses.write_text("\n".join(h.address for h in self.lab.hosts), encoding="utf-8")
        words = [
            sys.executable,
            str(PEERS / "batched.py"),
            str(addresses),
            str(self.lab.key),
            str(self.lab.known_hosts),
        ]
        return Command("bare batched script", words, self.environment(), self.folder)

    def ansible(self, playbook: Path, *words: str, name: str = "ansible-playbook", **extra: str) -> Command:
        """Give an ansible-playbook over all hosts."""
        inventory = str(self.repo / "inventory" / "hosts.yml")
        environment = {**self.environment(), **extra}
        return Command(name, ["ansible-playbook", "-i", inventory, str(playbook), *words], environment, self.folder)

    def pyinfra(self) -> Command:
        """Give `pyinfra --dry` with the same rules."""
        inventory = self.folder / "pyinfra_hosts.py"
        hosts = [
            (
                h.address,
                {"ssh_user": "admin", "ssh_key": str(self.lab.key), "ssh_known_hosts_file": str(self.lab.known_hosts)},
            )
            for h in self.lab.hosts
        ]
        inventory.write_text(f"hosts = {hosts!r}\n", encoding="utf-8")
        words = ["pyinfra", "--dry", str(inventory), str(PEERS / "deploy.py")]
        return Command("pyinfra --dry", words, self.environment(), self.folder)


def lay_down(lab: Lab, folder: Path, rules: dict[str, dict[str, Any]] = RULES, **policy: Any) -> District:
    """Write a repository of these rules for the lab's hosts, and trust the hosts."""
    made = District(lab, folder)
    for sub in ("policies/hosts", "inventory"):
        (made.repo / sub).mkdir(parents=True)
    shutil.copytree(ROOT / "playbooks", made.repo / "playbooks")
    _write(made.repo / "policies/district.yaml", {
        "district": {"name": "Riverton Unified", "timezone": "America/Chicago"},
        "sites": {"east": {"name": "East High"}},
        "people": {}, "reports": {"drift": []},
    })  # fmt: skip
    for name, expect in rules.items():
        content = {
            "policy": name, "title": f"Rule {name}", "severity": "medium", "owner": "it@riverton.example",
            "applies_to": {"kind": "host"}, "expect": expect, **policy,
        }  # fmt: skip
        _write(made.repo / f"policies/hosts/{name}.yaml", content)
    _write(made.repo / "inventory/systems.yaml", {"systems": {}})
    lab.write_inventory(made.repo / "inventory/hosts.yml", vars={"all": {"site": "east"}})
    subprocess.run(
        ["driftbell", "hosts", "trust", "--yes"],
        env=made.environment(),
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return made


def _write(path: Path, content: object) -> None:
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
