"""How long `driftbell --help` takes."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from tests.bench.timing import Command, medians, table


def main(rounds: int = 15) -> str:
    """Give the figures as Markdown, beside a Python that does nothing."""
    environment = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "LANG": "C.UTF-8"}
    with tempfile.TemporaryDirectory() as folder:
        ours = Command("driftbell --help", ["driftbell", "--help"], environment, Path(folder))
        bare = Command("python -c pass", [sys.executable, "-c", "pass"], environment, Path(folder))
        return table("Start", medians([ours, bare], rounds), ours.name)
