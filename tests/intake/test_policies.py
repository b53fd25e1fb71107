"""What a policy and a district become: typed, with their defaults, and with a digest of what they say."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from agent.intake.remedies import placeholders
from agent.model.condition import AllOf
from agent.model.kind import FieldType, Risk, UnknownFieldError
from agent.model.policy import Caps, Limit, Mode, Policy, Severity
from tests.intake.cases import CASES

if TYPE_CHECKING:
    from agent.model.kind import Catalog
    from tests.intake.district import District

POLICY = "policies/hosts/case.yaml"
SMALLEST = "policy: A-1\ntitle: a\napplies_to: {kind: host}\nexpect: {hostname: a, time.synced: true}\n"
PLAYBOOK = "{do: ansible.playbook, with: {playbook: playbooks/good.yml}}"


def load(district: District, text: str) -> Policy:
    district.write(POLICY, text)
    (policy,) = district.load().policies
    return policy


def test_the_smallest_policy_watches_only(district: District) -> None:
    policy = load(district, SMALLEST)
    assert (policy.mode, policy.severity, policy.remedy, policy.caps) == (Mode.AUDIT, Severity.MEDIUM, (), Caps())
    assert (policy.where, policy.converge, policy.check_every, policy.why, policy.owner) == (None, None, None, "", "")
    assert isinstance(policy.expect, AllOf)
    assert str(policy.place) == f"{POLICY}:1:1"


def test_a_whole_policy(district: District) -> None:
    policy = load(district, (CASES / "policy" / "good" / "everything.yaml").read_text())
    assert policy.id == "HOST-01.x_2"
    assert policy.title == "A folded title on two lines"
    assert policy.why == "Because of this.\nAnd that."
    assert (policy.severity, policy.mode) == (Severity.CRITICAL, Mode.ENFORCE)
    assert policy.frameworks == {"cis_v8": ("4.6", "6.5"), "six": ("N",)}
    assert policy.caps == Caps(per_run=Limit(count=0), per_day=Limit(percent=2.5))
    assert policy.check_every == timedelta(days=2)
    (step,) = policy.remedy
    assert step.arguments == {
        "playbook": "playbooks/good.yml",
        "vars": {"name": "<hostname>", "greeting": "I am <hostname> < 3"},
    }
    assert [f.name for f in step.sets] == ["sshd.permitrootlogin", "sshd.maxauthtries"]
    assert [f.name for f in step.reads] == ["hostname"]
    assert step.risk is Risk.REVERSIBLE
    assert isinstance(policy.where, AllOf)


def test_a_remedy_sets_what_is_expected_and_is_disruptive_unless_it_says_otherwise(district: District) -> None:
    (step,) = load(district, f"{SMALLEST}remedy: [{PLAYBOOK}]\n").remedy
    assert [f.name for f in step.sets] == ["hostname", "time.synced"]
    assert step.risk is Risk.DISRUPTIVE
    assert str(step.place) == f"{POLICY}:5:10"


def test_a_verb_that_only_tells_sets_nothing(district: District) -> None:
    (step,) = load(district, f"{SMALLEST}remedy: [{{do: post.tell, with: {{text: See <os.name>}}}}]\n").remedy
    assert step.sets == ()
    assert step.risk is Risk.ADDITIVE
    assert [f.name for f in step.reads] == ["os.name"]


def test_converge_is_its_own_remedy(district: District) -> None:
    policy = load(district, (CASES / "policy" / "good" / "converge.yaml").read_text())
    assert policy.expect is None
    assert policy.converge is not None
    assert (policy.converge.playbook, policy.converge.variables) == ("playbooks/good.yml", {"level": 3})
    assert (policy.converge.field.name, policy.converge.field.type) == ("converge", FieldType.LIST)
    (step,) = policy.remedy
    assert step.verb == "ansible.playbook"
    assert step.arguments == {"playbook": "playbooks/good.yml", "vars": {"level": 3}}
    assert step.sets == (policy.converge.field,)
    assert step.risk is Risk.REVERSIBLE


def test_the_digest_is_of_what_is_said_not_of_how(district: District) -> None:
    digest = load(district, SMALLEST).digest
    assert len(digest) == 64
    same = (
        "# a comment\nexpect:\n    time.synced: true   # here too\n    'hostname': \"a\"\napplies_to:\n  kind: host\n"
    )
    assert load(district, f"{same}title: a\npolicy: A-1\n").digest == digest
    for other in (SMALLEST.replace("title: a", "title: b"), SMALLEST + "severity: medium\n"):
        assert load(district, other).digest != digest
    written = [
        load(district, SMALLEST.replace("hostname: a", f"hostname: {n}")).digest for n in ("1.0", "1.00", "'1.0'")
    ]
    assert len(set(written)) == 3


def test_placeholders_are_found_wherever_they_stand(catalog: Catalog) -> None:
    host = catalog.kinds["host"]
    arguments = {"a": "<hostname>", "b": {"c": ["x <file./etc/my conf.mode> y", 3, {"d": "<os.name><hostname>"}]}}
    assert [f.name for f in placeholders(arguments, host, catalog)] == ["hostname", "file./etc/my conf.mode", "os.name"]
    assert placeholders({"a": "1 < 2 > 0", "b": "<>", "c": "< hostname >", "d": "<-"}, host, catalog) == ()
    with pytest.raises(UnknownFieldError, match="`<hostnme>` stands for a field"):
        placeholders({"a": "<hostnme>"}, host, catalog)


def test_a_district(district: District) -> None:
    district.write("policies/district.yaml", (CASES / "district" / "good" / "everything.yaml").read_text())
    for name in ("secondary", "office"):
        district.write(f"policies/calendars/{name}.yaml", f"calendar: {name}\nbells: {{mon: ['08:00-15:00']}}\n")
    land = district.load().district
    assert (land.name, land.timezone, land.recipients) == ("Riverton Unified", "America/Chicago", ("director",))
    assert land.caps == Caps(per_run=Limit(count=25, percent=50), per_day=Limit(count=100))
    assert land.never_touch == {"host/$(reboot)"}
    assert land.stop == "We look into something odd."
    east = land.sites["east"]
    assert (east.name, east.org_units, east.student_ou, east.calendar) == (
        "East High",
        ("/Students/East",),
        "/Students/East",
        "secondary",
    )
    assert land.people["director"].deputy == "systems"
    assert land.people["systems"].may == {"approve", "stop"}


@pytest.mark.parametrize(
    ("guards", "caps", "warned"),
    [
        ("", Caps(Limit(25, 100), Limit(100)), "per_run and per_day"),
        ("guards: {per_run: {count: 3}}", Caps(Limit(3), Limit(100)), "per_day"),
        ("guards: {per_run: {count: 0}, per_day: {percent: 5}}", Caps(Limit(0), Limit(percent=5)), ""),
    ],
)
def test_a_district_without_limits_gets_limits_and_is_told(
    district: District, guards: str, caps: Caps, warned: str
) -> None:
    district.write("policies/district.yaml", f"district: {{name: a, timezone: America/Chicago}}\n{guards}\n")
    repository = district.load()
    assert repository.district.caps == caps
    about = [w for w in repository.warnings if "guards" in w]
    assert [f"sets no guards for {warned}:" in w for w in about] == ([True] if warned else [])


def test_policies_come_in_the_order_of_their_ids(district: District) -> None:
    for name in ("C-1", "A-1", "B-1"):
        district.write(f"policies/hosts/{9 - ord(name[0]) % 9}.yaml", SMALLEST.replace("A-1", name))
    assert [p.id for p in district.load().policies] == ["A-1", "B-1", "C-1"]
