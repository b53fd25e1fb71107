"""Which members of a list break a condition: what `explain` names beside the whole list."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agent.cli import tree
from agent.decide.explain import judge
from agent.decide.members import culprits
from agent.errors import Place
from agent.model.condition import AllOf, Test
from agent.model.kind import FieldRef, FieldType

NOW = datetime(2026, 10, 14, 12, 30, tzinfo=UTC)
HERE = Place("policies/hosts/HOST-03.yaml", 12, 5)
GROUPS = FieldRef("user.ada.groups", "user", "ada", "groups", FieldType.LIST)
ELEMENT = FieldRef("user.ada.groups", "user", "ada", "groups", FieldType.TEXT)
HAVE = ("adm", "docker", "sudo")


def asked(operator: str, operand: object) -> Test:
    return Test(GROUPS, operator, operand, "", HERE)


@pytest.mark.parametrize(
    ("operator", "operand", "extra", "missing"),
    [
        ("contains_only", ("adm", "sudo"), ("docker",), ()),
        ("none_of", ("docker", "lxd", "sudo"), ("docker", "sudo"), ()),
        ("contains_all", ("adm", "wheel"), (), ("wheel",)),
        ("contains", "wheel", (), ("wheel",)),
        ("equals", ("adm", "wheel"), ("docker", "sudo"), ("wheel",)),
        ("every", Test(ELEMENT, "starts_with", "a", "", HERE), ("docker", "sudo"), ()),
        ("contains_only", HAVE, (), ()),
        ("count", 2, (), ()),
        ("some", Test(ELEMENT, "equals", "wheel", "", HERE), (), ()),
    ],
)
def test_the_members_that_break_it(
    operator: str, operand: object, extra: tuple[str, ...], missing: tuple[str, ...]
) -> None:
    judged = judge(asked(operator, operand), lambda _field: HAVE, NOW)
    assert culprits(judged, NOW) == (extra, missing)


def test_a_tree_names_the_members_the_set_and_the_place() -> None:
    condition = AllOf((asked("contains_only", ("adm", "sudo")), asked("contains", "adm")))
    around = tree.Around(NOW, lambda place: "staff" if place.line == 12 else "")
    judged = judge(condition, lambda _field: HAVE, NOW)
    first, members, second = tree.lines(judged, around)
    assert first.startswith("  NO  user.ada.groups: wanted containing only adm, sudo; read [adm, docker, sudo]")
    assert first.endswith("(staff, policies/hosts/HOST-03.yaml:12:5)")
    assert members.strip() == "not as it should be: docker"
    assert second.startswith("  yes ")
    document = tree.document(judged, around)
    assert document is not None
    assert (document["of"], document["holds"]) == ("all", False)
    assert document["parts"][0] | {"rule": ""} == {
        "rule": "", "holds": False, "field": "user.ada.groups", "wanted": "containing only adm, sudo",
        "place": str(HERE), "set": "staff", "breaking": ["docker"], "reading": "[adm, docker, sudo]",
    }  # fmt: skip
