"""Words that a condition compares with: a misspelt one selects nothing or everything, so it is said where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agent.intake.schema import schema

if TYPE_CHECKING:
    from agent.model.kind import Catalog
    from tests.intake.district import District

FILE = "policies/devices/one.yaml"
TYPES = "file, directory, socket, fifo, block, character, link"


def write(district: District, kind: str, where: str, expect: str = "") -> None:
    wish = expect or {
        "host": "hostname: a",
        "site": "name: a",
        "service": "up: true",
        "person": "grade: a",
        "school": "name: a",
    }.get(kind, "location: a")
    head = f"policy: A-1\ntitle: a\napplies_to:\n  kind: {kind}\n"
    district.write(FILE, f"{head}  where: {{{where}}}\nexpect: {{{wish}}}\n")


@pytest.mark.parametrize(
    ("kind", "where"),
    [
        ("device", "site: eats"),
        ("device", "site: {not: eats}"),
        ("device", "site: {none_of: [west, eats]}"),
        ("device", "site: {one_of: [eats]}"),
        ("device", "site: [west, eats]"),
        ("device", "site: {any_of: [west, {not: {equals: eats}}]}"),
        ("device", "site.id: eats"),
        ("device", "user.site: {not: eats}"),
        ("device", "user.site.id: eats"),
        ("device", "asset.site: eats"),
        ("ticket", "device.site: eats"),
        ("person", "site: eats"),
        ("printer", "site: eats"),
        ("asset", "site: eats"),
        ("class", "site: eats"),
        ("school", "site: eats"),
        ("service", "site: eats"),
        ("site", "id: eats"),
        ("host", "var.site: {not: eats}"),
    ],
)
def test_a_school_that_is_not_there_is_refused_at_its_place(district: District, kind: str, where: str) -> None:
    write(district, kind, where)
    column = len("  where: {") + where.index("eats") + 1
    says = "There is no site 'eats' in policies/district.yaml; did you mean 'east'?"
    assert district.problems() == [f"{FILE}:5:{column}: {says}"]
    write(district, kind, where.replace("eats", "east"))
    assert district.problems() == []


@pytest.mark.parametrize(
    "where",
    ["site: {starts_with: es}", "location: eats", "site.name: eats", "user.grade: eats", "site: {exists: true}"],
)
def test_only_comparisons_of_schools_for_equality_name_schools(district: District, where: str) -> None:
    write(district, "device", where)
    assert district.problems() == []


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("East High", ": 'east' is the key of 'East High'."),
        ("EAST", "; did you mean 'east'?"),
        ("harbor", "; there are east, west."),
    ],
)
def test_the_key_of_a_school_is_told(district: District, word: str, hint: str) -> None:
    write(district, "device", f"site: {word}")
    (problem,) = district.problems()
    assert problem.endswith(f"There is no site {word!r} in policies/district.yaml{hint}")


def test_what_a_policy_expects_is_looked_at_too(district: District) -> None:
    write(district, "device", "status: active", "site: {not: eats}")
    (problem,) = district.problems()
    assert problem.startswith(f"{FILE}:6:22: There is no site 'eats'")


def test_a_condition_set_and_a_value_are_looked_at(district: District) -> None:
    district.write("policies/conditions/a.yaml", "conditions: {far: {kind: device, where: {site: {not: eats}}}}\n")
    district.write("policies/values/a.yaml", "values: v\nexpires: 2030-01-01\nsource: a\nset: {here: wset}\n")
    write(district, "device", "is: far, user.site: {value: v.here}")
    first, second = district.problems()
    assert first.startswith("policies/conditions/a.yaml:1:54: There is no site 'eats' in policies/district.yaml;")
    assert second.startswith(
        f"{FILE}:5:31: There is no site 'wset' (the value v.here, policies/values/a.yaml:4:13) in "
    )


@pytest.mark.parametrize(
    ("where", "word", "field", "hint"),
    [
        ("status: {none_of: [lost, actve]}", "actve", "status", "; did you mean 'active'?"),
        ("status: Active", "Active", "status", "; did you mean 'active'?"),
        ("platform: {not: chromos}", "chromos", "platform", "; did you mean 'chromeos'?"),
        ("user.role: {none_of: [studnet]}", "studnet", "user.role", "; did you mean 'student'?"),
        ("asset.status: [zzz]", "zzz", "asset.status", "."),
        ("ownership: personel", "personel", "ownership", "; did you mean 'personal'?"),
    ],
)
def test_a_word_that_only_an_export_could_hold_is_a_warning(
    district: District, where: str, word: str, field: str, hint: str
) -> None:
    write(district, "device", where)
    column = len("  where: {") + where.index(word) + 1
    begins = f"{FILE}:5:{column}: {word!r} is not one of the words that Driftbell knows for {field!r}: "
    (warning,) = [w for w in district.load().warnings if "words that Driftbell knows" in w]
    assert warning.startswith(begins)
    assert warning.endswith(hint)


def test_a_word_in_a_condition_set_is_warned_of_once(district: District) -> None:
    district.write("policies/conditions/a.yaml", "conditions: {on: {kind: device, where: {status: actve}}}\n")
    write(district, "device", "is: on", "is_not: on")
    (warning,) = [w for w in district.load().warnings if "actve" in w]
    assert warning.startswith("policies/conditions/a.yaml:1:49: ")


def test_the_words_that_the_district_maps_an_export_to_are_known(district: District) -> None:
    write(district, "device", "status: [leased, active]")
    assert "'leased' is not one of the words" in "".join(district.load().warnings)
    columns = "{serial: Serial, status: {from: State, map: {L: leased}}}"
    district.write(
        "inventory/systems.yaml",
        f"systems:\n  mine: {{type: csv, kind: device, path: a.csv, key: serial, columns: {columns}}}\n",
    )
    assert "leased" not in "".join(district.load().warnings)
    write(district, "asset", "status: leased")
    assert "'leased' is not one of the words" in "".join(district.load().warnings)


@pytest.mark.parametrize(
    ("kind", "where", "says"),
    [
        (
            "service",
            "check: {not: htpp}",
            "5:24: 'check' is never 'htpp', only one of tcp, tls, http, dns, ping; did you mean 'http'?",
        ),
        (
            "host",
            "file./etc/motd.type: folder",
            f"5:32: 'file./etc/motd.type' is never 'folder', only one of {TYPES}; did you mean 'file'?",
        ),
    ],
)
def test_a_word_that_nothing_can_ever_say_is_refused(district: District, kind: str, where: str, says: str) -> None:
    write(district, kind, where)
    (problem,) = district.problems()
    assert problem == f"{FILE}:{says}"


def test_an_editor_offers_the_words_and_refuses_none(catalog: Catalog) -> None:
    defined = schema(catalog)["$defs"]
    device = defined["fields_device"]["properties"]
    assert device["status"]["examples"] == ["active", "disabled", "deprovisioned", "lost", "pending"]
    assert device["user.role"]["examples"][0] == "student"
    assert "enum" not in device["status"]
    assert "examples" not in device["model"]
