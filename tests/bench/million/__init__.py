"""50 rules on a million devices of 40 fields: our columns against one resource at a time.

The peers judge a sample, and their figures are a rule and a device: a million of them would take cloud-custodian
minutes. All of them run in this order in one go, each in a process of its own.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent.parent
DEVICES, SAMPLE = 1_000_000, 20_000
LEAST = {"custodian": 100, "closures": 8}
NAMES = {"custodian": "cloud-custodian's own filters", "closures": "Python closures, compiled once"}


def main(devices: int = DEVICES, sample: int = SAMPLE) -> str:
    """Give the figures as Markdown."""
    peers = {name: _run("peer", name, str(sample)) for name in _there()}
    with tempfile.TemporaryDirectory() as folder:
        ours = _run("ours", str(devices), folder)
    lines = [f"### 50 rules on {devices:,} devices of 40 fields", ""]
    lines += ["| judged by | nanoseconds a rule and device | times ours | to hold |", "|---|---|---|---|"]
    lines += [f"| driftbell | {ours['each'] * 1e9:.0f} | 1 | |"]
    for name, figures in peers.items():
        ratio = figures["each"] / ours["each"]
        lines.append(f"| {NAMES[name]} | {figures['each'] * 1e9:.0f} | {ratio:.0f} | {LEAST[name]} |")
    shares = f"{ours['found']:,} out of line, {ours['unknown']:,} unknown"
    memory = f"{ours['peak'] / 2**20:,.0f} MiB, the table itself included ({ours['table'] / 2**20:,.0f} MiB)"
    lines += ["", f"All verdicts in {ours['seconds']:.2f} s: {shares}. Peak memory {memory}.", ""]
    said, written = f"{ours['sentence'] * 1e6:.1f} microseconds", f"{ours['written'] * 1e6:.0f}"
    one = f"A finding as an object with its sentence: {said}; recorded in the ledger: {written}"
    lines.append(f"{one} ({ours['sentences']:,} of them).")
    return "\n".join(lines)


def _there() -> list[str]:
    return [name for name in LEAST if name != "custodian" or importlib.util.find_spec("c7n")]


def _run(module: str, *words: str) -> dict[str, float]:
    command = [sys.executable, "-m", f"tests.bench.million.{module}", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    figures: dict[str, float] = json.loads(done.stdout)
    return figures
