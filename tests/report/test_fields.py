"""The words for fields and readings: what a person reads instead of `last_sync` and an ISO time."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from agent.catalog import KINDS
from agent.model.finding import Difference
from agent.model.kind import FieldType
from agent.report.differences import Tongue, difference, mended, still
from agent.report.fields import TECHNICAL, in_words, spoken
from tests.report.runs import AT, ZONE

SITES = {"east": "East High"}
PLAIN = [(k.name, f) for k in KINDS.values() if k.name != TECHNICAL for f in k.fields]
LINKS = [(k.name, link) for k in KINDS.values() for link in k.links]


def said(kind: str, field: str, expected: str, observed: str, *, sensitive: bool = False) -> str:
    return difference(Difference(field, expected, observed, sensitive), Tongue(kind, ZoneInfo(ZONE), AT, SITES))


@pytest.mark.parametrize(("kind", "field"), PLAIN, ids=lambda v: getattr(v, "name", v))
def test_every_field_of_the_catalog_reads_as_words(kind: str, field: object) -> None:
    name, of_type = field.name, field.type  # type: ignore[attr-defined]
    found = spoken(kind, name)
    assert found is not None
    clauses = [found.noun, said(kind, name, "not empty", "none")]
    if of_type is FieldType.BOOLEAN:
        assert said(kind, name, "true", "false") != said(kind, name, "false", "true")
    for clause in clauses:
        assert clause
        assert "_" not in clause
        assert "." not in clause


@pytest.mark.parametrize(("kind", "link"), LINKS, ids=lambda v: getattr(v, "name", v))
def test_every_link_reads_as_words_alone_and_on_the_way_to_a_field(kind: str, link: object) -> None:
    name, other = link.name, KINDS[link.kind]  # type: ignore[attr-defined]
    if name != "site":
        assert said(kind, name, "there", "none") != said(kind, name, "not there", "asset/1")
    for field in other.fields:
        clause = said(kind, f"{name}.{field.name}", "not empty", "none")
        assert "_" not in clause
        assert f"{name}." not in clause


@pytest.mark.parametrize(
    ("kind", "field", "expected", "observed", "clause"),
    [
        ("device", "last_sync", "within 21 days", "2025-08-04T15:00:00+00:00",
         "last heard from Aug 4, 71 days ago, should be within 21 days"),
        ("device", "last_sync", "within 21 days", "2025-10-14T05:30:00+00:00",
         "last heard from today 00:30, should be within 21 days"),
        ("device", "last_sync", "within 21 days", "none", "never heard from, should be within 21 days"),
        ("device", "last_sync", "not empty", "none", "never heard from"),
        ("device", "asset", "there", "none", "no line in the asset list"),
        ("device", "asset", "not there", "asset/R1", "a line in the asset list"),
        ("asset", "device", "empty", "device/5CD1", "in the device list"),
        ("device", "asset.status", "in_use", "lost", "the asset list says lost, should say in use"),
        ("device", "asset.status", "one of in_use, storage", "lost",
         "the asset list says lost, should say in use or storage"),
        ("device", "asset.status", "in_use", "none", "no status in the asset list, should be in use"),
        ("asset", "status", "none of lost, stolen", "lost", "status is lost, should be anything but lost or stolen"),
        ("asset", "user.status", "active", "left", "the directory says left, should say active"),
        ("asset", "device.last_sync", "within 5 days", "none",
         "never heard from in the device list, should be within 5 days"),
        ("device", "org_unit", "the same as user.site.student_ou", "/Students/West",
         "org unit is /Students/West, should be the same as the org unit for students of its holder's school"),
        ("device", "site", "the same as asset.site", "east",
         "school is East High, should be the same as the school in the asset list"),
        ("device", "support_end", "after today + 30 days", "2025-10-30T05:00:00+00:00",
         "end of support Oct 30, in 16 days, should be more than 30 days ahead"),
        ("device", "support_end", "after 2026-06-30T00:00:00-05:00", "2025-06-01T05:00:00+00:00",
         "end of support Jun 1, 135 days ago, should be after Jun 30, 2026"),
        ("device", "storage_free", "at least 10000000000", "2500000000",
         "free storage is 2.5 GB, should be at least 10.0 GB"),
        ("device", "encrypted", "true", "false", "not encrypted"),
        ("person", "second_factor", "true", "false", "no second lock"),
        ("person", "assigned_user", "x", "y", "assigned_user is y, should be x"),
        ("service", "up", "true", "false", "it does not answer"),
        ("service", "tls.expires", "after today + 21 days", "2025-10-20T05:00:00+00:00",
         "end of the certificate Oct 20, in 6 days, should be more than 21 days ahead"),
        ("service", "dns.blocked", "true", "false", "the name is not blocked"),
        ("printer", "toner", "at least 15", "4", "toner is 4%, should be at least 15%"),
        ("asset", "cost", "at most 500", "1200", "cost is 1200 dollars, should be at most 500 dollars"),
        ("ticket", "due", "after now", "2025-10-10T15:00:00-05:00",
         "promised for Oct 10, 4 days ago, should be still ahead"),
        ("asset", "purchased", "before today - 5 years", "2025-10-10T15:00:00-05:00",
         "bought Oct 10, 4 days ago, should be more than 5 years ago"),
        ("ticket", "assignee", "not empty", "none", "nobody works on it"),
        ("ticket", "user", "there", "none", "no sender in the directory"),
        ("host", "sshd.permitrootlogin", "no", "yes", "sshd.permitrootlogin is yes, should be no"),
        ("gizmo", "some_field", "1", "2", "some_field is 2, should be 1"),
    ],
)  # fmt: skip
def test_a_difference_reads_as_a_clause(kind: str, field: str, expected: str, observed: str, clause: str) -> None:
    assert said(kind, field, expected, observed) == clause


@pytest.mark.parametrize(
    ("kind", "field", "expected", "observed", "clause"),
    [
        ("asset", "site", "east (device.site)", "south", "the asset list says south, the device list says East High"),
        ("device", "site", "south (asset.site)", "east", "the device list says East High, the asset list says south"),
        ("asset", "site", "the same as device.site, which is none", "south",
         "the asset list says south, the device list has none"),
        ("asset", "site", "east (device.site)", "none", "the asset list has none, the device list says East High"),
        ("device", "model", "HP 11 (G9) (asset.model)", "HP 14",
         "model: the device list says HP 14, the asset list says HP 11 (G9)"),
        ("device", "asset.status", "active (status)", "lost", "the asset list says lost, should say active (status)"),
        ("device", "org_unit", "/Students/East (user.site.student_ou)", "/Students/West",
         "org unit is /Students/West, should be /Students/East (org unit for students of its holder's school)"),
        ("device", "org_unit", "/Students/East (user.site.student_ou)", "none",
         "no org unit, should be /Students/East (org unit for students of its holder's school)"),
        ("device", "asset_tag", "with Zoe till Friday (asset.location)", "A17",
         "asset number is A17, should be the same as the place in the asset list"),
        ("device", "asset_tag", "00:11 (asset.mac)", "A17", "asset number is A17, should be 00:11 (asset.mac)"),
        ("device", "site", "not south (asset.site)", "east", "school is East High, should be not south (asset.site)"),
        ("device", "model", "Model (old)", "HP 14", "model is HP 14, should be Model (old)"),
        ("host", "sshd.port", "22 (var.port)", "23", "sshd.port is 23, should be 22 (var.port)"),
    ],
)  # fmt: skip
def test_two_lists_that_do_not_agree_are_quoted_side_by_side(
    kind: str, field: str, expected: str, observed: str, clause: str
) -> None:
    assert said(kind, field, expected, observed) == clause


def test_a_repair_by_another_list_shows_its_value_and_where_it_is_from() -> None:
    tongue = Tongue("device", ZoneInfo(ZONE), AT, SITES)
    unit = Difference("org_unit", "/Students/East (user.site.student_ou)", "/Students/West")
    assert mended(unit, tongue) == "org unit: /Students/West\N{NO-BREAK SPACE}→\N{NO-BREAK SPACE}/Students/East"
    assert still(unit, unit, tongue) == (
        "org unit was /Students/West and is still /Students/West, "
        "should be /Students/East (org unit for students of its holder's school)"
    )
    long = Difference("org_unit", f"/{'x' * 70} (user.site.student_ou)", "/Students/West")
    assert "standard text" not in difference(long, tongue)


def test_a_sensitive_reading_is_named_and_not_shown_and_that_there_is_none_is_no_secret() -> None:
    assert said("device", "assigned_user", "sha256:1", "sha256:2", sensitive=True) == (
        "holder not as it should be (not shown)"
    )
    assert said("device", "assigned_user", "not empty", "none", sensitive=True) == "no holder"
    assert said("device", "user", "there", "none", sensitive=True) == "no holder in the directory"


def test_before_and_after_a_repair_in_words() -> None:
    tongue = Tongue("device", ZoneInfo(ZONE), AT, SITES)
    status = Difference("asset.status", "in_use", "lost")
    assert mended(status, tongue) == "status in the asset list: lost\N{NO-BREAK SPACE}→\N{NO-BREAK SPACE}in use"
    again = Difference("asset.status", "in_use", "lost")
    assert still(status, again, tongue) == "status in the asset list was lost and is still lost, should be in use"
    assert still(status, None, tongue) == "status in the asset list was lost, should be in use"


def test_reasons_name_fields_as_people_do() -> None:
    assert in_words("the export has no column for support_end") == "the export has no column for end of support"
    assert in_words("ansible_host and my_own_field are unset") == "ansible_host and my_own_field are unset"
