"""Coverage: a test of a condition counts as seen where the opposite answer would have changed what is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.trials.ground import Ground, ground

if TYPE_CHECKING:
    from pathlib import Path

    from agent.trials.coverage import Coverage

HEAD = "tests: P-1\nat: 2026-11-20\ncases:\n"


@pytest.fixture
def at(tmp_path: Path) -> Ground:
    return ground(tmp_path)


def case(number: int, readings: str, stands: str) -> str:
    return f"  - {{case: c{number}, given: {{device/A: {{{readings}}}}}, expect: {{device/A: {stands}}}}}\n"


def missing(covered: Coverage) -> dict[str, tuple[str, ...]]:
    return {leaf.rule: leaf.missing for leaf in covered.leaves if leaf.missing}


def test_each_part_of_a_where_has_to_be_the_one_that_leaves_out(at: Ground) -> None:
    at.policy("P-1", "device", where={"platform": "chromeos", "status": "active"}, expect={"site": "east"})
    both = case(1, "platform: ios, status: lost", "left_out")
    _, covered = at.results(HEAD + both)
    assert missing(covered) == {
        "platform is chromeos": ("true", "false"),
        "status is active": ("true", "false"),
        "site is east": ("true", "false"),
    }
    _, covered = at.results(HEAD + both + case(2, "platform: ios, status: active", "left_out"))
    assert missing(covered)["platform is chromeos"] == ("true",)
    right = case(3, "platform: chromeos, status: active, site: east", "in_line")
    wrong = case(4, "platform: chromeos, status: active, site: north", "out_of_line")
    _, covered = at.results(HEAD + both + case(2, "platform: ios, status: active", "left_out") + right + wrong)
    assert missing(covered) == {"status is active": ("false",)}


def test_each_branch_of_a_choice_has_to_be_the_one_that_is_met(at: Ground) -> None:
    at.policy("P-1", "device", expect={"status": {"any_of": [{"equals": "active"}, {"starts_with": "act"}]}})
    _, covered = at.results(HEAD + case(1, "status: active", "in_line"))
    assert len(missing(covered)) == 2, "both were met, so neither decided"
    _, covered = at.results(HEAD + case(1, "status: acting", "in_line") + case(2, "status: lost", "out_of_line"))
    assert missing(covered) == {"status is active": ("true",)}, "`equals` is never met alone: it says nothing new"


def test_what_is_denied_is_seen_from_both_sides(at: Ground) -> None:
    at.policy("P-1", "device", expect={"status": {"not": "lost"}})
    _, covered = at.results(HEAD + case(1, "status: lost", "out_of_line") + case(2, "status: active", "in_line"))
    assert covered.whole
    assert covered.percent == 100


def test_unknown_is_counted_and_not_demanded(at: Ground) -> None:
    at.policy("P-1", "device", expect={"status": "active"})
    _, covered = at.results(HEAD + case(1, "serial: A", "unknown"))
    assert [leaf.seen for leaf in covered.leaves] == [frozenset({"unknown"})]
    assert covered.seen == 0
    assert not covered.whole


def test_what_a_case_does_not_speak_of_shows_nothing(at: Ground) -> None:
    at.policy("P-1", "device", expect={"status": "active"})
    text = (
        HEAD
        + "  - {case: c, given: {device/A: {status: active}, device/B: {status: lost}}, expect: {device/A: in_line}}"
    )
    _, covered = at.results(text)
    assert missing(covered) == {"status is active": ("false",)}


def test_a_leaf_of_a_set_is_named_where_the_set_stands(at: Ground) -> None:
    at.write(
        "policies/conditions/carts.yaml",
        "conditions:\n  cart:\n    kind: device\n    description: A cart.\n    where:\n      platform: chromeos\n",
    )
    at.policy("P-1", "device", where={"is": "cart"}, expect={"status": "active"})
    at.write("policies/tests/p.yaml", HEAD + case(1, "platform: chromeos, status: active", "in_line"))
    _, covered = at.results()
    places = {leaf.rule: str(leaf.place) for leaf in covered.leaves}
    assert places["platform is chromeos"] == "policies/conditions/carts.yaml:6:17"


def test_a_policy_without_a_case_is_named(at: Ground) -> None:
    at.policy("P-1", "device", expect={"status": "active"})
    at.policy("P-2", "device", expect={"status": "active"})
    _, covered = at.results(HEAD + case(1, "status: active", "in_line"))
    assert covered.untested == ("P-2",)
    _, alone = at.results(None, "P-1")
    assert alone.untested == ()
