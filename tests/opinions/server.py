"""A server that examines: a repository with one module, a state, and a key that only reads."""

from __future__ import annotations

import hashlib
import subprocess
from typing import TYPE_CHECKING, Any

from agent.model.policy import Caps, District, Repository, Revision
from agent.model.ports import Clearance
from agent.settings import Settings
from agent.systems.testinfra.examine import ModuleExaminer
from tests.hosts.places import listed

if TYPE_CHECKING:
    from pathlib import Path

    from agent.model.opinion import Opinion
    from agent.model.policy import Host as Listed
    from tests.lab.host import Host
    from tests.lab.lab import Lab

NAME = "tests/test_it.py"
CALM = Clearance(lambda: "")


class Server:
    """A repository with one module, and the examiner of a server."""

    def __init__(self, folder: Path, lab: Lab) -> None:
        self.root, self.state, self.lab = folder / "district", folder / "state", lab
        self.state.mkdir(mode=0o700)
        (self.root / "tests").mkdir(parents=True)
        (self.state / "known_hosts").write_bytes(b"")
        self.trusting = True
        self.key = folder / "reads"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key], check=True)

    def listed(self, machine: Host, **variables: Any) -> Listed:
        """Give a host as an inventory lists it that has a key for reading."""
        self.authorize(machine)
        return listed(self.lab, machine, **{"driftbell_read_key": str(self.key), **variables})

    def authorize(self, machine: Host) -> None:
        """Let the key for reading in."""
        public = self.key.with_suffix(".pub").read_text(encoding="utf-8")
        for home in ("root", "home/admin"):
            known = machine.path(f"{home}/.ssh/authorized_keys")
            if public not in (there := known.read_text(encoding="utf-8")):
                known.write_text(there + public, encoding="utf-8")

    def repository(self, module: str, *hosts: Listed) -> Repository:
        (self.root / NAME).write_text(module, encoding="utf-8")
        land = District("Riverton Unified", "America/Chicago", {}, {}, (), Caps(), frozenset())
        modules = {NAME: hashlib.sha256(module.encode()).hexdigest()}
        return Repository(str(self.root), Revision("abc", str(self.root)), land, (), hosts, "", modules=modules)

    def examined(self, module: str, *hosts: Listed, clearance: Clearance = CALM) -> dict[str, Opinion]:
        return self.asked(self.repository(module, *hosts), clearance)

    def asked(self, repository: Repository, clearance: Clearance = CALM) -> dict[str, Opinion]:
        names = tuple(h.id for h in repository.hosts)
        if self.trusting:
            (self.state / "known_hosts").write_bytes(self.lab.known_hosts.read_bytes())
        found = ModuleExaminer(Settings(str(self.root), self.state)).examine(repository, (NAME,), names, clearance)
        runs = self.state / "runs"
        assert not runs.exists() or list(runs.iterdir()) == []
        return {resource.removeprefix("host/"): opinion for resource, opinion in found.items()}
