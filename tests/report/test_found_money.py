"""The found-money report: five rows, honest about what is not known, one page."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from agent.model.policy import Person
from agent.model.run import Detail, Found
from agent.report.found_money import document, html, money_report, table, text
from agent.report.mail import money_letter
from tests.report.browser import DARK, LIGHT, measure
from tests.report.money import money
from tests.report.reading import Visible, unsafe
from tests.report.riverton import PLACES, device, looked
from tests.report.runs import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from agent.model.run import FoundMoney

READER = Person("d", "The Director", "director@riverton.example")


def only(*found: Found, **parts: object) -> FoundMoney:
    things = {r for f in found for r in f.resources}
    return money(found=found, **{"things": len(things), "cost": sum(f.cost for f in found), **parts})


def row(question: str, count: int = 3, **parts: object) -> Found:
    base = Found(question, 10, tuple(f"asset/{n}" for n in range(count)), {"east": count}, 300.0 * count, count, 0)
    return replace(base, **parts)  # type: ignore[arg-type]


def test_five_rows_with_number_cost_schools_and_what_to_do() -> None:
    report = money_report(money())
    assert [r.title for r in report.rows] == [
        "With nobody and nowhere", "In two places", "With people who left", "Past support", "Paid for and never seen",
    ]  # fmt: skip
    first = report.rows[0]
    assert (first.figure, first.said) == ("61", "61 of 5,320 items have no holder and no place.")
    assert first.notes[0] == (
        "About $18,000 (58 have a price). At West High (30), East High (16) and Oak Elementary (15)."
    )
    assert all(r.notes[-1].startswith("Next: ") for r in report.rows if r.figure not in {"0", "\N{EN DASH}"})


@pytest.mark.parametrize(
    ("found", "title"),
    [
        ((row("unassigned"),), "3 items, about $900, are worth a look."),
        ((row("unassigned", 1),), "1 item, about $300, is worth a look."),
        ((row("unassigned", cost=0.0, costed=0),), "3 items are worth a look."),
        ((row("unassigned"), row("leavers", resources=("asset/7", "asset/8"), cost=61_234.0)),
         "5 items, about $62,000, are worth a look."),
        ((row("unassigned"), row("past_support", resources=(device(1),), cost=300.0)),
         "4 devices and items, about $1,200, are worth a look."),
        ((row("unassigned", 0),), "Nothing was found."),
        ((row("unassigned", 0), row("leavers", 0, asked=0)), "Nothing was found, but 1 question could not be asked."),
        ((row("leavers", 0, asked=0),), "Nothing could be asked yet."),
        ((row("past_support", resources=(device(1), device(2)), cost=512_345.0),),
         "2 devices, about $510,000, are worth a look."),
    ],
)  # fmt: skip
def test_the_title_is_the_sentence_and_counts_nothing_twice(found: tuple[Found, ...], title: str) -> None:
    assert money_report(only(*found)).title == title


def test_what_stands_in_two_rows_or_on_two_lists_is_counted_once() -> None:
    found = (row("unassigned"), row("leavers"), row("past_support", resources=(device(1),), cost=300.0))
    assert money_report(only(*found, things=3, cost=900.0)).title == (
        "3 devices and items, about $900, are worth a look."
    )


def test_what_could_not_be_asked_or_told_is_said_with_its_reason() -> None:
    shown = " ".join(text(money()).split())
    assert "PAST SUPPORT Could not be asked: no system shows devices." in shown
    assert "Not known for 52: the asset list names no school." in shown
    assert "No price is listed." in shown
    assert "The asset list is 12 days old." in shown
    missing = looked("asset", "assets", 0, trouble="it was not imported yet")
    assert "The asset list: it was not imported yet." in text(money(seen=(missing,)))


def test_nothing_found_is_said_of_how_many() -> None:
    report = money_report(only(row("unassigned", 0, unknown=4, why="the list breaks off")))
    assert (report.rows[0].said, report.rows[0].unknown) == ("None of 10.", "Not known for 4: the list breaks off.")


def test_only_the_worst_schools_are_named() -> None:
    spread = {site: n for n, site in enumerate(PLACES)} | {"": 99}
    notes = money_report(only(row("unassigned", sites=spread))).rows[0].notes
    assert "Most at District Office (8), Hill Elementary (7) and Maple Elementary (6)." in notes[0]


def crowded() -> FoundMoney:
    """Every question is answered, in part only, at schools with long names, and five lists are missing."""
    sites = {str(n): f"The {n} Very Long Name of an Elementary School" for n in range(9)}
    why = "a reason of a great many words that goes on and on " * 9
    rows = [row(f.question, 999, unknown=77, why=why, costed=3, sites=dict.fromkeys(sites, 111)) for f in money().found]
    gone = [looked(kind, "csv", 0, trouble=why) for kind in ("asset", "device", "person", "ticket", "printer")]
    return money(found=tuple(rows), sites=sites, seen=tuple(gone), district="District " * 30)


@pytest.mark.parametrize("morning", [money, crowded])
def test_it_always_fits(morning: Callable[[], FoundMoney]) -> None:
    shown = text(morning())
    assert len(shown.splitlines()) <= 66
    assert len(shown.split()) <= 250
    assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.parametrize("scale", [1, 1000])
def test_it_is_one_page_whatever_the_size(scale: int) -> None:
    grown = money(
        found=tuple(
            replace(f, asked=f.asked * scale, resources=tuple(f"{r}{n}" for r in f.resources for n in range(scale)))
            for f in money().found
        )
    )
    shown = text(grown)
    assert len(shown.splitlines()) <= 60
    assert max(map(len, shown.splitlines())) <= 80
    assert len(shown.split()) <= 250
    assert len(Visible(html(grown)).words) <= 250


def test_nobody_and_nothing_is_named_in_the_mail_and_everything_in_the_data() -> None:
    jane = "jane.7@riverton.example"
    people = only(row("leavers", resources=(f"person/{jane}",), why=f"ask {jane}", unknown=1))
    for a_report in (people, money()):
        mailed = money_letter(a_report, [READER], "bell@riverton.example").body.decode("ascii")
        for shown in (text(a_report), html(a_report), mailed):
            assert "jane" not in shown
            assert not re.search(r"5CD\d{7}|R\d{6}", shown)
    found = json.loads(json.dumps(document(money())))
    assert found["found"][1]["resources"][0] == device(0)
    assert [f["question"] for f in found["found"]] == [f.question for f in money().found]
    assert found["found"][0]["count"] == 61


def detailed() -> FoundMoney:
    priced = (Detail("asset/R1", "east", "HP 11 G9", 294.5), Detail("asset/R2", "", "=1+1", None))
    device_ones = (Detail(device(4), "nowhere", "Lenovo, 100e", 300.0),)
    return only(
        row("unassigned", resources=("asset/R1", "asset/R2"), details=priced),
        row("past_support", resources=(device(4),), details=device_ones),
        row("never_seen", resources=("asset/R9",)),
    )


def test_every_find_is_a_line_of_the_table() -> None:
    content = table(detailed())
    assert content == (
        "\ufeffquestion,resource,site,model,price\r\n"
        "With nobody and nowhere,R1,East High,HP 11 G9,294.50\r\n"
        "With nobody and nowhere,R2,,'=1+1,\r\n"
        'Past support,5CD0000004,nowhere,"Lenovo, 100e",300.00\r\n'
        "Paid for and never seen,R9,,,\r\n"
    )
    assert len(list(csv.reader(io.StringIO(table(money()), newline="")))) == 1 + 61 + 97 + 43 + 11
    assert money_report(money()).next_step == "driftbell report --found-money --format csv"


def test_no_cell_of_the_table_is_a_formula() -> None:
    for name in (*HOSTILE, "=1", "@x", "-2"):
        odd = table(only(row("unassigned", 1, details=(Detail(f"asset/{name}", name, name, 1.0),))))
        assert not unsafe(odd.removeprefix("\ufeff").replace("\r\n", ""))
        for each in list(csv.reader(io.StringIO(odd.removeprefix("\ufeff"), newline="")))[1]:
            assert not each.startswith(("=", "+", "-", "@"))


def test_the_data_has_the_details_and_what_was_seen() -> None:
    found = json.loads(json.dumps(document(detailed())))
    assert found["found"][0]["details"] == [
        {"resource": "asset/R1", "site": "east", "model": "HP 11 G9", "cost": 294.5},
        {"resource": "asset/R2", "site": "", "model": "=1+1", "cost": None},
    ]
    assert found["seen"]["asset"]["stale"] is True
    assert found["seen"]["device"]["expected"] == 5140


def test_what_a_reason_quotes_stays_out_of_the_mail() -> None:
    odd = only(row("unassigned", unknown=1, why='the place says "ask Zoe Quackenbush first"'), row("leavers", asked=0))
    for shown in (text(odd), html(odd)):
        assert "Zoe" not in shown
    assert "Not known for 1: the place says (not shown)." in text(odd)


def test_a_list_that_shrank_is_told_with_what_to_do() -> None:
    half = looked(
        "device",
        "google",
        2370,
        proven=False,
        doubt="shrank from 4740 to 2370",
        membership="it shrank from 4740 to 2370 since the last good look",
    )
    shown = " ".join(text(money(seen=(half, looked("asset", "assets", 5320)))).split())
    assert "The device list shrank from 4,740 to 2,370 since the last good look." in shown
    assert "Check the export, then import it again with --yes if it is right." in shown
    assert "Checked 5,320 of 5,320 items." in shown
    other = looked("device", "intune", 260)
    for broken in (half, replace(half, trouble="it was not imported yet")):
        shown = " ".join(text(money(seen=(broken, other, looked("asset", "assets", 5320)))).split())
        assert "all 260" not in shown
        assert "Checked all" not in shown


def test_hostile_names_come_out_as_text() -> None:
    for name in HOSTILE:
        odd = money(
            district=name,
            sites={"east": name},
            found=(row("unassigned", unknown=1, why=name), row(name, asked=0, why=name)),
        )
        assert not unsafe(text(odd))
        assert not unsafe(html(odd))
        assert not {"script", "img", "b"} & Visible(html(odd)).tags
        assert max(map(len, text(odd).splitlines())) <= 80


def test_the_letter_is_one_message_for_one_look() -> None:
    one, again = (money_letter(money(), [READER], "Driftbell <bell@riverton.example>") for _ in range(2))
    assert one == again
    assert one.subject == ("189 devices and items, about $52,000, are worth a look - Riverton Unified, Tue Oct 14")
    assert one.message_id.startswith("<found-money-")
    later = money(at=money().at.replace(hour=13))
    assert money_letter(later, [READER], "bell@riverton.example").message_id != one.message_id


@pytest.mark.parametrize("scheme", [LIGHT, DARK])
@pytest.mark.usefixtures("chromium")
def test_a_browser_lays_it_out_within_its_width_and_readable(tmp_path: Path, scheme: str) -> None:
    for found in measure([(html(money()), width) for width in (600, 360, 1100)], tmp_path, scheme=scheme):
        assert found.wide == []
        assert found.weak == [], "text below a contrast of 4.5 to 1"


@pytest.mark.parametrize("morning", [money, crowded])
def test_a_browser_prints_it_on_one_page(tmp_path: Path, chromium: str, morning: Callable[[], FoundMoney]) -> None:
    page, pdf = tmp_path / "page.html", tmp_path / "page.pdf"
    page.write_text(html(morning()), encoding="utf-8")
    subprocess.run(
        [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
         f"--user-data-dir={tmp_path / 'browser'}", f"--print-to-pdf={pdf}", page.as_uri()],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    assert len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes())) == 1
