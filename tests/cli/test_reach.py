"""A policy that applies to nothing, or a part of one that is never read, is said: it looks like one that is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.committed import District, begun, waiver

if TYPE_CHECKING:
    from tests.cli.fixtures import Driftbell

LONG = "diskVolumeReports.0.volumeInfo.0.storageFree.inBytes"


@pytest.fixture
def district(driftbell: Driftbell) -> District:
    """Give a district with a typo in one policy, and a column that its list does not have."""
    found = begun(driftbell)
    systems = (driftbell.repo / "inventory/systems.yaml").read_text(encoding="utf-8")
    driftbell.write("inventory/systems.yaml", systems.replace("os_version: OS", f"os_version: OS\n      mac: {LONG}"))
    applies = {"kind": "device", "where": {"status": "in_use"}}
    found.policy("DEV-10", applies_to=applies, expect={"os_version": {"at_least": "126"}})
    found.policy("DEV-11", expect={"mac": {"exists": True}, "os_version": {"at_least": "200"}})
    return found


def reaches(document: dict[str, Any]) -> dict[str, tuple[int, int, list[str]]]:
    return {p["policy"]: (p["applies"], p["of"], [b["field"] for b in p["read_of_none"]]) for p in document["policies"]}


@pytest.mark.parametrize("command", [("check",), ("plan",), ("run", "--mail", "never")], ids=["check", "plan", "run"])
def test_each_command_that_looks_says_it(district: District, command: tuple[str, ...]) -> None:
    said = " ".join(district.driftbell(*command).out.split())
    assert "Applies to nothing now: DEV-10 (0 of 3 devices). Checked" in said
    assert f'DEV-11: mac was read of none of 3 devices: the export has no column "{LONG}".' in said
    told = district.driftbell(*command, "--json").json
    assert reaches(told) == {"DEV-02": (3, 3, []), "DEV-10": (0, 3, []), "DEV-11": (3, 3, ["mac"])}


def test_what_applies_and_is_read_is_not_said(district: District) -> None:
    for name in ("DEV-10", "DEV-11"):
        (district.driftbell.repo / f"policies/devices/{name}.yaml").unlink()
    said = district.driftbell("check").out
    assert "Applies to nothing" not in said
    assert "was read of none" not in said


def test_what_cannot_be_told_to_apply_is_not_called_nothing(district: District) -> None:
    district.policy("DEV-10", applies_to={"kind": "device", "where": {"mac": "a4b1c1000001"}}, expect={
        "status": {"exists": True}})  # fmt: skip
    assert "Applies to nothing" not in district.driftbell("check").out


def test_many_idle_policies_are_one_sentence(district: District) -> None:
    for number in range(20, 30):
        applies = {"kind": "device", "where": {"status": "in_use"}}
        district.policy(f"DEV-{number}", applies_to=applies, expect={"os_version": {"at_least": "126"}})
    (line,) = (
        " ".join(part.split()).partition(" Checked")[0]
        for part in district.driftbell("check").out.split("Applies to nothing now: ")[1:]
    )
    assert line.endswith("DEV-23 (0 of 3 devices) and 6 other policies.")


def test_diff_says_to_how_much_a_policy_applies(district: District) -> None:
    district.policy("DEV-02", applies_to={"kind": "device", "where": {"org_unit": {"under": "/Students"}}}, expect={
        "os_version": {"at_least": "126"}})  # fmt: skip
    said = " ".join(district.driftbell("diff", "HEAD", "--fresh").out.split())
    assert "applies to 0 of 3 devices now" in said
    assert "applies to 3 -> 2 of 3 devices now" in said
    assert f'mac was read of none of 3 devices: the export has no column "{LONG}".' in said
    markdown = district.driftbell("diff", "HEAD", "--fresh", "--markdown").out
    assert "- applies to 3 -&#62; 2 of 3 devices now" in markdown
    told = {p["policy"]: p["applies"] for p in district.driftbell("diff", "HEAD", "--fresh", "--json").json["policies"]}
    assert (told["DEV-02"]["before"], told["DEV-02"]["after"], told["DEV-02"]["of"]) == (3, 2, 3)
    assert (told["DEV-10"]["before"], told["DEV-10"]["after"]) == (None, 0)
    assert [b["field"] for b in told["DEV-11"]["read_of_none"]] == ["mac"]


def test_a_list_that_could_not_be_read_is_no_crash_for_a_field_that_nobody_read(district: District) -> None:
    driftbell = district.driftbell
    (driftbell.repo / "policies/devices/DEV-11.yaml").unlink()
    (driftbell.state / "exports/mdm.csv").unlink()
    district.run()
    district.policy("DEV-12", expect={"storage_free": {"at_least": "4 GB"}})
    for command in (("explain", "DEV-12", "A1"), ("test", "--update", "DEV-12", "A1")):
        said = driftbell(*command)
        assert (said.code, "did not read device.storage_free" in said.err) == (3, True), said.err
    assert "device.storage_free" in driftbell("diff", "HEAD").out


def test_check_takes_some_policies_in_any_case(district: District) -> None:
    district.driftbell.write("policies/waivers.yaml", waiver("W-1", "device/A1"))
    told = district.driftbell("check", "dev-11", "--json").json
    assert reaches(told) == {"DEV-11": (3, 3, ["mac"])}
    assert told["waivers"] == []
    both = district.driftbell("check", "DEV-02", "DEV-10", "--json").json
    assert (list(reaches(both)), len(both["waivers"])) == (["DEV-02", "DEV-10"], 1)
    wrong = district.driftbell("check", "DEV-2")
    assert (wrong.code, "did you mean 'DEV-02'" in wrong.err) == (2, True)
