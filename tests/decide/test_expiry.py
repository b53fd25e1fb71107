"""Dated values: good until the end of their last day in the district's zone, and nothing is said by them afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from agent.decide.columns import Row, build
from agent.decide.evaluate import converge_field, evaluate
from agent.decide.expiry import expired, expiring
from agent.decide.overlay import overlay
from agent.decide.plan import make_plan
from agent.errors import Place
from agent.model.condition import Test
from agent.model.finding import Verdict
from agent.model.kind import FieldRef, FieldType
from agent.model.policy import Converge, Dated, Measured, Mode
from agent.model.reading import Unknown
from tests.decide.build import BANNER, CATALOG, FORWARD, PLACE, ROOT, equals, policy, repository, table

CHICAGO = ZoneInfo("America/Chicago")
CHROME = Dated("chromeos", date(2027, 1, 31), Place("policies/values/chromeos.yaml", 2, 10))
IPAD = Dated("ipados", date(2027, 2, 10), Place("policies/values/ipados.yaml", 2, 10))
LAST, AFTER = datetime(2027, 1, 31, 23, 59, 59, tzinfo=CHICAGO), datetime(2027, 2, 1, tzinfo=CHICAGO)
WHY = "the values chromeos expired on 2027-01-31"
DATED = policy(values=(CHROME,))
HOSTS = table({
    "good": {ROOT: "no", BANNER: "/etc/issue.net", FORWARD: "1"},
    "bad": {ROOT: "yes", BANNER: "", FORWARD: "1"},
    "dark": {ROOT: Unknown("timed out"), BANNER: Unknown("timed out"), FORWARD: "1"},
    "out": {ROOT: "yes", BANNER: "", FORWARD: "0"},
})


def test_the_last_good_day_is_one() -> None:
    assert not expired(DATED, LAST)
    assert expired(DATED, AFTER) == WHY
    assert expired(policy(values=(CHROME, IPAD)), datetime(2027, 3, 1, tzinfo=CHICAGO)) == (
        "the values chromeos expired on 2027-01-31 and the values ipados expired on 2027-02-10"
    )


def test_after_it_everything_in_scope_is_unknown_and_nothing_is_done() -> None:
    somewhere = replace(DATED, where=equals(FORWARD, "1"))
    before, after = evaluate(somewhere, HOSTS, LAST), evaluate(somewhere, HOSTS, AFTER)
    assert before.in_line == {"host/good"}
    assert {f.resource: f.verdict for f in before.findings}["host/bad"] is Verdict.OUT_OF_LINE
    assert {f.resource: (f.verdict, f.why) for f in after.findings} == dict.fromkeys(
        ("host/good", "host/bad", "host/dark"), (Verdict.UNKNOWN, WHY)
    )
    assert (after.in_line, after.counts.out_of_line, after.counts.unknown) == (frozenset(), 0, 3)
    assert after.in_scope == before.in_scope
    asked = [make_plan(repository(somewhere), a.findings, {"host": HOSTS}, CATALOG).batches for a in (before, after)]
    assert [bool(batches) for batches in asked] == [True, False]


def test_what_a_playbook_would_change_is_unknown_too() -> None:
    field = FieldRef("converge", "converge", "", "", FieldType.LIST)
    rule = replace(DATED, expect=None, converge=Converge("playbooks/time.yml", {}, (), field, Place("p")))
    hosts = table({"bad": {ROOT: "yes"}})
    column = converge_field(rule)
    hosts = overlay(hosts, build([column], [Row("host/bad", "east", {column.name: ("task",)})]))
    (before,), (after,) = evaluate(rule, hosts, LAST).findings, evaluate(rule, hosts, AFTER).findings
    assert (before.verdict, after.verdict, after.why) == (Verdict.OUT_OF_LINE, Verdict.UNKNOWN, WHY)


@pytest.mark.parametrize("operator", ["at_most", "at_least"])
def test_a_count_that_would_hold_whatever_its_members_are_is_unknown_too(operator: str) -> None:
    wanted = Test(FieldRef("", "", "", "", FieldType.NUMBER), operator, 100 if operator == "at_most" else 0, "", PLACE)
    rule = replace(DATED, measure=Measured(None, share=False, wanted=wanted, text=""), mode=Mode.AUDIT, remedy=())
    assert evaluate(rule, HOSTS, LAST).counts.in_line == 1
    (after,) = evaluate(rule, HOSTS, AFTER).findings
    assert (after.resource, after.verdict) == ("district/all", Verdict.UNKNOWN)
    assert WHY in after.why


def test_a_warning_comes_thirty_days_before_and_names_who_rests_on_it() -> None:
    many = [policy(f"P-0{n}", values=(CHROME,)) for n in range(1, 6)]
    assert expiring(many, datetime(2026, 12, 31, 23, 59, tzinfo=CHICAGO)) == ()
    (soon,) = expiring(many, datetime(2027, 1, 1, tzinfo=CHICAGO))
    assert soon == (
        "The values chromeos are good until 2027-01-31 (policies/values/chromeos.yaml:2:10), 30 more days: P-01, P-02, "
        "P-03 and 2 more rest on them. Look them up again and set a new date."
    )
    (today,) = expiring(many[:1], LAST)
    assert "today is their last good day: P-01 rests on them" in today
    (late,) = expiring(many[:2], AFTER)
    assert late == (
        "The values chromeos expired on 2027-01-31 (policies/values/chromeos.yaml:2:10), so nothing can be said by "
        "P-01, P-02. Look them up again and set a new date."
    )
    assert expiring([policy()], AFTER) == ()
