"""`driftbell coverage`, and dated values that run out, as a user meets them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agent.example import root
from tests.example.district import lay_down

if TYPE_CHECKING:
    from tests.cli.fixtures import Driftbell

SYSTEMS = """\
systems:
  google: {type: csv, kind: device, path: google.csv, key: serial, as_of: Exported,
           columns: {serial: Serial, os_version: OS}}
"""
LIST = "Serial,OS,Exported\nNEW,150.0.1.2,2027-01-31T08:00:00-06:00\nOLD,140.0.1.2,2027-01-31T08:00:00-06:00\n"
POLICY = """\
policy: DEV-1
title: Chromebooks are current
frameworks: {cis: ["7.3"]}
applies_to: {kind: device}
expect: {os_version: {at_least: {value: chromeos.least}}}
"""
VALUES = 'values: chromeos\nexpires: 2027-01-31\nset: {least: "150"}\n'
FRAMEWORK = """\
framework: cis
name: CIS Controls
version: "8"
safeguards: [{id: "7.3", title: Update systems}, {id: "7.4", title: Update applications}]
"""


@pytest.fixture
def small(driftbell: Driftbell) -> Driftbell:
    """A district of two devices, one policy and one framework."""
    driftbell.write(
        "policies/district.yaml",
        "district: {name: R, timezone: America/Chicago}\nguards: {per_run: {count: 1}, per_day: {count: 1}}\n"
        "defaults: {owner: it@r.example, severity: high}\n",
    )
    driftbell.write("policies/devices/DEV-1.yaml", POLICY)
    driftbell.write("policies/values/chromeos.yaml", VALUES)
    driftbell.write("policies/frameworks/cis.yaml", FRAMEWORK)
    driftbell.write("inventory/systems.yaml", SYSTEMS)
    return driftbell


def show_list(driftbell: Driftbell) -> None:
    exports = driftbell.state / "exports"
    exports.mkdir(parents=True)
    (exports / "google.csv").write_text(LIST, encoding="utf-8")


def test_until_its_list_is_there_a_policy_waits_and_does_not_count(small: Driftbell) -> None:
    before = small("coverage").out
    assert "CIS Controls 8: 0 of 2 served, 1 more wait." in before
    assert "DEV-1: waits, no list: google was not imported yet" in before
    show_list(small)
    after = small("coverage").out
    assert "CIS Controls 8: 1 of 2 served (watches 1)." in after
    assert "DEV-1: watches everywhere" in after
    assert "not served: 7.4" in after
    late = small("coverage", "--at", "2027-02-01T00:00-06:00", "--json").json
    (framework,) = late["frameworks"]
    assert (framework["served"], framework["waiting"]) == (0, 1)
    assert framework["safeguards"][0]["policies"][0]["waits"] == "the values chromeos expired on 2027-01-31"


def test_values_are_relied_on_until_the_end_of_their_last_day(small: Driftbell) -> None:
    show_list(small)
    last = small("check", "--json", "--at", "2027-01-31T23:59-06:00").json
    assert [(f["resource"], f["verdict"]) for f in last["findings"]] == [("device/OLD", "out_of_line")]
    assert last["counts"]["in_line"] == 1
    late = small("check", "--json", "--all", "--at", "2027-02-01T00:00-06:00")
    assert late.code == 3
    assert late.json["findings"] == []
    assert late.json["counts"]["unknown"] == 2
    assert {u["why"] for u in late.json["unknown"]} == {"the values chromeos expired on 2027-01-31"}
    said = small("check", "--at", "2027-01-02T12:00-06:00").out
    assert "chromeos are good until 2027-01-31" in " ".join(said.split())
    assert "chromeos" not in small("check", "--at", "2026-12-01T12:00-06:00").out


def test_validate_tells_what_came_from_the_defaults(small: Driftbell) -> None:
    document = small("validate", "--json").json
    assert document["defaults"] == {
        "DEV-1": {"owner": "policies/district.yaml:3:12", "severity": "policies/district.yaml:3:33"}
    }


def test_a_framework_that_is_not_there_gives_the_nearest(small: Driftbell) -> None:
    said = small("coverage", "--framework", "ciss")
    assert (said.code, "did you mean 'cis'?" in said.err) == (2, True)
    (small.repo / "policies" / "frameworks" / "cis.yaml").unlink()
    said = small("coverage")
    assert said.code == 2
    assert "There is no framework in policies/frameworks/" in said.err


def test_the_example_knows_every_safeguard_and_serves_what_it_says(driftbell: Driftbell) -> None:
    lay_down(driftbell)
    said = driftbell("coverage", "--json").json
    by_key = {f["framework"]: f for f in said["frameworks"]}
    cis = by_key["cis_v8"]
    counts = [g["all"] for g in cis["groups"]]
    assert counts == [5, 7, 14, 12, 6, 8, 7, 12, 7, 7, 5, 8, 11, 9, 7, 14, 9, 5]
    assert [s["id"] for s in cis["safeguards"]] == [
        f"{c}.{n}" for c, m in enumerate(counts, 1) for n in range(1, m + 1)
    ]
    assert (by_key["cpg_1_0_1"]["all"], by_key["k12_six"]["all"]) == (38, 4)
    titles = [s["title"] for f in said["frameworks"] for s in f["safeguards"]]
    assert all(5 < len(title) < 100 for title in titles)
    assert all(len({s["title"] for s in f["safeguards"]}) == f["all"] for f in said["frameworks"])
    assert cis["served"] == 0, "no export is there yet"
    assert cis["waiting"] > 10
    text = driftbell("coverage", "--all").out
    assert max(map(len, text.splitlines())) <= 80
    assert "| 18.5 |" in driftbell("coverage", "--framework", "cis_v8", "--markdown").out


def test_the_whole_example_serves_with_its_hosts_at_least(driftbell: Driftbell) -> None:
    served = driftbell("coverage", "--repo", str(root()), "--framework", "cis_v8", "--json").json["frameworks"][0]
    watched = {s["id"] for s in served["safeguards"] if s["mode"] == "audit"}
    assert {"4.6", "4.8", "5.4", "7.3", "8.4"} <= watched
