"""Groups in reports: a school is called by its name, a model by its own, and none of them is taken for a device."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from agent.model.finding import Counts, Difference, Finding, Verdict
from agent.model.policy import Mode, Severity
from agent.model.run import PolicyNote
from agent.report import document, terminal
from agent.report.drift import drift_report
from agent.report.words import modes
from tests.report.runs import run

if TYPE_CHECKING:
    from agent.model.run import Run

SITES = {"east": "East High", "west": "West Middle", "north": "North Middle"}


def note(**changes: object) -> PolicyNote:
    title = "Enough testing devices are ready"
    base = PolicyNote("DEV-09", title, "", Severity.HIGH, Mode.AUDIT, "p.yaml:1:1", kind="device")
    return replace(base, **changes)  # type: ignore[arg-type]


def short(resource: str, observed: str = "91% (182 of 200)", site: str = "") -> Finding:
    said = f"{resource}: {observed} of devices are as they should be; it should be at least 98%."
    difference = Difference("share", "at least 98%", observed)
    return Finding("DEV-09", resource, site, Verdict.OUT_OF_LINE, (difference,), said)


def dark(resource: str, site: str) -> Finding:
    why = "too many devices could not be judged (the list is old)"
    return Finding("DEV-09", resource, site, Verdict.UNKNOWN, (), f"{resource}: could not check: {why}.", why)


def found(*findings: Finding) -> Run:
    out = sum(f.verdict is Verdict.OUT_OF_LINE for f in findings)
    counts = Counts(in_line=1, out_of_line=out, unknown=len(findings) - out)
    return run(policies=(note(),), findings=findings, counts=counts, sites=SITES)


def _plain(of: Run) -> str:
    report = drift_report(of)
    parts = [report.verdict, report.lead, *report.footer, report.next_step]
    for section in report.sections:
        parts += [section.lead, section.more, *(p for i in section.items for p in (i.title, i.said, i.detail))]
    return " ".join(" ".join(parts).split())


@pytest.mark.parametrize(
    ("resource", "site", "said"),
    [
        ("site/east", "east", "Not so for East High."),
        ("model/Chromebook 11 G9", "", "Not so for model Chromebook 11 G9."),
        ("asset.model/Chromebook 11 G9", "", "Not so for model Chromebook 11 G9."),
        ("model/(none)", "", "Not so for no model."),
        ("district/all", "", "Not so for the whole district."),
    ],
)
def test_one_group_is_called_by_its_name(resource: str, site: str, said: str) -> None:
    shown = _plain(found(short(resource, site=site)))
    assert said in shown
    assert "91% (182 of 200), should be at least 98%" in shown
    assert "share" not in shown


def test_several_groups_are_counted_as_what_they_are_and_named() -> None:
    three = [short(f"site/{s}", f"{n}% ({n} of 100)", s) for s, n in (("east", 91), ("west", 9), ("north", 40))]
    shown = _plain(found(*three))
    assert "Not so for 3 sites (East High, North Middle, West Middle)." in shown
    assert "9% (9 of 100) to 91% (91 of 100), should be at least 98%" in shown
    models = _plain(found(*(short(f"model/M {n}") for n in range(3))))
    assert "Not so for 3 models (M 0, M 1, M 2)." in models


def test_groups_that_could_not_be_judged_are_named_and_one_reason_is_one_line() -> None:
    both = found(dark("site/east", "east"), dark("site/west", "west"))
    shown = _plain(both)
    assert "Not known for 2 sites (East High, West Middle)." in shown
    listed = "\n".join(terminal.lines(both, 200))
    assert "2 sites (East High, West Middle): too many devices could not be judged" in listed
    assert listed.count("too many devices") == 1


def test_the_next_step_names_the_group() -> None:
    assert drift_report(found(short("site/east", site="east"))).next_step == "driftbell explain DEV-09 site/east"


def test_what_waits_is_counted_and_all_is_not_called_in_line() -> None:
    waits = run(policies=(note(),), counts=Counts(in_line=5, not_yet=2), sites=SITES)
    report = drift_report(waits)
    assert report.verdict == "Nothing is out of line for long enough to tell; 2 things wait for the next look."
    assert report.subject.startswith("Nothing to tell yet - ")
    assert any("2 out of line too briefly to tell." in line for line in report.footer)
    assert document.document(waits)["counts"] == {
        "in_line": 5, "out_of_line": 0, "unknown": 0, "excepted": 0, "not_yet": 2,
    }  # fmt: skip
    assert document.exit_code(waits) == 0
    assert "2 not yet (out of line too briefly to tell)" in terminal.lines(waits, 200)[-1]
    assert terminal.styled(waits, 200)[-1].style != "good"
    calm = run(policies=(note(),), counts=Counts(in_line=5), sites=SITES)
    assert drift_report(calm).verdict == "Everything is in line."
    assert terminal.styled(calm, 200)[-1].style == "good"


def test_the_mode_is_told_at_the_sites() -> None:
    assert modes(note(), SITES) == "watch only"
    mixed = note(modes={"west": Mode.ENFORCE, "east": Mode.ENFORCE, "north": Mode.PROPOSE})
    assert modes(mixed, SITES) == "fix at East High and West Middle, ask first at North Middle, watch only elsewhere"
    report = drift_report(run(policies=(note(), mixed), counts=Counts(in_line=1), sites=SITES))
    assert any("2 rules: 1 watch only, 1 by school." in line for line in report.footer)


def test_where_a_policy_only_watches_nothing_is_planned_and_that_is_no_surprise() -> None:
    mixed = note(modes={"west": Mode.ENFORCE})
    for site, title in (("east", "Out of line, watched only"), ("west", "Out of line, no change planned")):
        out = replace(short(f"device/{site}", site=site), differences=(Difference("status", "active", "lost"),))
        of = run(policies=(mixed,), findings=(out,), counts=Counts(in_line=1, out_of_line=1), sites=SITES)
        assert title in {s.title for s in drift_report(of).sections}
