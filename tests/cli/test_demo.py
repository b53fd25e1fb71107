"""`driftbell demo`: Riverton from its lists to its report, on any machine, without a network, in one folder."""

from __future__ import annotations

import os
import resource
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.fixtures import Driftbell

ALONE = ["unshare", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"])]  # no network at all
SLOWEST = 30.0  # seconds of a processor, whatever else runs on the machine


def test_without_a_network_it_finds_repairs_and_reports(driftbell: Driftbell) -> None:
    if subprocess.run([*ALONE, "true"], check=False, capture_output=True).returncode:
        pytest.skip("a network of one's own cannot be had here (unshare)")
    before = {p.name for p in driftbell.folder.iterdir()}
    before_it = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [*ALONE, *driftbell.arguments("demo", "shown")], env=driftbell.environment(), capture_output=True, text=True,
        timeout=240, check=False, cwd=driftbell.folder, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    after_it = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after_it.ru_utime + after_it.ru_stime - before_it.ru_utime - before_it.ru_stime
    assert spent < SLOWEST
    page = Path(done.stdout.rstrip().splitlines()[-1])
    assert page.read_text(encoding="utf-8").lstrip().lower().startswith("<!doctype html")
    assert page.with_name("found-money.html").is_file()
    assert "5,000 devices" in done.stdout
    assert "WITH PEOPLE WHO LEFT" in done.stdout
    assert "DEMO-01 on host/scratch-folder: confirmed" in done.stdout
    assert "In line: DEMO-01 on scratch-folder. 0 changes were made." in done.stdout
    notice = driftbell.folder / "shown/scratch/issue.net"
    assert notice.read_text() == "This machine belongs to Riverton Unified. Use it for school work.\n"
    assert {p.name for p in driftbell.folder.iterdir()} - before == {"shown"}
    assert (driftbell.folder / "shown/state").stat().st_mode & 0o077 == 0


def test_only_a_folder_of_an_earlier_demo_is_made_anew(driftbell: Driftbell) -> None:
    mine = driftbell.folder / "mine"
    mine.mkdir()
    (mine / "diary").write_text("dear diary")
    said = driftbell("demo", "mine")
    assert said.code == 2
    assert "not a demo's" in said.err
    assert (mine / "diary").read_text() == "dear diary"
