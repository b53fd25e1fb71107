"""The generated district: the same from the same seed, of the size that is said, and nobody's."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
import yaml

from agent.example import root
from agent.example.riverton import DEFAULT_AT, generate
from agent.example.riverton.district import SITES, ZONE
from agent.example.riverton.generate import CALENDARS
from agent.example.riverton.hours import read
from agent.example.riverton.tickets import times
from tests.example.district import rows

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "assets.csv", "google_devices.csv", "google_users.csv", "intune.csv", "printers.csv", "roster.zip", "tickets.csv",
    "truth.json",
}  # fmt: skip
MOMENTS = (
    datetime(2026, 7, 4, 12, 0, tzinfo=ZoneInfo(ZONE)),  # summer, and a holiday
    datetime(2027, 1, 2, 0, 0, 30, tzinfo=ZoneInfo(ZONE)),  # winter break, half a minute after midnight
    datetime(2026, 11, 2, 6, 30, tzinfo=ZoneInfo(ZONE)),  # the day after the clocks went back
    datetime(2027, 3, 14, 3, 30, tzinfo=ZoneInfo(ZONE)),  # half an hour after an hour that was left out
    datetime(2027, 7, 31, 12, 0, tzinfo=ZoneInfo(ZONE)),  # between the last year of the calendars and the next
    datetime(2031, 3, 10, 23, 59, 59, tzinfo=ZoneInfo(ZONE)),  # no calendar goes so far, and the clocks went forward
)


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("riverton")
    generate(folder)
    return folder


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(exports: Path, tmp_path: Path) -> None:
    generate(tmp_path / "again")
    generate(tmp_path / "other", seed=2)
    first, again, other = (_contents(folder) for folder in (exports, tmp_path / "again", tmp_path / "other"))
    assert set(first) >= FILES
    assert again == first
    same = {name for name in FILES if other[name] == first[name]}
    assert same == {"roster.zip"}, "who is in which class is no matter of chance; all else is"


def test_the_district_has_the_size_that_is_said(exports: Path) -> None:
    devices = rows(exports / "google_devices.csv") + rows(exports / "intune.csv")
    people = rows(exports / "google_users.csv")
    assert len(devices) == 5000
    assert 5900 < len(rows(exports / "assets.csv")) < 6100
    assert len(rows(exports / "tickets.csv")) == 1200
    assert len(rows(exports / "printers.csv")) == 60
    units = Counter(person["Org Unit Path [Required]"].split("/")[1] for person in people)
    assert units == {"Students": 3700, "Staff": 420, "Leavers": 260, "Vendors": 9}


def test_a_larger_district_repeats_nobody(tmp_path: Path) -> None:
    truth = generate(tmp_path, scale=3)
    once = generate(tmp_path / "once")
    assert truth.counts == {kind: 3 * count for kind, count in once.counts.items()}
    measured = set(truth.groups)  # of schools, which stay the same
    assert {p: len(ids) for p, ids in truth.out_of_line.items() if p not in measured} == {
        p: 3 * len(ids) for p, ids in once.out_of_line.items() if p not in measured
    }
    assert all(truth.out_of_line[p] == once.out_of_line[p] for p in measured)
    devices, tickets = rows(tmp_path / "google_devices.csv"), rows(tmp_path / "tickets.csv")
    assert not _twice(row["serialNumber"] for row in devices)
    assert not _twice(row["deviceId"] for row in devices)
    assert not _twice(row["Asset Tag"] for row in rows(tmp_path / "assets.csv"))
    assert not _twice(row["Email Address [Required]"] for row in rows(tmp_path / "google_users.csv"))
    assert not _twice(next(iter(row.values())) for row in tickets)


def _twice(texts: object) -> list[str]:
    return [text for text, count in Counter(texts).items() if count > 1]  # type: ignore[call-overload]


def test_nothing_in_it_is_anybodys(exports: Path) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in exports.glob("*.csv"))
    with zipfile.ZipFile(exports / "roster.zip") as archive:
        text += "".join(archive.read(name).decode() for name in archive.namelist())
    domains = {found.lower() for found in re.findall(r"@([\w.-]+)", text)}
    assert {d for d in domains if d != "riverton.example" and not d.endswith(".riverton.example")} == set()
    assert len(domains) >= 3
    assert re.findall(r"\b[\w-]+\.(?:com|org|net|edu|us|gov)\b", text) == []
    addresses = set(re.findall(r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b", text)) - _versions(exports)
    assert {a for a in addresses if not a.startswith("192.0.2.")} == set()
    assert not re.search(r"\b\d{3}-\d{2}-\d{4}\b|\(\d{3}\) ?\d{3}-\d{4}", text), "it looks like somebody's number"


def _versions(exports: Path) -> set[str]:
    devices = [*rows(exports / "google_devices.csv"), *rows(exports / "intune.csv")]
    return {text for row in devices for name, text in row.items() if "version" in name.lower()}


def test_people_ask_for_help_while_their_school_is_open(exports: Path) -> None:
    zone = ZoneInfo(ZONE)
    calendars = {name: read(root() / "policies" / "calendars" / f"{name}.yaml") for name in CALENDARS}
    kept = {site.name: "primary" if "KG" in site.grades else "secondary" for site in SITES}
    asked = [row for row in rows(exports / "tickets.csv") if row["Status"] == "Closed"]
    assert len(asked) > 1000
    for row in asked:
        at = datetime.strptime(row["Created Date"], "%m/%d/%Y %I:%M:%S %p").replace(tzinfo=zone)
        assert any(start <= at < end for start, end in calendars[kept[row["Location"]]].spans(at.date())), row
    months = Counter(row["Created Date"].partition("/")[0] for row in asked)
    assert "07" not in months, "nobody is there in July"
    assert len(months) == 11 - ("06" not in months)


@pytest.mark.parametrize("at", MOMENTS, ids=lambda at: at.strftime("%Y-%m-%d"))
def test_it_can_be_made_at_any_time_and_nothing_has_happened_after_it(tmp_path: Path, at: datetime) -> None:
    truth = generate(tmp_path, at=at)
    assert truth.counts["device"] == 5000
    now = at.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    assert max(row["lastSync"] for row in rows(tmp_path / "google_devices.csv")) <= now
    zone = ZoneInfo(ZONE)
    for row in rows(tmp_path / "tickets.csv"):
        for header in ("Created Date", "Modified Date", "First Response Date", "Resolved Date"):
            if row[header]:
                happened = datetime.strptime(row[header], "%m/%d/%Y %I:%M:%S %p").replace(tzinfo=zone)
                assert happened <= at, (header, row)


def test_a_calendar_knows_its_closures_delays_and_early_releases() -> None:
    secondary = read(root() / "policies" / "calendars" / "secondary.yaml")
    day = {name: datetime.fromisoformat(text).date() for name, text in {
        "usual": "2026-09-08", "late start": "2026-09-09", "closed": "2026-09-07", "break": "2026-12-28",
        "saturday": "2026-09-12", "delay": "2026-01-27", "early": "2026-10-29", "summer": "2026-07-14",
        "years on": "2028-09-05",
    }.items()}  # fmt: skip
    said = {name: [f"{start:%H:%M}-{end:%H:%M}" for start, end in secondary.spans(at)] for name, at in day.items()}
    assert said == {
        "usual": ["08:10-11:40", "12:20-15:20"], "late start": ["09:10-11:40", "12:20-15:20"], "closed": [],
        "break": [], "saturday": [], "delay": ["10:10-11:40", "12:20-15:20"], "early": ["08:10-11:40"], "summer": [],
        "years on": ["08:10-11:40", "12:20-15:20"],
    }  # fmt: skip


def test_times_are_of_the_calendar_that_is_asked_for() -> None:
    calendars = {name: read(root() / "policies" / "calendars" / f"{name}.yaml") for name in CALENDARS}
    found = times(DEFAULT_AT, calendars)
    assert {name: 300 < len(spans) < 420 for name, spans in found.spans.items()} == {
        "primary": True, "secondary": True, "office": False,
    }  # fmt: skip


def test_the_generator_and_the_policies_speak_of_one_district() -> None:
    said = yaml.safe_load((root() / "policies" / "district.yaml").read_text(encoding="utf-8"))
    assert {site.id: site.name for site in SITES} == {name: site["name"] for name, site in said["sites"].items()}
    assert said["district"]["timezone"] == ZONE
    for site in SITES:
        entry = said["sites"][site.id]
        assert f"/Staff/{site.folder}" in entry["org_units"]
        assert entry["calendar"] == ("office" if not site.grades else "primary" if "KG" in site.grades else "secondary")
        if site.grades:
            assert entry["student_ou"] == f"/Students/{site.folder}"
            assert f"/Testing/{site.folder}" in entry["org_units"]
