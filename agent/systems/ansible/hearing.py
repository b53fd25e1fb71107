"""What is heard of a run: the events of its playbook, and then those of the errand behind it, each kept apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.systems.ansible import errands

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.systems.ansible.collect import Collector
    from agent.systems.ansible.folder import Folder
    from agent.systems.ansible.job import Job


@dataclass(slots=True)
class Hearing:
    """Takes the events of one run. What comes after the playbook's end says nothing about the playbook."""

    job: Job
    folder: Folder
    collector: Collector  # of the playbook, or of an errand that runs alone
    behind: Collector
    turned: bool = False  # the playbook has ended, and the errand behind it runs
    steered: bool = False  # the playbook did what may lead the errand astray: it is then run alone, later

    def take(self, event: Mapping[str, object]) -> None:
        """Take one event of ansible-runner."""
        errand = self.job.errand
        answer = errands.answer_of(event) if errand and (self.turned or not errand.behind) else None
        if errand and answer:
            errand.answered(*answer)
        if self.turned:
            self.behind.take(event)
            return
        self.collector.take(event)
        self.job.watched(event)
        self.steered = self.steered or errands.steers(event)
        if errand and errand.behind and event.get("event") == "playbook_on_stats":
            self.turned = True
            errands.ask({} if self.steered else errand.asked(), self.folder)

    def alarm(self, hosts: frozenset[str]) -> str:
        """Say what in the events means that the run must end, or give nothing."""
        strangers = (self.collector.began | self.behind.began) - hosts
        if strangers:
            return f"Ansible turned to {min(strangers)!r}, which it was not asked to touch"
        asked = self.collector.asked
        return f"the playbook asks for {asked!r} (vars_prompt) and nobody is there: give it in `vars`" if asked else ""
