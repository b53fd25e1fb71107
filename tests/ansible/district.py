"""A small repository with an inventory and playbooks, for one test."""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from agent.model.policy import Caps, Converge, District, Host, Repository, Revision
from agent.systems.ansible.job import Job

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# A script, since the YAML and INI inventories read `web[1:3]` as three hosts; a cloud's inventory is one, too.
SCRIPT = "#!/usr/bin/python3\nimport json\nprint(json.dumps({content!r}))\n"
# What leaves a trace at once: a module takes three times as long. It does so in check mode, too.
TRACE = (
    "{{ lookup('ansible.builtin.pipe', 'printf %s ' ~ (inventory_hostname | quote) ~ ' > ' ~ (out ~ '/' ~ trace)) }}"
)
LOCAL = {"ansible_connection": "local", "ansible_python_interpreter": "/usr/bin/python3"}


@dataclass(slots=True)
class Place:
    """The repository `root`, the agent's `state`, and `out`, a folder for playbooks to write into."""

    root: Path
    state: Path
    out: Path
    variables: dict[str, dict[str, Any]] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)

    def hosts(self, *names: str, groups: Mapping[str, list[str]] | None = None, **variables: object) -> None:
        """Write the inventory: these hosts, with the variables given; all have a local connection and `out`."""
        self.variables |= {name: {**LOCAL, "out": str(self.out), **variables} for name in names}
        self.groups |= dict(groups or {})
        common = {**LOCAL, "out": str(self.out)}
        own = {
            host: {key: value for key, value in values.items() if common.get(key) != value}
            for host, values in self.variables.items()
        }
        listed = {"_meta": {"hostvars": own}, "all": {"hosts": list(self.variables), "vars": common}}
        script = self.root / "inventory" / "hosts"
        script.write_text(SCRIPT.format(content={**listed, **{g: {"hosts": m} for g, m in self.groups.items()}}))
        script.chmod(0o755)

    def playbook(self, text: str, name: str = "play.yml") -> str:
        """Write a playbook, and give its path in the repository."""
        (self.root / "playbooks" / name).write_text(textwrap.dedent(text))
        return f"playbooks/{name}"

    def tasks(self, text: str, hosts: str = "all") -> str:
        """Write a playbook of these tasks, without gathering facts."""
        return self.playbook(
            f"- hosts: {json.dumps(hosts)}\n  gather_facts: false\n  tasks:\n"
            + textwrap.indent(textwrap.dedent(text).strip("\n"), "    ")
            + "\n"
        )

    def job(self, playbook: str, *hosts: str, check: bool = False, **more: Any) -> Job:
        """Give a job over these hosts, or all."""
        job = Job(
            root=self.root,
            inventory=("inventory/hosts",),
            playbook=playbook,
            hosts=hosts or tuple(self.variables),
            check=check,
            known_hosts=self.state / "known_hosts",
            work=self.state / "runs",
            limit=120,
        )
        return replace(job, **more)

    def repository(self) -> Repository:
        """Give what the rest of the agent knows of it."""
        listed = {host: tuple(g for g, m in self.groups.items() if host in m) for host in self.variables}
        hosts = tuple(Host(name, groups, self.variables[name], "") for name, groups in listed.items())
        district = District("Test", "UTC", {}, {}, (), Caps(), frozenset())
        return Repository(str(self.root), Revision("r", "s"), district, (), hosts, "")

    def written(self) -> dict[str, str]:
        """Give what playbooks wrote into `out`, by file."""
        return {path.name: path.read_text() for path in sorted(self.out.iterdir())}

    def left(self) -> list[str]:
        """Give what is left of runs: nothing, if all went well."""
        return [path.name for path in (self.state / "runs").iterdir()]


def converge(playbook: str, **variables: object) -> Converge:
    """Give a policy's converge of a playbook."""
    from agent.errors import Place as At
    from agent.model.kind import FieldRef, FieldType

    ref = FieldRef("converge", "converge", "", "", FieldType.TEXT)
    return Converge(playbook, variables, (), ref, At("policies/x.yaml", 1, 1))


def new(folder: Path) -> Place:
    """Make an empty repository below a folder."""
    place = Place(folder / "repo", folder / "state", folder / "out")
    for path in (place.root / "inventory", place.root / "playbooks", place.state, place.out):
        path.mkdir(parents=True)
    (place.state / "known_hosts").touch()
    return place
