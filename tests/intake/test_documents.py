"""Every wrong document gets exactly its sentences, and the schema that editors have agrees with what is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from agent.errors import InputError
from agent.intake import yaml as intake_yaml
from agent.intake.nodes import plain
from agent.intake.schema import schema
from agent.intake.trials import load_trials
from tests.intake.cases import CASES, documents, expected, name

if TYPE_CHECKING:
    from pathlib import Path

    from agent.model.kind import Catalog
    from tests.intake.district import District

POLICY = "policies/hosts/case.yaml"
DISTRICT = "policies/district.yaml"
SYSTEMS = "inventory/systems.yaml"
OTHERS = {  # where the other sorts of documents stand
    "calendar": "policies/calendars/case.yaml",
    "calendar_changes": "policies/calendars/changes.yaml",
    "conditions": "policies/conditions/case.yaml",
    "framework": "policies/frameworks/case.yaml",
    "tests": "policies/tests/case.yaml",
    "values": "policies/values/case.yaml",
    "waivers": "policies/waivers.yaml",
}
GOOD_POLICY = "policy: GOOD-1\ntitle: a\napplies_to: {kind: host}\nexpect: {hostname: a}\n"


def others(folder: str) -> list[tuple[str, Path]]:
    return [
        (place, case)
        for shape, place in OTHERS.items()
        if (CASES / shape / folder).is_dir()
        for case in documents(f"{shape}/{folder}")
    ]


REFUSED_BY_THE_SCHEMA = [
    *others("structure"),
    *((POLICY, case) for case in documents("policy/structure")),
    *((DISTRICT, case) for case in documents("district/structure")),
    *((SYSTEMS, case) for case in documents("systems/structure")),
]
REFUSED_BY_LOGIC = [
    *others("logic"),
    *((POLICY, case) for case in documents("policy/logic")),
    *((DISTRICT, case) for case in documents("district/logic")),
]
REFUSED_BY_THE_READER = [(POLICY, case) for case in documents("policy/yaml")]
GOOD = [
    *((POLICY, case) for case in documents("policy/good")),
    *((DISTRICT, case) for case in documents("district/good")),
]


def names(cases: list[tuple[str, Path]]) -> list[str]:
    return [f"{name(case.parent)}/{case.stem}" for _, case in cases]


@pytest.fixture(scope="session")
def validator(catalog: Catalog) -> Draft202012Validator:
    return Draft202012Validator(schema(catalog))


def value(case: Path) -> Any:
    return plain(intake_yaml.parse(case.read_bytes(), case.name))


WRONG = REFUSED_BY_THE_READER + REFUSED_BY_THE_SCHEMA + REFUSED_BY_LOGIC


@pytest.mark.parametrize(("place", "case"), WRONG, ids=names(WRONG))
def test_a_wrong_document_gets_its_sentences_and_no_others(district: District, place: str, case: Path) -> None:
    district.write("policies/vendors/good.yaml", GOOD_POLICY)
    district.write(place, case.read_bytes())
    assert [p.removeprefix(f"{place}:") for p in problems(district)] == expected(case)
    assert expected(case)


def problems(district: District) -> list[str]:
    """Give what is wrong with a district, its policy tests included, which are read by themselves."""
    found = district.problems()
    if found or not (district.root / "policies" / "tests").is_dir():
        return found
    try:
        load_trials(district.load(), district.catalog, district.cache)
    except InputError as error:
        return [str(problem) for problem in error.problems]
    return []


@pytest.mark.parametrize(("place", "case"), GOOD, ids=names(GOOD))
def test_a_good_document_loads_and_fits_the_schema(
    district: District, validator: Draft202012Validator, place: str, case: Path
) -> None:
    district.write("policies/calendars/secondary.yaml", 'calendar: secondary\nbells: {mon: ["08:10-11:40"]}\n')
    district.write(place, case.read_bytes())
    assert district.problems() == []
    assert [error.message for error in validator.iter_errors(value(case))] == []


@pytest.mark.parametrize(("place", "case"), REFUSED_BY_THE_SCHEMA, ids=names(REFUSED_BY_THE_SCHEMA))
def test_what_is_refused_for_its_structure_is_refused_in_an_editor_too(
    validator: Draft202012Validator, place: str, case: Path
) -> None:
    if case.stem != "a-district-among-policies":  # An editor cannot know which file it has before it.
        assert not validator.is_valid(value(case)), place


@pytest.mark.parametrize(("place", "case"), REFUSED_BY_LOGIC, ids=names(REFUSED_BY_LOGIC))
def test_what_only_the_repository_can_tell_is_no_matter_of_the_schema(
    validator: Draft202012Validator, place: str, case: Path
) -> None:
    assert validator.is_valid(value(case)), place


def test_every_mistake_of_every_file_is_told_at_once(district: District) -> None:
    district.write("policies/hosts/one.yaml", "policy: A-1\ntitle: [\n")
    district.write(
        "policies/hosts/two.yaml", "policy: A-2\ntitel: a\napplies_to: {kind: host}\nexpect: {hostname: 1}\n"
    )
    district.write(
        "policies/devices/three.yml", "policy: A-3\ntitle: a\napplies_to: {kind: host}\nexpect: {nothing: 1}\n"
    )
    district.write(DISTRICT, "district: {name: a, timezone: Nowhere/Here}\n")
    district.write("inventory/systems.yaml", "systems: {a: {}}\n")
    assert [p.partition(" ")[0] for p in district.problems()] == [
        "inventory/systems.yaml:1:14:",
        "policies/devices/three.yml:4:10:",
        "policies/district.yaml:1:31:",
        "policies/hosts/one.yaml:2:8:",
        "policies/hosts/two.yaml:2:1:",
    ]


def test_a_file_that_is_wrong_in_structure_and_in_logic_says_both(district: District) -> None:
    district.write(
        POLICY,
        "policy: A-1\ntitle: a\nseverity: hihg\napplies_to: {kind: host}\nexpect: {time.synced: true}\n"
        "remedy: [{do: ansible.playbook, with: {playbook: playbooks/none.yml}}]\n",
    )
    assert [p.split(": ")[0] for p in district.problems()] == [f"{POLICY}:3:11", f"{POLICY}:6:50"]


def test_one_id_in_two_files_names_both_places(district: District) -> None:
    for file in ("one", "two", "three"):
        district.write(
            f"policies/hosts/{file}.yaml", "policy: A-1\ntitle: a\napplies_to: {kind: host}\nexpect: {hostname: a}\n"
        )
    assert district.problems() == [
        "policies/hosts/three.yaml:1:1: The policy id 'A-1' is taken: policies/hosts/one.yaml:1:1 has it already.",
        "policies/hosts/two.yaml:1:1: The policy id 'A-1' is taken: policies/hosts/one.yaml:1:1 has it already.",
    ]


def test_what_passed_once_is_not_checked_again_and_what_failed_is(district: District) -> None:
    good = "policy: A-1\ntitle: a\napplies_to: {kind: host}\nexpect: {hostname: a}\n"
    district.write(POLICY, good)
    assert district.problems() == []
    kept = next(district.cache.glob("shapes-*"))
    before = kept.read_text()
    assert district.problems() == []
    assert kept.read_text() == before
    district.write(POLICY, good.replace("title", "titel"))
    wrong = district.problems()
    assert (
        wrong == district.problems() == [f"{POLICY}:2:1: The word 'titel' does not stand here; did you mean 'title'?"]
    )


def test_a_cache_that_is_broken_or_cannot_be_written_changes_nothing(district: District) -> None:
    district.write(POLICY, "policy: A-1\ntitle: a\napplies_to: {kind: host}\nexpect: {hostname: a}\n")
    assert district.problems() == []
    for kept in district.cache.iterdir():
        kept.write_bytes(b"\x00 not json")
    assert district.problems() == []
    for kept in district.cache.iterdir():
        kept.unlink()
    district.cache.rmdir()
    district.cache.write_bytes(b"a file in its place")
    assert district.problems() == []


def test_the_schema_is_one(catalog: Catalog) -> None:
    Draft202012Validator.check_schema(schema(catalog))


def test_the_schema_names_everything_that_the_catalog_has(catalog: Catalog) -> None:
    made = schema(catalog)["$defs"]
    assert set(made["policy"]["properties"]["applies_to"]["properties"]["kind"]["enum"]) == set(catalog.kinds)
    assert "sshd.permitrootlogin" in made["fields_host"]["properties"]
    for kind in catalog.kinds.values():
        known = made[f"fields_{kind.name}"]
        assert {field.name for field in kind.fields} <= set(known["properties"])
        described = [*known["properties"].values(), *known["patternProperties"].values()]
        assert all(field["description"] for field in described)
