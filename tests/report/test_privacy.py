"""Who and what may not be in a mail: people's names above all. Source: REPORTS.md, "Left out"; GUARDS.md 15."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from agent.model.action import Hold, Plan, Result
from agent.model.finding import Closed, Counts, Difference, Finding, Verdict
from agent.model.policy import Mode, Person
from agent.model.run import Closing, Due, Run
from agent.model.sweep import Unseen
from agent.report.discreet import discreet, fenced, veil
from agent.report.drift import drift_report
from agent.report.html import html
from agent.report.mail import letter
from agent.report.terminal import lines
from agent.report.text import text
from tests.report.reading import section
from tests.report.riverton import PEOPLE, SITES, device, first_look, in_use, looked, out, policies
from tests.report.runs import AT, asks, batch, outcomes, run

READER = Person("d", "The Director", "director@riverton.example")
STATUS = Difference("status", "one of suspended, archived", "active")


def everything(a_run: Run) -> str:
    """Give all that leaves the server of a run: subject, preheader, text, page, letter, and what a terminal shows."""
    report = drift_report(a_run)
    sent = letter(a_run, [READER], "bell@riverton.example")
    return "\n".join((
        report.subject, report.preheader, text(a_run), html(a_run), sent.subject, sent.body.decode("ascii"),
        *lines(a_run, 200, all_findings=True),
    ))  # fmt: skip


def with_person(name: str, mode: Mode, result: Result | None, hold: str = "") -> Run:
    """Give a run in which everything that can happen happens to one account."""
    one = out("INV-06", f"person/{name}", "east", STATUS, days=2)
    said = f"{name}: status is active."
    one = replace(one, sentence=said)
    dark = Finding(
        "NET-08", f"person/{name}", "east", Verdict.UNKNOWN, (), said, f"{name} could not be read: person/{name}"
    )
    wanted = batch("INV-06", [one], "playbooks/accounts.yml")
    holds = (
        Hold(hold, wanted.digest, (f"person/{name}",), f"Tried person/{name} 3 times; {name} stays.", f"asking {name}"),
    )
    return run(
        policies=policies(inv_06=mode),
        sites=SITES,
        private=("person",),
        findings=(one, dark),
        in_line=(replace(one, verdict=Verdict.IN_LINE),),
        opened=(("INV-06", f"person/{name}"),),
        closed=(Closing("NET-08", f"person/{name}", "east", Closed.ITSELF, AT),),
        counts=Counts(in_line=4, out_of_line=1, unknown=1),
        plan=Plan((wanted,), holds if hold else (asks(wanted),) if mode is Mode.PROPOSE else ()),
        outcomes=outcomes(wanted, result, why=f"{name} said no.", said=f"ok: [{name}]") if result else (),
        due=(Due("INV-06", f"person/{name}", "east", AT),),
        seen=(looked("person", "people", 9, 8, unseen=(Unseen(f"person/{name}", f"{name} has no row."),),
                     notes=(f"The row of {name} was set aside.",)),),
        warnings=(f"{name} is odd.",),
        stopped=f"{name} called.",
    )  # fmt: skip


@pytest.mark.parametrize(
    "name", [*PEOPLE, "Doe, Jane", "o'brien@k12.example", "<b>Zed.Z1</b>", "j.doe+x@a.b.example", "王小明 7"]
)
@pytest.mark.parametrize(
    ("mode", "result", "hold"),
    [
        (Mode.AUDIT, None, ""),
        (Mode.PROPOSE, None, ""),
        (Mode.ENFORCE, None, "retries"),
        (Mode.ENFORCE, None, ""),
        *((Mode.ENFORCE, result, "") for result in Result),
    ],
)
def test_nobody_is_named_anywhere(name: str, mode: Mode, result: Result | None, hold: str) -> None:
    shown = everything(with_person(name, mode, result, hold))
    for part in (name, name.partition("@")[0]):
        assert part not in shown, part


def test_nobody_is_named_among_thousands() -> None:
    a_run = first_look()
    shown = everything(a_run)
    assert not [p for p in PEOPLE if p in shown]
    assert "25 accounts at 8 sites" in shown


def test_people_are_counted_by_school() -> None:
    left = [out("INV-06", f"person/a.{n}@riverton.example", "east", STATUS) for n in range(4)]
    a_run = run(policies=policies(), sites=SITES, private=("person",), findings=tuple(left))
    assert (
        section(drift_report(a_run), "Out of line, watched only").items[0].said == "Not so for 4 accounts at East High."
    )
    assert drift_report(a_run).next_step == "driftbell report --format csv"
    assert "  ✗ 4 accounts at East High." in lines(a_run)


def test_without_private_kinds_names_are_shown() -> None:
    """The mirror of the tests above: they would pass on an empty report too."""
    open_book = replace(with_person("jane.7", Mode.AUDIT, None), private=())
    assert "jane.7" in "\n".join(lines(open_book))
    assert "person/jane.7" in text(replace(open_book, warnings=("person/jane.7",)))


def test_at_most_five_serial_numbers_stand_in_a_report() -> None:
    rules = ("DEV-01", "DEV-02", "DEV-04", "DEV-05", "INV-02")
    for each in (1, 2, 3, 5, 6, 40):
        findings = [
            out(rule, device(100 * r + n), "east", in_use("lost")) for r, rule in enumerate(rules) for n in range(each)
        ]
        a_run = run(policies=policies(), sites=SITES, findings=tuple(findings))
        for shown in (text(a_run), html(a_run)):
            assert len(set(re.findall(r"5CD\d{7}", shown))) <= 5
    assert re.findall(r"5CD\d{7}", text(run(policies=policies(), findings=tuple(findings[:1]))))


@pytest.mark.parametrize(
    ("field", "observed"),
    [
        ("location", "with Zoë Quackenbush until Friday"),
        ("asset.name", "Zoë Quackenbush's Chromebook"),
        ("asset.location", "Room of Zoë Quackenbush"),
        ("mac", "00:11:22:33:44:55"),
    ],
)
def test_what_people_typed_and_addresses_are_not_quoted(field: str, observed: str) -> None:
    wrong = out("DEV-04", device(1), "east", Difference(field, "Room 12", observed))
    shown = text(run(policies=policies(), findings=(wrong,)))
    assert "not as it should be (not shown)" in shown
    assert observed[:12] not in shown


def test_a_ticket_is_a_number_a_school_and_a_category() -> None:
    secret = Difference("subject", "not empty", "sha256:0123456789abcdef", sensitive=True)
    stale = out(
        "TIX-02", "ticket/4711", "east", secret, Difference("updated", "within 5 days", "2025-09-01T08:00:00-05:00")
    )
    shown = text(run(policies=policies(), sites=SITES, findings=(stale,), traits={"ticket/4711": {"subject": "Help!"}}))
    assert "Not so for ticket 4711 at East High." in shown
    assert "last worked on Sep 1, 43 days ago, should be within 5 days" in " ".join(shown.split())
    assert "Help" not in shown
    assert "0123456789abcdef" not in shown


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("CVE-2021-44228 is open", "a known hole is open"),
        ("OID 1.3.6.1.4.1.9.9.46.1.3.1.1.2 failed", "OID a reading failed"),
        ("connect to 10.0.12.7 port 22 timed out", "connect to (not shown) port 22 timed out"),
        ("2001:db8:0:1::17 is silent", "(not shown) is silent"),
        ("2 people have the address a.b@riverton.example", "2 people have the address (not shown)"),
        ("00:1A:2B:3C:4D:5E is twice there", "(not shown) is twice there"),
        ("Chrome 126.0.6478.132 at 12:30:15 of 2025-10-14", "Chrome 126.0.6478.132 at 12:30:15 of 2025-10-14"),
        ("ratio 1.5, version 2.0.1, 3 of 4.", "ratio 1.5, version 2.0.1, 3 of 4."),
    ],
)
def test_what_helps_an_attacker_is_taken_out_of_sentences(said: str, shown: str) -> None:
    assert discreet(said) == shown


@pytest.mark.parametrize(
    ("why", "shown"),
    [
        ('the export has no column "Serial No"', 'the export has no column "Serial No"'),
        ('the place says "with Jane till Friday"', "the place says (not shown)"),
        ('the place says "with Jane till', "the place says (not shown)"),
        ('it says "with \\"Jane\\" till Friday" in row 3', "it says (not shown) in row 3"),
        ("it says “with Jane till Friday”", "it says (not shown)"),
        ("it says 'with Jane till Friday', not a date", "it says (not shown), not a date"),
        ("the school's list and the teachers' do not agree", "the school's list and the teachers' do not agree"),
        ("2 people have j.doe@riverton.example", "2 people have (not shown)"),
    ],
)  # fmt: skip
def test_a_reason_is_told_without_what_it_quotes(why: str, shown: str) -> None:
    assert fenced(why) == shown
    blind = Finding("DEV-04", device(1), "east", Verdict.UNKNOWN, (), "5CD0000001: not known.", why)
    lost = looked("asset", "snipe", 0, trouble=why)
    a_run = run(
        policies=policies(),
        findings=(blind,),
        seen=(lost, looked("device", "google", 9, 8, unseen=(Unseen(device(2), why),), proven=False, membership=why)),
    )
    for page in (text(a_run), html(a_run), "\n".join(lines(a_run, 200))):
        assert "till" not in page
        assert "j.doe" not in page
    assert "Jane" not in everything(a_run)


def test_words_that_are_somebodys_login_stay_words() -> None:
    people = [out("INV-06", f"person/{n}", "east", STATUS) for n in ("will", "312", "mark@x.example", "w.ill")]
    hide = veil(run(private=("person",), findings=tuple(people)))
    assert hide.over("It will mark 312 of them, said w.ill.") == "It will mark 312 of them, said an account."
