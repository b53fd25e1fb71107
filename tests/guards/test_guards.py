"""Each guard holds what it is there for, says why, and holds nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from agent.decide.conflicts import Wish
from agent.decide.guards import GUARDS, Population, Spent, guard
from agent.decide.protected import protected_resources
from agent.errors import Place
from agent.model.condition import Test
from agent.model.kind import Risk
from agent.model.policy import Caps, Limit, Mode
from tests.guards.build import AT, FIELD, action, batch, context, plan, policy

if TYPE_CHECKING:
    from agent.model.action import Action, Plan

PLACE = Place("p.yaml", 3, 1)
ONE_TODAY = (Spent("HOST-01", "east", "ansible", 1),)
HOSTS = [action(f"web{n}") for n in range(5)]


def holds(guarded: Plan) -> list[str]:
    return [h.guard for h in guarded.holds]


def test_nothing_is_held_when_nothing_speaks_against_it() -> None:
    guarded = guard(plan(batch(*HOSTS)), context())
    assert guarded.holds == ()
    assert len(guarded.free(guarded.batches[0])) == 5


def test_the_kill_switch_holds_everything_even_what_is_approved() -> None:
    wanted = batch(*HOSTS)
    guarded = guard(plan(wanted), context(stopped="a drill.", approved=frozenset({wanted.digest})))
    assert guarded.free(wanted) == ()
    assert "a drill" in guarded.holds[0].sentence
    assert "resume" in guarded.holds[0].lifted_by


def test_while_a_revision_is_refused_nothing_is_changed_whoever_approves_it() -> None:
    wanted = batch(*HOSTS)
    said = "The revision 0123abcd of the policies is refused: it is not signed. The last good one, 4567, only looks."
    guarded = guard(plan(wanted), context(refused=said, approved=frozenset({wanted.digest})))
    assert guarded.free(wanted) == ()
    (hold,) = guarded.holds
    assert (hold.guard, said in hold.sentence) == ("provenance", True)
    assert "`driftbell revisions` shows what was refused" in hold.lifted_by


def test_propose_waits_for_its_approval_and_goes_on_with_it() -> None:
    asking, wanted = context(policy(mode=Mode.PROPOSE)), batch(*HOSTS)
    guarded = guard(plan(wanted), asking)
    assert holds(guarded) == ["mode"]
    assert wanted.digest in guarded.holds[0].lifted_by
    approved = context(policy(mode=Mode.PROPOSE), approved=frozenset({wanted.digest}))
    assert guard(plan(wanted), approved).holds == ()


def test_audit_is_held_even_if_it_is_planned_and_approved() -> None:
    wanted = batch(*HOSTS)
    watching = context(policy(mode=Mode.AUDIT), approved=frozenset({wanted.digest}))
    assert guard(plan(wanted), watching).free(wanted) == ()


def at(host: str, site: str) -> Action:
    return replace(action(host), site=site)


def test_the_mode_of_its_own_site_holds_each_change() -> None:
    rule = policy(mode=Mode.ENFORCE, modes={"west": Mode.PROPOSE, "north": Mode.AUDIT})
    wanted = batch(at("a", "east"), at("b", "west"), at("c", "north"), at("d", ""))
    guarded = guard(plan(wanted), context(rule))
    assert [a.resource for a in guarded.free(wanted)] == ["host/a", "host/d"]
    assert {h.resources: h.approvable for h in guarded.holds} == {("host/b",): True, ("host/c",): False}
    assert any("asks first for 1 of them" in h.sentence for h in guarded.holds)
    approved = guard(plan(wanted), context(rule, approved=frozenset({wanted.digest})))
    assert [a.resource for a in approved.free(wanted)] == ["host/a", "host/b", "host/d"]


def test_a_yes_for_one_batch_of_a_policy_is_none_for_the_other() -> None:
    rule = policy(mode=Mode.AUDIT, modes={"east": Mode.PROPOSE, "west": Mode.PROPOSE})
    first = batch(at("a", "east"))
    second = replace(batch(at("b", "west")), digest="sha256:other")
    guarded = guard(plan(first, second), context(rule, approved=frozenset({first.digest})))
    assert (len(guarded.free(first)), len(guarded.free(second))) == (1, 0)


def test_the_batches_of_a_policy_share_its_budget_for_the_day() -> None:
    steps = policy().remedy * 2
    rule = policy(caps=Caps(per_day=Limit(count=4)), remedy=steps)
    first, second = batch(*HOSTS[:3]), replace(batch(*HOSTS[3:]), digest="sha256:other", step=1)
    guarded = guard(plan(first, second), context(rule, spent=ONE_TODAY))
    assert (len(guarded.free(first)), len(guarded.free(second))) == (3, 0)
    other = replace(second, policy="HOST-02", actions=tuple(replace(a, policy="HOST-02") for a in second.actions))
    both = context(rule, policy("HOST-02", caps=rule.caps, remedy=steps), spent=ONE_TODAY)
    assert len(guard(plan(first, other), both).free(other)) == 2, "another policy has its own"


def test_destructive_is_off_and_no_approval_lifts_it() -> None:
    wanted = batch(*HOSTS, risk=Risk.DESTRUCTIVE)
    guarded = guard(plan(wanted), context(approved=frozenset({wanted.digest})))
    assert holds(guarded) == ["risk"]


def test_the_tripwire_holds_the_whole_batch_and_says_the_limit() -> None:
    wanted = batch(*HOSTS)
    limited = context(policy(caps=Caps(per_run=Limit(count=2))))
    guarded = guard(plan(wanted), limited)
    assert guarded.free(wanted) == ()
    assert "5 hosts" in guarded.holds[0].sentence
    assert "limit for one run is 2" in guarded.holds[0].sentence
    approved = context(policy(caps=Caps(per_run=Limit(count=2))), approved=frozenset({wanted.digest}))
    assert guard(plan(wanted), approved).holds == ()


@pytest.mark.parametrize(
    ("limit", "hosts", "held"),
    [
        (Limit(count=5), 20, False),
        (Limit(count=4), 20, True),
        (Limit(percent=25), 20, False),
        (Limit(percent=24), 20, True),  # floor(4.8) = 4
        (Limit(count=25, percent=10), 20, True),  # the smaller of both
        (Limit(percent=1), 20, True),  # at least one, and five are wanted
    ],
)
def test_the_tripwire_counts_as_the_language_says(limit: Limit, hosts: int, held: bool) -> None:
    guarded = guard(plan(batch(*HOSTS)), context(policy(caps=Caps(per_run=limit)), hosts=hosts))
    assert ("tripwire" in holds(guarded)) is held


def test_a_percentage_allows_at_least_one() -> None:
    one = batch(HOSTS[0])
    assert guard(plan(one), context(policy(caps=Caps(per_run=Limit(percent=1))), hosts=5)).holds == ()


@pytest.mark.parametrize("limit", [Limit(count=0), Limit(percent=0), Limit(count=0, percent=100)])
def test_zero_means_nothing_and_no_approval_lifts_it(limit: Limit) -> None:
    one = batch(HOSTS[0])
    none = context(policy(caps=Caps(per_run=limit)), approved=frozenset({one.digest}))
    assert guard(plan(one), none).free(one) == ()


def test_the_district_limit_holds_where_the_policy_has_none() -> None:
    guarded = guard(plan(batch(*HOSTS)), context(district=Caps(per_run=Limit(count=2))))
    assert holds(guarded) == ["tripwire"]


def test_the_daily_budget_lets_the_longest_open_go_first() -> None:
    since = {("HOST-01", a.resource): AT - timedelta(days=n) for n, a in enumerate(HOSTS)}
    wanted = batch(*HOSTS)
    tight = context(policy(caps=Caps(per_day=Limit(count=3))), spent=ONE_TODAY, since=since)
    guarded = guard(plan(wanted), tight)
    assert [a.resource for a in guarded.free(wanted)] == ["host/web3", "host/web4"]
    assert guarded.holds[0].guard == "per day"


def test_a_change_of_the_same_resource_costs_again() -> None:
    wanted = batch(HOSTS[0])
    tight = context(policy(caps=Caps(per_day=Limit(count=1))), spent=ONE_TODAY)
    assert holds(guard(plan(wanted), tight)) == ["per day"]


def test_what_is_held_otherwise_spends_nothing_of_the_budget() -> None:
    wanted = batch(*HOSTS)
    tight = context(policy(caps=Caps(per_day=Limit(count=3))), protected={"host/web0": "it is the backup server"})
    assert [a.resource for a in guard(plan(wanted), tight).free(wanted)] == ["host/web1", "host/web2", "host/web3"]


def test_never_touch_holds_its_resource_alone() -> None:
    wanted = batch(*HOSTS)
    approved = frozenset({wanted.digest})
    guarded = guard(plan(wanted), context(protected={"host/web1": "it is the backup server"}, approved=approved))
    assert [a.resource for a in guarded.free(wanted)] == ["host/web0", "host/web2", "host/web3", "host/web4"]
    assert "backup server" in guarded.holds[0].sentence


@pytest.mark.parametrize(
    ("sets", "free"),
    [
        (("file./srv/scratch/a.content",), True),
        (("file./srv/scratch/a.content", "file./srv/scratch/a.mode"), True),
        (("file./srv/scratch.content",), False),
        (("file./srv/scratchy/a.content",), False),
        (("file./srv/scratch/../../etc/passwd.content",), False),
        (("file./srv/scratch/a.content", "sshd.banner"), False),
        ((), False),
    ],
)
def test_a_confined_host_is_changed_below_its_folder_only(sets: tuple[str, ...], free: bool) -> None:
    wanted = batch(action("scratch", sets=sets))
    around = context(confined={"host/scratch": "/srv/scratch"}, protected={"host/scratch": "this server itself"})
    assert bool(guard(plan(wanted), around).free(wanted)) is free


@pytest.mark.parametrize("folder", ["/", "", "srv", "/srv/.."])
def test_a_folder_that_confines_nothing_allows_nothing(folder: str) -> None:
    wanted = batch(action("scratch", sets=("file./srv/a.content",)))
    assert guard(plan(wanted), context(confined={"host/scratch": folder})).free(wanted) == ()


def test_every_list_that_a_policy_rests_on_is_asked() -> None:
    good = Population(20, 20, proven=True, membership="the inventory", name="host")
    for flawed, said in (
        (Population(0, 90, proven=False, membership="", name="person", flaw="it was not imported yet"), "not imported"),
        (Population(90, 90, proven=True, membership="", name="person", flaw="people is 31 hours old"), "31 hours old"),
        (Population(0, 90, proven=True, membership="", name="person"), "The list of persons is empty"),
        (Population(90, 90, proven=False, membership="it breaks off", name="person"), "it breaks off"),
        (Population(80, 90, proven=True, membership="", name="person"), "shrank from 90 to 80"),
    ):
        around = context(rests_on={"HOST-01": (good, flawed)})
        (hold,) = guard(plan(batch(action("web1"))), around).holds
        assert hold.guard == "complete data"
        assert said in hold.sentence
        assert hold.approvable is ("shrank" in said), "a sudden change may be what a person expects; a hole may not"
    assert not guard(plan(batch(action("web1"))), context(rests_on={"HOST-01": (good,)})).holds


def test_unproven_membership_holds() -> None:
    wanted = batch(*HOSTS)
    guarded = guard(
        plan(wanted), context(populations={"host": Population(20, 20, proven=False, membership="page 2 failed")})
    )
    assert guarded.free(wanted) == ()
    assert "page 2 failed" in guarded.holds[0].sentence


@pytest.mark.parametrize(
    ("before", "now", "held"),
    [
        (100, 89, True),
        (100, 90, False),
        (100, 176, True),
        (100, 175, False),
        (10, 8, True),
        (9, 3, False),  # too few to tell
        (None, 3, False),
        (20, 0, True),
    ],
)
def test_a_list_that_shrank_or_grew_holds_until_approved(before: int | None, now: int, held: bool) -> None:
    wanted = batch(HOSTS[0])
    around = context(populations={"host": Population(now, before, proven=True, membership="")})
    assert bool(guard(plan(wanted), around).holds) is held


def wanting(*values: str) -> dict[tuple[str, str], tuple[Wish, ...]]:
    """Give the wishes of HOST-01 and HOST-99 for one field of web0."""
    tests = [
        Test(FIELD, "equals", v, v, PLACE) if v else Test(FIELD, "one_of", ("no", "yes"), "", PLACE) for v in values
    ]
    names = ("HOST-01", "HOST-99")
    made = tuple(Wish(n, t, Place(f"{n}.yaml", 3, 1)) for n, t in zip(names, tests, strict=True))
    return {("host/web0", FIELD.name): made}


def test_two_policies_that_want_different_things_are_held_and_both_named() -> None:
    mine = batch(HOSTS[0], HOSTS[1])
    around = context(policy(), policy("HOST-99"), wishes=wanting("no", "without-password"))
    guarded = guard(plan(mine), around)  # HOST-99 is in line and plans nothing: all the same
    assert [a.resource for a in guarded.free(mine)] == ["host/web1"]
    assert "HOST-01.yaml:3:1" in guarded.holds[0].sentence
    assert "HOST-99.yaml:3:1" in guarded.holds[0].sentence
    approved = replace(around, approved=frozenset({mine.digest}))
    assert [a.resource for a in guard(plan(mine), approved).free(mine)] == ["host/web1"]


@pytest.mark.parametrize("theirs", ["no", ""])
def test_wishes_that_one_value_can_fulfil_do_not_clash(theirs: str) -> None:
    mine = batch(HOSTS[0])
    around = context(policy(), policy("HOST-99"), wishes=wanting("no", theirs))
    assert guard(plan(mine), around).holds == ()


def test_what_failed_three_times_waits_for_a_person() -> None:
    wanted = batch(*HOSTS[:2])
    guarded = guard(plan(wanted), context(failures={("HOST-01", "host/web0"): 3, ("HOST-01", "host/web1"): 2}))
    assert [a.resource for a in guarded.free(wanted)] == ["host/web1"]


def test_every_guard_is_in_the_list() -> None:
    assert [g.__name__ for g in GUARDS] == [
        "kill_switch", "provenance", "modes", "denied", "risk", "never_touch", "freeze", "window",
        "complete_data", "tripwire", "conflicts", "after", "pending", "retries",
        "quarantine", "taken_back", "duration", "rings",
    ]  # fmt: skip


def test_protection_follows_the_machine_whatever_its_name() -> None:
    protected = protected_resources(
        never={"host/backup": "policies/district.yaml says so"},
        addresses={"host/backup": "10.0.0.5", "host/alias": "10.0.0.5", "host/vm": "10.0.0.9", "host/web": "10.0.0.7",
                   "host/me": "10.0.0.8", "host/silent": "10.0.0.6"},
        identities={"host/backup": "m5", "host/alias": "other", "host/vm": "m5", "host/web": "m7", "host/me": "mine"},
        own="mine",
    )  # fmt: skip
    assert set(protected) == {"host/backup", "host/alias", "host/vm", "host/me", "host/silent"}


def test_without_an_identity_of_its_own_the_agent_touches_no_host() -> None:
    assert "host/web" in protected_resources({}, {"host/web": "10.0.0.7"}, {"host/web": "m7"}, own="")


def test_a_site_may_have_a_budget_of_its_own_for_all_policies() -> None:
    wanted = batch(*(at(f"h{n}", "east" if n <= 2 else "west") for n in range(5)))
    around = context(site_limits={"east": Limit(count=2)}, spent=ONE_TODAY)
    guarded = guard(plan(wanted), around)
    assert [a.resource for a in guarded.free(wanted)] == ["host/h0", "host/h3", "host/h4"]
    assert "The daily limit for east is 2 and 1 were made today, so 2 wait" in guarded.holds[0].sentence
