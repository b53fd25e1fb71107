"""Causes are found, not guessed: what is said of many cases is what was counted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from agent.model.finding import Difference, Finding
from agent.report.drift import drift_report
from tests.report.reading import section
from tests.report.riverton import PLACES, SITES, device, in_use, looked, out, policies, sync, totals
from tests.report.runs import run

if TYPE_CHECKING:
    from agent.model.run import Run

TITLE = "Out of line, watched only"
MANY = 5000
UNIT = Difference("org_unit", "the same as user.site.student_ou", "/Students/West")


def found(findings: list[Finding], **parts: object) -> Run:
    base: dict[str, object] = {
        "policies": policies(), "sites": SITES, "private": ("person",), "findings": tuple(findings),
        "seen": (looked("device", "google", MANY),),
    }  # fmt: skip
    return run(**{**base, **parts})


def cart(count: int = 32, site: str = "east") -> list[Finding]:
    return [out("DEV-04", device(n), site, UNIT) for n in range(count)]


def scattered(count: int = 14) -> list[Finding]:
    return [out("DEV-04", device(900 + n), PLACES[1 + n % 7], UNIT) for n in range(count)]


def item(a_run: Run, number: int = 0) -> tuple[str, tuple[str, ...], str]:
    one = section(drift_report(a_run), TITLE).items[number]
    return one.said, one.notes, one.detail


def of_model(findings: list[Finding], model: str) -> dict[str, dict[str, str]]:
    return {f.resource: {"model": model} for f in findings}


def test_three_hundred_devices_out_of_line_for_one_reason_are_one_line() -> None:
    a_run = found([out("INV-02", device(n), PLACES[n % 8], Difference("asset", "there", "none")) for n in range(300)])
    assert len(section(drift_report(a_run), TITLE).items) == 1
    assert item(a_run) == ("Not so for 300 devices at 8 sites.", (), "INV-02: no line in the asset list")


def test_a_cart_at_one_school_stands_apart_from_the_rest() -> None:
    a_run = found([*cart(), *scattered()])
    assert len(section(drift_report(a_run), TITLE).items) == 1
    assert item(a_run)[0] == "Not so for 32 devices at East High, and 14 others at 7 sites."


def test_a_model_is_named_only_where_nearly_all_have_it_and_others_have_not() -> None:
    devices = [out("DEV-04", device(n), PLACES[n % 8], UNIT) for n in range(40)]
    rare = of_model(devices, "HP 11 G9")
    a_run = found(devices, traits=rare, trait_totals=totals(MANY))
    assert item(a_run)[1] == ("All 40 are model HP 11 G9; of all, 9% are.",)
    for other in devices[:2]:
        rare[other.resource] = {"model": "Model 1"}
    said, notes, _ = item(found(devices, traits=rare, trait_totals=totals(MANY)))
    assert (said, notes) == ("Not so for 40 devices at 8 sites.", ("38 of the 40 are model HP 11 G9; of all, 9% are.",))


def test_what_everybody_has_is_no_cause() -> None:
    devices = [out("DEV-04", device(n), PLACES[n % 8], UNIT) for n in range(40)]
    everywhere = {"device": {"model": {"HP 11 G9": 4900, "Model 1": 100}}}
    assert item(found(devices, traits=of_model(devices, "HP 11 G9"), trait_totals=everywhere))[1] == ()


def test_what_nobody_counted_is_no_cause() -> None:
    devices = [out("DEV-04", device(n), PLACES[n % 8], UNIT) for n in range(40)]
    assert item(found(devices, traits=of_model(devices, "HP 11 G9")))[1] == ()


def test_a_value_that_nobody_counted_is_no_cause() -> None:
    devices = [out("DEV-04", device(n), PLACES[n % 8], UNIT) for n in range(40)]
    assert item(found(devices, traits=of_model(devices, "A new one"), trait_totals=totals(MANY)))[1] == ()


def test_a_few_cases_are_no_pattern() -> None:
    devices = [out("DEV-04", device(n), PLACES[n % 8], UNIT) for n in range(4)]
    assert item(found(devices, traits=of_model(devices, "HP 11 G9"), trait_totals=totals(MANY)))[1] == ()


def test_a_whole_model_is_called_that() -> None:
    devices = [out("DEV-04", device(n), PLACES[n % 8], UNIT) for n in range(40)]
    counted = {"device": {"model": {"HP 11 G9": 40, "Model 1": 4960}}}
    a_run = found(devices, traits=of_model(devices, "HP 11 G9"), trait_totals=counted)
    assert item(a_run)[1] == ("All 40 are model HP 11 G9: every one of that sort.",)


def test_a_model_that_most_have_stands_apart_from_the_rest() -> None:
    same, others = cart(30), [out("DEV-04", device(500 + n), PLACES[n % 8], UNIT) for n in range(10)]
    spread = [replace(f, site=PLACES[n % 8]) for n, f in enumerate(same)]
    a_run = found([*spread, *others], traits=of_model(spread, "HP 11 G9"), trait_totals=totals(MANY))
    assert item(a_run)[:2] == (
        "Not so for 30 devices at 8 sites, and 10 others.",
        ("All 30 are model HP 11 G9; of all, 9% are.",),
    )


def test_a_trait_that_no_report_has_words_for_is_not_told() -> None:
    devices = [out("DEV-04", device(n), PLACES[n % 8], UNIT) for n in range(40)]
    named = {f.resource: {"owner": "Jane Doe"} for f in devices}
    a_run = found(devices, traits=named, trait_totals={"device": {"owner": {"Jane Doe": 40, "": 4960}}})
    assert "Jane" not in repr(drift_report(a_run))


def test_one_difference_that_most_share_stands_apart() -> None:
    same = [out("INV-02", device(n), PLACES[n % 8], in_use("lost")) for n in range(90)]
    others = [out("INV-02", device(100 + n), PLACES[n % 8], in_use("stolen")) for n in range(10)]
    said, _, detail = item(found([*same, *others]))
    assert said == "Not so for 90 devices at 8 sites, and 10 others."
    assert detail == "INV-02: the asset list says lost, should say in use (the others differ)"


def test_lists_that_disagree_in_the_same_way_stand_apart() -> None:
    def at(n: int, asset: str) -> Finding:
        return out("INV-02", device(n), PLACES[n % 8], Difference("site", f"{asset} (asset.site)", "east"))

    found_here = found([*(at(n, "west") for n in range(90)), *(at(100 + n, PLACES[2 + n % 5]) for n in range(10))])
    said, _, detail = item(found_here)
    assert said == "Not so for 90 devices at 8 sites, and 10 others."
    assert detail == "INV-02: the device list says East High, the asset list says West High (the others differ)"
    mixed = found([at(n, PLACES[1 + n % 2]) for n in range(9)])
    assert item(mixed)[2] == ("INV-02: the device list says East High, the asset list says West High (and 1 other way)")


def test_times_that_differ_are_told_as_a_span() -> None:
    a_run = found([out("DEV-01", device(n), PLACES[n % 8], sync(31 + n)) for n in range(60)])
    detail = item(a_run)[2]
    assert detail == "DEV-01: last heard from Jul 16 to Sep 13, should be within 30 days"


def test_numbers_that_differ_are_told_as_a_span_and_nothing_is_counted() -> None:
    low = [out("PRN-01", f"printer/p{n}", "east", Difference("toner", "at least 20", str(n))) for n in range(1, 10)]
    none = out("PRN-01", "printer/new", "east", Difference("toner", "at least 20", "none"))
    assert item(found([*low, none]))[2] == "PRN-01: toner from 1% to 9% (1 with none), should be at least 20%"


def test_fields_that_differ_from_one_to_the_next_are_counted() -> None:
    blank = [
        out("INV-01", f"asset/{n}", "east", Difference("serial" if n % 3 else "tag", "not empty", "none"))
        for n in range(30)
    ]
    assert item(found(blank))[2] == "INV-01: no serial number (20 of 30); no asset number (10 of 30)"


@pytest.mark.parametrize("order", [1, -1])
def test_the_gravest_rule_comes_first_and_then_what_is_most_widespread(order: int) -> None:
    findings = [
        *(out("DEV-01", device(n), "east", sync(40)) for n in range(50)),
        *(out("DEV-04", device(n), "east", UNIT) for n in range(9)),
        *(out("INV-06", f"person/{n}", "east", Difference("status", "suspended", "active")) for n in range(2)),
    ]
    items = section(drift_report(found(findings[::order])), TITLE).items
    assert [i.detail[:6] for i in items] == ["INV-06", "DEV-01", "DEV-04"]
