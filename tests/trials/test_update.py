"""A case made of the last look says what was seen, and nothing of whom it was seen of."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, cast

import pytest
import yaml

from agent.bootstrap import catalog, ledger
from agent.settings import Settings
from agent.trials.scrub import canonical, shaped
from agent.trials.spelling import scalar, value
from tests.cli.fixtures import Driftbell

if TYPE_CHECKING:
    from pathlib import Path

    from agent.decide.columns import Columns

DEVICES = """Serial Number,Asset Tag,Platform,OS Version,Status,School,Org Unit,Last Sync,Assigned To,Last User
5CD8123ABC,RU-1001,Chromebook,126.0.6478.222,Active,east,/Students/North,2026-10-13,Sam.One@riverton.example,\
sam.one@riverton.example
5CD8124ABD,RU-1002,Chromebook,150.0.1,Active,east,/Students/East,2026-10-13 15:05,tilda.two@riverton.example,
5CD8125ABE,RU-1003,Chromebook,150.0.1,Active,north,/Students/North,2026-10-13 15:05,,
"""
PEOPLE = """Email,Username,Full Name,Role,Status,School,Org Unit
sam.one@riverton.example,samone,Samantha One,Student,Active,east,/Students/East
tilda.two@riverton.example,tildat,Tilda Two,Student,Active,east,/Students/East
"""
ASSETS = """Tag,Serial,Name,Status,Building,Location,Assigned To
RU-1001,5cd8123abc,Samantha's laptop,In Use,east,Room of Tilda Two,sam.one@riverton.example
RU-1003,5CD8125ABE,Cart 3,In Use,north,Room 3,
RU-1004,5CD8125ABE,Cart 4,In Use,north,Room 3,
"""
LISTS = {"devices": ("device", DEVICES), "people": ("person", PEOPLE), "assets": ("asset", ASSETS)}
POLICIES = {
    "D-1": (
        "device",
        {"platform": "chromeos", "user.status": "active"},
        {"org_unit": {"same_as": "user.site.student_ou"}},
    ),
    "D-2": ("device", {"status": "active"}, {"asset": {"exists": True}}),
    "D-3": ("device", {}, {"last_user": {"ends_with": "@riverton.example"}}),
    "D-4": ("device", {}, {"os_version": {"at_least": "150"}}),
    "A-1": ("asset", {"status": "in_use"}, {"assigned_to": {"same_as": "device.assigned_user"}}),
    "A-2": ("asset", {}, {"location": {"contains": "Room"}}),
}
SITES = {
    "east": {"name": "East High", "org_units": ["/Students/East"], "student_ou": "/Students/East"},
    "north": {"name": "North Middle", "org_units": ["/Students/North"], "student_ou": "/Students/North"},
}


@pytest.fixture(scope="module")
def looked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a district whose lists were looked at once."""
    driftbell = Driftbell(tmp_path_factory.mktemp("looked"))
    driftbell.district(sites=SITES, example=True)
    systems = {}
    for name, (kind, text) in LISTS.items():
        driftbell.write(f"inventory/exports/{name}-2026-10-14.csv", text)
        preset = f"generic_{name}"
        path = f"{name}-2026-10-14.csv"
        systems[name] = {"type": "csv", "kind": kind, "path": path, "preset": preset}
        if kind == "person":
            systems[name]["columns"] = {"name": "Full Name", "org_unit": "Org Unit", "username": "Username"}
        if kind == "device":
            systems[name]["columns"] = {"org_unit": "Org Unit", "last_user": "Last User"}
        if kind == "asset":
            systems[name]["columns"] = {"assigned_to": "Assigned To", "location": "Location", "name": "Name"}
            systems[name]["key"] = "tag"
    driftbell.write("inventory/systems.yaml", {"systems": systems})
    for name, (kind, where, expect) in POLICIES.items():
        applies = {"kind": kind, **({"where": where} if where else {})}
        content = {"policy": name, "title": name, "applies_to": applies, "expect": expect}
        driftbell.write(f"policies/devices/{name}.yaml", content)
    said = driftbell("run")
    assert said.code in {1, 3}, said.err
    return driftbell.folder


@pytest.fixture
def seen(looked: Path, tmp_path: Path) -> Driftbell:
    """That district, for one test alone."""
    shutil.copytree(looked, tmp_path, dirs_exist_ok=True)
    return Driftbell(tmp_path)


def updated(seen: Driftbell, policy: str, resource: str) -> Path:
    said = seen("test", "--update", policy, resource)
    assert said.code == 0, said.err
    path = seen.repo / "policies/tests/devices" / f"{policy}.seen.yaml"
    assert str(path.relative_to(seen.repo)) in said.out
    return path


def secrets(seen: Driftbell) -> set[str]:
    """Every sensitive value, key and name that the ledger's sweeps hold."""
    found: set[str] = set()
    with ledger(Settings(repository="", state=seen.state), read_only=True) as store:
        for name, (kind, _) in LISTS.items():
            sweep = store.last_sweep(kind, name)
            assert sweep is not None
            table = cast("Columns", sweep.table)
            hidden = [f.name for f in catalog().kinds[kind].fields if f.sensitive or f.match]
            found |= {r.partition("/")[2] for r in table.ids()}
            found |= {str(v) for r in table.ids() for f in hidden if isinstance(v := table.reading(r, f), str)}
    assert len(found) >= 10, "this district has more to hide"
    return {s.lower() for s in found}


@pytest.mark.parametrize(
    ("policy", "resource", "stands"),
    [
        ("D-1", "5CD8123ABC", "out_of_line"),
        ("D-1", "5CD8124ABD", "in_line"),
        ("D-1", "5CD8125ABE", "left_out"),
        ("D-2", "5CD8124ABD", "out_of_line"),
        ("D-2", "5CD8125ABE", "unknown"),
        ("D-4", "5CD8123ABC", "out_of_line"),
        ("A-1", "RU-1001", "out_of_line"),
        ("A-2", "RU-1003", "in_line"),
    ],
)
def test_it_says_what_was_seen_and_nothing_of_whom(seen: Driftbell, policy: str, resource: str, stands: str) -> None:
    path = updated(seen, policy, resource)
    text = path.read_text("utf-8")
    (case,) = yaml.safe_load(text)["cases"]
    (expected,) = case["expect"].values()
    assert expected["verdict"] == stands
    low = text.lower()
    assert [s for s in secrets(seen) if s in low] == []
    assert not re.search(r"sam|tilda|riverton", low)
    said = seen("test", policy, "--json")
    assert said.code == 0, seen("test", policy).out
    assert said.json["counts"] == {"passed": 1, "failed": 0}


def test_what_links_stays_linked(seen: Driftbell) -> None:
    (case,) = yaml.safe_load(updated(seen, "A-1", "RU-1001").read_text("utf-8"))["cases"]
    device, asset = (next(v for k, v in case["given"].items() if k.startswith(kind)) for kind in ("device", "asset"))
    assert canonical(device["serial"]) == canonical(asset["serial"]) != "5cd8123abc"
    assert device["asset_tag"] == asset["tag"]
    assert device["assigned_user"].lower() == asset["assigned_to"].lower() == "person1@district.example"
    assert device["assigned_user"] != asset["assigned_to"], "they are spelled otherwise, which is what is out of line"
    assert len(case["given"]) == 2, "nothing but what the policy reads"


def test_another_case_goes_below_and_leaves_what_is_there(seen: Driftbell) -> None:
    path = updated(seen, "D-4", "5CD8123ABC")
    before = path.read_text("utf-8").replace("tests: D-4\n", "tests: D-4   # ours\n# kept\n")
    path.write_text(before, encoding="utf-8")
    assert updated(seen, "D-4", "5CD8124ABD") == path
    after = path.read_text("utf-8")
    assert after.startswith(before)
    names = [c["case"] for c in yaml.safe_load(after)["cases"]]
    assert len(names) == len(set(names)) == 2
    assert seen("test", "D-4").code == 0


def test_a_case_that_hangs_on_a_name_is_refused(seen: Driftbell) -> None:
    said = seen("test", "--update", "D-3", "5CD8123ABC")
    assert said.code == 2
    assert "D-3 says in_line of it, and out_of_line of the same readings with invented names" in said.err
    assert not (seen.repo / "policies/tests").exists()


def test_what_is_not_there_is_said_with_the_nearest(seen: Driftbell) -> None:
    assert "There is no policy 'D-11'; did you mean 'D-1'?" in seen("test", "--update", "D-11", "x").err
    assert "did you mean" in seen("test", "--update", "D-1", "5CD8123ABD").err
    assert seen("test", "--update", "D-1").code == 2


def test_what_the_last_look_did_not_read_is_said(seen: Driftbell) -> None:
    content = {"policy": "D-5", "title": "D-5", "applies_to": {"kind": "device"}}
    seen.write("policies/devices/D-5.yaml", {**content, "expect": {"storage_free": {"at_least": "4 GB"}}})
    said = seen("test", "--update", "D-5", "5CD8123ABC")
    assert said.code == 3
    assert "The last look did not read device.storage_free: `driftbell run` reads it." in said.err


@pytest.mark.parametrize("name", ["5CD8124ABD", "device/5CD8124ABD", "5cd8124abd"])
def test_a_resource_is_named_as_it_is_to_explain(seen: Driftbell, name: str) -> None:
    assert seen("explain", "D-4", name).code == 0
    updated(seen, "D-4", name)


def test_a_policy_of_whole_lists_has_no_single_resource_to_write_down(seen: Driftbell) -> None:
    rule = {"policy": "D-6", "title": "D-6", "applies_to": {"kind": "device"}}
    rule |= {"expect": {"status": "active"}, "measure": {"share": {"at_least": "90%"}}}
    seen.write("policies/devices/D-6.yaml", rule)
    said = seen("test", "--update", "D-6", "east")
    assert said.code == 2
    assert "D-6 speaks of whole lists, which no single resource shows: write its cases by hand." in said.err


def test_without_a_look_there_is_nothing_to_write(driftbell: Driftbell) -> None:
    driftbell.policy("H-1", expect={"os.name": "debian"})
    said = driftbell("test", "--update", "H-1", "web1")
    assert said.code == 3
    assert "No look at hosts is recorded yet" in said.err


def test_stand_ins_have_the_shape_of_what_they_stand_for() -> None:
    assert shaped("5CD8123ABC", 1) == "7SS7771SSS"
    assert shaped("RU-1001", 42) == "SS-7742"
    assert canonical(" A4-B1-C1-00-00-01 ") == canonical("a4:b1:c1:00:00:01") == "a4b1c1000001"


@pytest.mark.parametrize(
    "text", ["no", "null", "12:30", "0o7", "a: b", "- x", "#", "", " x", "1.5", "\x1b[1m", "日", "x y"]
)
def test_a_text_is_spelled_so_that_it_reads_back(text: str) -> None:
    from agent.intake.yaml import parse

    node = parse(f"a: {scalar(text)}\nb: {value((text, 'x'))}\n".encode(), "x.yaml")
    assert node.get("a").value == text  # type: ignore[union-attr]
    assert node.get("b").texts() == (text, "x")  # type: ignore[union-attr]
