"""Exceptions in every form of a report: a number, a few lines, codes and ticket numbers, and nobody's name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from agent.model.finding import Counts, Verdict
from agent.model.waiver import Use
from agent.report.document import document
from agent.report.drift import drift_report
from agent.report.html import html
from agent.report.terminal import lines
from agent.report.text import text
from tests.report.reading import Visible
from tests.report.runs import KEYS, finding, run, waiver

if TYPE_CHECKING:
    from agent.model.run import Run
    from agent.model.waiver import WaiverNote

CALM = waiver("W-1", Use.USED, 100, findings=12, days=90)
ENDING = waiver("W-2", Use.USED, 9, findings=1)
TODAY = waiver("W-3", Use.USED, 0, findings=2)
NEEDED = waiver("W-4", Use.NEEDED, -3, findings=2, reason="funding", ticket="INC-7")
UNUSED = tuple(waiver(f"W-{n}", Use.UNUSED, 30) for n in (5, 6, 7, 8, 9))
QUIET = (waiver("W-X", Use.ENDED, -20, findings=4), waiver("W-Y", Use.UNKNOWN, 40))


def morning(*waivers: WaiverNote) -> Run:
    excepted = sum(w.findings for w in waivers if w.use is Use.USED)
    return run(waivers=waivers, counts=Counts(in_line=160, excepted=excepted))


def section(a_run: Run) -> tuple[str, list[str], str]:
    found = next((s for s in drift_report(a_run).sections if s.title == "Exceptions"), None)
    return (found.lead, [i.title for i in found.items], found.more) if found else ("", [], "")


@pytest.mark.parametrize(
    ("waivers", "wanted"),
    [
        ((), ("", [], "")),
        (QUIET, ("", [], "")),
        ((CALM,), ("12 faults excepted, under 1 exception; the oldest since Jul 16.", [], "")),
        ((ENDING,), ("1 fault excepted, under 1 exception.", [
            "W-2 (vendor, ticket 4711) ends Oct 23, in 9 days: it excepts 1 fault"], "")),
        ((NEEDED,), ("", ["W-4 (funding, ticket INC-7) ended Oct 11: 2 faults count again"], "")),
        (UNUSED[:1], ("", ["Nothing needs W-5 now: it may be taken out"], "")),
        (UNUSED, ("", ["Nothing needs W-5, W-6, W-7 and 2 more now: they may be taken out"], "")),
        ((ENDING, *UNUSED[:2], NEEDED, TODAY, CALM), (
            "15 faults excepted, under 3 exceptions; the oldest since Jul 16.",
            ["W-4 (funding, ticket INC-7) ended Oct 11: 2 faults count again",
             "W-3 (vendor, ticket 4711) ends Oct 14, today: it excepts 2 faults",
             "W-2 (vendor, ticket 4711) ends Oct 23, in 9 days: it excepts 1 fault"],
            "And 1 more to look at.")),
    ],
)  # fmt: skip
def test_the_section_has_a_number_and_a_few_lines(
    waivers: tuple[WaiverNote, ...], wanted: tuple[str, list[str], str]
) -> None:
    assert section(morning(*waivers)) == wanted


def test_a_thousand_exceptions_are_no_longer_than_ten() -> None:
    few, many = (morning(*([ENDING, NEEDED, *UNUSED] * n)) for n in (2, 200))
    assert abs(len(text(few).split()) - len(text(many).split())) <= 6


def test_nobody_is_named_and_nothing_that_somebody_wrote_is_told() -> None:
    owner = replace(ENDING, owner="z.quackenbush", resources=("person/zoe@riverton.example",), sites=("east",))
    a_run = replace(morning(owner, NEEDED, *UNUSED), private=("person",))
    for said in (text(a_run), " ".join(Visible(html(a_run)).words), "\n".join(lines(a_run))):
        assert "W-2" in said
        assert "quackenbush" not in said
        assert "zoe" not in said


def test_all_in_line_is_not_said_of_what_is_excepted() -> None:
    report = drift_report(morning(CALM))
    assert report.verdict == "Everything is in line, but for what is excepted."
    assert report.subject.startswith("Everything in line but for exceptions - ")


def test_a_terminal_counts_them_and_lists_what_to_look_at() -> None:
    said = lines(morning(CALM, ENDING, NEEDED), 120)
    assert "12 excepted by 1 waiver." in lines(morning(CALM), 120)[-1]
    assert "13 excepted by 2 waivers." in said[-1]
    assert said[said.index("Exceptions") + 1 :][:2] == [
        "  W-4 (funding, ticket INC-7) ended Oct 11: 2 faults count again.",
        "  W-2 (vendor, ticket 4711) ends Oct 23, in 9 days: it excepts 1 fault.",
    ]
    assert "Exceptions" not in lines(morning(CALM), 120)
    many = lines(morning(*[ENDING] * 50), 120)
    assert "  And 40 more: `driftbell waivers` lists them all." in many


def test_a_finding_says_until_when_it_is_excepted() -> None:
    spared = replace(finding("HOST-01", "host/web1", KEYS), verdict=Verdict.EXCEPTED, waiver="W-2")
    said = "\n".join(lines(replace(morning(ENDING), findings=(spared,)), 120))
    assert "  ~ web1: sshd.permitrootlogin is yes and should be no. Exception W-2 until Oct 23." in said


def test_what_is_excepted_does_not_take_the_place_of_what_counts() -> None:
    spared = [replace(finding("HOST-01", f"host/a{n}", KEYS), verdict=Verdict.EXCEPTED) for n in range(30)]
    found = (*spared, finding("HOST-01", "host/z", KEYS))
    said = lines(run(findings=found, counts=Counts(out_of_line=1, excepted=30)), 120)
    assert any(line.startswith("  ✗ z:") for line in said)


def test_the_document_has_all_of_them() -> None:
    found = document(morning(CALM, NEEDED, *QUIET))
    waivers = found["waivers"]
    assert isinstance(waivers, list)
    assert [(w["waiver"], w["state"], w["ending"]) for w in waivers] == [
        ("W-1", "used", False), ("W-4", "needed", False), ("W-X", "ended", False), ("W-Y", "unknown", False),
    ]  # fmt: skip
    assert waivers[0] == {
        "waiver": "W-1", "policies": ["HOST-01"], "resources": ["host/web1"], "sites": [], "owner": "director",
        "reason": "vendor", "ticket": "4711", "until": "2026-01-22", "days_left": 100, "state": "used",
        "ending": False, "findings": 12, "oldest": "2025-07-16T11:30:00+00:00", "place": "policies/waivers.yaml:2:5",
    }  # fmt: skip
