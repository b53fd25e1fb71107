"""Groups: how many meet what is expected, and a verdict only where everything unknown could go either way."""

from __future__ import annotations

import operator
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.catalog import KINDS
from agent.decide.columns import Columns, Row, build
from agent.decide.due import about_to_break
from agent.decide.evaluate import Assessment, counted_in, evaluate, fields_read, group, in_line
from agent.decide.measure import Census
from agent.model.condition import AllOf, Test
from agent.model.finding import Verdict
from agent.model.kind import FieldRef, FieldType
from agent.model.policy import Measured, Mode
from agent.model.reading import NONE, Unknown
from tests.decide.build import NOW, PLACE, policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agent.model.policy import Policy
    from agent.model.reading import Reading

DEVICE = KINDS["device"]
SITE, STATUS, MODEL, PLATFORM = (DEVICE.resolve(n) for n in ("site", "status", "model", "platform"))
SHARE, COUNT = FieldRef("share", "", "", "", FieldType.PERCENT), FieldRef("count", "", "", "", FieldType.NUMBER)
LISTED = FieldRef("site", "", "", "", FieldType.TEXT)
UNREAD = Unknown("no answer")
NAMES = {"east": "East High", "west": "West Middle"}


def test(number: FieldRef, operator: str, limit: float) -> Test:
    return Test(number, operator, float(limit), f"{limit}", PLACE)


test.__test__ = False  # type: ignore[attr-defined]


def rule(by: FieldRef | None = SITE, wanted: Any = None, *, share: bool = True, **changes: Any) -> Policy:
    limit = wanted or test(SHARE if share else COUNT, "at_least", 98 if share else 3)
    base = replace(policy(kind="device", remedy=(), mode=Mode.AUDIT), measure=Measured(by, share, limit, ""))
    return replace(base, expect=Test(STATUS, "equals", "active", "active", PLACE), **changes)


def devices(*rows: tuple[Reading, Reading, int]) -> Columns:
    """Give a table of (site, status, how many)."""
    made = [
        Row(f"device/{n}.{i}", site if isinstance(site, str) else "", {"site": site, "status": status})
        for n, (site, status, many) in enumerate(rows)
        for i in range(many)
    ]
    return build([SITE, STATUS, MODEL, PLATFORM], made)


def verdicts(assessment: Assessment, table: Columns) -> dict[str, Verdict]:
    return {f.resource: f.verdict for f in (*assessment.findings, *in_line(assessment, table))}


def test_a_group_below_what_is_wanted_is_the_finding() -> None:
    table = devices(("east", "active", 182), ("east", "lost", 18), ("west", "active", 98), ("west", "lost", 2))
    judged = evaluate(rule(), table, NOW, Census(sites=NAMES))
    (finding,) = judged.findings
    assert (finding.resource, finding.site) == ("site/east", "east")
    assert finding.sentence == (
        "East High: 91% (182 of 200) of devices are as they should be; it should be at least 98%."
    )
    (difference,) = finding.differences
    assert (difference.field, difference.expected, difference.observed) == ("share", "at least 98%", "91% (182 of 200)")
    assert [f.sentence for f in in_line(judged, table)] == [
        "West Middle: 98% (98 of 100) of devices are as they should be."
    ]
    assert (judged.counts.in_line, judged.counts.out_of_line, judged.counts.unknown) == (1, 1, 0)
    assert judged.in_scope == judged.groups == {"site/east", "site/west"}


def test_what_cannot_be_judged_may_go_either_way() -> None:
    for dark, expected in ((1, Verdict.IN_LINE), (3, Verdict.UNKNOWN)):
        table = devices(("east", "active", 100 - dark - 1), ("east", "lost", 1), ("east", UNREAD, dark))
        assert verdicts(evaluate(rule(), table, NOW), table) == {"site/east": expected}
    table = devices(("east", "active", 90), ("east", "lost", 5), ("east", UNREAD, 5))
    (finding,) = evaluate(rule(), table, NOW).findings
    assert finding.verdict is Verdict.OUT_OF_LINE
    assert finding.differences[0].observed == "90% to 95% (90 of 100, 5 could not be judged)"


def test_why_a_group_is_unknown_has_no_numbers_so_that_one_reason_is_one_line() -> None:
    table = devices(("east", "active", 95), ("east", UNREAD, 5), ("west", "active", 9), ("west", UNREAD, 3))
    east, west = evaluate(rule(), table, NOW).findings
    assert east.why == west.why == "too many devices could not be judged (no answer)"
    assert "It is 95% to 100% (95 of 100, 5 could not be judged) and should be at least 98%." in east.sentence


@pytest.mark.parametrize("flaw", ["it is not proven that every device was listed"])
def test_nothing_is_counted_in_a_list_that_may_not_be_whole(flaw: str) -> None:
    table = devices(("east", "active", 100), ("west", "lost", 100))
    judged = evaluate(rule(), table, NOW, Census(flaw))
    assert {(f.resource, f.verdict, f.why) for f in judged.findings} == {
        ("site/east", Verdict.UNKNOWN, flaw),
        ("site/west", Verdict.UNKNOWN, flaw),
    }
    assert judged.in_line == judged.groups == frozenset()


def test_those_without_a_group_are_one_and_those_whose_group_is_unknown_may_be_anywhere() -> None:
    table = devices(("east", "active", 98), ("east", "lost", 2), (NONE, "lost", 4), (UNREAD, "active", 1))
    judged = evaluate(rule(), table, NOW)
    assert verdicts(judged, table) == {
        "site/east": Verdict.IN_LINE,
        "site/(none)": Verdict.OUT_OF_LINE,
        "site/(unknown)": Verdict.UNKNOWN,
    }
    stray = next(f for f in judged.findings if f.verdict is Verdict.UNKNOWN)
    assert stray.why == "it could not be read which site some devices are of (no answer)"
    assert not stray.site
    lost = devices(("east", "active", 98), ("east", "lost", 2), (UNREAD, "lost", 1))
    assert verdicts(evaluate(rule(), lost, NOW), lost)["site/east"] is Verdict.UNKNOWN


def test_a_group_of_which_nothing_is_in_scope_is_no_group() -> None:
    only = rule(where=Test(STATUS, "equals", "lost", "lost", PLACE))
    table = devices(("east", "active", 5), ("west", "lost", 1))
    judged = evaluate(only, table, NOW)
    assert verdicts(judged, table) == {"site/west": Verdict.OUT_OF_LINE}
    assert judged.in_scope == {"site/west"}
    assert judged.groups == {"site/east", "site/west"}, "what left the scope is not gone"


def test_a_group_that_only_may_have_something_is_unknown() -> None:
    only = rule(where=Test(MODEL, "equals", "x", "x", PLACE))
    table = devices(("east", "active", 5))
    assert verdicts(evaluate(only, table, NOW), table) == {"site/east": Verdict.UNKNOWN}


@pytest.mark.parametrize(("status", "many"), [("lost", 1), ("active", 2)])
def test_what_may_be_in_scope_may_go_either_way_too(status: str, many: int) -> None:
    rows = [("x", "active", 97 if status == "active" else 98), ("x", "lost", 2), (UNREAD, status, many)]
    only = rule(where=Test(PLATFORM, "equals", "x", "x", PLACE))
    made = [
        Row(f"device/{n}.{i}", "east", {"site": "east", "platform": platform, "status": held})
        for n, (platform, held, count) in enumerate(rows)
        for i in range(count)
    ]
    table, sure = (build([SITE, STATUS, PLATFORM], part) for part in (made, made[:-many]))
    assert verdicts(evaluate(only, table, NOW), table) == {"site/east": Verdict.UNKNOWN}
    assert verdicts(evaluate(only, sure, NOW), sure) != {"site/east": Verdict.UNKNOWN}


def test_a_text_that_reads_like_no_group_is_none() -> None:
    rows = [Row(f"device/{m}", "", {"model": m, "status": "lost"}) for m in ("(none)", "(unknown)")]
    rows += [
        Row("device/n", "", {"model": NONE, "status": "lost"}),
        Row("device/u", "", {"model": UNREAD, "status": "x"}),
    ]
    found = evaluate(rule(MODEL), build([STATUS, MODEL], rows), NOW).findings
    assert sorted((f.resource, f.verdict) for f in found) == [
        ("model/(none)", Verdict.OUT_OF_LINE),
        ("model/(unknown)", Verdict.UNKNOWN),
    ]


def test_groups_are_made_by_any_text_field_or_are_the_whole_district() -> None:
    rows = [Row(f"device/{n}", "east", {"model": m, "status": "lost"}) for n, m in enumerate(("A 1", "A 1", " ", NONE))]
    table = build([STATUS, MODEL], rows)
    found = evaluate(rule(MODEL), table, NOW).findings
    assert [(f.resource, f.site) for f in found] == [("model/A 1", ""), ("model/(none)", "")]
    assert found[0].sentence.startswith("A 1: 0% (0 of 2)")
    assert found[1].sentence.startswith("No model: 0% (0 of 2)")
    (whole,) = evaluate(rule(None), table, NOW).findings
    assert (whole.resource, whole.site) == ("district/all", "")
    assert whole.sentence.startswith("The district: 0% (0 of 4) of devices")


def test_a_kind_without_a_field_for_its_site_is_grouped_by_where_its_list_puts_it() -> None:
    rows = [Row(f"device/{n}", site, {"status": "lost"}) for n, site in enumerate(("east", "east", ""))]
    table = build([STATUS], rows)
    assert {f.resource: f.site for f in evaluate(rule(LISTED), table, NOW).findings} == {
        "site/east": "east",
        "site/(none)": "",
    }
    assert LISTED not in fields_read(rule(LISTED))
    assert MODEL in fields_read(rule(MODEL))


def test_an_empty_table_has_no_groups_and_no_findings() -> None:
    for by in (SITE, None):
        judged = evaluate(rule(by), devices(), NOW)
        assert (judged.findings, judged.counts.in_line, judged.groups) == ((), 0, frozenset())


@pytest.mark.parametrize(
    ("operator", "limit", "right", "holds"),
    [
        ("at_least", 3, 3, True), ("at_least", 4, 3, False), ("above", 3, 3, False), ("above", 2, 3, True),
        ("at_most", 3, 3, True), ("at_most", 2, 3, False), ("below", 3, 3, False), ("below", 4, 3, True),
    ],
)  # fmt: skip
def test_counts_have_their_four_operators(operator: str, limit: int, right: int, holds: bool) -> None:
    table = devices(("east", "active", right), ("east", "lost", 4))
    wanted = rule(wanted=test(COUNT, operator, limit), share=False)
    expected = Verdict.IN_LINE if holds else Verdict.OUT_OF_LINE
    judged = evaluate(wanted, table, NOW)
    assert verdicts(judged, table) == {"site/east": expected}
    if not holds:
        assert judged.findings[0].sentence.startswith("east: 3 of 7 devices ")
        assert judged.findings[0].differences[0].field == "count"


@pytest.mark.parametrize(
    ("right", "of", "limit", "shown"),
    [(1959, 2000, 98, "97.95%"), (9799, 10000, 98, "97.99%"), (97999, 100000, 98, "97.999%"), (2, 3, 98, "67%")],
)
def test_a_share_is_rounded_so_that_it_stays_on_its_side(right: int, of: int, limit: int, shown: str) -> None:
    table = devices(("east", "active", right), ("east", "lost", of - right))
    (finding,) = evaluate(rule(wanted=test(SHARE, "at_least", limit)), table, NOW).findings
    assert finding.differences[0].observed == f"{shown} ({right:,} of {of:,})"


def test_the_members_of_a_group_are_told_by_how_they_stand() -> None:
    table = devices(
        ("east", "active", 2), ("east", "lost", 1), ("east", UNREAD, 1), ("west", "lost", 9), (UNREAD, "x", 1)
    )
    members = counted_in(rule(), table, "site/east", NOW)
    assert (members.right, members.wrong, members.unknown) == (
        ("device/0.0", "device/0.1"), ("device/1.0",), ("device/2.0",),
    )  # fmt: skip
    assert counted_in(rule(), table, "site/(unknown)", NOW).wrong == ("device/4.0",)
    assert len(counted_in(rule(None), table, "district/all", NOW).wrong) == 11
    found = group(evaluate(rule(), table, NOW), "site/east")
    assert found is not None
    assert (found.right, found.wrong, found.unknown, found.strays) == (2, 1, 1, 1)
    assert group(evaluate(rule(), table, NOW), "site/north") is None


def test_nothing_was_promised_to_a_group() -> None:
    ticket = KINDS["ticket"]
    due = ticket.resolve("due")
    expect = Test(due, "exists", True, "true", PLACE)
    table = build([due], [Row("site/east", "east", {"due": NOW.replace(hour=20)})])  # a resource named as the group is
    wanted = replace(rule(LISTED), kind="ticket", expect=expect)
    soon = list(about_to_break(evaluate(wanted, table, NOW), table, ticket, NOW, NOW.replace(hour=23)))
    assert soon == []
    plain = replace(wanted, measure=None)
    assert len(list(about_to_break(evaluate(plain, table, NOW), table, ticket, NOW, NOW.replace(hour=23)))) == 1


# What a verdict has to be, found by trying every way in which the unknown can turn out.

STATES = st.sampled_from([True, False, None])
MEMBERS = st.lists(st.tuples(STATES, STATES, st.sampled_from(["a", "b", None])), max_size=5)
LIMITS = st.lists(
    st.tuples(st.sampled_from(["at_least", "at_most", "above", "below"]), st.sampled_from([0, 1, 2, 25, 50, 75, 100])),
    min_size=1, max_size=2,
)  # fmt: skip
MEETS = {"at_least": operator.ge, "at_most": operator.le, "above": operator.gt, "below": operator.lt}
Member = tuple[bool | None, bool | None, str | None]


def outcomes(members: Sequence[Member], name: str, limits: Iterable[tuple[str, float]], *, share: bool) -> set[bool]:
    """Give every answer that some way of the unknown turning out gives for a group."""
    found = set()
    ways = [
        [(a, h, g) for a in ([True, False] if m[0] is None else [m[0]])
         for h in ([True, False] if m[1] is None else [m[1]])
         for g in (["a", "b"] if m[2] is None else [m[2]])]
        for m in members
    ]  # fmt: skip
    for way in product(*ways):
        mine = [h for a, h, g in way if a and g == name]
        if mine:
            number = sum(mine) * 100 / len(mine) if share else sum(mine)
            found.add(all(MEETS[o](number, x) for o, x in limits))
    return found


@settings(max_examples=150, deadline=None)
@given(MEMBERS, LIMITS, st.booleans())
def test_a_verdict_is_known_exactly_where_the_ends_agree(
    members: list[Member], limits: list[tuple[str, float]], share: bool
) -> None:
    number = SHARE if share else COUNT
    tests = tuple(test(number, how, limit) for how, limit in limits)
    wanted = rule(MODEL, AllOf(tests), share=share, where=Test(PLATFORM, "equals", "x", "x", PLACE))
    spell: dict[bool | None, tuple[Reading, Reading]] = {
        True: ("x", "active"), False: ("y", "lost"), None: (UNREAD, UNREAD),
    }  # fmt: skip
    rows = [
        Row(f"device/{n}", "", {"platform": spell[a][0], "status": spell[h][1], "model": g or UNREAD})
        for n, (a, h, g) in enumerate(members)
    ]
    table = build([MODEL, STATUS, PLATFORM], rows)
    judged = verdicts(evaluate(wanted, table, NOW), table)
    for name in ("a", "b"):
        certain = any(a and g == name for a, _, g in members)
        verdict = judged.get(f"model/{name}")
        if not certain:
            assert verdict in {None, Verdict.UNKNOWN}
            continue
        ends = outcomes(members, name, limits, share=share)
        # Between both ends each test alone may turn; a verdict is never wrong, and known where no test can turn.
        if verdict is Verdict.IN_LINE:
            assert ends == {True}
        elif verdict is Verdict.OUT_OF_LINE:
            assert ends == {False}
        else:
            each = [outcomes(members, name, [one], share=share) for one in limits]
            assert all(len(e) == 2 or e == {True} for e in each)
            assert any(len(e) == 2 for e in each)
