"""A waiver in force, look by look: what `check`, `run`, `explain` and the ledger make of it, and of its end."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from tests.cli.printers import FILE, TODAY, ZONE, lay_down, write_printers

if TYPE_CHECKING:
    from tests.cli.fixtures import Driftbell

SOME = {"P-1": "3", "P-2": "90", "P-3": "4"}


@pytest.fixture
def district(driftbell: Driftbell) -> Driftbell:
    """Give the printers' district, as files alone."""
    lay_down(driftbell)
    write_printers(driftbell, SOME)
    return driftbell


def except_(district: Driftbell, until: date, **changes: object) -> None:
    one = {
        "waiver": "W-1", "policies": ["PRN-01"], "resources": ["printer/P-1"], "owner": "director",
        "reason": "vendor", "ticket": "4711", "until": str(until),
    }  # fmt: skip
    district.write(FILE, {"waivers": [{**one, **changes}]})


def told(document: dict[str, Any]) -> dict[str, str]:
    return {f["resource"]: f["verdict"] for f in (*document["findings"], *document["unknown"]) if "verdict" in f}


def since(document: dict[str, Any]) -> dict[str, str]:
    return {f["resource"]: f["since"] for f in document["findings"]}


def check(district: Driftbell, at: datetime | None = None) -> dict[str, Any]:
    return district("check", "--json", *(["--at", at.isoformat()] if at else [])).json


def test_since_survives_a_waiver_and_its_end(district: Driftbell) -> None:
    first = since(district("run", "--json").json)
    assert set(first) == {"printer/P-1", "printer/P-3"}
    opened = since(check(district))["printer/P-1"]
    except_(district, TODAY)
    under = district("run", "--json").json
    assert told(under) == {"printer/P-1": "excepted", "printer/P-3": "out_of_line"}
    assert under["counts"]["excepted"] == under["counts"]["out_of_line"] == 1
    assert since(under)["printer/P-1"] == opened
    (note,) = under["waivers"]
    assert (note["state"], note["findings"], note["oldest"]) == ("used", 1, opened)
    (district.repo / FILE).unlink()
    after = district("run", "--json").json
    assert told(after) == {"printer/P-1": "out_of_line", "printer/P-3": "out_of_line"}
    assert since(after)["printer/P-1"] == opened


def test_what_is_excepted_alone_is_no_fault(district: Driftbell) -> None:
    except_(district, TODAY, resources=["printer/P-1", "printer/P-3"])
    said = district("check")
    assert said.code == 0
    shown = " ".join(said.out.split())
    assert "1 check in line, 0 out of line, 2 excepted by 1 waiver." in shown
    assert "~ P-1: toner is 3" in shown
    assert f"Exception W-1 until {TODAY:%b} {TODAY.day}." in shown
    assert "W-1 (vendor, ticket 4711) ends" in shown


def test_unknown_stays_unknown_under_a_waiver(district: Driftbell) -> None:
    write_printers(district, {"P-1": "who knows", "P-2": "90"})
    except_(district, TODAY)
    found = check(district)
    assert [u["resource"] for u in found["unknown"]] == ["printer/P-1"]
    assert (found["counts"]["excepted"], found["waivers"][0]["state"]) == (0, "unknown")


# The days on which an hour is there twice, or not at all, and an ordinary one.
@pytest.mark.parametrize("day", [date(2026, 11, 1), date(2026, 3, 8), date(2026, 6, 30)])
def test_it_ends_with_its_last_day_in_the_zone_of_the_district(district: Driftbell, day: date) -> None:
    except_(district, day)
    last = datetime(day.year, day.month, day.day, 23, 59, 59, 999_000, tzinfo=ZONE)
    midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), ZONE)
    for at, verdict in ((last, "excepted"), (midnight, "out_of_line")):
        for same in (at, at.astimezone(ZoneInfo("Asia/Tokyo"))):
            assert told(check(district, same))["printer/P-1"] == verdict


def test_one_that_ended_is_told_for_two_weeks_while_it_is_needed(district: Driftbell) -> None:
    except_(district, TODAY)
    noon = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=ZONE)
    states = [check(district, noon + timedelta(days=n))["waivers"][0]["state"] for n in (0, 1, 14, 15)]
    assert states == ["used", "needed", "needed", "ended"]


def test_explain_says_by_what_and_until_when(district: Driftbell) -> None:
    assert district("run").code == 1
    except_(district, TODAY)
    said = " ".join(district("explain", "PRN-01", "P-1").out.split())
    assert "printer/P-1: excepted" in said
    assert (
        f"Nothing: until {TODAY} the waiver W-1 excepts it (vendor, ticket 4711), see {FILE}:2:3. "
        "After that day it is out of line again." in said
    )


def test_the_report_of_a_run_has_it(district: Driftbell) -> None:
    except_(district, TODAY + timedelta(days=3))
    assert district("run").code == 1
    said = district("report").out
    assert "EXCEPTIONS\n1 fault excepted, under 1 exception." in said
    assert "W-1 (vendor, ticket 4711) ends" in said
    csv = district("report", "--format", "csv").out
    assert [line.rstrip().endswith(",W-1") for line in csv.splitlines() if "P-1" in line] == [True]


def test_a_measured_group_may_be_excepted(district: Driftbell) -> None:
    policy = {
        "policy": "PRN-02", "title": "Most printers have toner", "severity": "low",
        "applies_to": {"kind": "printer"}, "expect": {"toner": {"at_least": 10}},
        "measure": {"by": "site", "share": {"at_least": "98%"}},
    }  # fmt: skip
    district.write("policies/devices/PRN-02.yaml", policy)
    assert told(check(district))["site/east"] == "out_of_line"
    for changes in ({"resources": ["site/east"]}, {"resources": None, "sites": ["east"]}):
        except_(district, TODAY, policies=["PRN-02"], **changes)
        if changes["resources"] is None:
            content = (district.repo / FILE).read_text(encoding="utf-8").replace("  resources: null\n", "")
            district.write(FILE, content)
        assert told(check(district))["site/east"] == "excepted"
