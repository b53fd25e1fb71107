"""A large district from its exports: import, references, every example policy and the report, as whole processes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from agent.example.riverton.generate import generate

ROOT = Path(__file__).parent.parent.parent
EXPORTS = {
    "google": "google_devices.csv",
    "people": "google_users.csv",
    "assets": "assets.csv",
    "tickets": "tickets.csv",
    "printers": "printers.csv",
}
PEER = """\
import csv, sys
for name in sys.argv[1:]:
    with open(name, encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            pass
"""
FINE = frozenset({0, 1, 3})  # in line, out of line, something not seen
Figures = tuple[str, float, float, float]  # what, wall seconds, processor seconds, MiB
HOSTLESS = "servers: {hosts: {}}\n"


def main(scale: int = 10) -> str:
    """Give the figures as Markdown. At scale 10: 50,000 devices, about 60,000 assets and 40,000 people."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        truth = generate(folder / "exports", at=datetime.now(UTC), scale=scale)
        lay_down(folder)
        rows = [_measured("Python's csv.DictReader over the same files", _peer(folder), folder)]
        imports = [
            _measured(f"import {s}", _ours("import", f"exports/{f}", "--as", s), folder) for s, f in EXPORTS.items()
        ]
        rows.append((
            "`driftbell import`, the five exports",
            sum(r[1] for r in imports),
            sum(r[2] for r in imports),
            max(r[3] for r in imports),
        ))
        rows.extend((
            _measured("`driftbell check --json`", _ours("check", "--json"), folder),
            _measured("`driftbell run --mail never`, the first", _ours("run", "--mail", "never"), folder),
            _measured("`driftbell run --mail never`, the second", _ours("run", "--mail", "never"), folder),
            _measured("`driftbell report --format html`", _ours("report", "--format", "html"), folder),
            _measured("`driftbell report --found-money`", _ours("report", "--found-money"), folder),
        ))
    sizes = ", ".join(f"{number:,} {kind}s" for kind, number in sorted(truth.counts.items()))
    lines = [f"### {sizes}", "", "| command | s | processor s | MiB at most |", "|---|---|---|---|"]
    return "\n".join([*lines, *(f"| {what} | {took:.2f} | {cpu:.2f} | {size:.0f} |" for what, took, cpu, size in rows)])


def lay_down(folder: Path) -> None:
    """Lay down the example's policies, without its servers: this is about exports."""
    for part in ("policies", "playbooks", "inventory"):
        shutil.copytree(ROOT / part, folder / "district" / part)
    shutil.rmtree(folder / "district" / "policies" / "hosts")
    (folder / "district" / "inventory" / "hosts.yml").write_text(HOSTLESS)


def _ours(*words: str) -> list[str]:
    return ["driftbell", *words, "--state", "state", "--repo", "district"]


def _peer(folder: Path) -> list[str]:
    return [sys.executable, "-c", PEER, *(str(folder / "exports" / f) for f in EXPORTS.values())]


def _measured(what: str, words: list[str], folder: Path) -> Figures:
    """Run a command once as a new process; give its name, wall and processor seconds, and its largest size in MiB."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    with (folder / "out").open("wb") as out:
        began = time.perf_counter()
        process = subprocess.Popen(words, cwd=folder, env=environment, stdout=out, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        took = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in FINE:
        msg = f"{' '.join(words)} failed ({process.returncode}): {(folder / 'out').read_text()[-2000:]}"
        raise RuntimeError(msg)
    return what, took, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
