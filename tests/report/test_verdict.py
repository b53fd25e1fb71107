"""The verdict, the subject, the footer, and what may never be said. Source: REPORTS.md."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from agent.model.action import Result
from agent.model.finding import Counts
from agent.model.policy import Revision
from agent.model.sweep import Unseen
from agent.report.drift import drift_report
from agent.report.html import html
from agent.report.text import text
from tests.report.reading import Visible, section, titles, unsafe
from tests.report.runs import (
    HOSTILE,
    KEYS,
    all_unknown,
    busy_morning,
    failed_repair,
    finding,
    many,
    outcomes,
    quiet_day,
    run,
    seen,
    three_fixed,
    tripwire_held,
    unread,
)

if TYPE_CHECKING:
    from agent.model.run import Run

CALM = re.compile(r"all clear|everything|in line again", re.IGNORECASE)


def test_the_subject_carries_the_verdict_in_the_districts_zone() -> None:
    report = drift_report(busy_morning())
    assert report.subject == "2 need you · 1 held · 1 not checked · 14 fixed - Riverton Unified, Tue Oct 14"
    late = replace(quiet_day(), at=datetime(2025, 10, 15, 2, 0, tzinfo=UTC))
    assert drift_report(late).subject == "Everything in line - Riverton Unified, Tue Oct 14"
    assert drift_report(replace(late, timezone="Pacific/Auckland")).day == "Wed Oct 15"


@pytest.mark.parametrize(
    ("a_run", "verdict", "subject"),
    [
        (quiet_day(), "Everything is in line.", "Everything in line"),
        (three_fixed(), "Everything is in line again. Six faults on 3 servers were fixed and confirmed.", "6 fixed"),
        (tripwire_held(), "One change was stopped for safety.", "1 held"),
        (failed_repair(), "One repair did not work and needs a person.", "1 failed"),
        (all_unknown(), "Nothing could be checked.", "5 not checked"),
        (many(5), "One thing is out of line and watched only. Nothing needs your decision.", "1 out of line"),
        (many(5000), "1,000 things are out of line and watched only. Nothing needs your decision.", "1,000 out"),
        (run(counts=Counts()), "Nothing was checked: no rule applied to anything.", "Nothing checked"),
        (
            run(counts=Counts(in_line=3, excepted=2)),
            "Everything is in line, but for what is excepted.",
            "Everything in line but for exceptions",
        ),
        (run(counts=Counts(in_line=3, out_of_line=10)), "Ten checks found something out of line.", "10 checks out"),
        (
            run(seen=(seen(20, [Unseen("host/web1", "timed out")]),)),
            "One server could not be checked. The rest is in line.",
            "1 not checked",
        ),
        (run(stopped="fire drill"), "All changes are stopped: fire drill.", "Stopped - "),
        (
            run(seen=(replace(seen(), proven=False, membership="the list broke off"),)),
            "Something could not be checked.",
            "Not all was seen",
        ),
    ],
)
def test_the_verdict(a_run: Run, verdict: str, subject: str) -> None:
    report = drift_report(a_run)
    assert f"{report.verdict} {report.lead}".strip() == verdict
    assert report.subject.startswith(subject)


@pytest.mark.parametrize(
    "a_run",
    [
        all_unknown(),
        run(counts=Counts(in_line=159, unknown=1)),
        run(counts=Counts(in_line=159), findings=(unread("HOST-01", "host/web1", "needs root"),)),
        run(seen=(seen(20, [Unseen("host/web1", "timed out")]),)),
        run(seen=(replace(seen(), proven=False),)),
        run(seen=(replace(seen(), seen=19),)),
        replace(three_fixed(), counts=Counts(in_line=159, unknown=1)),
        run(counts=Counts()),
        many(5),
        failed_repair(),
        tripwire_held(),
        replace(three_fixed(), outcomes=outcomes(three_fixed().plan.batches[0], Result.PENDING)),
        run(counts=Counts(in_line=10, out_of_line=1)),
    ],
)
def test_nothing_is_called_in_line_while_anything_is_open(a_run: Run) -> None:
    assert not CALM.search(text(a_run))
    assert not CALM.search(drift_report(a_run).subject)
    assert not CALM.search(Visible(html(a_run)).text)
    assert not CALM.search(drift_report(a_run).preheader)


def test_what_could_not_be_seen_always_has_its_section() -> None:
    for a_run in (
        run(counts=Counts(in_line=159, unknown=1)),
        run(seen=(replace(seen(), proven=False, membership="the list broke off"),)),
        run(seen=(replace(seen(), seen=19),)),
    ):
        assert titles(a_run) == ["Could not check"]
    report = drift_report(run(seen=(replace(seen(), proven=False, membership="the list broke off"),)))
    assert (
        "Checked 20 servers; it is not proven that this is all of them (the list broke off)." in report.sections[0].lead
    )


def test_silent_hosts_are_gathered_by_reason_and_their_rules_not_repeated() -> None:
    why = "connection timed out after 10 s"
    a_run = run(
        seen=(seen(20, [Unseen("host/a", why), Unseen("host/b", why), Unseen("host/c", "no key is known")]),),
        counts=Counts(in_line=1, unknown=4),
        findings=(*(unread("HOST-01", f"host/{n}", why) for n in "abc"), unread("HOST-06", "host/d", "needs root")),
    )
    found = section(drift_report(a_run), "Could not check")
    assert found.lead == "Checked 17 of 20 servers. Nothing was changed there."
    assert [(i.title, i.said) for i in found.items] == [
        ("2 servers (a, b)", "Connection timed out after 10 s."),
        ("Server c", "No key is known."),
        ("Only the people on the list have accounts that may become root", "Not known on server d at east."),
    ]
    assert found.items[2].detail == "HOST-06: needs root"


def test_the_footer_names_modes_commit_author_and_that_policies_are_not_signed() -> None:
    footer = " ".join(drift_report(busy_morning()).footer)
    assert "8 rules: 2 watch only, 2 ask first, 4 fix." in footer
    assert "Policies (not signed) 4be1f0c9d2a7 by A. Example." in footer
    assert "Checked 20 of 20 servers." in " ".join(drift_report(quiet_day()).footer)
    dirty = run(revision=Revision("4be1f0c9d2a7385e+dirty:99", "dir", "A. Example", signed=True), warnings=("Old", "x"))
    footer = " ".join(drift_report(dirty).footer)
    assert "Signed policies 4be1f0c9d2a7 by A. Example, with uncommitted changes." in footer
    assert "Warning: Old (and 1 more)." in footer
    bad = run(revision=Revision("4be1f0c9d2a7385e", "dir", signed=False))
    assert "with a signature that is not trusted" in " ".join(drift_report(bad).footer)


@pytest.mark.parametrize("name", HOSTILE)
def test_the_next_step_is_safe_to_paste(name: str) -> None:
    out = finding("HOST-01", f"host/{name}", KEYS)
    command = drift_report(run(findings=(out,))).next_step
    assert shlex.split(command) in (["driftbell", "explain", "HOST-01", f"host/{name}"], ["driftbell", "check"])
    assert not unsafe(command)
