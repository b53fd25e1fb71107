"""What a drift report is made of: plain text in sections, already worded, masked and cut. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


LONG = 60  # a word of more characters may be broken into two on a line of 80


class Tone(StrEnum):
    """What a section asks of its reader; the HTML has one colour for each."""

    DECIDE = "decide"
    HELD = "held"
    FAILED = "failed"
    BLIND = "blind"
    DUE = "due"
    FIXED = "fixed"
    SENT = "sent"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a section.

    Attributes:
        title: the rule in plain words, or what it is about.
        said: what is the matter, as a sentence that anybody understands; empty where the title says all.
        detail: the technical difference, shown subdued.
        notes: why it matters and what would be done.
        command: what to type in a terminal, ready for a shell.
    """

    title: str
    said: str
    detail: str = ""
    notes: tuple[str, ...] = ()
    command: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the report. `lead` stands below the title; `more` says what was left out."""

    title: str
    tone: Tone
    items: tuple[Item, ...]
    lead: str = ""
    more: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """One number of the verdict: `2` `need you`."""

    count: int
    label: str
    tone: Tone

    def __str__(self) -> str:
        """Give the words of a subject line."""
        return f"{self.count:,} {self.label}"


@dataclass(frozen=True, slots=True)
class DriftReport:
    """The whole report. Every text is plain: no control characters, no markup, no sensitive value.

    Attributes:
        subject: the mail's subject line, verdict first.
        preheader: what an inbox shows beside the subject.
        verdict: the most important sentence; `lead` are those behind it.
        next_step: a command, or empty.
        calm: the tone where there is no number: not that of "fixed" where nothing could be seen.
    """

    subject: str
    preheader: str
    district: str
    day: str
    verdict: str
    lead: str
    tallies: tuple[Tally, ...]
    sections: tuple[Section, ...]
    footer: tuple[str, ...]
    next_step: str = ""
    calm: Tone = Tone.FIXED

    @property
    def tone(self) -> Tone:
        """Give the tone of the whole: that of the most pressing number."""
        return self.tallies[0].tone if self.tallies else self.calm

    @property
    def words(self) -> int:
        """Give how many words a reader gets, by whichever layout has more of them."""
        common = sum(1 + len(word) // LONG for text in self._texts() for word in text.split())
        items = [item for section in self.sections for item in section.items]
        marks = len(items) + sum(bool(item.command) for item in items) + 2  # the text's bullets, prompts and rules
        return common + max(marks, sum(len(str(t).split()) for t in self.tallies))

    def _texts(self) -> Iterator[str]:
        yield from (f"Driftbell: {self.district}, {self.day}", self.verdict, self.lead)
        for section in self.sections:
            yield from (section.title, section.lead, section.more)
            for item in section.items:
                yield from (item.title, item.said, item.detail, *item.notes, item.command)
        yield from (*self.footer, "Next step:" if self.next_step else "", self.next_step)
