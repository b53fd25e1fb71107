"""Rings: what a ring may touch, when the next one comes, and that nothing gets past a halt."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from agent.decide.guards import Context, guard
from agent.decide.rings import Facts, advance, within
from agent.model.action import Action, Batch, Plan, Result
from agent.model.kind import Risk
from agent.model.policy import Caps, Limit, Mode
from agent.model.rollout import Progress, Ring, Rings, Rollout
from tests.guards.build import AT, action, batch, context, plan, policy

CASES = yaml.safe_load((Path(__file__).parents[1] / "cases" / "guards" / "rings.yaml").read_text(encoding="utf-8"))
MINUTE = timedelta(minutes=1)
RINGS = Rings()
KEY = ("HOST-01", "ansible.playbook")


def rollout(ring: Ring = Ring.ONE, progress: Progress = Progress.RUNNING, minutes: float = 0, **more: Any) -> Rollout:
    changed = AT - minutes * MINUTE
    base = Rollout("HOST-01", "d", KEY[1], ring, progress, "host/a", "east", changed, changed, changed)
    return replace(base, **more)


def pairs(said: list[str]) -> frozenset[tuple[str, str]]:
    return frozenset((policy, resource) for policy, _, resource in (text.partition(" on ") for text in said))


@pytest.mark.parametrize("case", CASES, ids=[c["about"] for c in CASES])
def test_where_a_ring_leads(case: dict[str, Any]) -> None:
    asked = case.get("rings", {})
    limits = Rings(failed=asked.get("failed", 0), new_findings=asked.get("new_findings", 0))
    at, shown, leads = case["at"], case["shown"], case["leads"]
    ring, progress = Ring[at["ring"].upper()], Progress(at.get("progress", "running"))
    before = rollout(ring, progress, at["minutes"], by=at.get("by", ""))
    facts = Facts(
        {resource: Result(word) for resource, word in shown["results"].items()},
        frozenset(shown.get("left", ())),
        pairs(shown.get("findings", [])),
        pairs(shown.get("services", [])),
        frozenset(shown.get("doubted", ())),
    )
    after = advance(before, limits, facts, AT)
    if leads.get("anew"):
        assert after is None
        return
    assert after is not None
    assert after.ring is Ring[leads["ring"].upper()]
    assert after.progress is Progress(leads.get("progress", "running"))
    for words in case.get("says", ()):
        assert words in after.why
    if after.ring is not before.ring:
        assert (after.began, after.changed) == (None, AT)
    assert bool(after.why) == (after.progress is Progress.HALTED and before.progress is Progress.RUNNING)


def at(name: str, site: str = "east") -> Action:
    return replace(action(name), site=site)


WANTED = [at("c"), at("b"), at("a"), at("z", "annex"), at("w", "west")]


def free(wanted: Batch, around: Context, *others: Batch) -> list[str]:
    return sorted(a.resource for a in guard(plan(wanted, *others), around).free(wanted))


def test_without_rings_nothing_is_held() -> None:
    assert len(free(batch(*WANTED), context())) == 5


def test_one_goes_first_by_site_and_id_and_the_rest_is_told_how_long_it_waits() -> None:
    wanted = batch(*WANTED)
    guarded = guard(plan(wanted), context(policy(rings=RINGS)))
    assert [a.resource for a in guarded.free(wanted)] == ["host/z"]
    (hold,) = guarded.holds
    assert hold.guard == "rings"
    assert not hold.approvable
    assert "Ring 1 of 3: only z is changed at first, and 4 wait until" in hold.sentence
    assert "watched for 1 h" in hold.sentence
    again = batch(*reversed(WANTED))
    assert free(again, context(policy(rings=RINGS))) == ["host/z"]


def test_the_district_may_ask_for_rings_of_all_and_a_policy_says_where_they_begin() -> None:
    wanted = batch(*WANTED)
    assert free(wanted, context(rings=RINGS)) == ["host/z"]
    assert free(wanted, context(policy(rings=Rings(site="west")), rings=RINGS)) == ["host/w"]
    assert free(wanted, context(policy(rings=Rings(site="east")))) == ["host/a"]
    assert free(wanted, context(policy(rings=Rings(site="north")))) == ["host/z"], "nothing is wanted at that site"


def test_the_trial_site_is_waited_for_and_never_left_for_another() -> None:
    protected = {f"host/{n}": "somebody said so" for n in "ab"}
    trial = policy(rings=Rings(site="east"))
    assert free(batch(*WANTED), context(trial, protected=protected)) == ["host/c"]
    everything = {**protected, "host/c": "that one too"}
    assert free(batch(*WANTED), context(trial, protected=everything)) == []


def test_what_something_else_holds_is_not_what_a_rollout_begins_with() -> None:
    around = context(policy(rings=RINGS), protected={"host/z": "it is the backup server"})
    assert free(batch(*WANTED), around) == ["host/a"]


@pytest.mark.parametrize(
    ("risk", "number", "held"),
    [
        (Risk.DISRUPTIVE, 10, 0), (Risk.DISRUPTIVE, 11, 10), (Risk.REVERSIBLE, 30, 0), (Risk.ADDITIVE, 30, 0),
    ],
)  # fmt: skip
def test_what_disrupts_more_than_ten_has_rings_whoever_asks(risk: Risk, number: int, held: int) -> None:
    wanted = batch(*(at(f"h{n:02}") for n in range(number)), risk=risk)
    assert number - len(free(wanted, context(hosts=500))) == held


def test_ten_at_a_time_in_two_batches_are_more_than_ten() -> None:
    first = batch(*(at(f"h{n:02}") for n in range(6)), risk=Risk.DISRUPTIVE)
    second = replace(batch(*(at(f"k{n:02}") for n in range(6)), risk=Risk.DISRUPTIVE), digest="sha256:other")
    assert (free(first, context(), second), free(second, context(), first)) == (["host/h00"], [])


def test_no_approval_skips_a_ring() -> None:
    wanted = batch(*WANTED)
    around = context(policy(rings=RINGS, mode=Mode.PROPOSE), approved=frozenset({wanted.digest}))
    assert free(wanted, around) == ["host/z"]


def under_way(**known: Any) -> Context:
    return context(policy(rings=RINGS), rollouts={KEY: rollout(**known)})


@pytest.mark.parametrize(
    ("site", "said"),
    [("east", "Ring 2 of 3: only east is changed"), ("", "Ring 2 of 3: only what belongs to no site is changed")],
)
def test_a_ring_says_where_it_is(site: str, said: str) -> None:
    guarded = guard(plan(batch(*WANTED)), under_way(ring=Ring.SITE, site=site))
    assert said in guarded.holds[0].sentence


def test_each_ring_touches_what_it_may() -> None:
    wanted = batch(*WANTED)
    assert free(wanted, under_way()) == ["host/a"]
    assert free(wanted, under_way(ring=Ring.SITE)) == ["host/a", "host/b", "host/c"]
    assert len(free(wanted, under_way(ring=Ring.ALL))) == 5
    assert len(free(wanted, under_way(ring=Ring.ALL, progress=Progress.PASSED))) == 5


def test_a_rollout_of_another_verb_or_content_is_none() -> None:
    other = context(policy(rings=RINGS), rollouts={("HOST-01", "other.verb"): rollout(ring=Ring.ALL)})
    assert free(batch(*WANTED), other) == ["host/z"]


def test_rings_hold_to_their_end_even_where_few_are_left() -> None:
    wanted = batch(at("a"), at("w", "west"), risk=Risk.DISRUPTIVE)
    assert free(wanted, context(rollouts={KEY: rollout()})) == ["host/a"]


@pytest.mark.parametrize(
    ("progress", "lifted"),
    [(Progress.HALTED, "driftbell resume HOST-01"), (Progress.ABANDONED, "change of the policy")],
)
def test_what_was_stopped_changes_nothing_and_says_what_lifts_that(progress: Progress, lifted: str) -> None:
    wanted = batch(*WANTED)
    around = under_way(ring=Ring.SITE, progress=progress, why="2 of 3 changes failed.", by="director")
    guarded = guard(plan(wanted), replace(around, approved=frozenset({wanted.digest})))
    assert guarded.free(wanted) == ()
    (hold,) = guarded.holds
    assert "in ring 2 of 3" in hold.sentence
    assert "2 of 3 changes failed." in hold.sentence
    assert lifted in hold.lifted_by


def test_a_ring_spends_its_budget_on_what_it_may_touch() -> None:
    wanted = batch(*WANTED)
    tight = replace(under_way(), district=Caps(per_day=Limit(count=1)))
    assert free(wanted, tight) == ["host/a"]


NAMES = [f"h{n}" for n in range(6)]
SITES = {name: ("east", "west", "")[n % 3] for n, name in enumerate(NAMES)}
words = st.sampled_from(list(Result))
runs = st.lists(
    st.tuples(st.dictionaries(st.sampled_from(NAMES), words), st.integers(0, 90), st.sets(st.sampled_from(NAMES))),
    max_size=12,
)


@given(runs)
def test_no_sequence_of_outcomes_lets_a_ring_touch_more_than_it_may(said: list[Any]) -> None:
    """One resource before the first soak, one site before the second, nothing after a halt; one ring at a time."""
    rule, now, going, touched = policy(rings=RINGS), AT, None, set[str]()
    for outcomes, minutes, drifted in said:
        now += minutes * MINUTE
        wanted = batch(*(replace(action(n), site=SITES[n]) for n in sorted(drifted)))
        rollouts = {KEY: going} if going else {}
        allowed = {a.resource for a in guard(plan(wanted), context(rule, rollouts=rollouts, now=now)).free(wanted)}
        if going is None:
            assert len(allowed) <= 1
            first = next(iter(allowed), "")
            if not first:
                continue
            site = SITES[first.partition("/")[2]]
            going = Rollout("HOST-01", "d", KEY[1], Ring.ONE, Progress.RUNNING, first, site, now, now, now)
        assert going.progress is Progress.RUNNING or going.progress is Progress.PASSED or not allowed
        assert all(within(going, r, SITES[r.partition("/")[2]]) for r in allowed)
        touched |= allowed
        if going.ring is Ring.ONE:
            assert touched <= {going.resource}
        elif going.ring is Ring.SITE:
            assert {SITES[r.partition("/")[2]] for r in touched} <= {going.site}
        going = replace(going, changed=now) if allowed else going
        results = {r: outcomes.get(r.partition("/")[2], Result.CONFIRMED) for r in allowed}
        after = advance(going, RINGS, Facts(results), now + (61 if outcomes else 1) * MINUTE)
        if after is None:
            assert going.ring is Ring.ONE
            assert Result.CONFIRMED not in results.values()
            going, touched = None, set()
            continue
        assert after.ring in {going.ring, min(going.ring + 1, Ring.ALL)}
        if Result.FAILED in results.values() and going.progress is Progress.RUNNING:
            assert after.progress is Progress.HALTED
        going = after


results = st.dictionaries(st.sampled_from(NAMES), words, min_size=1)


@given(results, st.sets(st.sampled_from(NAMES)), st.integers(0, 200), st.floats(0, 100), st.floats(0, 100), st.data())
def test_stricter_rings_never_hold_less(
    said: dict[str, Result], worse: set[str], minutes: int, failed: float, new: float, data: st.DataObject
) -> None:
    loose = Rings(timedelta(minutes=data.draw(st.integers(0, 100))), failed, new)
    strict = Rings(
        loose.soak + timedelta(minutes=data.draw(st.integers(0, 100))),
        data.draw(st.floats(0, failed)), data.draw(st.floats(0, new)),
    )  # fmt: skip
    facts = Facts(said, findings=frozenset(("HOST-09", name) for name in worse))
    ring = data.draw(st.sampled_from(list(Ring)))
    one, other = (advance(rollout(ring, minutes=minutes), r, facts, AT) for r in (loose, strict))
    if one is None or other is None:  # what begins anew may touch what the first ring may
        assert other is None or other.ring is Ring.ONE
        return
    assert other.ring <= one.ring
    if Result.PENDING in said.values():  # which halts the one that is over, and not yet the one that still soaks
        return
    wanted = batch(*(replace(action(n), site=SITES[n]) for n in NAMES))
    under = [set(free(wanted, context(policy(rings=RINGS), rollouts={KEY: r}))) for r in (one, other)]
    assert under[1] <= under[0]
    none = set(free(wanted, context()))
    assert set(free(wanted, context(policy(rings=loose)))) <= none


def test_rings_come_last_so_that_they_see_what_else_is_held() -> None:
    from agent.decide.guards import GUARDS
    from agent.decide.guards.rings import rings

    assert GUARDS[-1] is rings


def test_nothing_is_begun_where_the_plan_is_empty() -> None:
    assert guard(Plan(()), context(policy(rings=RINGS))).holds == ()
