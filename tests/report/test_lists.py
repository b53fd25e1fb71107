"""What could not be checked: lists that are missing or old, kinds that nothing shows. Nothing of it is ever calm."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from agent.model.finding import Closed, Counts
from agent.model.run import Closing, Measure
from agent.model.sweep import Unseen
from agent.report.drift import drift_report
from agent.report.html import html
from agent.report.lists import coverage
from agent.report.terminal import lines
from agent.report.text import text
from tests.report.reading import Visible, section
from tests.report.riverton import SITES, dark, device, first_look, looked, policies
from tests.report.runs import AT, run

if TYPE_CHECKING:
    from agent.model.run import Run, Seen

CALM = re.compile(r"all clear|everything|in line again|rest is in line", re.IGNORECASE)
FINE = looked("device", "google", 5140)
OLD = looked("asset", "assets", 5320, stale=True, as_of=AT - timedelta(hours=31))
MISSING = looked("ticket", "desk", 0, proven=False, membership="nothing was read", trouble="it was not imported yet")
PART = looked(
    "device", "google", 5140, 5112, unseen=tuple(Unseen(device(n), "its row has no serial") for n in range(28))
)


def morning(*seen: object, **parts: object) -> Run:
    return run(**{"policies": policies(), "sites": SITES, "seen": seen, "counts": Counts(in_line=9000), **parts})


@pytest.mark.parametrize(
    ("a_run", "lead"),
    [
        (morning(FINE, OLD), "The asset list is 31 h old. Nothing was changed there."),
        (
            morning(replace(OLD, as_of=AT - timedelta(days=12))),
            "The asset list is 12 days old. Nothing was changed there.",
        ),
        (morning(FINE, MISSING), "The list of tickets: it was not imported yet. Nothing was changed there."),
        (morning(PART), "Checked 5,112 of 5,140 devices. Nothing was changed there."),
        (
            morning(PART, OLD, MISSING),
            (
                "The list of tickets: it was not imported yet. The asset list is 31 h old. "
                "Checked 5,112 of 5,140 devices. Nothing was changed there."
            ),
        ),
        (morning(FINE, waiting=("printer",)), "No system shows printers yet, so 1 rule waits."),
        (morning(FINE, waiting=("class", "printer")), "No system shows classes and printers yet, so 1 rule waits."),
        (
            morning(OLD, replace(OLD, system="snipe")),
            "The asset list of assets and the asset list of snipe are 31 h old. Nothing was changed there.",
        ),
    ],
)
def test_each_list_says_what_is_the_matter_with_it(a_run: Run, lead: str) -> None:
    assert section(drift_report(a_run), "Could not check").lead == lead


@pytest.mark.parametrize(
    ("a_run", "verdict", "subject"),
    [
        (morning(FINE, OLD), "The asset list is out of date.", "1 list not current"),
        (morning(FINE, MISSING), "The list of tickets could not be read.", "1 list not current"),
        (morning(OLD, MISSING), "The list of tickets could not be read.", "2 lists not current"),
        (morning(OLD, replace(OLD, kind="device")), "Two lists are out of date.", "2 lists not current"),
        (morning(FINE, waiting=("printer",)), "No system shows printers yet.", "Not all was seen"),
        (morning(PART), "28 devices could not be checked. The rest is in line.", "28 not checked"),
        (
            morning(
                FINE,
                counts=Counts(in_line=9, unknown=2),
                findings=tuple(dark("DEV-04", device(n), "east", "x") for n in (1, 2)),
            ),
            "Two devices could not be checked in full. The rest is in line.",
            "2 not checked",
        ),
    ],
)
def test_the_verdict_says_so_first(a_run: Run, verdict: str, subject: str) -> None:
    report = drift_report(a_run)
    assert f"{report.verdict} {report.lead}".strip() == verdict
    assert report.subject.startswith(subject)


@pytest.mark.parametrize(
    "a_run", [morning(FINE, OLD), morning(FINE, MISSING), morning(FINE, waiting=("printer",)), first_look()]
)
def test_nothing_is_called_calm_while_a_list_is_old_missing_or_idle(a_run: Run) -> None:
    for shown in (text(a_run), Visible(html(a_run)).text, drift_report(a_run).subject, drift_report(a_run).preheader):
        assert not CALM.search(shown)
    assert drift_report(a_run).tone == "blind"


def test_lists_that_are_whole_are_said_in_the_footer() -> None:
    footer = drift_report(morning(FINE, looked("asset", "assets", 5320))).footer
    assert footer[0].startswith("Checked all 5,140 devices and 5,320 items.")
    assert drift_report(morning(FINE)).footer[0].startswith("Checked 5,140 of 5,140 devices.")


EMPTY = [replace(MISSING, kind=k, system=s) for k, s in (("person", "people"), ("asset", "snipe"), ("ticket", "desk"))]
HALF = looked(
    "device", "google", 2370, proven=False, doubt="shrank from 4740 to 2370",
    membership="it shrank from 4740 to 2370 since the last good look",
)  # fmt: skip
CUT = replace(FINE, expected=2370, seen=2370, proven=False, membership="the file breaks off")
LIST_LEAD = "The device list shrank from 4,740 to 2,370 since the last good look."
UNPROVEN = "Checked 2,370 devices; it is not proven that this is all of them (the file breaks off)."
CHECK = "Check the export, then import it again with --yes if it is right."


@pytest.mark.parametrize(
    ("looks", "said"),
    [
        ((FINE, *EMPTY),
         "Checked 5,140 of 5,140 devices. The list of accounts, the asset list and the list of tickets are missing."),
        ((FINE, looked("asset", "assets", 5320), MISSING),
         "Checked all 5,140 devices and 5,320 items. The list of tickets is missing."),
        ((FINE, OLD), "Checked 5,140 of 5,140 devices and 5,320 of 5,320 items."),
        ((CUT,), UNPROVEN),
        ((CUT, OLD), f"Checked 5,320 of 5,320 items. {UNPROVEN}"),
        ((CUT, replace(CUT, kind="person", seen=2000)),
         UNPROVEN.replace("devices", "devices and 2,000 of 2,370 accounts").replace("this is", "these are")),
        ((FINE, replace(MISSING, kind="device", system="intune"), looked("asset", "assets", 5320)),
         "Checked 5,140 of 5,140 devices and 5,320 of 5,320 items. The device list of intune is missing."),
        ((replace(CUT, membership='row "a b c d" of x@y.example'),),
         "Checked 2,370 devices; it is not proven that this is all of them (row (not shown) of (not shown))."),
        (tuple(EMPTY) * 2, "6 lists are missing."),
        ((), ""),
    ],
)  # fmt: skip
def test_all_is_said_of_lists_that_are_whole_and_what_is_missing_is_named(looks: tuple[Seen, ...], said: str) -> None:
    assert coverage(looks) == said


def test_a_list_that_shrank_is_told_with_its_likely_cause_and_what_to_do() -> None:
    report = drift_report(morning(HALF, looked("asset", "assets", 5320)))
    assert report.verdict == "The device list shrank from 4,740 to 2,370 and may not be whole."
    assert report.subject.startswith("1 list in doubt - ")
    assert section(report, "Could not check").lead == (
        f"{LIST_LEAD} Likely cause: the export was cut short or filtered. {CHECK} Nothing was changed there."
    )
    assert report.tone == "blind"
    for shown in (text(morning(HALF)), Visible(html(morning(HALF))).text, report.subject, report.preheader):
        assert not CALM.search(shown)
    on_screen = " ".join(" ".join(lines(morning(HALF))).split())
    assert LIST_LEAD in on_screen
    assert CHECK in on_screen


def test_a_list_that_shrank_is_told_before_what_could_not_be_checked_for_it() -> None:
    blind = tuple(dark("DEV-04", device(n), "east", "it may be gone") for n in (1, 2))
    report = drift_report(morning(HALF, findings=blind, counts=Counts(in_line=9, unknown=2)))
    assert f"{report.verdict} {report.lead}".strip() == (
        "The device list shrank from 4,740 to 2,370 and may not be whole."
    )
    assert section(report, "Could not check").items[0].said.startswith("Not known for 2 devices at East High")
    assert report.subject.startswith("1 list in doubt · 2 not checked - ")


def test_a_list_is_in_doubt_by_what_the_run_says_and_not_by_words_in_a_reason() -> None:
    report = drift_report(morning(replace(CUT, membership="the page says it shrank from 4740 to 2370")))
    assert "list in doubt" not in report.subject
    assert "since the last good look" not in section(report, "Could not check").lead


def test_many_lists_that_changed_have_one_advice_and_still_fit() -> None:
    many = [replace(HALF, kind=f"kind{n}") for n in range(9)]
    shown = " ".join(text(morning(*many)).split())
    assert shown.count(CHECK) == 1
    assert "So did 5 more lists." in shown
    assert "Nine lists changed suddenly and may not be whole." in shown
    services = morning(replace(HALF, kind="service", system="checks"))
    assert "Check the list in inventory/systems.yaml." in " ".join(text(services).split())
    assert "--yes" not in text(services)


def test_nothing_is_boasted_of_where_a_list_shrank() -> None:
    week = AT - timedelta(days=8)
    closed = (
        Closing("DEV-01", device(1), "east", Closed.ITSELF, week),
        Closing("INV-01", "asset/R1", "east", Closed.ITSELF, week),
    )
    fewer = (Measure("out of line", 90, 200, week), Measure("could not be checked", 0, 0, week))
    calm = drift_report(morning(FINE, closed=closed, measures=fewer))
    assert {"Not getting worse", "In line again by itself"} <= {s.title for s in calm.sections}
    odd = drift_report(morning(HALF, closed=closed, measures=fewer))
    assert section(odd, "In line again by itself").lead == "1 fault on 1 item, which we did not touch."
    assert "Not getting worse" not in {s.title for s in odd.sections}
    assert "In line again by itself" not in text(morning(HALF, closed=closed[:1]))
    worse = morning(HALF, measures=(Measure("out of line", 300, 200, week), *fewer[1:]))
    assert [i.title for i in section(drift_report(worse), "Getting worse").items] == [
        "More since Mon Oct 6: 300 checks out of line (was 200)"
    ]


def test_a_terminal_tells_of_lists_too_and_of_what_their_systems_noted() -> None:
    shown = "\n".join(
        lines(morning(FINE, OLD, replace(MISSING, notes=("3 rows were set aside",)), waiting=("printer",)), 120)
    )
    assert "  ? The list of tickets: it was not imported yet." in shown
    assert "  ? The asset list is 31 h old." in shown
    assert "  ? No system shows printers yet, so 1 rule waits." in shown
    assert "  desk: 3 rows were set aside." in shown


def test_many_missing_lists_do_not_fill_the_page() -> None:
    gone = [replace(MISSING, kind=f"kind{n}", trouble="why " * 60) for n in range(40)]
    a_run = morning(*gone, waiting=tuple(f"other{n}" for n in range(40)))
    assert len(text(a_run).split()) <= 250
    assert "more lists." in text(a_run)


def test_one_reason_is_one_line_for_whatever_number_of_rules() -> None:
    why = 'the export has no column "Email"'
    blind = [dark(p, device(n), "east", why) for p in ("DEV-01", "DEV-02", "INV-02") for n in range(9)]
    scoped = [dark("DEV-04", device(n), "east", f"could not tell whether the policy applies: {why}") for n in range(9)]
    items = section(drift_report(morning(FINE, findings=(*blind, *scoped))), "Could not check").items
    assert [(i.title, i.said, i.detail) for i in items] == [(
        "9 devices at East High",
        'The export has no column "Email".',
        "4 rules stayed open: DEV-01, DEV-02, DEV-04, INV-02",
    )]  # fmt: skip


def test_reasons_that_differ_in_an_address_alone_are_one() -> None:
    silent = tuple(Unseen(f"host/web{n}", f"10.0.0.{n} cannot be reached: No route to host") for n in range(3))
    named = tuple(Unseen(f"host/db{n}", f"db{n} cannot be reached: No route to host") for n in range(2))
    hosts = looked("host", "ssh", 5, 0, unseen=silent + named)
    items = section(drift_report(morning(hosts)), "Could not check").items
    assert [(i.title, i.said) for i in items] == [
        ("5 servers (db0, db1, web0, web1, web2)", "It cannot be reached: No route to host.")
    ]


def test_a_system_that_words_every_reason_anew_is_cut_short() -> None:
    blind = tuple(dark("DEV-04", device(n), "east", f"row {n} is odd") for n in range(9000))
    found = section(drift_report(morning(FINE, findings=blind)), "Could not check")
    assert found.items[0].detail == "DEV-04: for many other reasons"
    assert "7,000 devices" in found.items[0].said


def test_things_of_two_kinds_are_called_things() -> None:
    why = "the export has no column"
    assets = [dark("INV-01", f"asset/{n}", "east", why) for n in range(9)]
    both = [*assets, *(dark("DEV-01", device(n), "east", why) for n in range(9))]
    found = section(drift_report(morning(FINE, findings=tuple(both))), "Could not check").items[0]
    assert found.title == "18 things at East High"


def test_a_name_stands_without_its_system() -> None:
    both = (FINE, replace(FINE, system="intune"))
    found = dark("DEV-01", "device/5CD1@intune", "east", "it has no row")
    item = section(drift_report(morning(*both, findings=(found,))), "Could not check").items[0]
    assert item.said == "Not known for device 5CD1 at East High."
    other = dark("DEV-01", "device/5CD1@elsewhere", "east", "it has no row")
    item = section(drift_report(morning(*both, findings=(other,))), "Could not check").items[0]
    assert item.said == "Not known for device 5CD1@elsewhere at East High."
