"""Repair with a tenth of the hosts drifted: `driftbell run`, sweep and second look included, against all hosts."""

from __future__ import annotations

import tempfile
from itertools import cycle
from pathlib import Path

from tests.bench.district import lay_down
from tests.bench.timing import medians, table
from tests.lab.lab import Lab

TEXT = "This computer belongs to Riverton Unified.\n"


def main(hosts: int = 20, rounds: int = 3) -> str:
    """Give the figures as Markdown."""
    rule = {"BENCH-20": {"file./etc/issue.net.content": TEXT, "sshd.banner": "/etc/issue.net"}}
    remedy = {"do": "ansible.playbook", "with": {"playbook": "playbooks/banner.yml", "vars": {"banner_text": TEXT}}}
    with Lab() as lab, tempfile.TemporaryDirectory() as folder:
        booted, tenth = lab.boot(hosts), hosts // 10
        # Others each time: a host that keeps changing back is quarantined at the fourth run.
        turns = cycle(booted[n : n + tenth] for n in range(0, hosts, tenth))
        district = lay_down(lab, Path(folder), rule, mode="enforce", remedy=[remedy])
        variables = Path(folder) / "variables.json"
        variables.write_text(f'{{"banner_text": "{TEXT.strip()}\\n"}}', encoding="utf-8")
        run = district.ours("run", "--mail", "never")
        everywhere = district.ansible(
            district.repo / "playbooks/banner.yml", "-e", f"@{variables}", name="the playbook on all hosts"
        )
        everywhere.seconds()  # all in line, and every connection once made

        def drift() -> None:
            for host in next(turns):
                host.exec("echo mine > /etc/issue.net")

        figures = medians(
            [run, everywhere], rounds, drift, warm=min(rounds - 1, 1)
        )  # one round only shows that it works
    return table(f"Repair: {hosts} hosts, {tenth} drifted", figures, run.name)
