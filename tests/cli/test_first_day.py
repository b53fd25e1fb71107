"""A new user's first day, with the README alone: init, two exports, a check, and a report of one's own lists."""

from __future__ import annotations

import re
import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agent.example.riverton import generate
from agent.example.riverton.district import SCHOOLS
from tests.example.district import keep_good

if TYPE_CHECKING:
    from tests.cli.fixtures import Driftbell, Said

README = Path(__file__).parents[2] / "README.md"


def told() -> list[list[str]]:
    """The commands of the README's five minutes, as words."""
    part = README.read_text("utf-8").partition("## Your own district")[2].partition("\n## ")[0]
    lines = re.search(r"```\n(.*?)```", part, re.DOTALL)
    assert lines is not None
    return [shlex.split(line, comments=True) for line in lines[1].splitlines() if line.strip()]


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("Downloads")
    generate(folder, at=datetime.now(UTC))
    return folder


def test_the_readme_leads_from_nothing_to_a_report_of_ones_own_lists(driftbell: Driftbell, downloads: Path) -> None:
    files = {"~/Downloads/devices.csv": "google_devices.csv", "~/Downloads/assets.csv": "assets.csv"}
    ours = driftbell.folder / "our-district"
    answers = ["--name", "Hill Valley", "--list", "google_devices", "--list", "snipe_it"]
    schools = [f"{s.name}=/Students/{s.folder}" for s in SCHOOLS]
    said: dict[str, Said] = {}
    for words in told():
        if words[0] != "driftbell":
            assert words[0] in {"export", "cd"}, words
            continue
        asked = [str(downloads / files[w]) if w in files else w.replace("~/our-district", str(ours)) for w in words[1:]]
        asked += [*answers, *(w for s in schools for w in ("--school", s))] if words[1] == "init" else []
        asked += ["--repo", str(ours)] if words[1] in {"import", "check", "run", "report"} else []
        said[" ".join(words[1:3])] = done = driftbell(*asked)
        assert done.code in {0, 1, 3}, (words, done.err)
    assert said["init ~/our-district"].code == 0
    assert "4,740 rows" in said["import ~/Downloads/devices.csv"].out
    assert "items" in said["report --found-money"].out
    page = (driftbell.folder / "report.html").read_text("utf-8")
    assert "Hill Valley" in page
    assert "East High" in page


@pytest.mark.parametrize(
    "files",
    [
        {"google_devices": "google_devices.csv"},
        {"google_devices": "google_devices.csv", "google_users": "google_users.csv", "snipe_it": "assets.csv"},
        {"incident_iq": "tickets.csv", "oneroster": "roster.zip", "printers": "printers.csv"},
    ],
    ids=["devices alone", "devices, people, items", "tickets, a roster, printers"],
)
def test_no_rule_that_init_lays_down_asks_for_what_its_lists_do_not_have(
    driftbell: Driftbell, downloads: Path, files: dict[str, str]
) -> None:
    schools = [word for s in SCHOOLS for word in ("--school", f"{s.name}=/Students/{s.folder}")]
    chosen = [word for name in files for word in ("--list", name)]
    assert driftbell("init", "ours", *schools, *chosen).code == 0
    keep_good(driftbell.folder / "ours" / "policies")
    for name, file in files.items():
        assert driftbell("import", str(downloads / file), "--as", name, "--repo", "ours").code == 0
    said = driftbell("check", "--repo", "ours", "--json").json
    assert said["counts"]["in_line"] > 0
    assert [u for u in said["unknown"] if "no column" in u["why"] or "no system shows" in u["why"]] == []
    assert len(said["unknown"]) < said["counts"]["in_line"] / 10
