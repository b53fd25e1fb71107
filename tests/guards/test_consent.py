"""Whose word counts, and what it lifts: tables that anybody can add to, in tests/cases/guards/consent.yaml."""

from __future__ import annotations

import operator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from agent.decide import consents, deputies
from agent.decide.guards import Consent, Refused, guard
from agent.model.approval import Approval, Statement, Word
from agent.model.kind import Risk
from agent.model.policy import Caps, District, Mode, Person, Repository, Revision
from tests.guards.build import action, batch, context, plan, policy

if TYPE_CHECKING:
    from agent.model.action import Batch, Plan

CASES = yaml.safe_load((Path(__file__).parents[1] / "cases" / "guards" / "consent.yaml").read_text(encoding="utf-8"))
ZONE = ZoneInfo("America/Chicago")
TODAY = date(2026, 10, 14)
VERB = "ansible.playbook"
MAY = frozenset({"approve"})
AWAY = ((date(2026, 10, 20), date(2026, 10, 21)),)
PEOPLE = (
    Person("dora", "Dora Example", "dora@riverton.example", MAY, "paul", AWAY),
    Person("sam", "Sam Example", "sam@riverton.example", MAY),
    Person("esc", "Region 9 Service Agency", "desk@region9.example", MAY),
    Person("paul", "Paul Example", "paul@riverton.example"),
    Person("ann", "Ann Example", "ann@riverton.example"),
)
KEYS = {p.id: frozenset({f"{p.id}-1", f"{p.id}-2"}) for p in PEOPLE}
HOSTS = [action(f"web{n}") for n in range(3)]


def cases(of: str) -> Any:
    return pytest.mark.parametrize("case", CASES[of], ids=operator.itemgetter("name"))


def district(**changes: Any) -> District:
    people = {p.id: p for p in PEOPLE}
    return replace(District("Riverton", "America/Chicago", {}, people, (), Caps(), frozenset()), **changes)


def at(hours: float, today: date = TODAY) -> datetime:
    return datetime.combine(today, time(7), ZONE) + timedelta(hours=hours)


def panel(today: date = TODAY, *, unsigned: bool = False, owned: bool = False) -> consents.Panel:
    return consents.Panel(district(), {} if unsigned else KEYS, at(0, today), owned=owned)


def approval(digest: str, given: dict[str, Any], today: date = TODAY) -> Approval:
    until = given.get("until", 48)
    return Approval(
        digest,
        given["who"],
        Word(given.get("word", "approve")),
        at(given.get("at", -1), today),
        None if until is None else at(until, today),
        "not now",
        given.get("key", f"{given['who']}-1"),
        used_by=given.get("used_by", ""),
    )


@cases("guards")
def test_what_holds_a_batch(case: dict[str, Any]) -> None:
    wanted = batch(*HOSTS, risk=Risk(case.get("risk", "destructive")))
    authors = case.get("authors", ["dora"])
    refused = tuple(Refused("sha256:before", (f"host/{n}",), "sam said no") for n in case.get("refused", ()))
    consent = Consent(
        frozenset(case["approved"]), case.get("denied", ""), None if authors is None else frozenset(authors), refused
    )
    around = context(
        policy(mode=Mode(case.get("mode", "enforce"))),
        consents={wanted.digest: consent},
        enabled=frozenset(case.get("enabled", [VERB])),
    )
    lifted = consents.granted(plan(wanted), around, wanted.digest if case.get("own") else "")
    guarded = guard(plan(wanted), replace(around, approved=lifted))
    assert [h.guard for h in guarded.holds] == case["holds"]
    assert case.get("said", "") in " ".join(h.sentence for h in guarded.holds)
    assert all(h.lifted_by for h in guarded.holds)
    free = [] if case["holds"] else [f"web{n}" for n in range(3)]
    assert [a.resource.removeprefix("host/") for a in guarded.free(wanted)] == case.get("free", free)


def test_what_destroys_is_held_even_if_somebody_says_that_all_is_lifted() -> None:
    wanted = batch(*HOSTS, risk=Risk.DESTRUCTIVE)
    guarded = guard(plan(wanted), context(approved=frozenset({wanted.digest}), enabled=frozenset({VERB})))
    assert [h.guard for h in guarded.holds] == ["risk"]


@cases("words")
def test_whose_word_counts(case: dict[str, Any]) -> None:
    today = case.get("now", TODAY)
    asked = batch(*HOSTS, risk=Risk(case.get("risk", "reversible")))
    words = [approval(asked.digest, given, today) for given in case["words"]]
    believed = panel(today, unsigned=case.get("unsigned", False), owned=case.get("owned", False))
    said = consents.consent(asked, words, believed, None)
    assert sorted(said.approved) == case["approved"]
    against = case.get("denied", [])
    assert bool(said.denied) is bool(against)
    assert all(f"({who}) said no" in said.denied and "not now" in said.denied for who in against)


@cases("refused")
def test_what_is_refused_whoever_signed_it(case: dict[str, Any]) -> None:
    today = case.get("now", TODAY)
    begins, ends = at(case.get("at", -1), today), at(case.get("until", 48), today)
    made = Statement(
        Word.APPROVE, "sha256:x", case.get("district", "Riverton"), case.get("by", "sam"), begins, ends, "n"
    )
    said = consents.refusal(made, panel(today))
    assert case["said"] in said
    assert bool(said) is bool(case["said"])


# Who is asked


def test_a_deputy_is_asked_while_the_principal_is_away() -> None:
    def asked(day: date) -> dict[str, str | None]:
        return {a.principal.id: a.person.id if a.person else None for a in deputies.asked(district(), day)}

    assert asked(TODAY) == {"dora": "dora", "sam": "sam", "esc": "esc"}
    assert asked(date(2026, 10, 20)) == {"dora": "paul", "sam": "sam", "esc": "esc"}
    assert asked(date(2026, 10, 22))["dora"] == "dora"


@pytest.mark.parametrize(
    ("deputy", "theirs", "said"),
    [("paul", (), ""), ("", (), "no deputy is named"), ("paul", AWAY, "Paul Example, who stands in, is away too")],
)
def test_nobody_can_be_asked_is_said(deputy: str, theirs: tuple[tuple[date, date], ...], said: str) -> None:
    dora, sam, esc, paul, ann = PEOPLE
    people = {p.id: p for p in (replace(dora, deputy=deputy), sam, esc, replace(paul, away=theirs), ann)}
    told = list(deputies.unreachable(district(people=people), date(2026, 10, 20)))
    assert said in " ".join(told)
    assert bool(told) is bool(said)
    assert not told or "until 2026-10-21" in told[0]
    assert not list(deputies.unreachable(district(people=people), TODAY))


# What an approval is still for


def repository(**changes: Any) -> Repository:
    return Repository(".", Revision("c0ffee", "."), district(), (policy(**changes),), (), "books")


def made(*hosts: str, risk: Risk = Risk.REVERSIBLE, of: Repository | None = None) -> Batch:
    """Give a batch with the digest that it really has."""
    plain = batch(*(action(h) for h in hosts), risk=risk)
    return replace(plain, digest=consents.digest_of(of or repository(), plain, plain.actions))


def whole(stored: Batch) -> consents.Standing:
    return consents.Standing(stored, frozenset(a.resource for a in stored.actions))


def parts(divided: Plan) -> dict[str, list[str]]:
    return {b.digest: [a.resource.removeprefix("host/") for a in b.actions] for b in divided.batches}


def test_rows_that_still_match_keep_the_approved_digest_and_new_ones_get_their_own() -> None:
    stored, fresh, rest = made("a", "b", "gone"), made("a", "b", "new"), made("new")
    assert parts(consents.divided(repository(), plan(fresh), [whole(stored)])) == {
        stored.digest: ["a", "b"],
        rest.digest: ["new"],
    }


def test_a_row_that_reads_otherwise_now_is_a_new_one() -> None:
    stored, fresh = made("a", "b"), made("a", "b")
    other = replace(fresh.actions[1], differences=(replace(fresh.actions[1].differences[0], observed="maybe"),))
    fresh = replace(fresh, actions=(fresh.actions[0], other))
    divided = parts(consents.divided(repository(), plan(fresh), [whole(stored)]))
    assert divided[stored.digest] == ["a"]
    assert list(divided.values()) == [["a"], ["b"]]


def test_what_is_wanted_exactly_so_is_left_as_it_is() -> None:
    stored = made("a", "b")
    assert consents.divided(repository(), plan(stored), [whole(stored)]) == plan(stored)
    assert consents.divided(repository(), plan(made("x")), [whole(stored)]) == plan(made("x"))


def test_a_row_is_in_one_part_only_whoever_approved_it_twice() -> None:
    one, two, fresh = made("a", "b"), made("b", "c"), made("a", "b", "c", "d")
    divided = parts(consents.divided(repository(), plan(fresh), [whole(one), whole(two)]))
    assert divided == {one.digest: ["a", "b"], two.digest: ["c"], made("d").digest: ["d"]}


def test_parts_of_two_modes_are_gathered_under_the_one_digest() -> None:
    stored, east, west = made("a", "b"), made("a", "x"), made("b", "y")
    divided = parts(consents.divided(repository(), plan(east, west), [whole(stored)]))
    assert divided == {stored.digest: ["a", "b"], made("x").digest: ["x"], made("y").digest: ["y"]}


def test_another_content_of_the_policy_or_its_playbooks_is_not_what_was_approved() -> None:
    stored, fresh = made("a", "b"), made("a", "b", "new")
    assert consents.divided(repository(digest="other"), plan(fresh), [whole(stored)]) == plan(fresh)
    edited = replace(repository(), playbooks_digest="other")
    assert consents.divided(edited, plan(fresh), [whole(stored)]) == plan(fresh)
    assert consents.divided(replace(repository(), policies=()), plan(fresh), [whole(stored)]) == plan(fresh)


def test_what_destroys_is_never_split() -> None:
    stored, fresh = made("a", "b", risk=Risk.DESTRUCTIVE), made("a", "b", "new", risk=Risk.DESTRUCTIVE)
    assert consents.divided(repository(), plan(fresh), [whole(stored)]) == plan(fresh)


def test_a_no_sticks_to_its_rows_when_others_join_them() -> None:
    stored, fresh = made("a", "b"), made("a", "b", "new")
    assert [a.resource for a in consents.overlap(fresh, stored)] == ["host/a", "host/b"]
    assert consents.overlap(stored, stored) == ()
    assert consents.overlap(replace(fresh, policy="HOST-02"), stored) == ()
    assert consents.overlap(replace(fresh, step=1), stored) == ()


def test_why_a_word_does_not_count_is_told() -> None:
    said = list(consents.void([approval("x", {"who": "sam", "until": -1})], panel()))
    assert said == ["the approval by Sam Example (sam) does not count: it expired at 2026-10-14 06:00"]
    assert not list(consents.void([approval("x", {"who": "sam"})], panel()))
    assert not list(consents.void([approval("x", {"who": "sam", "until": -1, "used_by": "run-7"})], panel()))
