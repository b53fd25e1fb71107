"""An open finding whose row drops out of a list: gone where the list is whole, and else unknown wherever it is told."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.calendars.snow import CHICAGO
from tests.cli.committed import SYSTEMS, District

if TYPE_CHECKING:
    from tests.cli.fixtures import Driftbell

WHY = "not in the last look, which may be incomplete"
IN_LINE, OUT = "128.0 active east", "120.0 active east"
UNREADABLE = {"": "1.0 active east"}  # a row without a serial: nobody knows whose it is


def opened(driftbell: Driftbell) -> tuple[District, str]:
    """Give a district where S10001 is out of line by DEV-02, and since when."""
    district = District(driftbell)
    driftbell.write("inventory/systems.yaml", SYSTEMS)
    driftbell.write("inventory/hosts.yml", {"all": {"hosts": {}}})
    district.policy("DEV-02", expect={"os_version": {"at_least": "126"}})
    district.devices({"S10001": OUT, "S10002": IN_LINE})
    (finding,) = run(driftbell)["findings"]
    return district, finding["since"] or driftbell("check", "--json").json["findings"][0]["since"]


def run(driftbell: Driftbell) -> dict[str, Any]:
    return driftbell("run", "--mail", "never", "--json").json


def lose(district: District) -> None:
    district.devices({"S10002": IN_LINE, **UNREADABLE})


def told(document: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    return [(f["policy"], f["resource"], f["why"], f["since"]) for f in document["unknown"]]


def test_it_is_unknown_in_whatever_is_told_of_the_look(driftbell: Driftbell) -> None:
    district, since = opened(driftbell)
    lose(district)
    missing = [("DEV-02", "device/S10001", WHY, since)]
    for words in (("check",), ("run", "--mail", "never"), ("plan",), ("run", "--mail", "never")):
        document = driftbell(*words, "--json").json
        assert (told(document), document["findings"]) == (missing, [])
        assert (document["counts"]["unknown"], document["counts"]["in_line"]) == (1, 1)
        assert document["plan"]["batches"] == []
    assert told(driftbell("report", "--format", "json").json) == missing
    rows = list(csv.DictReader(io.StringIO(driftbell("report", "--format", "csv").out)))
    assert [(r["resource"], r["site"], r["verdict"]) for r in rows] == [("S10001", "East High", "could not check")]
    for words in (("run", "--mail", "never"), ("report", "--format", "text")):
        said = " ".join(driftbell(*words).out.split())
        assert WHY in said, words
    assert [e["after"] for e in district.events("DEV-02", "S10001")] == ["out_of_line", "unknown"]


def test_it_is_explained_with_the_rule_and_since_when_it_is_open(driftbell: Driftbell) -> None:
    district, since = opened(driftbell)
    lose(district)
    run(driftbell)
    explained = driftbell("explain", "DEV-02", "s10001", "--json").json
    assert (explained["verdict"], explained["why"], explained["since"]) == ("unknown", WHY, since)
    assert explained["expect"]["holds"] is None
    said = " ".join(driftbell("explain", "DEV-02", "S10001").out.split())
    day = datetime.fromisoformat(since).astimezone(CHICAGO).date()
    assert f"device/S10001: unknown: {WHY}; its finding is open since {day}" in said
    assert "what is not known is not changed" in said
    assert driftbell("explain", "DEV-02", "S10009").code == 2, "what never was in any list is nobody"


def test_it_is_still_the_same_finding_when_it_is_back(driftbell: Driftbell) -> None:
    district, since = opened(driftbell)
    lose(district)
    run(driftbell)
    district.devices({"S10001": OUT, "S10002": IN_LINE})
    again = run(driftbell)
    assert ([f["since"] for f in again["findings"]], again["unknown"]) == ([since], [])


def test_what_a_whole_list_does_not_have_is_gone(driftbell: Driftbell) -> None:
    district, _ = opened(driftbell)
    district.devices({"S10002": IN_LINE})
    document = run(driftbell)
    assert (document["unknown"], document["counts"]["unknown"]) == ([], 0)
    assert [e["cause"] for e in district.events("DEV-02", "S10001")][-1:] == ["gone"]
    assert driftbell("explain", "DEV-02", "S10001").code == 2


def test_of_a_policy_that_is_gone_nothing_is_unknown(driftbell: Driftbell) -> None:
    district, _ = opened(driftbell)
    district.policy("DEV-03", expect={"status": "active"})
    (driftbell.repo / "policies/devices/DEV-02.yaml").unlink()
    lose(district)
    assert told(run(driftbell)) == []


def test_it_is_unknown_where_no_system_shows_its_kind_any_more(driftbell: Driftbell) -> None:
    _, since = opened(driftbell)
    driftbell.write("inventory/systems.yaml", {"systems": {}})
    assert told(run(driftbell)) == [("DEV-02", "device/S10001", WHY, since)]


def test_it_is_judged_under_its_new_name_where_a_second_system_shows_its_kind(driftbell: Driftbell) -> None:
    opened(driftbell)
    two = {**SYSTEMS["systems"], "other": {**SYSTEMS["systems"]["mdm"], "path": "other.csv"}}
    driftbell.write("inventory/systems.yaml", {"systems": two})
    document = run(driftbell)
    assert [f["resource"] for f in document["findings"]] == ["device/S10001@mdm"]
    assert document["unknown"] == [], "the second list could not be read, and the first still shows it"


@pytest.mark.parametrize("by", ["site", "model"])
def test_a_group_that_nobody_counts_now_is_unknown(driftbell: Driftbell, by: str) -> None:
    district = District(driftbell)
    columns = {**SYSTEMS["systems"]["mdm"]["columns"], "model": "OU"}  # type: ignore[dict-item]
    del columns["org_unit"]
    system = {**SYSTEMS["systems"]["mdm"], "columns": columns}
    driftbell.write("inventory/systems.yaml", {"systems": {"mdm": system}})
    driftbell.write("inventory/hosts.yml", {"all": {"hosts": {}}})
    district.policy("DEV-02", expect={"status": "active"}, measure={"by": by, "share": {"at_least": "90%"}})
    group = {"site": "site/east", "model": "model/Acer"}[by]
    district.devices({"S10001": "1.0 lost east Acer"})
    assert [f["resource"] for f in run(driftbell)["findings"]] == [group]
    district.devices({"S10002": "1.0 active north Dell", **UNREADABLE})
    for _ in range(2):
        assert group in {f["resource"] for f in run(driftbell)["unknown"]}
    assert driftbell("explain", "DEV-02", group, "--json").json["verdict"] == "unknown"
    assert driftbell("explain", "DEV-02", group).code == 0
