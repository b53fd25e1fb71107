"""A district of hosts that only this process knows: real files, a real ledger, whole cycles, and a clock to be set."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from agent import cycle
from agent.consenting import Approving
from agent.decide.columns import Row, build
from agent.deliberate import Ports
from agent.enforce import Hands
from agent.eyes import Eyes
from agent.model.action import Written
from agent.model.ports import Clearance
from agent.model.sweep import Sweep
from agent.report.document import exit_code
from tests.paper import OnPaper

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from agent.ledger.store import LedgerStore
    from agent.model.action import Action
    from agent.model.policy import Repository
    from agent.model.ports import Rehearser
    from agent.model.run import Run
    from agent.model.sweep import Request
    from tests.intake.district import District

CHICAGO = ZoneInfo("America/Chicago")
ROOT, PASSWORD = "sshd.permitrootlogin", "sshd.passwordauthentication"
PLAYBOOK = """\
- name: Set SSH
  hosts: all
  tasks:
    - name: Write a line
      ansible.builtin.lineinfile: {path: /etc/ssh/sshd_config, line: "PermitRootLogin no"}
"""


def rule(
    name: str, option: str, severity: str = "high", guard: str = "", playbook: str = "ssh", mode: str = "enforce"
) -> str:
    """Give a policy that wants an option of sshd to be `no`, and may see to it."""
    more = f"guard: {guard}\n" if guard else ""
    return f"""\
policy: {name}
title: Title of {name}
severity: {severity}
owner: it@riverton.example
applies_to: {{kind: host}}
expect: {{{option}: "no"}}
mode: {mode}
{more}remedy: [{{do: ansible.playbook, with: {{playbook: playbooks/{playbook}.yml}}, risk: reversible}}]
"""


@dataclass
class Hosts(OnPaper):
    """Reads and writes; every host begins with root's login open and passwords taken."""

    district: District
    ledger: LedgerStore
    sites: Mapping[str, str]  # by host
    now: datetime = datetime(2027, 4, 1, tzinfo=CHICAGO)
    takes: timedelta = timedelta(minutes=1)
    approving: Approving = field(default_factory=Approving)
    wrong: dict[tuple[str, str], str] = field(default_factory=dict)  # what is there, by host and option
    written: list[tuple[str, str]] = field(default_factory=list)  # (policy, host), in order
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def observe(self, _repository: Repository, request: Request) -> Sweep:
        shown = [h for h in self.sites if request.only is None or f"host/{h}" in request.only]
        rows = [
            Row(f"host/{h}", self.sites[h], {f.name: self.wrong.get((h, f.name), "yes") for f in request.fields})
            for h in shown
        ]
        table, number = build(list(request.fields), rows), len(shown)
        known = {f"host/{h}": f"machine of {h}" for h in shown}
        return Sweep("inventory", "host", table, number, number, True, "listed", self.clock(), (), identities=known)

    def enforce(
        self, _repository: Repository, actions: Sequence[Action], started: Callable[[int], None], _c: Clearance
    ) -> Mapping[str, Written]:
        started(4711)
        self.now += self.takes
        for action in actions:
            host = action.resource.removeprefix("host/")
            self.written.append((action.policy, host))
            self.wrong.update({(host, name): "no" for name in action.sets})
        return {a.resource: Written(a.resource, "changed 1 task", ran=True) for a in actions}

    def run(self, at: str) -> Run:
        """Load the district as it is now and go through one cycle at a time on the district's clock."""
        self.now = datetime.fromisoformat(at).replace(tzinfo=CHICAGO)
        ports = Ports(
            eyes=Eyes(self.district.catalog, {"host": {"inventory": self}}, cast("Rehearser", None)),
            hands=Hands(
                {"ansible": self}, self.ledger, Clearance(lambda: ""), self.clock, lambda _r: "",
                sleep=lambda _seconds: None,
            ),
            clock=self.clock,
            new_id=lambda: f"run {next(self._numbers)}",
            own_identity="this machine",
            exit_code=exit_code,
            approving=self.approving,
        )  # fmt: skip
        return cycle.run(ports, self.district.load(), cycle.Order("run"))


def holds(run: Run) -> list[str]:
    return [hold.guard for hold in run.plan.holds]
