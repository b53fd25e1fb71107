"""`rings` of a district and of a policy: read with their defaults, and never looser than the district's."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from agent.model.rollout import Rings
from tests.intake.conftest import DISTRICT

if TYPE_CHECKING:
    from tests.intake.district import District

POLICY = "policies/hosts/a.yaml"
PLAIN = "policy: A-1\ntitle: a\napplies_to: {kind: host}\nexpect: {hostname: a}\n"
RINGS = DISTRICT.replace("per_day: {count: 100}", "rings: {soak: 2h, failed: 5, new_findings: 5, site: east}")


def test_rings_have_defaults_and_a_policys_own_come_before_the_districts(district: District) -> None:
    district.write(POLICY, f"{PLAIN}guard: {{rings: {{}}}}\n")
    assert district.load().policies[0].rings == Rings(timedelta(hours=1), 0, 0, "")
    district.write(POLICY, PLAIN)
    district.write("policies/district.yaml", RINGS)
    everybodys = Rings(timedelta(hours=2), 5, 5, "east")
    loaded = district.load()
    assert (loaded.district.rings, loaded.policies[0].rings) == (everybodys, everybodys)
    district.write(POLICY, f"{PLAIN}guard: {{rings: {{soak: 3h, failed: 1, site: west}}}}\n")
    assert district.load().policies[0].rings == Rings(timedelta(hours=3), 1, 5, "west")


def test_a_policy_can_only_tighten_its_districts_rings(district: District) -> None:
    district.write("policies/district.yaml", RINGS)
    district.write(POLICY, f"{PLAIN}guard: {{rings: {{soak: 1h, failed: 6, new_findings: 5.5}}}}\n")
    assert district.problems() == [
        f"{POLICY}:5:23: The `soak` of these rings is looser than the district's: only tighten it.",
        f"{POLICY}:5:35: The `failed` of these rings is looser than the district's: only tighten it.",
        f"{POLICY}:5:52: The `new_findings` of these rings is looser than the district's: only tighten it.",
    ]
    district.write(POLICY, f"{PLAIN}guard: {{rings: {{failed: 2}}}}\n")
    assert district.load().policies[0].rings == Rings(timedelta(hours=2), 2, 5, "east"), "what is left out stays"
