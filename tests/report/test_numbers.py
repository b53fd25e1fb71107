"""The numbers of a report: a thing is counted once however many rules it breaks, and every number agrees."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.model.action import Plan, Result
from agent.model.finding import Counts
from agent.model.policy import Mode
from agent.model.run import Due
from agent.report.drift import drift_report
from agent.report.html import html
from agent.report.terminal import lines
from agent.report.text import text
from tests.report.reading import Visible, section
from tests.report.riverton import POLICIES, in_use, out, policies, sync
from tests.report.runs import AT, FORWARD, KEYS, batch, finding, notes, outcomes, run

WATCHED = "Out of line, watched only"
SHRANK = "The list of devices (google) shrank from 4740 to 2370 since the last good look."
INVENTORY = "There is no inventory/hosts.yml, so no hosts are looked at."


def crossed(things: int = 40) -> tuple[str, ...]:
    return tuple(f"device/D{n}" for n in range(things))


def test_a_thing_under_seven_rules_is_one_thing_in_every_number() -> None:
    rules = list(POLICIES)[:7]
    found = tuple(out(rule, device, "east", sync(40)) for rule in rules for device in crossed())
    a_run = run(
        policies=policies(),
        findings=found,
        counts=Counts(in_line=9, out_of_line=len(found)),
        opened=tuple((f.policy, f.resource) for f in found),
    )
    report = drift_report(a_run)
    assert report.verdict == "40 things are out of line and watched only."
    assert report.subject.startswith("40 out of line - ")
    assert section(report, WATCHED).lead == "Seven rules found something, 40 things in all."
    assert lines(a_run, 200)[-1].endswith("9 checks in line, 280 out of line on 40 devices.")
    for shown in (text(a_run), Visible(html(a_run)).text):
        assert "280" not in shown


def test_what_is_new_and_what_was_known_add_up_to_the_headline() -> None:
    known = [out("DEV-01", d, "east", sync(40), days=40) for d in crossed(30)]
    twice = [out("DEV-02", d, "east", sync(40), days=3) for d in crossed(30)]
    new = [out("INV-02", d, "east", in_use("lost")) for d in crossed(35)[25:]]
    report = drift_report(run(policies=policies(), findings=(*known, *twice, *new)))
    assert report.verdict == "35 things are out of line and watched only."
    lead = section(report, WATCHED).lead
    assert lead == "25 known and unchanged, 30 overdue (open for over 30 days), the oldest since Sep 4."
    assert "10 devices" in section(report, WATCHED).items[0].said


def test_things_that_all_have_something_new_are_not_called_unchanged() -> None:
    known = [out("DEV-01", d, "east", sync(40), days=3) for d in crossed(5)]
    new = [out("INV-02", d, "east", in_use("lost")) for d in crossed(5)]
    assert "known" not in text(run(policies=policies(), findings=(*known, *new)))


def test_faults_fixed_are_called_faults_and_counted_once_over_two_steps() -> None:
    first = batch("HOST-01", [finding("HOST-01", f"host/web{n}", KEYS) for n in (1, 2)])
    second = replace(first, digest="sha256:" + "0" * 64, step=1)
    other = batch("HOST-07", [finding("HOST-07", "host/web1", FORWARD)])
    each = (first, second, other)
    a_run = run(plan=Plan(each), outcomes=tuple(o for b in each for o in outcomes(b)))
    report = drift_report(a_run)
    assert report.lead == "Three faults on 2 servers were fixed and confirmed."
    assert report.subject.startswith("3 fixed - ")
    sent = drift_report(replace(a_run, outcomes=tuple(o for b in each for o in outcomes(b, Result.PENDING))))
    assert sent.subject.startswith("3 sent - ")


def test_what_is_left_to_the_next_run_is_counted_in_things() -> None:
    found = [finding(p, f"host/web{n}", KEYS) for p in ("HOST-01", "HOST-02") for n in range(4)]
    wanted = tuple(batch(p, [f for f in found if f.policy == p]) for p in ("HOST-01", "HOST-02"))
    coming = run(policies=notes(host_01=Mode.ENFORCE, host_02=Mode.ENFORCE), findings=tuple(found), plan=Plan(wanted))
    assert drift_report(coming).verdict == "Four things are out of line and will be fixed by the next run."
    assert drift_report(coming).subject.startswith("4 out of line - ")


def test_a_ticket_promised_twice_is_one_ticket() -> None:
    twice = tuple(Due(p, f"ticket/{n}", "east", AT.replace(day=1)) for p in ("TIX-01", "TIX-02") for n in (1, 2))
    assert "2 tickets are overdue" in section(drift_report(run(due=twice)), "Promises about to be broken").lead


@pytest.mark.parametrize(
    ("warnings", "said"),
    [
        ((INVENTORY,), "Warning: There is no inventory/hosts.yml, so no hosts are looked at."),
        ((INVENTORY, "", SHRANK), "Warning: The list of devices (google) shrank from 4740 to 2370 since"),
        ((INVENTORY, "A value expires.", SHRANK), "(and 2 more)."),
        ((INVENTORY, "A value expires."), "Warning: A value expires (and 1 more)."),
        (("word " * 40,), "word word…"),
        (("", INVENTORY), "Warning: There is no inventory/hosts.yml, so no hosts are looked at."),
    ],
)
def test_the_gravest_warning_is_told_and_the_others_counted(warnings: tuple[str, ...], said: str) -> None:
    a_run = run(warnings=warnings)
    assert said in " ".join(text(a_run).split())
    assert said in Visible(html(a_run)).text
    assert "…." not in text(a_run)


def test_no_warning_is_told_where_there_is_none() -> None:
    assert "Warning" not in text(run(warnings=("", " ")))
