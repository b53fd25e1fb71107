"""What holds of the guards whatever the plan: caps over many cycles, never touch, stricter is stricter, no order."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.decide.guards import GUARDS, Claim, Consent, Population, Returned, Spent, guard
from agent.decide.guards.caps import tightest
from agent.model.action import Plan
from agent.model.kind import Risk
from agent.model.policy import Caps, Limit, Mode, Severity
from agent.model.window import Freeze, Gate, Window
from tests.guards.build import AT, FIELD, action, batch, context, policy

if TYPE_CHECKING:
    from agent.decide.guards import Context

# The whole folder is run once for each mutation; `make fuzz` asks for more.
FEW = settings(max_examples=int(os.environ.get("DRIFTBELL_EXAMPLES", "30")), deadline=None)
SITES = ("east", "west", "")
NAMES = ("P0", "P1", "P2")
HOSTS = tuple(f"h{n:02d}" for n in range(12))
SYSTEMS = ("ansible", "mdm")
HOUR = timedelta(hours=1)
# Rings begin with whatever the others leave, and how long playbooks take adds up: both look at the plan as a whole.
OF_THE_WHOLE = frozenset({"rings", "duration"})
ONE_BY_ONE = tuple(g for g in GUARDS if g.__name__ not in OF_THE_WHOLE)

limits = st.builds(
    Limit,
    count=st.none() | st.integers(0, 6),
    percent=st.none() | st.sampled_from((0.0, 1.0, 10.0, 25.0, 50.0, 100.0)),
)
some_limit = st.none() | limits
caps = st.builds(Caps, per_run=some_limit, per_day=some_limit, per_site=some_limit, per_credential=some_limit)


def site_of(host: str) -> str:
    return SITES[int(host[1:]) % len(SITES)]


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Give a plan of up to three policies, each with a batch, of up to a dozen hosts."""
    found = []
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True)):
        system = draw(st.sampled_from(SYSTEMS))
        hosts = sorted(draw(st.sets(st.sampled_from(HOSTS), min_size=1)))
        actions = [replace(action(h, name), site=site_of(h), verb=f"{system}.playbook") for h in hosts]
        risk = draw(st.sampled_from((Risk.ADDITIVE, Risk.REVERSIBLE, Risk.DISRUPTIVE, Risk.DESTRUCTIVE)))
        found.append(replace(batch(*actions, policy_id=name, risk=risk), verb=f"{system}.playbook"))
    return Plan(tuple(found))


@st.composite
def worlds(draw: st.DrawFn) -> Context:
    """Give a context in which anything may speak against anything."""
    hosts = st.sampled_from([f"host/{h}" for h in HOSTS])
    pairs = st.tuples(st.sampled_from(NAMES), hosts)
    modes = st.sampled_from(Mode)
    policies = [
        policy(
            name, mode=draw(modes), caps=draw(caps), severity=draw(st.sampled_from(Severity)),
            windows=tuple(draw(st.sets(st.sampled_from(Window), max_size=2))),
        )
        for name in NAMES
    ]  # fmt: skip
    return context(
        *policies,
        district=draw(caps),
        stopped=draw(st.sampled_from(("", "", "", "a drill."))),
        protected=draw(st.dictionaries(hosts, st.just("it is the backup server"), max_size=3)),
        confined=draw(st.dictionaries(hosts, st.sampled_from(("/srv", "/")), max_size=2)),
        approved=frozenset(f"sha256:{n}" for n in draw(st.sets(st.sampled_from(NAMES)))),
        since={pair: AT - timedelta(days=n) for n, pair in enumerate(draw(st.lists(pairs, unique=True, max_size=8)))},
        failures=draw(st.dictionaries(pairs, st.integers(0, 4), max_size=4)),
        returned=draw(st.dictionaries(pairs, st.builds(Returned, st.integers(0, 5), st.just(AT)), max_size=4)),
        claims={
            (resource, FIELD.name): Claim(name, "mdm.playbook", AT - HOUR, AT + n * HOUR)
            for n, (name, resource) in enumerate(draw(st.lists(pairs, max_size=3)))
        },
        gates={site: draw(gates(site)) for site in SITES},
        populations={"host": draw(lists)},
        sizes={("host", s): 4 for s in SITES},
        spent=tuple(draw(st.lists(spendings, max_size=3))),
        consents={
            f"sha256:{n}": Consent(denied=draw(st.sampled_from(("", "", "B. Example said no: not now")))) for n in NAMES
        },
    )


spendings = st.builds(
    Spent, st.sampled_from(NAMES), st.sampled_from(SITES), st.sampled_from(SYSTEMS), st.integers(1, 3)
)
lists = st.builds(
    Population, now=st.sampled_from((0, 12, 12, 12, 8)), before=st.sampled_from((None, 12, 12)),
    proven=st.sampled_from((True, True, False)), membership=st.just("as counted"), name=st.just("host"),
    flaw=st.sampled_from(("", "", "", "it is 31 hours old")),
)  # fmt: skip


@st.composite
def gates(draw: st.DrawFn, site: str) -> Gate:
    opened = draw(st.sets(st.sampled_from(Window)))
    frozen = draw(st.booleans()) and draw(st.booleans())
    return Gate(
        site,
        open=dict.fromkeys(opened, AT + HOUR),
        next=dict.fromkeys(set(Window) - opened, AT + HOUR),
        frozen=(freeze_at(site),) if frozen else (),
        thaws=AT + 5 * HOUR if frozen else None,
    )


def freeze_at(site: str) -> Freeze:
    return Freeze(site, "State tests", date(2026, 10, 14), date(2026, 10, 15))


def free(plan: Plan, around: Context, checks: Any = GUARDS) -> frozenset[tuple[str, str]]:
    guarded = guard(plan, around, checks)
    return frozenset((a.policy, a.resource) for b in guarded.batches for a in guarded.free(b))


@FEW
@given(plans(), worlds())
def test_what_is_never_touched_is_in_no_accepted_plan(plan: Plan, around: Context) -> None:
    allowed = {resource for _, resource in free(plan, around)}
    assert not allowed & (around.protected.keys() - around.confined.keys())
    assert not allowed & around.confined.keys(), "none of these actions sets a file below a folder"


@FEW
@given(plans(), worlds())
def test_nothing_is_free_while_everything_is_stopped_or_its_site_is_frozen(plan: Plan, around: Context) -> None:
    for name, resource in free(plan, around):
        assert not around.stopped
        assert not around.gates[site_of(resource.removeprefix("host/"))].frozen
        assert around.policies[name].mode is not Mode.AUDIT
        assert around.populations["host"].proven
        assert not around.populations["host"].flaw


@FEW
@given(plans(), worlds())
def test_every_hold_says_what_it_is_about_and_what_lifts_it(plan: Plan, around: Context) -> None:
    batches = {b.digest: {a.resource for a in b.actions} for b in plan.batches}
    for hold in guard(plan, around).holds:
        assert hold.sentence.strip().endswith((".", "?")), hold
        assert hold.sentence[0].isupper() or hold.sentence[0].islower(), "it begins with a word or a name"
        assert hold.lifted_by.strip()
        assert not hold.lifted_by.endswith(".")
        assert set(hold.resources) <= batches[hold.batch], "of its own batch alone"


@FEW
@given(plans(), worlds(), st.randoms(use_true_random=False))
def test_neither_the_order_of_batches_nor_that_of_findings_decides(plan: Plan, around: Context, dice: Any) -> None:
    mixed = [replace(b, actions=tuple(dice.sample(b.actions, len(b.actions)))) for b in plan.batches]
    dice.shuffle(mixed)
    checks = tuple(g for g in GUARDS if g.__name__ != "duration")  # what runs first is part of what it judges
    assert guard(plan, around).holds == guard(plan, around).holds, "asked twice, the same answer"
    assert free(Plan(tuple(mixed)), around, checks) == free(plan, around, checks)


def tighter(around: Context, name: str, site: str, how: str) -> Context:
    """Give a context that is stricter in one thing."""
    rule = around.policies[name]
    gate = around.gates[site]
    match how:
        case "audit":
            return with_policy(around, replace(rule, mode=Mode.AUDIT, modes={}))
        case "a window more":
            only = rule.windows[:1] or (Window.BREAKS,)
            return with_policy(around, replace(rule, windows=only))
        case "a freeze more":
            gate = replace(gate, frozen=(*gate.frozen, freeze_at(site)), thaws=AT + 9 * HOUR, override=None)
            return replace(around, gates={**around.gates, site: gate})
        case "a lower tripwire":
            return with_policy(around, replace(rule, caps=replace(rule.caps, per_run=Limit(count=0))))
        case "stopped":
            return replace(around, stopped="a drill.")
        case "never touched":
            return replace(around, protected={**around.protected, "host/h03": "it is the directory"})
        case "a doubtful list":
            flawed = replace(around.populations["host"], flaw="it is 31 hours old")
            return replace(around, populations={"host": flawed})
        case "nobody approved":
            return replace(around, approved=frozenset())
        case _:
            raise AssertionError(how)


def with_policy(around: Context, rule: Any) -> Context:
    return replace(around, policies={**around.policies, rule.id: rule})


HOWS = (
    "audit", "a window more", "a freeze more", "a lower tripwire", "stopped", "never touched", "a doubtful list",
    "nobody approved",
)  # fmt: skip


def without_budgets(around: Context) -> Context:
    """What is held costs nothing, so one hold more may leave room for another change: the budgets stand aside."""
    bare = {n: replace(p, caps=Caps(per_run=p.caps.per_run)) for n, p in around.policies.items()}
    return replace(around, policies=bare, district=Caps(per_run=around.district.per_run))


@pytest.mark.parametrize("how", HOWS)
@given(plans(), worlds(), st.sampled_from(NAMES), st.sampled_from(SITES))
@settings(FEW, max_examples=12)
def test_stricter_never_frees_what_was_held(how: str, plan: Plan, around: Context, name: str, site: str) -> None:
    """Of all guards that judge an action by itself; what the budgets then let through first is another matter."""
    loose = without_budgets(around)
    assert free(plan, tighter(loose, name, site, how), ONE_BY_ONE) <= free(plan, loose, ONE_BY_ONE)


@FEW
@given(plans(), worlds(), st.sampled_from(NAMES), st.sampled_from(SITES), st.sampled_from(HOWS))
def test_stricter_never_makes_more_of_one_policy_under_its_own_daily_budget(
    plan: Plan, around: Context, name: str, site: str, how: str
) -> None:
    """Another one may take the place of what is held, but a day's number of a policy does not grow."""
    kept = {n: replace(p, caps=Caps(per_day=p.caps.per_day)) for n, p in around.policies.items()}
    own = replace(around, policies=kept, district=Caps())
    before, after = (Counter(p for p, _ in free(plan, c, ONE_BY_ONE)) for c in (own, tighter(own, name, site, how)))
    assert all(after[n] <= before[n] for n in NAMES)


@FEW
@given(plans(), worlds(), st.sampled_from(("per_day", "per_site", "per_credential")), st.integers(0, 6))
def test_a_tighter_budget_that_is_the_only_one_frees_nothing_more(
    plan: Plan, around: Context, kind: str, number: int
) -> None:
    def with_only(count: int) -> Context:
        bare = {n: replace(p, caps=Caps()) for n, p in around.policies.items()}
        only: dict[str, Any] = {kind: Limit(count=count)}
        return replace(around, policies=bare, district=Caps(**only))

    assert free(plan, with_only(number), ONE_BY_ONE) <= free(plan, with_only(number + 1), ONE_BY_ONE)


@FEW
@given(st.lists(plans(), min_size=1, max_size=6), caps, st.tuples(caps, caps, caps), st.integers(1, 3))
def test_no_sequence_of_cycles_exceeds_a_cap(
    cycles: list[Plan], district: Caps, own: tuple[Caps, Caps, Caps], a_day: int
) -> None:
    rules = [policy(n, caps=c, severity=s) for n, c, s in zip(NAMES, own, Severity, strict=False)]
    spent: list[Spent] = []
    for number, plan in enumerate(cycles):
        spent = [] if number % a_day == 0 else spent  # another day
        around = context(*rules, hosts=12, district=district, spent=tuple(spent), sizes={("host", s): 4 for s in SITES})
        guarded = guard(plan, around)
        done = [a for b in guarded.batches for a in guarded.free(b)]
        for name, rule in around.policies.items():
            mine = {a.resource for a in done if a.policy == name}
            assert within(len(mine), [rule.caps.per_run, district.per_run], 12)
        spent += [Spent(a.policy, a.site, a.verb.partition(".")[0], 1) for a in done]
        assert_budgets(spent, around, district)


def assert_budgets(spent: list[Spent], around: Context, district: Caps) -> None:
    for name, rule in around.policies.items():
        mine = [s for s in spent if s.policy == name]
        assert within(len(mine), [rule.caps.per_day, district.per_day], 12)
        assert all(within(n, [rule.caps.per_site], 4) for n in Counter(s.site for s in mine).values())
        assert all(within(n, [rule.caps.per_credential], 12) for n in Counter(s.system for s in mine).values())
    assert all(within(n, [district.per_site], 4) for n in Counter(s.site for s in spent).values())
    assert all(within(n, [district.per_credential], 12) for n in Counter(s.system for s in spent).values())


def within(number: int, given_limits: list[Limit | None], population: int) -> bool:
    """Say whether a number is within limits, as LANGUAGE.md has them: said here a second time."""
    allowed = [n for limit in given_limits if limit for n in meant(limit, population)]
    return all(number <= n for n in allowed)


def meant(limit: Limit, population: int) -> list[int]:
    found = [] if limit.count is None else [limit.count]
    if limit.percent is not None:
        found.append(0 if limit.percent == 0 else max(1, int(limit.percent * population // 100)))
    return found


@pytest.mark.parametrize(
    ("percent", "population", "allowed"),
    [(1, 3, 1), (50, 3, 1), (67, 3, 2), (100, 3, 3), (0, 3, 0), (1, 0, 1), (2, 5000, 100), (0.01, 5000, 1)],
)
def test_a_share_is_rounded_down_and_at_least_one_unless_it_is_none(
    percent: float, population: int, allowed: int
) -> None:
    assert tightest([Limit(percent=percent)], population) == allowed


def test_a_percent_of_a_site_with_three_devices_is_one() -> None:
    three = [replace(action(f"h{n}"), site="east") for n in range(3)]
    rule = policy(caps=Caps(per_site=Limit(percent=10)))
    around = context(rule, hosts=5000, sizes={("host", "east"): 3})
    guarded = guard(Plan((batch(*three),)), around)
    assert len(guarded.free(guarded.batches[0])) == 1


@pytest.mark.parametrize("kind", ["per_run", "per_day", "per_site", "per_credential"])
@pytest.mark.parametrize("who", ["policy", "district"])
@pytest.mark.parametrize("zero", [Limit(count=0), Limit(percent=0), Limit(count=0, percent=50)])
def test_a_cap_of_nothing_allows_nothing_whoever_sets_it(kind: str, who: str, zero: Limit) -> None:
    one, none = batch(action("h0")), Caps(**{kind: zero})
    around = context(policy(caps=none)) if who == "policy" else context(district=none)
    approved = replace(around, approved=frozenset({one.digest}))
    assert guard(Plan((one,)), approved).free(one) == ()


def test_the_strategies_reach_every_guard() -> None:
    """A property that never sees a guard at work proves nothing of it."""
    seen: set[str] = set()

    @given(plans(), worlds())
    @settings(max_examples=300, database=None, derandomize=True)
    def look(plan: Plan, around: Context) -> None:
        seen.update(h.guard for h in guard(plan, around).holds)

    look()
    wanted = {
        "kill switch", "mode", "denied", "risk", "never touch", "freeze", "window", "complete data", "tripwire",
        "pending", "retries", "quarantine", "per day", "per site", "per credential",
    }  # fmt: skip
    assert wanted <= seen
