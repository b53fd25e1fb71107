"""How the tests read a page: what a person would see of it, and what else is in it."""

from __future__ import annotations

import unicodedata
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from agent.report.drift import drift_report

if TYPE_CHECKING:
    from agent.model.run import Run
    from agent.report.page import DriftReport, Section


class Visible(HTMLParser):
    """Collects the visible text of a page, and every element with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self._hidden: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.elements.append((tag, found))
        if tag in {"head", "style"} or "display: none" in found.get("style", ""):
            self._hidden.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._hidden and self._hidden[-1] == tag:
            self._hidden.pop()

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(data)

    @property
    def words(self) -> list[str]:
        return " ".join(self.pieces).split()

    @property
    def text(self) -> str:
        return " ".join(self.words)

    @property
    def tags(self) -> set[str]:
        return {tag for tag, _ in self.elements}


def unsafe(text: str) -> set[str]:
    """Give the characters of a text that could move a cursor, split a header or turn a line around."""
    return {c for c in text if c != "\n" and unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}


def section(report: DriftReport, title: str) -> Section:
    """Give the section of a title."""
    return next(s for s in report.sections if s.title == title)


def titles(run: Run) -> list[str]:
    """Give the titles of a run's report."""
    return [s.title for s in drift_report(run).sections]
