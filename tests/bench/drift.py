"""Find drift on 20 real hosts, ten rules: `driftbell check` as a new process, against four peers."""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
from pathlib import Path

from tests.bench.district import PEERS, lay_down
from tests.bench.timing import medians, table
from tests.lab.lab import Lab


def main(hosts: int = 20, rounds: int = 5) -> str:
    """Give the figures as Markdown."""
    with Lab() as lab, tempfile.TemporaryDirectory() as folder:
        lab.boot(hosts)
        district = lay_down(lab, Path(folder))
        check = district.ours("check")
        commands = [
            check,
            district.batched(),
            district.ansible(PEERS / "checks.yml", "--check", "--diff", name="ansible-playbook --check --diff"),
        ]
        mitogen = importlib.util.find_spec("ansible_mitogen")
        if mitogen and mitogen.origin:
            strategies = str(Path(mitogen.origin).parent / "plugins" / "strategy")
            commands.append(district.ansible(
                PEERS / "checks.yml", "--check", "--diff", name="the same with Mitogen",
                ANSIBLE_STRATEGY_PLUGINS=strategies, ANSIBLE_STRATEGY="mitogen_linear",
            ))  # fmt: skip
        if shutil.which("pyinfra", path=district.environment()["PATH"]):
            commands.append(district.pyinfra())
        quick = medians(commands[:2], rounds * 2)
        slow = medians(commands[2:], max(1, rounds // 2), warm=0)
        figures = {**quick, **slow}
    bound = 1.3 * figures["bare batched script"] + 0.5
    held = f"Bound: 1.3 x the batched script + 0.5 s = {bound:.2f} s; measured {figures[check.name]:.2f} s."
    return f"{table(f'Find drift: {hosts} hosts, 10 rules', figures, check.name)}\n\n{held}"
