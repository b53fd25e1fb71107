"""How long a large export takes and how much memory: 60,000 rows in well under a second, 200 MB in under 500 MB.

`python -m tests.bench.big_export` reads 60,000 rows and 200 MB, each as a whole new process; `--short` 2,000 rows and
5 MB. A row is as wide as what `gam print cros` prints of a Chromebook, about 600 bytes in 24 columns. The peer is what
a script would do: `csv.DictReader` over the same file in the same run, with nothing understood of any cell. Seconds
are the processor's, so that a busy machine does not count.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agent.catalog import KINDS
from agent.errors import Place
from agent.model.policy import Caps, District, Repository, Revision, Site
from agent.model.source import ExportSource
from agent.model.sweep import Request
from agent.systems.csv.read import CsvReader
from agent.systems.csv.spec import PRESETS

NOW = datetime(2026, 10, 14, 12, tzinfo=UTC)
SCHOOLS = ("East", "North", "South", "Cedar", "Lakeside", "Maple", "Mill", "Prairie")
FIELDS = (
    "serial", "asset_tag", "model", "platform", "os_version", "status", "org_unit", "site", "location", "enrolled",
    "last_sync", "support_end", "assigned_user", "mac", "boot_mode",
)  # fmt: skip
HEADERS = (
    "deviceId", "serialNumber", "annotatedAssetId", "annotatedLocation", "annotatedUser", "autoUpdateExpiration",
    "bootMode", "lastEnrollmentTime", "lastSync", "macAddress", "model", "orgUnitPath", "osVersion", "status",
    "ethernetMacAddress", "firmwareVersion", "platformVersion", "notes", "meid", "orderNumber", "willAutoRenew",
    "supportEndDate", "deviceLicenseType", "etag",
)  # fmt: skip
LARGE, MANY = 200_000_000, 60_000
MOST_BYTES, MOST_RATIO = 500_000_000, 4.0


def write(path: Path, rows: int = 0, size: int = 0) -> int:
    """Write an export of so many rows, or of so many bytes; give the number of rows."""
    chance = random.Random(7)  # ruff: ignore[suspicious-non-cryptographic-random-usage] - repeatable
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(HEADERS)
        number = 0
        while number < rows or file.tell() < size:
            out.writerows(_row(n, chance) for n in range(number, number + 1000))
            number += 1000
    return number


def _row(number: int, chance: random.Random) -> list[str]:
    school = chance.choice(SCHOOLS)
    synced = NOW - timedelta(seconds=chance.randrange(10_000_000))
    enrolled = NOW - timedelta(seconds=chance.randrange(100_000_000))
    return [
        f"{number:08x}-1b2c-4d5e-8f90-{number:012x}", f"5CD{number:07X}", f"RU-{number}", f"Room {number % 90}",
        f"s.{number}@riverton.example", "2029-06-01", "Verified", f"{enrolled:%Y-%m-%dT%H:%M:%S}.000Z",
        f"{synced:%Y-%m-%dT%H:%M:%S}.000Z", f"{number:012x}", "HP Chromebook 11 G9 EE", f"/Students/{school}/Grade 9",
        f"126.0.6478.{chance.randrange(250)}", "ACTIVE", f"{number:012x}", "Google_Drawman.13606.459.0",
        "15886.44.0 (Official Build) stable-channel drawlat", "Bought for grade 9. " * 6, "", f"PO-{number // 30}",
        "True", "", "educationUpgradePerpetual", f'"{number:040x}"',
    ]  # fmt: skip


def read(path: Path) -> dict[str, float]:
    """Read an export in this process; give seconds, rows and the most memory this process ever had."""
    sites = {s.lower(): Site(s.lower(), f"{s} School", (f"/Students/{s}",)) for s in SCHOOLS}
    district = District("Riverton Unified", "America/Chicago", sites, {}, (), Caps(), frozenset())
    repository = Repository(str(path.parent), Revision("abc", "here"), district, (), (), "")
    place = Place("inventory/systems.yaml")
    source = ExportSource("google", "csv", "device", path.name, place, preset="google_devices")
    kind = KINDS["device"]
    reader = CsvReader(source, PRESETS["google_devices"], kind, path.parent, lambda: NOW)
    request = Request("device", tuple(kind.resolve(name) for name in FIELDS))
    began = time.process_time()
    sweep = reader.observe(repository, request)
    took = time.process_time() - began
    if not sweep.proven or not sweep.seen:
        raise RuntimeError(sweep.membership)
    return {
        "seconds": took,
        "rows": sweep.seen,
        "bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0,
    }


def peer(path: Path) -> dict[str, float]:
    """Read an export as a script would, one row after the other, keeping none."""
    began = time.process_time()
    with path.open(newline="", encoding="utf-8") as file:
        rows = sum(1 for row in csv.DictReader(file) if row["serialNumber"])
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0
    return {"seconds": time.process_time() - began, "rows": rows, "bytes": used}


def measure(path: Path, how: str) -> dict[str, float]:
    """Read an export in a process of its own, one thread at a time: what threads keep for themselves is no figure."""
    environment = {**os.environ, "POLARS_MAX_THREADS": "1", "MALLOC_ARENA_MAX": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.big_export", how, str(path)],
        cwd=Path(__file__).parent.parent.parent, capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def main(words: list[str] | None = None) -> int:
    """Print a table; 1 where a figure does not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.big_export")
    parser.add_argument("--read", type=Path, help="read this file and print the figures")
    parser.add_argument("--peer", type=Path, help="the same, as a script would read it")
    parser.add_argument("--short", action="store_true")
    chosen = parser.parse_args(words)
    if chosen.read:
        print(json.dumps(read(chosen.read)))
        return 0
    if chosen.peer:
        print(json.dumps(peer(chosen.peer)))
        return 0
    held = True
    print("| export | rows | csv.DictReader, s | ours, s | times | memory, MB |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name, rows, size in (("60,000 rows", MANY, 0), ("200 MB", 0, LARGE)):
            path = Path(folder) / "devices.csv"
            write(path, rows // (30 if chosen.short else 1), size // (40 if chosen.short else 1))
            bare, found = measure(path, "--peer"), measure(path, "--read")
            ratio = found["seconds"] / bare["seconds"]
            figures = f"{bare['seconds']:.2f} | {found['seconds']:.2f} | {ratio:.1f} | {found['bytes'] / 1e6:.0f}"
            print(f"| {name} | {found['rows']:,} | {figures} |")
            held &= found["bytes"] < MOST_BYTES
            held &= chosen.short or ratio < MOST_RATIO
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
