"""What a policy measures, how long it waits, and its mode at each site, as they are loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agent.model.condition import AllOf, Test
from agent.model.kind import FieldType
from agent.model.policy import Mode, Policy
from tests.intake.cases import CASES
from tests.intake.conftest import DISTRICT

if TYPE_CHECKING:
    from tests.intake.district import District

AUDIT, PROPOSE, ENFORCE = Mode.AUDIT, Mode.PROPOSE, Mode.ENFORCE
HEAD = "policy: A-1\ntitle: a\napplies_to: {kind: host}\nexpect: {time.synced: true}\n"
DISTRICT_LINE = "sites: {east: {name: east, mode: propose}, west: {name: west, mode: enforce}}"
REMEDY = "remedy: [{do: ansible.playbook, with: {playbook: playbooks/good.yml}}]\n"


def load(district: District, text: str) -> Policy:
    district.write("policies/hosts/case.yaml", text)
    (policy,) = district.load().policies
    return policy


def test_a_measure_is_typed(district: District) -> None:
    policy = load(district, (CASES / "policy" / "good" / "measure.yaml").read_text())
    measured = policy.measure
    assert measured is not None
    assert measured.by is not None
    assert (measured.by.name, measured.by.through, measured.share) == ("asset.model", ("asset",), True)
    assert isinstance(measured.wanted, AllOf)
    assert [(t.operator, t.operand) for t in measured.wanted.parts if isinstance(t, Test)] == [
        ("at_least", 97.5), ("below", 100.0),
    ]  # fmt: skip
    assert policy.lasting == 2


@pytest.mark.parametrize(
    ("written", "share", "operand"),
    [
        ("{share: {at_most: 1%}}", True, 1.0),
        ("{share: {at_most: 2.5}}", True, 2.5),
        ("{share: {at_most: 0.5%}}", True, 0.5),
        ("{count: {at_most: 3}}", False, 3.0),
        ("{count: {at_most: 0}}", False, 0.0),
    ],
)
def test_a_share_or_a_count_of_the_whole_district(
    district: District, written: str, share: bool, operand: float
) -> None:
    measured = load(district, f"{HEAD}measure: {written}\n").measure
    assert measured is not None
    assert isinstance(measured.wanted, Test)
    assert (measured.by, measured.share, measured.wanted.operand) == (None, share, operand)


def test_by_site_stands_on_kinds_with_a_field_for_it_and_on_those_without(district: District) -> None:
    for kind, expect, family in (("host", "{time.synced: true}", ""), ("device", "{status: active}", "site")):
        head = f"policy: A-1\ntitle: a\napplies_to: {{kind: {kind}}}\nexpect: {expect}\n"
        text = f"{head}measure: {{by: site, count: {{above: 1}}}}\n"
        measured = load(district, text).measure
        assert measured is not None
        assert measured.by is not None
        assert (measured.by.name, measured.by.family, measured.by.type) == ("site", family, FieldType.TEXT)


@pytest.mark.parametrize(("written", "looks"), [("", 1), ("for: 2 sweeps", 2), ("for: 10 looks", 10)])
def test_how_many_looks_it_waits_for(district: District, written: str, looks: int) -> None:
    assert load(district, f"{HEAD}{written}\n").lasting == looks


def with_ceilings(district: District, **modes: str) -> None:
    sites = ", ".join(
        f"{site}: {{name: {site}{f', mode: {modes[site]}' if site in modes else ''}}}" for site in ("east", "west")
    )
    lines = [f"sites: {{{sites}}}" if line.startswith("sites:") else line for line in DISTRICT.splitlines()]
    district.write("policies/district.yaml", "\n".join([*lines, ""]))


@pytest.mark.parametrize(
    ("mode", "sites", "ceilings", "modes"),
    [
        ("audit", "", {}, {}),
        ("audit", "sites: {east: {mode: enforce}}", {}, {"east": ENFORCE}),
        ("enforce", "sites: {east: {mode: audit}, west: {mode: enforce}}", {}, {"east": AUDIT}),
        ("enforce", "", {"west": "audit"}, {"west": AUDIT}),
        ("enforce", "", {"west": "propose", "east": "enforce"}, {"west": PROPOSE}),
        ("audit", "sites: {west: {mode: enforce}}", {"west": "propose"}, {"west": PROPOSE}),
        ("audit", "sites: {west: {mode: enforce}}", {"west": "audit"}, {}),
        ("audit", "", {"west": "propose"}, {}),
        ("propose", "sites: {west: {mode: audit}}", {"west": "enforce"}, {"west": AUDIT}),
    ],
)
def test_a_policy_goes_no_further_at_a_site_than_the_district_lets_it(
    district: District, mode: str, sites: str, ceilings: dict[str, str], modes: dict[str, Mode]
) -> None:
    with_ceilings(district, **ceilings)
    policy = load(district, f"{HEAD}{REMEDY}mode: {mode}\n{sites}\n")
    assert policy.modes == modes
    assert policy.mode is Mode(mode), "what belongs to no site meets the policy's own mode"
    assert policy.mode_at("") is Mode(mode)


def test_a_ceiling_changes_no_digest_and_a_mode_of_the_policy_does(district: District) -> None:
    with_ceilings(district)
    text = f"{HEAD}{REMEDY}mode: enforce\n"
    before = load(district, text).digest
    with_ceilings(district, west="audit")
    assert load(district, text).digest == before
    assert load(district, f"{text}sites: {{west: {{mode: audit}}}}\n").digest != before


def test_a_ceiling_is_a_mode(district: District) -> None:
    with_ceilings(district, west="watch")
    (problem,) = district.problems()
    assert "`mode` is one of audit, propose, enforce, not the text 'watch'" in problem


def test_a_ceiling_that_holds_nothing_back_is_a_warning(district: District) -> None:
    with_ceilings(district, west="enforce", east="propose")
    (warning,) = [w for w in district.load().warnings if "`mode: enforce`" in w]
    column = DISTRICT_LINE.index("enforce") + 1
    assert warning.startswith(f"policies/district.yaml:2:{column}: `mode: enforce` at a school changes nothing")
    assert warning.endswith("(west).")


@pytest.mark.parametrize(
    ("limit", "says"),
    [
        ("share: {at_least: 0%}", "`at_least: 0%` always holds, so it measures nothing"),
        ("share: {at_most: 100%}", "`at_most: 100%` always holds, so it measures nothing"),
        ("share: {at_most: 100}", "`at_most: 100` always holds, so it measures nothing"),
        ("count: {at_least: 0}", "`at_least: 0` always holds, so it measures nothing"),
        ("share: {above: 100%}", "`above: 100%` never holds"),
        ("share: {below: 0%}", "`below: 0%` never holds"),
        ("count: {below: 0}", "`below: 0` never holds"),
        ("count: {at_least: 0, at_most: 5}", "`at_least: 0` always holds, so it measures nothing"),
    ],
)
def test_a_limit_that_no_group_can_miss_or_keep_is_refused(district: District, limit: str, says: str) -> None:
    district.write("policies/hosts/case.yaml", f"{HEAD}measure: {{{limit}}}\n")
    column = len("measure: {") + limit.index(": ", limit.index("{")) + 3
    end = "take it out, or write another limit."
    assert district.problems() == [f"policies/hosts/case.yaml:5:{column}: {says}: {end}"]


@pytest.mark.parametrize("limit", ["share: {above: 0%}", "share: {below: 100%}", "count: {at_most: 0}"])
def test_a_limit_at_an_end_that_a_group_can_miss_is_one(district: District, limit: str) -> None:
    assert load(district, f"{HEAD}measure: {{{limit}}}\n").measure is not None
