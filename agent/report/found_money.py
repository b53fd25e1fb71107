"""The found-money report: the first mail of a new district. Source: REPORTS.md, last paragraph.

It says what the district's own lists say when they are laid side by side: how many, what they cost by the asset
list, where, and what to do next. What could not be asked is said too, and nobody is named.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent import __version__
from agent.model.run import Detail
from agent.report import words
from agent.report.discreet import Veil, discreet, fenced
from agent.report.document import looks
from agent.report.fields import in_words
from agent.report.lists import aged, coverage, doubts, in_doubt, trouble
from agent.report.plain import capital, clause, ended, plain
from agent.report.table import write_rows
from agent.report.text import WIDTH, heading, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.model.run import Found, FoundMoney

SCHEMA = 1
MOST_WORDS = 250
LIST = "driftbell report --found-money --format csv"
HEADER = ("question", "resource", "site", "model", "price")
LEAD = "Your own lists, laid side by side. Nothing was changed."


@dataclass(frozen=True, slots=True)
class Room:
    """How much space the report has: schools in a row, words of a reason, and what to do next."""

    schools: int
    reason: int
    steps: bool = True


ROOMS = (Room(3, 14), Room(2, 12), Room(1, 10), Room(1, 6), Room(0, 4), Room(0, 0), Room(0, 0, steps=False))


@dataclass(frozen=True, slots=True)
class Question:
    """How one question reads: what it is called, what is true of one thing or of several, and what to do next."""

    title: str
    one: str
    many: str
    next_step: str


QUESTIONS = {
    "unassigned": Question(
        "With nobody and nowhere",
        "has no holder and no place.",
        "have no holder and no place.",
        "Next: send each school its list.",
    ),
    "two_places": Question(
        "In two places",
        "is at one school by the device list, at another by the asset list.",
        "are at one school by the device list, at another by the asset list.",
        "Next: one look on site; correct the wrong list.",
    ),
    "leavers": Question(
        "With people who left",
        "is with somebody whose account is closed.",
        "are with people whose accounts are closed.",
        "Next: ask for them back, staff first.",
    ),
    "past_support": Question(
        "Past support",
        "gets no more updates from its maker.",
        "get no more updates from their maker.",
        "Next: plan replacements.",
    ),
    "never_seen": Question(
        "Paid for and never seen",
        "is on the asset list only; no system shows it.",
        "are on the asset list only; no system shows them.",
        "Next: look for unopened boxes; report the rest as lost.",
    ),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One question with its answer. `figure` is the number, or a dash where the question could not be asked."""

    title: str
    figure: str
    said: str
    notes: tuple[str, ...]
    unknown: str
    asked: bool


@dataclass(frozen=True, slots=True)
class MoneyReport:
    """The report before it is text or HTML; every text is plain."""

    title: str
    lead: str
    district: str
    day: str
    rows: tuple[Row, ...]
    footer: tuple[str, ...]
    next_step: str = LIST


def text(money: FoundMoney) -> str:
    """Give the report as plain text, 80 columns wide."""
    return "\n".join(_lines(money_report(money))) + "\n"


def html(money: FoundMoney) -> str:
    """Give the report as a page."""
    from agent.report.html import laid_out  # ruff: ignore[import-outside-top-level] - text and JSON need no templates

    return laid_out("found_money.html.j2", money_report(money))


def document(money: FoundMoney) -> dict[str, object]:
    """Give the report as data, with every resource: the full list behind the login."""
    return {
        "driftbell": __version__,
        "schema": SCHEMA,
        "report": "found-money",
        "revision": money.revision.id,
        "at": money.at.isoformat(),
        "title": money_report(money).title,
        "found": [_found(f) for f in money.found],
        "seen": looks(money.seen),
    }


def table(money: FoundMoney) -> str:
    """Give every find as a line of CSV, question by question: the full list behind the login, for a spreadsheet."""
    out = io.StringIO(newline="")
    write_rows(HEADER, _finds(money), out)
    return out.getvalue()


def _finds(money: FoundMoney) -> Iterator[tuple[str, ...]]:
    for found in money.found:
        question = QUESTIONS.get(found.question)
        known = found.details or tuple(Detail(r, "", "", None) for r in found.resources)
        for one in known:
            yield (
                question.title if question else found.question,
                words.own_name(one.resource),
                money.sites.get(one.site, one.site),
                one.model,
                "" if one.cost is None else f"{one.cost:.2f}",
            )


def _found(found: Found) -> dict[str, object]:
    return {
        "question": found.question,
        "asked": found.asked,
        "count": len(found.resources),
        "resources": list(found.resources),
        "sites": dict(found.sites),
        "cost": found.cost,
        "costed": found.costed,
        "unknown": found.unknown,
        "why": found.why,
        "details": [{"resource": d.resource, "site": d.site, "model": d.model, "cost": d.cost} for d in found.details],
    }


def money_report(money: FoundMoney) -> MoneyReport:
    """Write the report, with as many schools and reasons as one page of 250 words has room for."""
    for room in ROOMS:
        report = MoneyReport(
            title=_title(money),
            lead=LEAD,
            district=clause(money.district, 8, 60),
            day=words.day(money.at, ZoneInfo(money.timezone)),
            rows=tuple(_row(money, f, room) for f in money.found),
            footer=_footer(money, room),
        )
        if len(" ".join(_lines(report)).split()) + len(report.rows) <= MOST_WORDS:  # the page has the figures too
            break
    return report


def _title(money: FoundMoney) -> str:
    """Give the report in one sentence. What stands in two rows, or on two lists, is counted once."""
    unasked = sum(not f.asked for f in money.found)
    if not money.things:
        asked = "Nothing was found" if unasked < len(money.found) else "Nothing could be asked yet"
        missing = (
            f", but {words.counted(unasked, 'question')} could not be asked" if 0 < unasked < len(money.found) else ""
        )
        return f"{asked}{missing}."
    kind = words.one_kind(r for f in money.found for r in f.resources)
    what = words.kind_word(kind, money.things) if kind else "devices and items"
    worth = f", about ${_rounded(money.cost)}," if money.cost else ""
    return f"{money.things:,} {what}{worth} {'is' if money.things == 1 else 'are'} worth a look."


def _rounded(cost: float) -> str:
    """Give a sum to two digits that count: nobody should take it for an account."""
    digits = len(str(int(cost)))
    return f"{round(cost, -max(digits - 2, 0)):,.0f}"


def _row(money: FoundMoney, found: Found, room: Room) -> Row:
    question = QUESTIONS.get(found.question) or Question(capital(plain(found.question)), "", "", "")
    count = len(found.resources)
    unknown = ended(f"Not known for {found.unknown:,}{_because(found.why, room)}") if found.unknown else ""
    if not found.asked:
        return Row(
            question.title, "\N{EN DASH}", ended(f"Could not be asked{_because(found.why, room)}"), (), "", asked=False
        )
    if not count:
        return Row(question.title, "0", f"None of {found.asked:,}.", (), unknown, asked=True)
    what = words.kind_word(found.resources[0].partition("/")[0], found.asked)
    said = f"{count:,} of {found.asked:,} {what} {question.one if count == 1 else question.many}"
    notes = (
        f"{_cost(found, count)} {_worst(money, found, room.schools)}".strip(),
        question.next_step if room.steps else "",
    )
    return Row(question.title, f"{count:,}", said, tuple(n for n in notes if n), unknown, asked=True)


def _because(why: str, room: Room) -> str:
    return f": {clause(in_words(discreet(fenced(why))), room.reason, 100)}" if why and room.reason else ""


def _cost(found: Found, count: int) -> str:
    """Give what the asset list says they cost, and of how many it says so."""
    if not found.costed:
        return "No price is listed."
    known = "" if found.costed >= count else f" ({found.costed:,} have a price)"
    return f"About ${_rounded(found.cost)}{known}."


def _worst(money: FoundMoney, found: Found, most: int) -> str:
    """Give the schools with the most of them, worst first."""
    ordered = sorted(((n, s) for s, n in found.sites.items() if s and n), key=lambda s: (-s[0], s[1]))
    if not ordered or not most:
        return ""
    shown = [f"{clause(money.sites.get(site, site), 4, 32)} ({count:,})" for count, site in ordered[:most]]
    return f"{'At' if len(ordered) <= most else 'Most at'} {words.listed(shown)}."


def _footer(money: FoundMoney, room: Room) -> tuple[str, ...]:
    seen, veil = money.seen, Veil()
    odd = in_doubt(seen)
    kinds = {s.kind for s in odd}  # of which the other systems' lists alone would be called all
    lines = [coverage([s for s in seen if s.kind not in kinds], missing=False), " ".join(doubts(odd, seen, 1))]
    lines += [trouble(s, seen, veil, room.reason + 4) for s in seen if s.trouble]
    lines.append(aged([s for s in seen if s.stale and not s.trouble], seen, money.at))
    return tuple(line for line in lines if line)


def _lines(report: MoneyReport) -> Iterator[str]:
    yield from heading(report.district, report.day)
    yield from wrapped(report.title)
    yield from wrapped(report.lead)
    for row in report.rows:
        yield ""
        yield ""
        yield row.title.upper()
        for line in (row.said, *row.notes, row.unknown):
            yield from wrapped(line, "  ", "  ")
    yield ""
    yield "-" * WIDTH
    for line in report.footer:
        yield from wrapped(line)
    yield f"Next step: {report.next_step}"
