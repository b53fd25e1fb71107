"""Lists that are not what they were: half of one accuses nobody, closes nothing, and says so until somebody vouches."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from agent.example.riverton import generate
from tests.cli.test_first_mail import lists

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.fixtures import Driftbell


def halve(path: Path) -> None:
    rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(rows[: len(rows) // 2]), encoding="utf-8")
    note = path.with_name(f"{path.name}.taken.json")
    note.unlink(missing_ok=True)


def of(run: dict[str, object], policy: str, part: str) -> set[str]:
    return {f["resource"] for f in run[part] if f["policy"] == policy}  # type: ignore[attr-defined, index]


def test_half_a_list_accuses_nobody_and_says_so_until_it_is_whole_again(driftbell: Driftbell) -> None:
    lists(driftbell)
    devices = driftbell.state / "exports" / "google_devices.csv"
    before = driftbell("run", "--mail", "never", "--json").json
    missing = of(before, "INV-02-SEEN", "findings")
    halve(devices)
    for _ in range(2):  # the second run must not take the half for the new measure
        half = driftbell("run", "--mail", "never", "--json").json
        assert of(half, "INV-02-SEEN", "findings") <= missing, "nothing that is not in half a list is called absent"
        assert len(of(half, "INV-02-SEEN", "unknown")) > 1000
        assert half["seen"]["device@google"]["membership"] == "not proven"
        report = driftbell("report", "--format", "text").out
        assert "shrank" in report
        assert "by itself" not in report
    generate(driftbell.state / "exports", at=datetime.now(UTC))
    after = driftbell("run", "--mail", "never", "--json").json
    assert of(after, "INV-02-SEEN", "findings") == missing
    since = {f["resource"]: f["since"] for f in before["findings"] if f["policy"] == "INV-02-SEEN"}
    assert {f["resource"]: f["since"] for f in after["findings"] if f["policy"] == "INV-02-SEEN"} == since


def test_a_person_vouches_for_a_list_that_is_smaller_by_right(driftbell: Driftbell, tmp_path: Path) -> None:
    lists(driftbell)
    driftbell("run", "--mail", "never")
    devices = driftbell.state / "exports" / "google_devices.csv"
    smaller = tmp_path / "smaller.csv"
    smaller.write_bytes(devices.read_bytes())
    halve(smaller)
    refused = driftbell("import", str(smaller), "--as", "google")
    assert refused.code == 2
    assert "--yes" in refused.err
    assert driftbell("import", str(smaller), "--as", "google", "--yes").code == 0
    seen = driftbell("run", "--mail", "never", "--json").json["seen"]
    assert seen["device@google"]["membership"] == "proven"
    assert driftbell("check", "--json").json["seen"]["device@google"]["membership"] == "proven"


@pytest.mark.parametrize("spoiled", ["", "1.23457E+11"])
def test_rows_without_a_usable_serial_make_nobody_absent(driftbell: Driftbell, spoiled: str) -> None:
    lists(driftbell)
    devices = driftbell.state / "exports" / "google_devices.csv"
    missing = of(driftbell("check", "--json").json, "INV-02-SEEN", "findings")
    with devices.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows[:40]:
        row["serialNumber"] = spoiled
    with devices.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    assert of(driftbell("check", "--json").json, "INV-02-SEEN", "findings") <= missing


def test_explain_shows_both_sides_and_every_list_that_was_read(driftbell: Driftbell) -> None:
    lists(driftbell)
    found = driftbell("run", "--mail", "never", "--json").json["findings"]
    one = next(f for f in found if f["policy"] == "INV-02-SITE")
    (difference,) = one["differences"]
    told = driftbell("explain", "INV-02-SITE", one["resource"])
    assert told.code == 0
    assert f"read {difference['observed']}, and device.site: {difference['expected'].split()[0]}" in told.out
    assert all(f"Read from {system} at" in told.out for system in ("assets", "google", "intune"))
    data = driftbell("explain", "INV-02-SITE", one["resource"], "--json").json["expect"]
    assert (data["reading"], data["other"]) == (difference["observed"], difference["expected"].split()[0])
    person = next(f for f in found if f["policy"] == "INV-06")
    hidden = driftbell("explain", "INV-06", person["resource"])
    assert "@" not in hidden.out.replace(person["resource"], "").replace(person["resource"].partition("/")[2], "")
