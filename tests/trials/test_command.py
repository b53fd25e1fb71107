"""`driftbell test`: what it prints, writes and leaves with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET  # ruff: ignore[suspicious-xml-etree-import] - it reads what we wrote

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.fixtures import Driftbell

HOSTILE = "<b>&\"' ]]> \x1b[31m \u202e ünïcode ]]>"
TESTS = """
tests: P-1
at: 2026-11-20
cases:
  - case: right
    given: {host/web1: {os.name: debian}}
    expect: {host/web1: in_line}
  - case: %s
    given: {host/web1: {os.name: ubuntu}}
    expect: {host/web1: in_line}
"""


@pytest.fixture
def half(driftbell: Driftbell) -> Driftbell:
    """A policy with one case that passes and one that fails."""
    driftbell.policy("P-1", expect={"os.name": "debian"})
    driftbell.policy("P-2", expect={"os.name": "debian"})
    driftbell.write("policies/tests/p.yaml", TESTS % "wrong")
    return driftbell


def read(path: Path) -> ET.Element:
    return ET.parse(path).getroot()  # ruff: ignore[suspicious-xml-element-tree-usage] - it reads what we wrote


def test_a_failure_says_what_was_expected_what_came_and_why(half: Driftbell) -> None:
    said = half("test")
    assert said.code == 1
    lines = [line.strip() for line in said.out.splitlines()]
    assert lines[0] == "FAIL policies/tests/p.yaml: 1 of 2 cases passed"
    assert lines[1] == "FAIL wrong (policies/tests/p.yaml:8:5)"
    assert lines[2:5] == [
        "P-1 on host/web1  (policies/tests/p.yaml:10:14)",
        "expected  in_line",
        "came      out_of_line: web1: os.name is ubuntu and should be debian.",
    ]
    assert re.match(r"NO  os.name: wanted debian; read ubuntu \(policies/hosts/P-1.yaml:\d+:\d+\)", lines[6])
    assert lines[-1].startswith("2 cases, 1 failed. 1 of 2 policies have a case; 2 of 4 sides of their 2 conditions")


def test_a_policy_or_a_file_narrows_it_down(half: Driftbell) -> None:
    half.write("policies/tests/q.yaml", (TESTS % "wrong").replace("P-1", "P-2").replace("ubuntu", "debian"))
    assert half("test", "p-2").code == 0
    assert half("test", "policies/tests/q.yaml").code == 0
    assert half("test", "q.yaml").code == 0
    assert half("test", "P-1").code == 1
    said = half("test", "P-3")
    assert said.code == 2
    assert "There is no policy and no file of policy tests 'P-3'; did you mean 'P-" in said.err


def test_coverage_is_shown_and_may_be_demanded(half: Driftbell) -> None:
    half.write("policies/tests/p.yaml", (TESTS % "wrong").replace("ubuntu", "debian"))
    assert half("test").code == 0
    said = half("test", "--coverage")
    assert said.code == 0
    assert "not tested  P-2 has no case" in said.out
    assert re.search(
        r"not tested  P-1: os.name is debian never decides as false \(policies/hosts/P-1.yaml:\d+:\d+\)", said.out
    )
    assert half("test", "--require-coverage").code == 1
    assert half("test", "--require-percent", "25").code == 0
    assert half("test", "--require-percent", "26").code == 1
    assert half("test", "--require-percent", "101").code == 2


def test_verbose_lists_every_case(half: Driftbell) -> None:
    assert "ok   right" not in half("test").out
    assert "ok   right" in half("test", "--verbose").out


def test_the_document_has_the_conditions_too(half: Driftbell) -> None:
    said = half("test", "--json").json
    assert said["counts"] == {"passed": 1, "failed": 1}
    assert [c["passed"] for c in said["cases"]] == [True, False]
    (failure,) = said["cases"][1]["failures"]
    assert failure["expected"] == "in_line"
    assert failure["conditions"][0]["reading"] == "ubuntu"
    assert said["coverage"]["untested"] == ["P-2"]


def test_junit_has_the_shape_that_ci_systems_read(half: Driftbell) -> None:
    path = half.folder / "out.xml"
    assert half("test", "--junit", str(path)).code == 1
    root = read(path)
    assert (root.tag, root.get("tests"), root.get("failures"), root.get("errors")) == ("testsuites", "2", "1", "0")
    (suite,) = root
    assert (suite.tag, suite.get("name"), suite.get("tests")) == ("testsuite", "policies/tests/p.yaml", "2")
    assert [c.tag for c in suite] == ["testcase", "testcase"]
    good, bad = suite
    assert set(good.attrib) == {"classname", "name", "file", "line", "time"}
    assert (bad.get("classname"), bad.get("name"), bad.get("line")) == ("policies.tests.p", "wrong", "8")
    assert float(bad.get("time", "")) >= 0
    (failure,) = bad
    assert failure.tag == "failure"
    assert failure.get("message", "").startswith("P-1 on host/web1: expected in_line, came out_of_line")
    assert "came      out_of_line" in (failure.text or "")


def test_hostile_names_break_neither_the_terminal_nor_the_document(half: Driftbell) -> None:
    spelled = '"' + HOSTILE.replace('"', '\\"').replace("\x1b", "\\e").replace("\u202e", "\\u202e") + '"'
    half.write("policies/tests/p.yaml", TESTS % spelled)
    path = half.folder / "out.xml"
    said = half("test", "--junit", str(path))
    assert said.code == 1, said.err
    assert "\x1b" not in said.out
    assert "\u202e" not in said.out
    name = read(path)[0][1].get("name", "")
    assert name == HOSTILE.replace("\x1b", "\\x1b")


def test_junit_that_cannot_be_written_is_a_sentence(half: Driftbell) -> None:
    said = half("test", "--junit", str(half.folder / "nowhere" / "out.xml"))
    assert said.code == 2
    assert "cannot be written" in said.err


def test_nothing_is_looked_at_and_no_ledger_is_made(half: Driftbell) -> None:
    half.hosts({"web1": {"ansible_host": "192.0.2.1"}})
    half("test")
    assert not (half.state / "ledger.db").exists()


def test_mistakes_in_other_files_are_warnings(half: Driftbell) -> None:
    half.write("policies/tests/p.yaml", (TESTS % "wrong").replace("ubuntu", "debian"))
    half.write("policies/tests/misshapen.yaml", "tests: P-2\ncases: []\nnone: 1\n")
    half.write("policies/tests/unreadable.yaml", "tests: [P-2\n")
    half.write("policies/tests/unknown.yaml", (TESTS % "wrong").replace("P-1", "P-9"))
    half.write("policies/tests/P-2.yaml", "cases: [\n")
    half.write(
        "policies/tests/both.yaml", "tests: Both of them\ncases: [{case: c, expect: {P-2: {host/a: in_line}}}]\n"
    )
    said = half("test", "p-1")
    assert said.code == 0, said.err
    *warnings, summary = said.out.splitlines()
    assert {w.split(":")[1].strip() for w in warnings} == {
        f"policies/tests/{name}.yaml" for name in ("misshapen", "unreadable", "unknown", "P-2", "both")
    }
    assert all(w.startswith("warning: ") for w in warnings)
    assert summary.startswith("2 cases, none failed. 1 of 1 policies have a case")
    assert "There is no policy 'P-9'" in "".join(half("test", "p.yaml", "--json").json["warnings"])
    assert half("test").code == half("validate").code == 2


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("q", "tests: [P-3, P-1]\ncases: []\n"),
        ("q", "tests: Both\ncases: [{case: c, expect: {P-1: {host/a: in_line}}}]\nnone: 1\n"),
        ("P-1", "cases: [\n"),
    ],
)
def test_mistakes_in_a_file_that_is_meant_are_refused(half: Driftbell, name: str, text: str) -> None:
    half.write(f"policies/tests/{name}.yaml", text)
    for words in (["P-1"], [f"{name}.yaml"], [f"policies/tests/{name}.yaml", "P-2"]):
        said = half("test", *words)
        assert said.code == 2
        assert said.err.startswith(f"policies/tests/{name}.yaml:")
