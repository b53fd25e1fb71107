"""The page: what is in it, that it is inert, and how a real browser lays it out."""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING

import pytest

from agent.report import words
from agent.report.drift import drift_report
from agent.report.html import html
from tests.report.browser import DARK, LIGHT, measure
from tests.report.picture import PICTURES
from tests.report.picture import main as picture_main
from tests.report.reading import Visible, unsafe
from tests.report.riverton import DAYS
from tests.report.runs import HOSTILE, KEYS, busy_morning, finding, hostile, run

if TYPE_CHECKING:
    from pathlib import Path

TAGS = {
    "html", "head", "meta", "title", "style", "body", "div", "table", "tbody", "tr", "td", "p", "span", "h1", "h2",
    "h3", "code",
}  # fmt: skip


@pytest.mark.parametrize("morning", DAYS)
def test_a_page_is_inert_and_asks_nothing_of_the_network(morning: str) -> None:
    page = html(DAYS[morning]())
    found = Visible(page)
    assert found.tags <= TAGS
    for _, attributes in found.elements:
        assert not {"src", "href", "background", "action"} & set(attributes)
        assert not [name for name in attributes if name.startswith("on")]
    assert "url(" not in page
    assert "@import" not in page
    assert not unsafe(page)


def test_styles_are_inline_and_only_the_rules_for_dark_and_small_screens_are_left_above() -> None:
    page = html(busy_morning())
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style is not None
    assert style[1].strip().startswith("@media")
    assert "prefers-color-scheme: dark" in style[1]
    assert '<meta name="color-scheme" content="light dark"' in page
    for tag, attributes in Visible(page).elements:
        if "class" in attributes and tag != "style":
            assert attributes.get("style"), (tag, attributes)


def test_the_page_says_what_the_report_says() -> None:
    report, shown = drift_report(busy_morning()), Visible(html(busy_morning())).text
    for section in report.sections:
        assert section.title in shown
        for item in section.items:
            for line in (item.title, item.said, item.detail, *item.notes, item.command):
                assert " ".join(line.split()) in shown
    for line in (report.verdict, report.lead, *report.footer, *map(str, report.tallies)):
        assert line in shown


def test_the_preheader_is_there_and_not_to_be_seen() -> None:
    page = html(busy_morning())
    hidden = [a for _, a in Visible(page).elements if a.get("class") == "preheader"]
    assert len(hidden) == 1
    assert "display: none" in hidden[0]["style"]
    assert ">One change was stopped for safety." in page


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_come_out_as_text(name: str) -> None:
    page = html(run(findings=(finding("HOST-01", f"host/{name}", KEYS),)))
    found = Visible(page)
    assert found.tags <= TAGS
    assert "49" not in found.text
    assert words.name(f"host/{name}") in found.text


@pytest.mark.usefixtures("chromium")
@pytest.mark.parametrize(("scheme", "background"), [(LIGHT, "rgb(238, 240, 237)"), (DARK, "rgb(16, 20, 19)")])
def test_a_browser_lays_every_day_out_within_its_width_and_readable(
    tmp_path: Path, scheme: str, background: str
) -> None:
    pages = [(html(morning()), width) for morning in DAYS.values() for width in (600, 360, 1000)]
    for (_, width), found in zip(pages, measure(pages, tmp_path, scheme=scheme), strict=True):
        assert found.width == width
        assert found.wide == []
        assert found.weak == [], "text below a contrast of 4.5 to 1"
        assert found.background == background
        assert not {"SCRIPT", "IMG"} & set(found.tags)
        assert found.tags["H1"] == 1


@pytest.mark.usefixtures("chromium")
def test_a_browser_shows_hostile_names_as_they_are_written(tmp_path: Path) -> None:
    found = measure([(html(hostile()), 600)], tmp_path)[0]
    shown = " ".join(found.text)
    assert found.title.startswith("1 needs you · 1 held")
    assert "<script>alert(1)</script>" in shown
    assert "{{ 7*7 }}" in shown
    assert "\\x1b[31mred\\x1b[0m" in shown
    assert "web\\nBcc: everyone@riverton" in shown


@pytest.mark.usefixtures("chromium")
def test_the_pictures_of_the_documentation_can_be_taken(tmp_path: Path) -> None:
    picture_main(tmp_path)
    for name in PICTURES:
        width, height = struct.unpack(">II", (tmp_path / name).read_bytes()[16:24])
        assert width == 1200
        assert 700 < height < 4000
