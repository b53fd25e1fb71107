"""What `driftbell waive` and `waivers` count, and what is said before and after something is written."""

from __future__ import annotations

import os
import pty
import subprocess
from typing import TYPE_CHECKING

import pytest

from agent.cli.waive_words import loss
from tests.cli.printers import FILE, OPTIONS, TODAY, committed, entries, git, head, waive

if TYPE_CHECKING:
    from tests.cli.fixtures import Driftbell

ANN = "person/ann@riverton.example"
ONE, TWO = (f"W-{TODAY.year}-00{n}" for n in (1, 2))


@pytest.fixture
def district(driftbell: Driftbell) -> Driftbell:
    """Give the printers' district, committed."""
    return committed(driftbell)


def people(district: Driftbell) -> None:
    """Add a policy on people, and a list of them."""
    policy = {"policy": "ID-01", "title": "Second lock", "severity": "high", "applies_to": {"kind": "person"}}
    district.write("policies/devices/ID-01.yaml", {**policy, "expect": {"second_factor": True}})
    columns = {"email": "Mail", "second_factor": "Lock"}
    people = {"type": "csv", "kind": "person", "path": "people.csv", "key": "email", "columns": columns}
    printers = {"type": "csv", "kind": "printer", "path": "printers.csv", "preset": "generic_printers"}
    district.write("inventory/systems.yaml", {"systems": {"printers": printers, "people": people}})
    text = "Mail,Lock\nann@riverton.example,false\nbob@riverton.example,true\n"
    (district.state / "exports" / "people.csv").write_text(text, encoding="utf-8")
    git(district.repo, "add", "-A")
    git(district.repo, "commit", "-q", "-m", "People")


def test_what_two_waivers_shield_is_one_finding_and_stays_so_until_both_end(district: Driftbell) -> None:
    assert waive(district, "PRN-01", "--site", "east", *OPTIONS).code == 0
    said = district("waivers").out.splitlines()[-1]
    assert said == "1 of 1 runs, and excepts 3 findings."
    assert waive(district, "PRN-01", "P-1", "P-3", *OPTIONS).code == 0
    said = district("waivers").out.splitlines()[-1]
    assert said == "2 of 2 run, and except 3 findings."
    assert district("check", "--json").json["counts"]["excepted"] == 3
    ending = waive(district, "--end", TWO).out.splitlines()
    assert ending[1] == "Nothing is out of line from tomorrow on: another waiver shields all of it."
    # The second one runs today and not tomorrow, so it shields nothing of what the first one lets go.
    assert waive(district, "--end", ONE).out.splitlines()[1] == "3 findings are out of line from tomorrow on."


@pytest.mark.parametrize(
    ("number", "uncovered", "sentence"),
    [(0, 0, "It excepts nothing now."),
     (3, 1, "One finding is out of line from tomorrow on; 2 more stay excepted by another waiver."),
     (3, 2, "2 findings are out of line from tomorrow on; 1 more stays excepted by another waiver.")],
)  # fmt: skip
def test_what_the_end_of_a_waiver_does(number: int, uncovered: int, sentence: str) -> None:
    assert loss(number, uncovered) == sentence


def test_people_are_written_into_git_only_where_somebody_agrees(district: Driftbell) -> None:
    people(district)
    before = head(district)
    mind = f"Mind: this writes ann@riverton.example into {FILE}, and git keeps that for good, for all who read it."
    for how in ([], ["--no-commit"]):
        said = waive(district, "ID-01", ANN, *OPTIONS, *how, yes=False)
        assert (said.code, mind in said.out, "Nothing was written" in said.err) == (2, True, True), said.out + said.err
    parent, child = pty.openpty()
    os.write(parent, b"\n")
    done = subprocess.run(
        district.arguments("waive", "ID-01", ANN, *OPTIONS), env=district.environment(), stdin=child,
        capture_output=True, text=True, cwd=district.folder, timeout=120, check=False,
    )  # fmt: skip
    os.close(child)
    os.close(parent)
    assert mind in done.stdout
    assert (head(district), (district.repo / FILE).exists()) == (before, False), "Enter is no"
    said = waive(district, "ID-01", ANN, *OPTIONS)
    assert (said.code, mind in said.out) == (0, True)
    assert entries(district)[0]["resources"] == [ANN]
    assert "Mind" not in waive(district, "PRN-01", "P-1", *OPTIONS).out


def test_that_hooks_were_not_run_is_said_where_there_are_some(district: Driftbell) -> None:
    unrun = "; this repository's hooks were not run. Where others read it"
    hooks = district.repo / ".git" / "hooks"
    (hooks / "pre-commit").write_text("#!/bin/sh\n", encoding="utf-8")
    (hooks / "pre-commit").chmod(0o644)
    assert unrun not in waive(district, "PRN-01", "P-1", *OPTIONS).out, "git would not run it either"
    (hooks / "pre-commit").chmod(0o755)
    assert unrun in waive(district, "PRN-01", "P-3", *OPTIONS).out
    git(district.repo, "config", "core.hooksPath", ".ours")
    assert unrun not in waive(district, "--end", ONE).out
    district.write(".ours/commit-msg", "#!/bin/sh\n").chmod(0o755)
    assert unrun in waive(district, "--end", TWO).out
