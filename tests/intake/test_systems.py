"""inventory/systems.yaml, references, and exports that must not be in git."""

from __future__ import annotations

import subprocess
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from agent.errors import InputError
from agent.intake.git import sync
from agent.intake.repository import load
from agent.model.condition import Moment
from agent.model.source import Check, ColumnMap, ExportSource, ProbeSource
from tests.decide.build import ago

if TYPE_CHECKING:
    from pathlib import Path

    from tests.intake.district import District

ZONE = ZoneInfo("America/Chicago")
POLICY = "policy: DEV-04\ntitle: a\napplies_to: {kind: device, where: {status: active}}\nexpect: {%s}\n"


def _systems(district: District, body: str) -> list[str]:
    district.write("inventory/systems.yaml", f"systems:\n{body}")
    try:
        district.load()
    except InputError as error:
        return [str(problem) for problem in error.problems]
    return []


def test_an_export_and_its_columns(district: District) -> None:
    assert not _systems(
        district,
        """\
  assets:
    type: csv
    kind: asset
    path: assets.csv
    key: serial
    as_of: Exported
    fresh_for: 26h
    delimiter: "\\t"
    columns:
      serial: Serial No
      site: {from: Building, map: {E: east}}
      purchased: {from: [Bought, Purchase Date], format: "%d/%m/%Y", none: [never]}
      status: {from: State, map: {Deployed: in_use, '3': lost}, only: true}
""",
    )
    (source,) = district.load().sources
    assert isinstance(source, ExportSource)
    assert (source.name, source.kind, source.key, source.as_of) == ("assets", "asset", "serial", "Exported")
    assert (source.fresh_for, source.delimiter) == (timedelta(hours=26), "\t")
    assert source.columns == (
        ColumnMap("serial", ("Serial No",)),
        ColumnMap("site", ("Building",), {"e": "east"}),
        ColumnMap("purchased", ("Bought", "Purchase Date"), {}, format="%d/%m/%Y", none=frozenset({"never"})),
        ColumnMap("status", ("State",), {"deployed": "in_use", "3": "lost"}, only=True),
    )


def test_checks_of_services(district: District) -> None:
    assert not _systems(
        district,
        """\
  services:
    type: probe
    kind: service
    samples: 5
    timeout: 2s
    checks:
      website: {http: "https://www.riverton.example/", site: east}
      filter: {dns: "blocked.riverton.example", server: "192.0.2.53", blocked_answers: ["192.0.2.1", "192.0.2.2"]}
      v6: {dns: "a.riverton.example", server: "[2001:db8::53]:5353"}
      v6-bare: {dns: "a.riverton.example", server: "2001:db8::53"}
      ported: {dns: "a.riverton.example", server: "192.0.2.53:5353"}
""",
    )
    (source,) = district.load().sources
    assert isinstance(source, ProbeSource)
    assert (source.samples, source.timeout) == (5, 2.0)
    assert source.checks[:2] == (
        Check("website", "east", "http", "https://www.riverton.example/"),
        Check(
            "filter",
            "",
            "dns",
            "blocked.riverton.example",
            {"server": "192.0.2.53", "blocked_answers": "192.0.2.1,192.0.2.2"},
        ),
    )


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("  a: {type: csv, kind: device, path: a.csv, preset: google_device}\n", "did you mean 'google_devices'?"),
        ("  a: {type: csv, kind: asset, path: a.csv, preset: google_devices}\n", "is of the kind device, not asset"),
        ("  a: {type: csv, kind: device, path: a.csv}\n", "needs `columns`, and `key`"),
        ("  a: {type: csv, kind: device, path: a.csv, key: serial, columns: {serail: S}}\n", "did you mean 'serial'?"),
        ("  a: {type: csv, kind: devices, path: a.csv}\n", "did you mean 'device'?"),
        ("  a: {type: jamf, kind: device}\n", "'jamf'"),
        ("  a: {type: csv, kind: device, path: a.csv, preset: google_devices, fresh_for: 2 moons}\n", "'moons'"),
        ("  a: {type: csv, kind: device, path: a.csv, preset: google_devices, timezone: Mars}\n", "time zone 'Mars'"),
        ("  a: {type: probe, kind: service, checks: {x: {tcp: 'a:1', dns: b}}}\n", "asks in several ways"),
        ("  a: {type: probe, kind: service, checks: {x: {site: east}}}\n", "asks nothing"),
        (
            "  a: {type: probe, kind: service, checks: {x: {tcp: 'a:1', server: 192.0.2.1}}}\n",
            "is for dns checks, not for tcp",
        ),
        ("  a: {type: probe, kind: service, checks: {x: {tcp: 'a:1', site: eats}}}\n", "did you mean 'east'?"),
        ("  a: {type: probe, kind: service, checks: {x: {http: 'https://u:p@a/'}}}\n", "with a login in it"),
        ("  a: {type: probe, kind: service, checks: {x: {dns: a.b, server: ns1.example}}}\n", "not ns1.example"),
        ("  a: {type: probe, kind: service, checks: {x: {dns: a.b, record: any}}}\n", "no type of record"),
        ("  a: {type: probe, kind: service, checks: {x: {http: 'ftp://a/'}}}\n", "an address"),
        ("  'a b': {type: oneroster, kind: person, path: r.zip}\n", "'a b'"),
        ("  a: {type: oneroster, kind: device, path: r.zip}\n", "'device'"),
    ],
)
def test_what_is_wrong_is_said_at_its_place(district: District, body: str, said: str) -> None:
    problems = _systems(district, body)
    assert len(problems) == 1, problems
    assert problems[0].startswith("inventory/systems.yaml:2:")
    assert said in problems[0]


def test_references_are_typed_by_what_they_lead_to(district: District) -> None:
    district.write("policies/devices/DEV-04.yaml", POLICY % "org_unit: {same_as: user.site.student_ou}")
    (policy,) = district.load().policies
    assert policy.expect is not None
    district.write("policies/devices/DEV-04.yaml", POLICY % "user.second_factor: {at_least: 3}")
    assert "does not stand on a boolean field" in district.problems()[0]
    district.write("policies/devices/DEV-04.yaml", POLICY % "user.stauts: active")
    assert "did you mean 'status'?" in district.problems()[0]
    district.write("policies/devices/DEV-04.yaml", POLICY % "last_sync: {same_as: user.email}")
    assert "cannot compare" in district.problems()[0]
    district.write("policies/devices/DEV-04.yaml", POLICY % "asset.device.asset.tag: {exists: true}")
    assert "more than 2 links" in district.problems()[0]


def test_ago_is_for_times_that_lie_behind_us(district: District) -> None:
    district.write("policies/devices/DEV-01.yaml", POLICY % "last_sync: {within: 21 days}")
    assert district.load().policies
    district.write("policies/devices/DEV-01.yaml", POLICY % "support_end: {within: 21 days}")
    assert "takes `before` and `after`" in district.problems()[0]
    district.write("policies/devices/DEV-01.yaml", POLICY % "last_sync: {within: 21 school days}")
    assert district.load().policies


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("21 days", Moment("21 days", timedelta(days=-21), day=True)),
        ("3 weeks", Moment("3 weeks", timedelta(days=-21), day=True)),
        ("36h", Moment("36h", timedelta(hours=-36), day=False)),
        ("24 hours", Moment("24 hours", timedelta(hours=-24), day=False)),
        ("20m", Moment("20m", timedelta(minutes=-20), day=False)),
        ("today", Moment("today", timedelta(0), day=True)),
        ("2026-08-01", datetime(2026, 8, 1, tzinfo=ZONE)),
    ],
)
def test_days_begin_at_midnight_and_hours_do_not(text: str, meant: object) -> None:
    assert ago(text, ZONE) == meant


def _git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@riverton.example")
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)


GOOGLE = "  google: {type: csv, kind: device, path: google.csv, preset: google_devices}\n"


def test_a_committed_export_is_refused(district: District) -> None:
    district.write("inventory/systems.yaml", f"systems:\n{GOOGLE}")
    district.write("inventory/exports/google.csv", "Serial Number\nS1\n")
    district.write("inventory/exports/other.xlsx", "anything")
    loose = sync(str(district.root), district.cache / "checkouts")
    assert load(loose, district.catalog, district.cache).sources, "what no git knows is no leak"
    _git(district.root, "init", "-q")
    _git(district.root, "add", ".")
    _git(district.root, "commit", "-qm", "all of it")
    checkout = sync(str(district.root), district.cache / "checkouts")
    with pytest.raises(InputError) as refused:
        load(checkout, district.catalog, district.cache)
    first, second = refused.value.problems
    assert "inventory/exports/google.csv" in str(first)
    assert "assigned_user" in str(first)
    assert "driftbell import" in str(first)
    assert "inventory/exports/other.xlsx" in str(second)
    text = (district.root / "policies/district.yaml").read_text()
    district.write("policies/district.yaml", f"{text}example: true\n")
    assert load(checkout, district.catalog, district.cache).sources


def test_what_looks_like_an_export_is_found_wherever_it_stands(district: District) -> None:
    district.write("inventory/systems.yaml", f"systems:\n{GOOGLE}")
    district.write(
        "data/people.csv", '"Email Address [Required]","First Name [Required]",Employee ID,Org Unit Path [Required]\n'
    )
    district.write("data/prices.csv", "Model,Price\nCB12,300\n")
    district.write("inventory/exports/other.txt", "anything")
    district.write("inventory/exports/.gitignore", "*\n")
    _git(district.root, "init", "-q")
    _git(district.root, "add", "-f", ".")
    _git(district.root, "commit", "-qm", "all of it")
    checkout = sync(str(district.root), district.cache / "checkouts")
    with pytest.raises(InputError) as refused:
        load(checkout, district.catalog, district.cache)
    assert [p.place.file for p in refused.value.problems] == ["data/people.csv", "inventory/exports/other.txt"]


def test_a_committed_export_of_a_remote_is_refused(district: District) -> None:
    district.write("inventory/systems.yaml", f"systems:\n{GOOGLE}")
    district.write("inventory/exports/google.csv", "Serial Number\nS1\n")
    _git(district.root, "init", "-q")
    _git(district.root, "add", ".")
    _git(district.root, "commit", "-qm", "all of it")
    checkout = sync(district.root.as_uri(), district.cache / "checkouts")
    with pytest.raises(InputError, match=r"inventory/exports/google\.csv"):
        load(checkout, district.catalog, district.cache)


CALENDAR = "calendar: %s\nbells: {mon: ['08:00-15:00']}\nyears: {2026-27: {from: 2026-08-12, to: %s}}\n"


def test_calendars(district: District) -> None:
    text = (district.root / "policies/district.yaml").read_text()
    district.write("policies/district.yaml", text.replace("{name: East High}", "{name: East High, calendar: high}"))
    assert "There is no calendar 'high'" in district.problems()[0]
    district.write("policies/calendars/a.yaml", CALENDAR % ("hihg", "2027-06-03"))
    assert "did you mean 'hihg'?" in district.problems()[0]
    district.write("policies/calendars/a.yaml", CALENDAR % ("high", "2027-06-03"))
    assert not district.problems()
    district.write("policies/calendars/b.yaml", CALENDAR % ("high", "2027-06-03"))
    assert "is taken: policies/calendars/a.yaml has it already" in district.problems()[0]
    district.write("policies/calendars/b.yaml", CALENDAR % ("low", "2026-06-31"))
    assert "is not on the calendar" in district.problems()[0]
    district.write("policies/calendars/b.yaml", CALENDAR % ("low", "2026-06-03"))
    assert "2026-06-03 is before 2026-08-12" in district.problems()[0]
    district.write("policies/calendars/b.yaml", "calendar: low\nbells: {mon: ['8-15']}\nyears: {}\n")
    assert any("a span of the day" in p for p in district.problems())


def test_a_key_without_end_does_not_fill_the_sentence(district: District) -> None:
    district.write(
        "inventory/systems.yaml", f"systems:\n  a: {{type: csv, kind: device, {'9' * 900}x: 1}}\n  {'9' * 900}y: none\n"
    )
    assert max(map(len, district.problems())) < 700
