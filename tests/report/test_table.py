"""Findings as CSV: stable columns, readable by every program, a formula in none. Source: OWASP, CSV injection."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.model.finding import Difference, Verdict
from agent.report.table import HEADER, cell, table, write_table
from tests.report.riverton import DAYS, SITES, dark, device, first_look, out, policies, sync
from tests.report.runs import AT, HOSTILE, hostile, run

if TYPE_CHECKING:
    from pathlib import Path

WIDE = "\N{FULLWIDTH EQUALS SIGN}1"
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1", WIDE, "=cmd|' /C calc'!A0", "%0A=1", "|x")


def read(content: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.removeprefix("\ufeff"), newline="")))


def test_the_columns_are_stable_and_excel_is_told_that_it_is_unicode() -> None:
    content = table(first_look())
    assert content.startswith(
        "\ufeffpolicy,title,severity,resource,kind,site,verdict,field,expected,observed,since,why,waiver\r\n"
    )
    assert tuple(content.removeprefix("\ufeff").split("\r\n")[0].split(",")) == HEADER


def test_a_finding_is_a_line_for_each_difference() -> None:
    two = out("DEV-01", device(7), "east", sync(40), Difference("status", "active", "lost"), days=2)
    rows = read(table(run(policies=policies(), sites=SITES, findings=(two,))))
    assert [r["field"] for r in rows] == ["last_sync", "status"]
    assert rows[1] == {
        "policy": "DEV-01", "title": "We have heard from every device in use this month", "severity": "medium",
        "resource": "5CD0000007", "kind": "device", "site": "East High", "verdict": "out of line", "field": "status",
        "expected": "active", "observed": "lost", "since": "2025-10-12T11:30:00+00:00", "why": "",
        "waiver": "",
    }  # fmt: skip


def test_what_could_not_be_checked_and_exceptions_are_listed_and_what_is_in_line_when_asked_for() -> None:
    blind = dark("DEV-01", device(1), "east", "it has no row")
    spared = replace(out("DEV-02", device(2), "east", sync(40)), verdict=Verdict.EXCEPTED, waiver="W-1")
    fine = replace(blind, resource=device(3), verdict=Verdict.IN_LINE, why="")
    a_run = run(policies=policies(), findings=(blind, spared), in_line=(fine,))
    assert [(r["verdict"], r["why"], r["waiver"]) for r in read(table(a_run))] == [
        ("could not check", "it has no row", ""),
        ("exception", "", "W-1"),
    ]
    assert len(read(table(a_run, all_findings=True))) == 3


@pytest.mark.parametrize("morning", DAYS)
def test_every_day_is_read_back_whole(morning: str) -> None:
    a_run = DAYS[morning]()
    rows = read(table(a_run))
    assert len(rows) == sum(max(len(f.differences), 1) for f in a_run.findings)
    assert all(None not in row and None not in row.values() for row in rows)


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula(text: str) -> None:
    found = out("DEV-01", f"device/{text}", text, Difference(text, text, text))
    blind = dark("DEV-01", f"device/{text}", text, text)
    for row in read(table(run(policies=policies(), sites={}, findings=(found, blind)))):
        for name in ("resource", "site", "field", "expected", "observed", "why"):
            assert not row[name] or row[name].startswith("'"), (name, row[name])


@given(st.text(alphabet=st.characters(codec=None)))
def test_any_text_at_all_is_one_cell_and_no_formula(text: str) -> None:
    shown = cell(text)
    assert not shown.lstrip().startswith(("=", "+", "-", "@", "\t", "\r"))
    assert "\n" not in shown
    out_file = io.StringIO(newline="")
    csv.writer(out_file).writerow([shown, "next"])
    assert next(csv.reader(io.StringIO(out_file.getvalue(), newline=""))) == [shown, "next"]
    shown.encode("utf-8")


def test_hostile_names_are_written_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        write_table(hostile(), file)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * len(HOSTILE)
    assert '"><img src=x onerror=alert(1)>' in {r["resource"] for r in rows}


def test_sensitive_readings_are_masked() -> None:
    secret = Difference("assigned_user", "sha256:wanted", "sha256:stolen", sensitive=True)
    found = replace(out("DEV-01", device(1), "east", secret), why="it was sha256:stolen")
    content = table(run(policies=policies(), findings=(found,)))
    assert "sha256" not in content
    assert "********" in content


def test_the_list_behind_the_login_names_everybody() -> None:
    left = out("INV-06", "person/jane.7@riverton.example", "east", Difference("status", "suspended", "active"))
    rows = read(table(run(policies=policies(), private=("person",), findings=(left,), at=AT)))
    assert rows[0]["resource"] == "jane.7@riverton.example"
