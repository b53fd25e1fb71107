"""The drift report as plain text, 80 columns wide: what a mail program without HTML shows, and a terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from agent.report.drift import drift_report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.model.run import Run
    from agent.report.page import DriftReport, Item, Section

WIDTH = 80


def text(run: Run) -> str:
    """Give the drift report of a run."""
    return layout(drift_report(run))


def layout(report: DriftReport) -> str:
    """Lay a report out."""
    return "\n".join(_lines(report)) + "\n"


def heading(district: str, day: str) -> Iterator[str]:
    """Give the first lines of a report: whose it is, and of which day."""
    head = f"Driftbell: {district}, {day}"
    yield from wrapped(head)
    yield "=" * min(WIDTH, len(head))
    yield ""


def wrapped(line: str, first: str = "", then: str = "") -> list[str]:
    """Break a line between words; a hyphen is part of a name, so no break there."""
    return textwrap.wrap(
        line, WIDTH, initial_indent=first, subsequent_indent=then, break_on_hyphens=False, break_long_words=True
    )


def _lines(report: DriftReport) -> Iterator[str]:
    yield from heading(report.district, report.day)
    yield from wrapped(report.verdict)
    yield from wrapped(report.lead)
    for section in report.sections:
        yield from _section(section)
    yield ""
    yield "-" * WIDTH
    for line in report.footer:
        yield from wrapped(line)
    if report.next_step:
        yield f"Next step: {report.next_step}"


def _section(section: Section) -> Iterator[str]:
    yield ""
    yield ""
    yield section.title.upper()
    yield from wrapped(section.lead)
    short = True  # lines without anything below them stand close together
    for item in section.items:
        bare = not (item.said or item.notes or item.detail or item.command)
        if not (bare and short) or (item is section.items[0] and section.lead):
            yield ""
        short = bare
        yield from _item(item)
    if section.more:
        yield ""
        yield from wrapped(section.more)


def _item(item: Item) -> Iterator[str]:
    yield from wrapped(item.title, "- ", "  ")
    yield from wrapped(item.said, "  ", "  ")
    for line in (*item.notes, item.detail):
        yield from wrapped(line, "    ", "    ")
    if item.command:
        yield f"    $ {item.command}"
