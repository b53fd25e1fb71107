"""`driftbell init`: what it lays down always validates, whatever was answered, and nothing is ever overwritten."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

from agent.bootstrap import catalog
from agent.example import root
from agent.example.answers import School, sites
from agent.example.choosing import lists
from tests.cli.terminal import converse

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.fixtures import Driftbell, Said

HOSTILE = [
    "Quo\"te 'n' back\\slash",
    "{curly}: [square] # hash",
    "- dash: colon",
    "!tag &anchor *alias",
    "yes",
    "null",
    "0x10",
    "2026-11-22",
    "{{ lookup('pipe', 'id') }}",
    "% percent @ at ` tick",
    "Łódź Öffentliche Schulen 北京",
    "---",
    "x" * 100,
]


def init(driftbell: Driftbell, *words: str) -> Said:
    return driftbell("init", "new", *words)


def district(driftbell: Driftbell) -> dict[str, dict[str, object]]:
    return yaml.safe_load((driftbell.folder / "new/policies/district.yaml").read_text("utf-8"))


def rules(folder: Path) -> set[str]:
    """The ids of the policies below a folder."""
    return {
        m[1] for p in folder.rglob("*.yaml") if (m := re.search(r"(?m)^policy: *(\S+)", p.read_text(encoding="utf-8")))
    }


def test_without_a_terminal_it_asks_nothing_and_what_it_lays_down_validates(driftbell: Driftbell) -> None:
    said = init(driftbell, "--name", "Hill Valley", "--director", "it@hill.example", "--school", "East High")
    assert said.code == 0, said.err
    assert driftbell("validate", "--repo", "new").code == 0
    written = district(driftbell)
    assert written["district"]["name"] == "Hill Valley"
    assert written["people"]["director"]["email"] == "it@hill.example"
    assert written["reports"] == {"drift": ["director"]}
    kept = {"calendar": "school"}
    assert written["sites"] == {"office": {"name": "District Office", **kept}, "east": {"name": "East High", **kept}}
    assert "riverton.example" not in (driftbell.folder / "new/policies/hosts/HOST-01.yaml").read_text("utf-8")
    assert "Riverton" not in (driftbell.folder / "new/policies/hosts/HOST-02.yaml").read_text("utf-8")


def test_everything_it_lays_down_only_watches(driftbell: Driftbell) -> None:
    init(driftbell)
    texts = [
        p.read_text("utf-8")
        for folder in ("policies", "later")
        for p in (driftbell.folder / "new" / folder).rglob("*.yaml")
    ]
    modes = {m for text in texts for m in re.findall(r"(?m)^mode: *(\w+)", text)}
    assert modes <= {"audit"}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_of_a_district_or_a_school_is_written_down_as_it_is(driftbell: Driftbell, name: str) -> None:
    said = init(driftbell, "--name", name, "--school", name, "--list", "google_devices", "--this-machine")
    assert said.code == 0, said.err
    assert district(driftbell)["district"]["name"] == name
    assert name in [site["name"] for site in district(driftbell)["sites"].values()]
    assert driftbell("validate", "--repo", "new").code == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--name", "two\nlines"], "on one line"),
        (["--name", "bell\x07"], "on one line"),
        (["--name", "  "], "needs a name"),
        (["--name", "x" * 300], "at most 100"),
        (["--school", "x" * 300], "at most 100"),
        (["--school", "East", "--school", "east"], "named twice"),
        (["--timezone", "America/Chicgo"], "did you mean 'America/Chicago'"),
        (["--timezone", "teatime"], "no time zone"),
        (["--timezone", "../../etc/passwd"], "no time zone"),
        (["--director", "not an address"], "not a mail address"),
        (["--director", 'a"b@c.example'], "not a mail address"),
        (["--list", "gogle_devices"], "did you mean 'google_devices'"),
        (["--list", "x" * 300], "The lists are"),
    ],
)
def test_an_answer_that_makes_no_sense_is_a_sentence_and_nothing_is_written(
    driftbell: Driftbell, words: list[str], sentence: str
) -> None:
    said = init(driftbell, *words)
    assert said.code == 2
    assert sentence in said.err
    assert not (driftbell.folder / "new").exists()


def test_it_never_overwrites(driftbell: Driftbell) -> None:
    folder = driftbell.folder / "new"
    folder.mkdir()
    (folder / "diary").write_text("dear diary")
    said = init(driftbell)
    assert said.code == 2
    assert "not empty" in said.err
    assert [p.name for p in folder.iterdir()] == ["diary"]
    assert driftbell("init", "new/diary").code == 2
    assert driftbell("init", "new/diary/below").code == 2


def test_an_empty_git_repository_is_a_fine_place_and_a_new_one_is_made_elsewhere(driftbell: Driftbell) -> None:
    subprocess.run(["git", "init", "-q", "new"], cwd=driftbell.folder, check=True)
    assert init(driftbell).code == 0
    assert driftbell("init", "other").code == 0
    assert (driftbell.folder / "other/.git").is_dir()


def test_git_takes_neither_an_export_nor_what_an_installation_makes(driftbell: Driftbell) -> None:
    init(driftbell)
    exports = ("google.csv", "roster.zip", "inventory/exports/x.txt", "assets.xlsx")
    for name in (*exports, "server.key", "policies/driftbell.schema.json"):
        ignored = subprocess.run(["git", "check-ignore", "-q", name], cwd=driftbell.folder / "new", check=False)
        assert ignored.returncode == 0, name


@pytest.mark.parametrize("name", [*lists(catalog()), ""])
def test_with_any_list_it_validates_and_no_rule_is_lost(driftbell: Driftbell, name: str) -> None:
    said = init(driftbell, *(["--list", name] if name else []))
    assert said.code == 0, said.err
    assert driftbell("validate", "--repo", "new").code == 0
    new = driftbell.folder / "new"
    here, later = rules(new / "policies"), rules(new / "later")
    assert here | later == rules(root() / "policies")
    assert not here & later
    assert all(rule in said.out for rule in later)
    if name:
        assert f"driftbell import FILE --as {name}" in said.out
        assert "HOST-01" in later  # this machine was not asked for


def test_what_rules_are_composed_of_is_laid_down_with_them_and_nothing_else(driftbell: Driftbell) -> None:
    assert init(driftbell, "--list", "google_devices", "--school", "East High=/Students/East").code == 0
    new = driftbell.folder / "new"
    assert {p.name for p in (new / "policies/values").iterdir()} == {"chromeos.yaml", "ipados.yaml", "testing.yaml"}
    assert "student-chromebook.yaml" in {p.name for p in (new / "later/conditions").iterdir()}
    assert "uses" not in driftbell("validate", "--repo", "new").out, "nothing is laid down that no rule uses"
    for part in ("conditions/student-chromebook", "devices/DEV-03"):
        (new / "later" / f"{part}.yaml").rename(new / "policies" / f"{part}.yaml")
    said = driftbell("validate", "--repo", "new")
    assert said.code == 0, said.err
    assert driftbell("coverage", "--repo", "new", "--framework", "cis_v8").code == 0


def test_with_every_list_only_what_no_list_shows_waits(driftbell: Driftbell) -> None:
    words = [word for name in lists(catalog()) for word in ("--list", name)]
    assert init(driftbell, *words, "--this-machine", "--school", "East High=/Students/East").code == 0
    later = driftbell.folder / "new/later"
    tests = set((later / "tests").rglob("*.yaml"))
    waiting = set(later.rglob("*.yaml")) - tests
    assert [p.name for p in waiting if "kind: service" not in p.read_text("utf-8")] == []
    assert {p.stem for p in tests} == {p.stem for p in waiting}
    assert rules(driftbell.folder / "new/policies") >= {"HOST-01"}


def test_an_org_unit_named_beside_a_school_is_where_its_students_are(driftbell: Driftbell) -> None:
    words = ("--school", "East High=/Students/East Side", "--school", "North", "--list", "google_devices")
    said = init(driftbell, *words)
    assert said.code == 0, said.err
    east = {"name": "East High", "org_units": ["/Students/East Side"], "student_ou": "/Students/East Side"}
    east["calendar"] = "school"
    assert district(driftbell)["sites"]["east"] == east
    assert district(driftbell)["sites"]["north"] == {"name": "North", "calendar": "school"}


def test_without_org_units_no_rule_asks_which_school_a_device_of_the_console_is_in(driftbell: Driftbell) -> None:
    words = ("--list", "google_devices", "--list", "snipe_it", "--school", "East High")
    said = init(driftbell, *words)
    assert "INV-02-SITE: no school in policies/district.yaml has its org units yet" in said.out


def test_a_rule_left_for_later_is_looked_at_once_it_is_moved(driftbell: Driftbell) -> None:
    init(driftbell, "--list", "google_devices")
    new = driftbell.folder / "new"
    before = rules(new / "policies")
    (new / "policies/hosts").mkdir(exist_ok=True)
    (new / "later/hosts/HOST-01.yaml").rename(new / "policies/hosts/HOST-01.yaml")
    said = driftbell("validate", "--repo", "new", "--json")
    assert said.code == 0, said.err
    assert said.json["policies"] == len(before) + 1


def test_the_schema_that_editors_use_is_where_the_policies_look_for_it(driftbell: Driftbell) -> None:
    init(driftbell, "--this-machine")
    new = driftbell.folder / "new"
    for path in [*(new / "policies").rglob("*.yaml"), new / "inventory/systems.yaml"]:
        named = re.match(r"# yaml-language-server: \$schema=(\S+)", path.read_text("utf-8"))
        assert named is not None, path
        assert (path.parent / named[1]).is_file(), path


def test_at_a_terminal_it_asks_and_asks_again(driftbell: Driftbell) -> None:
    code, shown = converse(
        driftbell,
        ["init", "new"],
        [
            ("district's name", "Hill Valley"),
            ("time zone", "America/Los_Angles"),
            ("did you mean 'America/Los_Angeles'", "America/Los_Angeles"),
            ("Mail address", "it@hill.example"),
            ("schools", "East High, West Elementary"),
            ("Lists that you can export", "google devices"),
            ("this machine", ""),
        ],
    )
    assert code == 0, shown
    assert "driftbell import FILE --as google_devices" in shown
    written = district(driftbell)
    kept = {"calendar": "school", "hours": {"staff": "office", "desk": "office"}}
    assert written["district"] == {"name": "Hill Valley", "timezone": "America/Los_Angeles", **kept}
    assert set(written["sites"]) == {"office", "east", "west"}


def test_at_a_terminal_with_yes_it_asks_nothing_and_says_whose_time_zone_it_took(driftbell: Driftbell) -> None:
    code, shown = converse(driftbell, ["init", "new", "--yes"])
    assert code == 0, shown
    assert "time zone is this machine's" in shown


@pytest.mark.parametrize(
    ("schools", "keys"),
    [
        (("East High", "North Middle School"), ["office", "east", "north"]),
        (("East High", "East Middle"), ["office", "east-high", "east-middle"]),
        (("Martin Luther King Jr. Elementary",), ["office", "martin"]),
        (("St. Mary's", "PS 118"), ["office", "marys", "school-118"]),
        (("The High School", "No"), ["office", "the-high-school", "school-no"]),
        (("北京", "上海"), ["office", "school", "school-2"]),
        (("Łódź",), ["office", "odz"]),
        (("Office of Technology",), ["office", "office-2"]),
        (("District Office", "East"), ["district", "east"]),
    ],
)
def test_schools_have_short_keys_of_their_own(schools: tuple[str, ...], keys: list[str]) -> None:
    assert list(sites(tuple(map(School, schools)))) == keys
