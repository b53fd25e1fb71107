"""Findings: who is in scope, what is said of whom, and that unknown is never in line nor out of line."""

from __future__ import annotations

from dataclasses import replace

from agent.catalog import KINDS
from agent.decide.columns import Row, build
from agent.decide.evaluate import converge_field, evaluate, fields_read
from agent.errors import Place
from agent.model.condition import Test
from agent.model.finding import Verdict
from agent.model.kind import FieldRef, FieldType
from agent.model.policy import Converge
from agent.model.reading import NONE, Unknown
from tests.decide.build import BANNER, FORWARD, NOW, PLACE, ROOT, equals, policy, remedy, table

GOOD, BAD = {ROOT: "no", BANNER: "/etc/issue.net"}, {ROOT: "yes", BANNER: NONE}


def test_each_host_gets_its_verdict_and_a_sentence() -> None:
    hosts = table({"good": GOOD, "bad": BAD, "silent": {f: Unknown("timed out") for f in GOOD}})
    judged = evaluate(policy(), hosts, NOW)
    assert judged.in_line == {"host/good"}
    verdicts = {f.resource: f for f in judged.findings}
    assert verdicts["host/bad"].verdict is Verdict.OUT_OF_LINE
    assert verdicts["host/bad"].sentence == (
        "bad: sshd.permitrootlogin is yes and should be no; sshd.banner is not there and should be /etc/issue.net."
    )
    assert verdicts["host/silent"].verdict is Verdict.UNKNOWN
    assert verdicts["host/silent"].why == "timed out"
    assert judged.in_scope == {"host/good", "host/bad", "host/silent"}


def test_an_unknown_where_is_an_unknown_finding_and_not_out_of_scope() -> None:
    somewhere = policy(where=equals(FORWARD, "1"))
    hosts = table({
        "in": {**BAD, FORWARD: "1"},
        "out": {**BAD, FORWARD: "0"},
        "dark": {**BAD, FORWARD: Unknown("no root")},
    })
    judged = evaluate(somewhere, hosts, NOW)
    assert {f.resource: f.verdict for f in judged.findings} == {
        "host/in": Verdict.OUT_OF_LINE,
        "host/dark": Verdict.UNKNOWN,
    }
    assert judged.in_scope == {"host/in"}


def test_one_known_difference_is_out_of_line_although_another_field_is_unknown() -> None:
    judged = evaluate(policy(), table({"web1": {ROOT: "yes", BANNER: Unknown("no root")}}), NOW)
    (finding,) = judged.findings
    assert [d.field for d in finding.differences] == [ROOT]


def test_a_converge_policy_is_judged_by_what_check_mode_would_change() -> None:
    field = FieldRef("converge", "converge", "", "", FieldType.LIST)
    rule = policy(expect=None, converge=Converge("playbooks/time.yml", {}, (), field, Place("p")))
    rule = type(rule)(**{**{s: getattr(rule, s) for s in rule.__slots__}, "expect": None})
    column = converge_field(rule)
    from agent.decide.columns import Row, build

    rows = [
        Row("host/same", "", {column.name: ()}),
        Row("host/moved", "", {column.name: ("Write it: -a +b", "Start it: stopped")}),
        Row("host/dark", "", {column.name: Unknown("could not simulate: Run it")}),
    ]
    judged = evaluate(rule, build([column], rows), NOW)
    assert judged.in_line == {"host/same"}
    found = {f.resource: f for f in judged.findings}
    assert [(d.field, d.expected) for d in found["host/moved"].differences] == [("converge", "ok")] * 2
    assert found["host/dark"].verdict is Verdict.UNKNOWN


def test_what_a_policy_reads_is_all_that_is_asked_for() -> None:
    rule = policy(where=equals(FORWARD, "1"), remedy=(remedy(ROOT, "file./etc/x.content"),))
    assert {f.name for f in fields_read(rule)} == {FORWARD, ROOT, BANNER, "file./etc/x.content"}


def test_what_a_field_is_to_be_the_same_as_is_shown_with_its_value() -> None:
    device = KINDS["device"]
    site, place = device.resolve("site"), device.resolve("location")
    same = Test(site, "same_as", place, "location", PLACE)
    rows = [
        Row("device/a", "", {"site": "south", "location": "east"}),
        Row("device/b", "", {"site": "x", "location": NONE}),
    ]
    first, second = evaluate(
        replace(policy(kind="device"), expect=same, remedy=()), build([site, place], rows), NOW
    ).findings
    assert [d.expected for d in first.differences] == ["east (location)"]
    assert [d.expected for d in second.differences] == ["the same as location, which is none"]
    secret = Test(device.resolve("assigned_user"), "same_as", device.resolve("last_user"), "last_user", PLACE)
    people = build([secret.field, secret.operand], [Row("device/a", "", {"assigned_user": "a@x", "last_user": "b@x"})])
    (hidden,) = evaluate(replace(policy(kind="device"), expect=secret, remedy=()), people, NOW).findings
    assert "b@x" not in str(hidden)
    assert "a@x" not in str(hidden)
