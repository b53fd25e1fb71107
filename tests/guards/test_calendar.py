"""The guards of the calendar: what is frozen, closed or would not be over in time waits, whoever approved it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from agent.decide.guards import Context, guard
from agent.decide.guards.duration import overlong
from agent.model.action import Hold
from agent.model.books import Took
from agent.model.kind import Risk
from agent.model.policy import Caps, Limit, Mode
from agent.model.rollout import Rings
from agent.model.window import Gate, Override, Window
from tests.guards.build import action, batch, context, plan, policy
from tests.guards.calendars import clock, gates

if TYPE_CHECKING:
    from agent.model.action import Action, Batch, Plan
    from agent.model.policy import Policy

IN_TESTS, IN_SCHOOL, EVENING = "2027-04-13T12:00", "2026-11-16T12:00", "2026-11-16T21:00"
AFTER = (Window.AFTER_SCHOOL,)
MINUTE = timedelta(minutes=1)


def at(host: str, site: str) -> Action:
    return replace(action(host), site=site)


def around(moment: str, *policies: Policy, overrides: tuple[Override, ...] = (), **changes: Any) -> Context:
    """Give what the guards know at a moment on the district's clock."""
    return context(*policies, now=clock("", moment), gates=gates(moment, *overrides), **changes)


def free(guarded: Plan) -> list[str]:
    return [a.resource for b in guarded.batches for a in guarded.free(b)]


def only(guarded: Plan) -> Hold:
    (hold,) = guarded.holds
    return hold


EAST, RIVER, NOWHERE = at("a", "east"), at("b", "river"), at("c", "")
WANTED = batch(EAST, RIVER, NOWHERE, at("d", "east"))


def took(span: timedelta, hosts: int = 20, what: str = "ansible.playbook") -> dict[str, list[Took]]:
    """Give what is known of how long a verb took."""
    return {what: [Took(span, hosts)]}


def approved(wanted: Batch) -> dict[str, Any]:
    return {"approved": frozenset({wanted.digest})}


@pytest.mark.parametrize("given", [{}, approved(WANTED)])
def test_what_is_frozen_waits_and_the_rest_goes_on_whoever_approved_it(given: dict[str, Any]) -> None:
    guarded = guard(plan(WANTED), around(IN_TESTS, **given))
    assert free(guarded) == ["host/b", "host/c"]
    hold = only(guarded)
    assert (hold.guard, hold.resources, hold.approvable) == ("freeze", ("host/a", "host/d"), False)
    assert hold.sentence.startswith(
        "Wanted to change 2 hosts at East. East is frozen until Sat 2027-05-01 00:00: State tests"
    )
    assert hold.lifted_by.startswith("the end of State tests, or `driftbell windows override --site east`")


def test_a_freeze_of_the_whole_district_holds_each_site_with_a_reason_of_its_own() -> None:
    guarded = guard(plan(WANTED), around("2026-11-30T12:00"))
    assert free(guarded) == []
    assert {h.resources for h in guarded.holds} == {("host/c",), ("host/a", "host/d"), ("host/b",)}
    assert any(
        h.sentence.startswith("Wanted to change 1 host. What belongs to no site is frozen") for h in guarded.holds
    )


def test_a_freeze_of_all_that_a_batch_wants_holds_the_batch() -> None:
    assert only(guard(plan(batch(EAST)), around(IN_TESTS))).resources == ()


def test_an_override_lifts_a_freeze_and_no_window() -> None:
    now = clock("", IN_TESTS)
    given = Override("o1", ("east",), "director", "it is urgent", now - MINUTE, now + 60 * MINUTE)
    assert free(guard(plan(batch(EAST)), around(IN_TESTS, overrides=(given,)))) == ["host/a"]
    guarded = guard(plan(batch(EAST)), around(IN_TESTS, policy(windows=AFTER), overrides=(given,)))
    assert only(guarded).guard == "window"


def test_a_policy_with_a_window_acts_in_it_alone() -> None:
    rule = policy(windows=AFTER)
    hold = only(guard(plan(batch(EAST)), around(IN_SCHOOL, rule)))
    assert (hold.guard, hold.approvable) == ("window", False)
    assert hold.sentence == (
        "Wanted to change 1 host at East. HOST-01 acts after school only; the next time is at 15:00."
    )
    assert hold.lifted_by == "the next opening, at 15:00"
    assert guard(plan(batch(EAST)), around(EVENING, rule)).holds == ()
    assert guard(plan(batch(EAST)), around(IN_SCHOOL, policy())).holds == ()  # without one at any hour


def test_an_approval_lifts_no_window() -> None:
    rule = policy(windows=AFTER, mode=Mode.PROPOSE)
    assert only(guard(plan(batch(EAST)), around(IN_SCHOOL, rule, **approved(batch(EAST))))).guard == "window"


def test_a_site_may_have_windows_of_its_own_which_must_be_open_too() -> None:
    def nightly(moment: str) -> dict[str, Gate]:
        return {site: replace(gate, only=(Window.OVERNIGHT,)) for site, gate in gates(moment).items()}

    rule, early = policy(windows=AFTER), "2026-11-16T17:00"
    late = context(rule, now=clock("", EVENING), gates=nightly(EVENING))
    assert guard(plan(batch(EAST, RIVER)), late).holds == ()
    for one in (rule, policy()):
        hold = only(guard(plan(batch(EAST)), context(one, now=clock("", early), gates=nightly(early))))
        assert hold.guard == "window"
        assert "East is changed overnight only; the next time is at 20:00" in hold.sentence


def test_any_of_several_windows_is_enough_and_the_soonest_is_named() -> None:
    rule = policy(windows=(Window.BREAKS, Window.OVERNIGHT))
    assert guard(plan(batch(EAST)), around(EVENING, rule)).holds == ()
    hold = only(guard(plan(batch(EAST)), around(IN_SCHOOL, rule)))
    assert "in breaks or overnight only; the next time is at 20:00." in hold.sentence


def test_each_site_by_its_own_bells() -> None:
    rule, wanted = policy(windows=AFTER), batch(EAST, RIVER)
    guarded = guard(plan(wanted), around("2026-11-16T14:30", rule))  # 15:30 over the river
    assert free(guarded) == ["host/b"]
    assert only(guarded).resources == ("host/a",)


@pytest.mark.parametrize(
    ("site", "why"),
    [
        ("depot", "Depot keeps no school calendar"),
        ("ghost", "its calendar, Never, never opens"),
        ("elsewhere", "nobody asked its calendar"),
    ],
)
def test_where_a_window_cannot_be_told_nothing_is_done(site: str, why: str) -> None:
    for moment in (IN_SCHOOL, EVENING, "2026-11-22T12:00"):
        hold = only(guard(plan(batch(at("a", site))), around(moment, policy(windows=AFTER))))
        assert hold.guard == "window"
        assert f"HOST-01 acts after school only, and when that is cannot be told: {why}." in hold.sentence


def test_a_night_can_be_told_without_a_calendar() -> None:
    rule, wanted = policy(windows=(Window.OVERNIGHT, Window.BREAKS)), batch(at("a", "depot"))
    assert guard(plan(wanted), around(EVENING, rule)).holds == ()
    assert "the next time is at 20:00" in only(guard(plan(wanted), around(IN_SCHOOL, rule))).sentence


def test_a_window_that_never_opens_says_so() -> None:
    hold = only(guard(plan(batch(at("a", "hub"))), around(EVENING, policy(windows=AFTER))))
    assert "no such time is known" in hold.sentence


def test_a_clock_that_is_set_back_an_hour_into_school_finds_the_window_closed() -> None:
    rule = policy(windows=AFTER)
    assert guard(plan(batch(EAST)), around("2026-11-16T15:30", rule)).holds == ()
    assert only(guard(plan(batch(EAST)), around("2026-11-16T14:30", rule))).guard == "window"


@pytest.mark.parametrize(
    ("minutes", "held"),
    [(0, False), (10 * 60, False), (10 * 60 + 1, True)],  # from 21:00 it is open until 07:00
)
def test_what_would_not_be_over_when_the_window_closes_does_not_start(minutes: int, held: bool) -> None:
    wanted, rule = batch(EAST), policy(windows=(*AFTER, Window.OVERNIGHT))
    lasts = took(minutes * MINUTE) if minutes else {}
    guarded = guard(plan(wanted), around(EVENING, rule, lasts=lasts, **approved(wanted)))
    assert [h.guard for h in guarded.holds] == (["duration"] if held else [])
    for hold in guarded.holds:
        assert "That took up to 10 h 1 min before: it would not be over when its window closes" in hold.sentence
        assert "Tue 2026-11-17 at 07:00" in hold.sentence


def test_what_would_not_be_over_when_a_freeze_begins_does_not_start_there() -> None:
    wanted = batch(EAST, RIVER)
    guarded = guard(plan(wanted), around("2027-04-08T23:30", lasts=took(31 * MINUTE)))
    assert free(guarded) == ["host/b"]
    assert "when East is frozen, Fri 2027-04-09 at 00:00" in only(guarded).sentence
    assert guard(plan(wanted), around("2027-04-08T23:30", lasts=took(30 * MINUTE))).holds == ()


def test_what_would_not_be_over_when_an_override_ends_does_not_start() -> None:
    now, wanted = clock("", IN_TESTS), batch(EAST)
    given = Override("o1", ("east",), "director", "it is urgent", now, now + 30 * MINUTE)
    long = around(IN_TESTS, overrides=(given,), lasts=took(31 * MINUTE))
    assert only(guard(plan(wanted), long)).guard == "duration"


def test_what_runs_before_takes_its_time_too_unless_it_is_held_itself() -> None:
    rules = (policy("A", windows=AFTER), policy("B", windows=AFTER), policy("C", windows=AFTER, mode=Mode.PROPOSE))
    first, second, asked = (batch(replace(EAST, policy=rule.id), policy_id=rule.id) for rule in rules)
    late = around("2026-11-17T06:00", *rules, lasts=took(40 * MINUTE))  # an hour is left
    guarded = guard(plan(first, second), late)
    assert [(h.guard, h.batch) for h in guarded.holds] == [("duration", second.digest)]
    assert "and 40 min of others come first" in guarded.holds[0].sentence
    after_one_that_asks = guard(plan(asked, second), late)
    assert [(h.guard, h.batch) for h in after_one_that_asks.holds] == [("mode", asked.digest)]


FORTY = batch(*(at(f"h{n:02}", "east") for n in range(40)))
DAWN = "2026-11-17T05:00"  # two hours before its window closes


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ([Took(25 * MINUTE, 8)], "25 min went by for 8 hosts before, so 40 may take 2 h 5 min: it would not be over"),
        ([Took(24 * MINUTE, 8)], ""),  # two hours to the minute
        ([Took(25 * MINUTE, 9)], "25 min went by for 9 hosts before, so 40 may take 2 h 5 min"),  # 5 times, not 4.4
        ([Took(4 * MINUTE, 1)], "4 min went by for 1 host before, so 40 may take 2 h 40 min"),
        ([Took(4 * MINUTE, 1), Took(10 * MINUTE, 20)], ""),  # what is known of the most at once
        ([Took(119 * MINUTE, 40)], ""),
        ([Took(119 * MINUTE, 500), Took(121 * MINUTE, 3)], "That took up to 2 h 1 min before: it would not be over"),
        ([Took(121 * MINUTE, 1), Took(MINUTE, 39)], "so 40 may take 2 h 1 min"),  # never less than the longest
    ],
)
def test_more_hosts_than_ever_before_take_longer_than_ever_before(known: list[Took], said: str) -> None:
    rule = policy(windows=AFTER)
    guarded = guard(plan(FORTY), around(DAWN, rule, hosts=100, lasts={"ansible.playbook": known}))
    assert [h.guard for h in guarded.holds] == (["duration"] if said else [])
    assert said in "".join(h.sentence for h in guarded.holds)


@pytest.mark.parametrize(
    "changes",
    [{"rings": Rings()}, {"district": Caps(per_day=Limit(count=8))}],
    ids=["rings", "a budget"],
)
def test_only_what_may_begin_takes_time(changes: dict[str, Any]) -> None:
    long = around(DAWN, policy(windows=AFTER), hosts=100, lasts=took(25 * MINUTE, 8), **changes)
    guarded = guard(plan(FORTY), long)
    assert "duration" not in [h.guard for h in guarded.holds]
    assert free(guarded)


@pytest.mark.parametrize(("minutes", "sites"), [(120, []), (121, ["host/a", "host/d"])])
def test_what_begins_together_takes_its_time_together_and_at_once(minutes: int, sites: list[str]) -> None:
    rules = (policy("A", windows=AFTER), policy("B"))
    first, second = batch(replace(EAST, policy="A"), replace(at("d", "east"), policy="A"), policy_id="A"), batch(RIVER)
    second = replace(second, policy="B")
    around_them = around(DAWN, *rules, lasts=took(minutes * MINUTE / 3, 1))  # three hosts take three times as long
    both = plan(first, second)
    assert [r for h in overlong(both.batches, both, around_them) for a in first.actions for r in [a.resource]] == sites
    held = replace(both, holds=(Hold("freeze", second.digest, (), "", ""),))
    assert not list(overlong(held.batches, held, around_them)), "what is held takes none"


def test_a_smaller_budget_is_named_as_a_way_out() -> None:
    hold = only(guard(plan(FORTY), around(DAWN, policy(windows=AFTER), hosts=100, lasts=took(25 * MINUTE, 8))))
    assert "an opening that is long enough, or a smaller `per_day`" in hold.lifted_by


def test_several_playbooks_of_one_batch_take_their_time_one_after_the_other() -> None:
    books = ("playbooks/a.yml", "playbooks/b.yml")
    both = [replace(at(f"h{n}", "east"), arguments={"playbook": book}) for n, book in enumerate(books)]
    lasts = {book: [Took(61 * MINUTE, 5)] for book in books}
    hold = only(guard(plan(batch(*both)), around(DAWN, policy(windows=AFTER), lasts=lasts)))
    assert "That took up to 2 h 2 min before" in hold.sentence


def test_the_time_of_the_hold_is_on_the_clock_of_the_site() -> None:
    hold = only(guard(plan(batch(RIVER)), around(IN_SCHOOL, policy(windows=AFTER))))
    assert hold.lifted_by == "the next opening, at 15:00"  # in New York
    assert clock("", IN_SCHOOL) < datetime.fromisoformat("2026-11-16T15:00-05:00")


def test_what_destroys_is_frozen_too() -> None:
    wanted = batch(EAST, risk=Risk.DESTRUCTIVE)
    guarded = guard(plan(wanted), around(IN_TESTS, enabled=frozenset({wanted.verb}), **approved(wanted)))
    assert "freeze" in [h.guard for h in guarded.holds]
