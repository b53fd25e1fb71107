"""The benchmarks work: each in its short form, whatever its figures on a busy machine are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lab.fixtures import missing

ROOT = Path(__file__).parent.parent.parent


BENCHMARKS = [("drift", "bare batched script"), ("repair", "driftbell run"), ("start", "--help")]


@pytest.mark.parametrize(("name", "said"), BENCHMARKS)
def test_a_benchmark_in_short(name: str, said: str) -> None:
    lack = missing() if name != "start" else ""
    if lack and os.environ.get("CI") != "true":
        pytest.skip(lack)
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", name, "--short"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "| command | median s | times ours |" in done.stdout
    assert said in done.stdout


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("scale", "5,000 devices"),
        ("linear", "| 10,000 |"),
        ("hours", "| a walk from day to day |"),
        ("million", "| driftbell |"),
        ("load", "| PyYAML (C) and jsonschema alone |"),
        ("exports", "exit 0"),
    ],
)
def test_a_benchmark_of_lists_in_short(name: str, said: str) -> None:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", name, "--short"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert said in done.stdout, done.stdout
