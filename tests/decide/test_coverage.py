"""Coverage: what counts as served, how far, and where; what only waits is named and does not count."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from agent.decide.coverage import coverage
from agent.errors import Place
from agent.model.condition import AllOf, AnyOf, Condition, Not, Test
from agent.model.framework import Framework, Safeguard
from agent.model.kind import FieldRef, FieldType
from agent.model.policy import Dated, Mode, Policy, Repository, Site
from agent.report.coverage import FAIR, document, markdown, text
from tests.decide.build import PLACE, policy, repository

NOW = datetime(2026, 11, 22, tzinfo=UTC)
IDS = ("1.1", "1.2", "1.10", "2.1")
CIS = Framework(
    "cis", "CIS", "8", tuple(Safeguard(i, f"What {i} asks for", f"Group {i[0]}") for i in IDS), Place("f", 1, 1)
)
SITES = {
    "east": Site("east", "East High"),
    "north": Site("north", "North Middle"),
    "mill": Site("mill", "Mill | Creek"),
}
NAMES = {s.id: s.name for s in SITES.values()}


def serving(name: str, *ids: str, mode: Mode = Mode.AUDIT, **changes: Any) -> Policy:
    return policy(name, frameworks={"cis": ids, "other": ("9.9",)}, mode=mode, **changes)


def district(*policies: Policy) -> Repository:
    made = repository(*policies)
    return replace(made, district=replace(made.district, sites=SITES), frameworks=(CIS,))


def test_a_safeguard_counts_by_the_furthest_policy_that_looks_at_something() -> None:
    made = district(
        serving("WATCH", "1.1", "1.2"),
        serving("FIX", "1.1", mode=Mode.AUDIT, modes={"north": Mode.ENFORCE}),
        serving("ASK", "1.2", mode=Mode.PROPOSE),
        serving("WAIT", "1.10", "1.1", mode=Mode.ENFORCE, kind="ticket"),
        serving("OLD", "2.1", mode=Mode.ENFORCE, values=(Dated("v", date(2026, 11, 21), Place("v", 2, 1)),)),
    )
    found = coverage(made, CIS, {"ticket": "no system shows any"}, NOW)
    assert {s.safeguard.id: (s.mode, s.waiting) for s in found.served} == {
        "1.1": (Mode.ENFORCE, False),
        "1.2": (Mode.PROPOSE, False),
        "1.10": (None, True),
        "2.1": (None, True),
    }
    assert (found.total.all, found.total.served, found.total.waiting) == (4, 2, 2)
    assert found.total.by_mode == {Mode.ENFORCE: 1, Mode.PROPOSE: 1, Mode.AUDIT: 0}
    assert [s.policy.id for s in found.served[0].services] == ["FIX", "WATCH", "WAIT"]
    assert found.served[0].services[0].sites == {Mode.ENFORCE: ("north",), Mode.AUDIT: ("east", "mill")}
    assert coverage(made, CIS, {}, NOW).served[2].mode is Mode.ENFORCE


def test_the_text_says_how_far_and_where_and_what_is_not_served() -> None:
    made = district(
        serving("FIX", "1.1", modes={"north": Mode.ENFORCE, "mill": Mode.PROPOSE}),
        serving("WAIT-A", "1.10", kind="ticket"),
        serving("WAIT-B", "1.10", kind="ticket"),
    )
    lines = list(text([coverage(made, CIS, {"ticket": "desk was not imported yet"}, NOW)], NAMES))
    assert lines[:9] == [
        "CIS 8: 1 of 4 served (fixes 1), 1 more wait.",
        "",
        "Group 1: 1 of 3 served (fixes 1), 1 more wait",
        "  1.1          What 1.1 asks for",
        "                 FIX: fixes at North Middle; asks at Mill | Creek; watches",
        "                   elsewhere",
        "  1.10         What 1.10 asks for",
        "                 WAIT-A, WAIT-B: waits, no list: desk was not imported yet",
        "  not served: 1.2",
    ]
    assert " ".join(lines).endswith(FAIR)
    everything = list(text([coverage(made, CIS, {}, NOW)], NAMES, everything=True))
    assert "  1.2          What 1.2 asks for (not served)" in everything
    assert max(map(len, lines + everything)) <= 80


def test_markdown_and_data_have_every_safeguard() -> None:
    made = district(serving("FIX", "1.1", modes={"mill": Mode.ENFORCE}))
    found = coverage(made, CIS, {}, NOW)
    rows = [line for line in markdown([found], NAMES) if line.startswith("|")][2:]
    assert rows[0] == "| 1.1 | What 1.1 asks for | fixes | FIX: fixes at Mill \\| Creek; watches elsewhere |"
    assert rows[1:] == [f"| {i} | What {i} asks for | not served |  |" for i in IDS[1:]]
    (data,) = document([found])
    assert (data["framework"], data["all"], data["served"], data["by_mode"]) == (
        "cis",
        4,
        1,
        {"enforce": 1, "propose": 0, "audit": 0},
    )
    assert [(g["group"], g["all"], g["served"]) for g in data["groups"]] == [("Group 1", 3, 1), ("Group 2", 1, 0)]
    assert data["safeguards"][0]["policies"] == [
        {
            "policy": "FIX",
            "title": "FIX",
            "sites": {"enforce": ["mill"], "audit": ["east", "north"]},
            "limited": False,
            "waits": "",
        }
    ]


def field(name: str) -> FieldRef:
    return FieldRef(name, name, "", "", FieldType.TEXT)


def compare(ref: FieldRef, operator: str, operand: object) -> Test:
    return Test(ref, operator, operand, str(operand), PLACE)


def told(where: Condition | None, **changes: Any) -> tuple[str, Any]:
    found = coverage(district(serving("ONE", "1.1", where=where, **changes)), CIS, {}, NOW)
    (row,) = [line for line in markdown([found], NAMES) if line.startswith("| 1.1 ")]
    data = document([found])[0]["safeguards"][0]["policies"][0]
    return row.rpartition("ONE: ")[2].removesuffix(" |"), data


SITE = field("site")
AT_EAST = compare(SITE, "equals", "east")
ACTIVE = compare(field("status"), "equals", "active")
HOLDERS = compare(replace(field("user.site"), through=("user",)), "equals", "east")


@pytest.mark.parametrize(
    ("where", "says", "sites"),
    [
        (None, "watches everywhere", ["east", "north", "mill"]),
        (ACTIVE, "watches where it applies", ["east", "north", "mill"]),
        (HOLDERS, "watches where it applies", ["east", "north", "mill"]),
        (AT_EAST, "watches at East High, where it applies", ["east"]),
        (AllOf((AT_EAST, ACTIVE)), "watches at East High, where it applies", ["east"]),
        (AnyOf((AT_EAST, ACTIVE)), "watches where it applies", ["east", "north", "mill"]),
        (Not(AT_EAST), "watches at North Middle, Mill \\| Creek, where it applies", ["north", "mill"]),
        (Not(AllOf((AT_EAST, ACTIVE))), "watches where it applies", ["east", "north", "mill"]),
        (Not(AnyOf((AT_EAST, ACTIVE))), "watches at North Middle, Mill \\| Creek, where it applies", ["north", "mill"]),
        (compare(SITE, "none_of", ("north", "mill")), "watches at East High, where it applies", ["east"]),
        (compare(SITE, "none_of", ("east", "north", "mill")), "watches at no school, where it applies", []),
        (compare(SITE, "starts_with", "ea"), "watches where it applies", ["east", "north", "mill"]),
    ],
)
def test_a_policy_with_a_where_does_not_watch_everywhere(where: Condition | None, says: str, sites: list[str]) -> None:
    text, data = told(where)
    assert text == says
    assert (data["sites"], data["limited"]) == ({"audit": sites}, where is not None)


def test_a_where_and_modes_by_school_are_said_together() -> None:
    modes = {"north": Mode.ENFORCE}
    some = compare(SITE, "one_of", ("east", "north"))
    assert told(some, modes=modes)[0] == "fixes at North Middle; watches at East High, where it applies"
    assert told(ACTIVE, modes=modes)[0] == "fixes at North Middle; watches elsewhere, where it applies"
    assert told(AT_EAST, modes=modes)[0] == "watches at East High, where it applies"


def test_a_where_that_leaves_no_school_serves_nothing() -> None:
    nowhere = AllOf((AT_EAST, compare(SITE, "one_of", ("north",))))
    text, data = told(nowhere)
    assert (text, data["waits"]) == ("waits: its `where` leaves no school", "its `where` leaves no school")
    assert coverage(district(serving("ONE", "1.1", where=nowhere)), CIS, {}, NOW).total.served == 0


def test_a_policy_about_schools_names_them_by_their_id() -> None:
    here = compare(field("id"), "equals", "east")
    assert told(here, kind="site")[1]["sites"] == {"audit": ["east"]}
    assert told(here, kind="device")[1]["sites"] == {"audit": ["east", "north", "mill"]}
