"""What the command finds in the generated district, beside what the generator knows: no one missed, no one extra."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from agent.example.riverton import DEFAULT_AT, Truth, generate
from agent.example.riverton.district import ZONE
from tests.example.district import by_policy, change, lay_down, unknown

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.fixtures import Driftbell

AUTUMN = datetime(
    2026, 11, 3, 0, 20, tzinfo=ZoneInfo(ZONE)
)  # an hour was there twice two days ago; just after midnight
ALL_OUT = {"DEV-03", "INV-02-RATE"}  # the one has one group
SPRING = datetime(
    2027, 3, 29, 23, 58, tzinfo=ZoneInfo(ZONE)
)  # an hour was left out two weeks ago; just before midnight


def _check(driftbell: Driftbell, at: datetime) -> dict[str, Any]:
    said = driftbell("check", "--json", "--all", "--at", at.isoformat())
    assert said.code == 3, said.err  # the report has what it could not judge, and says so
    return said.json


def _differences(found: dict[str, set[str]], told: dict[str, set[str]]) -> dict[str, dict[str, list[str]]]:
    return {
        policy: {
            "missed": sorted(told.get(policy, set()) - found.get(policy, set()))[:5],
            "extra": sorted(found.get(policy, set()) - told.get(policy, set()))[:5],
        }
        for policy in sorted(found.keys() | told.keys())
        if found.get(policy, set()) != told.get(policy, set())
    }


def _agree(document: dict[str, Any], truth: Truth) -> None:
    assert _differences(by_policy(document, "out_of_line"), truth.out_of_line) == {}
    assert _differences(unknown(document), truth.unknown) == {}
    assert document["counts"]["out_of_line"] == sum(map(len, truth.out_of_line.values()))


@pytest.mark.parametrize(
    ("seed", "at"), [(1, DEFAULT_AT), (7, AUTUMN), (8, SPRING)], ids=["tuesday", "autumn", "spring"]
)
def test_no_one_is_missed_and_no_one_is_extra(driftbell: Driftbell, seed: int, at: datetime) -> None:
    exports = lay_down(driftbell)
    truth = generate(exports, seed, at)
    _agree(_check(driftbell, at), truth)


def test_every_policy_over_exports_has_something_to_find(driftbell: Driftbell) -> None:
    exports = lay_down(driftbell)
    truth = generate(exports)
    document = _check(driftbell, DEFAULT_AT)
    asked = {finding["policy"] for finding in document["findings"]}
    assert asked == set(truth.out_of_line)
    assert all(by_policy(document, "in_line").get(policy) for policy in asked - ALL_OUT), "nobody keeps the rule"


def test_one_changed_row_is_exactly_one_finding_more(driftbell: Driftbell) -> None:
    exports = lay_down(driftbell)
    told = json.loads(_write(exports).read_text(encoding="utf-8"))
    sound = _Sound({name for part in ("out_of_line", "unknown") for ids in told[part].values() for name in ids})
    device = change(exports / "google_devices.csv", sound.device, "bootMode", "Dev")
    person = change(exports / "google_users.csv", sound.person, "2sv Enrolled [READ ONLY]", "False")
    printer = change(exports / "printers.csv", sound.printer, "Toner", "3%")
    expected = {policy: set(ids) for policy, ids in told["out_of_line"].items()}
    expected["DEV-07"].add(f"device/{device['serialNumber']}@google")
    expected["NET-08"].add(f"person/{person['Email Address [Required]']}")
    expected["PRN-01"].add(f"printer/{printer['Name']}")
    document = _check(driftbell, DEFAULT_AT)
    assert _differences(by_policy(document, "out_of_line"), expected) == {}


def _write(exports: Path) -> Path:
    generate(exports)
    return exports / "truth.json"


class _Sound:
    """Rows that nothing is wrong with."""

    def __init__(self, named: set[str]) -> None:
        self.named = named

    def device(self, row: dict[str, str]) -> bool:
        return row["status"] == "ACTIVE" and f"device/{row['serialNumber']}@google" not in self.named

    def person(self, row: dict[str, str]) -> bool:
        unit, email = row["Org Unit Path [Required]"], row["Email Address [Required]"]
        return unit.startswith("/Staff") and f"person/{email}" not in self.named

    def printer(self, row: dict[str, str]) -> bool:
        return row["Status"] == "Ready" and f"printer/{row['Name']}" not in self.named
