"""The example district's own tests pass, leave nothing out, and notice when a policy changes."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest
import yaml

from agent.example import root
from tests.trials.ground import riverton

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.fixtures import Driftbell

POLICIES = root() / "policies"
FILES = sorted((POLICIES / "tests").rglob("*.yaml"))


def said_of() -> dict[str, set[str]]:
    """How each policy is expected to stand, over all cases."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in FILES:
        content = yaml.safe_load(path.read_text("utf-8"))
        for case in content["cases"]:
            for key, value in case["expect"].items():
                below = value.items() if "/" not in key else [(key, value)]
                policy = content["tests"] if "/" in key else key
                found[policy] |= {v["verdict"] if isinstance(v, dict) else v for _, v in below}
                found[policy] |= {word for word in ("actions", "holds") if case.get(word)}
    return found


def test_every_case_passes_and_nothing_is_left_out(driftbell: Driftbell) -> None:
    riverton(driftbell)
    said = driftbell("test", "--require-coverage", "--json")
    assert said.code == 0, driftbell("test", "--coverage").out
    counts, coverage = said.json["counts"], said.json["coverage"]
    assert counts["failed"] == 0
    assert counts["passed"] >= 300
    assert coverage["untested"] == []
    assert coverage["seen"] == coverage["sides"] > 300


def test_each_policy_has_a_case_in_line_out_of_line_and_unknown() -> None:
    known = said_of()
    for path in sorted(POLICIES.glob("[dhintv]*/*.yaml")):
        policy = yaml.safe_load(path.read_text("utf-8"))
        if "policy" in policy:
            assert {"in_line", "out_of_line", "unknown"} <= known[policy["policy"]], path.name
            if "remedy" in policy:
                assert {"actions", "holds"} <= known[policy["policy"]], path.name


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_a_file_is_named_after_its_policy_and_stands_in_its_folder(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.startswith("# yaml-language-server: $schema=../../driftbell.schema.json\n")
    assert (POLICIES / path.parent.name / path.name).exists()
    assert all(len(line) < 160 for line in text.splitlines())


CHANGES = {
    "a threshold": ("devices/PRN-01.yaml", "at_least: 10%", "at_least: 12%", "ready, with the least toner"),
    "a threshold of days": ("network/NET-09.yaml", "today + 21 days", "today + 20 days", "exactly three weeks"),
    "a threshold of school days": ("devices/DEV-01.yaml", "21 school days", "20 school days", "first of the last 21"),
    "a threshold of school hours": ("tickets/TIX-01-ANSWER.yaml", "4 school hours", "3 school hours", "exactly four"),
    "school days that were plain days": ("tickets/TIX-02.yaml", "5 school days", "5 days", "Thanksgiving"),
    "a where that leaves out less": ("inventory/INV-06.yaml", "under: /Leavers", "under: /", "still with us"),
    "a where that leaves out more": ("tickets/TIX-03.yaml", "{contains: repair}", "{contains: repairs}", "student has"),
    "a branch that is gone": ("tickets/TIX-03.yaml", ", {equals: broken screen}", "", "a broken screen"),
    "an operator turned round": ("devices/DEV-07.yaml", "{not: developer}", "developer", "left the factory"),
    "a mode": ("hosts/HOST-01.yaml", "mode: audit", "mode: enforce", "root may log in"),
    "a word": ("devices/DEV-05.yaml", "[disabled, deprovisioned, lost]", "[disabled, deprovisioned]", "other ways"),
    "a remedy that is gone": ("hosts/HOST-08.yaml", "sets: [updates.security_pending]", "", "does not restart"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_policy_that_changes_its_meaning_fails_and_the_case_is_named(driftbell: Driftbell, name: str) -> None:
    file, old, new, case = CHANGES[name]
    path = riverton(driftbell) / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    said = driftbell("test", path.stem)
    assert said.code == 1, said.err
    assert re.search(rf"(?m)^  FAIL .*{case}.*\(policies/tests/{file}:\d+:\d+\)$", said.out), said.out
