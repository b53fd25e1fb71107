"""The mail about a revision of the policies that is not run."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.decide.provenance import SHORT
from agent.report import words
from agent.report.page import DriftReport, Item, Section, Tone
from agent.report.plain import capital, clause, ended, plain

if TYPE_CHECKING:
    from agent.model.policy import District
    from agent.model.provenance import Belief

_WORDS, _CHARACTERS = 60, 600  # of a reason


def refused_report(refused: Belief, last: Belief | None, district: District) -> DriftReport:
    """Say which revision is refused, why, what goes on meanwhile, and what helps."""
    commit = plain(refused.commit)[:SHORT]
    day = words.day(refused.at, ZoneInfo(district.timezone))
    good = plain(last.commit)[:SHORT] if last else ""
    goes_on = f"The last good revision, {good}, goes on looking, and changes nothing." if good else "Nothing is run."
    why = Item(f"Revision {commit}", capital(ended(clause(refused.why, _WORDS, _CHARACTERS))), notes=_by(refused))
    helps = Item("What helps", "A new commit that puts this right. It is read at the next look at the repository.")
    return DriftReport(
        subject=f"The policies' revision {commit} is not run - {clause(district.name, 8, 60)}, {day}",
        preheader=goes_on,
        district=clause(district.name, 8, 60),
        day=day,
        verdict=f"A change to the policies was refused. {goes_on}",
        lead="",
        tallies=(),
        sections=(Section("Refused", Tone.HELD, (why, helps)),),
        footer=("Driftbell writes this once for each revision.",),
        next_step="driftbell revisions",
        calm=Tone.BLIND,
    )


def _by(refused: Belief) -> tuple[str, ...]:
    author = clause(refused.author.partition("<")[0], 6, 60)
    return (f"Committed by {author}.",) if author else ()
