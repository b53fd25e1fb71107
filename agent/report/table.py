"""Findings as CSV: the full list behind the login, for whoever goes through it in a spreadsheet.

RFC 4180 with a byte order mark, without which Excel reads UTF-8 as something else. A resource may be named by
whoever plugged it in, so that no cell begins as a formula does.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from agent.model.finding import Verdict
from agent.report.masks import masked, private
from agent.report.plain import plain
from agent.report.words import own_name
from agent.secrets import MASK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TextIO

    from agent.model.finding import Difference, Finding
    from agent.model.run import PolicyNote, Run

HEADER = (
    "policy",
    "title",
    "severity",
    "resource",
    "kind",
    "site",
    "verdict",
    "field",
    "expected",
    "observed",
    "since",
    "why",
    "waiver",
)
MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
# What spreadsheets take for the start of a formula, the wide forms of East Asian keyboards too.
_FORMULA = tuple("=+-@\t\r\n|%＝＋－＠")  # ruff: ignore[ambiguous-unicode-character-string] - those are meant
_WORDS = {
    Verdict.OUT_OF_LINE: "out of line",
    Verdict.UNKNOWN: "could not check",
    Verdict.EXCEPTED: "exception",
    Verdict.IN_LINE: "in line",
}


def table(run: Run, *, all_findings: bool = False) -> str:
    """Give the findings of a run as CSV text, byte order mark first."""
    out = io.StringIO(newline="")
    write_table(run, out, all_findings=all_findings)
    return out.getvalue()


def write_table(run: Run, out: TextIO, *, all_findings: bool = False) -> None:
    """Write the findings of a run as CSV. The file must be open with `newline=""` and UTF-8."""
    write_rows(HEADER, rows(run, all_findings=all_findings), out)


def write_rows(header: Sequence[str], lines: Iterable[Sequence[str]], out: TextIO) -> None:
    """Write a table with the mark in front and no formula in any cell."""
    out.write(MARK)
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([cell(c) for c in row] for row in lines)


def rows(run: Run, *, all_findings: bool = False) -> Iterator[tuple[str, ...]]:
    """Give a row for each difference, and one for each finding without any; sensitive values are masked."""
    notes = {n.id: n for n in run.policies}
    found: Iterable[Finding] = (*run.findings, *run.in_line) if all_findings else run.findings
    for finding in sorted(found, key=lambda f: (f.policy, f.resource)):
        yield from _of_finding(run, finding, notes.get(finding.policy))


def _of_finding(run: Run, finding: Finding, note: PolicyNote | None) -> Iterator[tuple[str, ...]]:
    head = (
        finding.policy,
        note.title if note else "",
        note.severity.value if note else "",
        own_name(finding.resource),
        finding.resource.partition("/")[0],
        run.sites.get(finding.site, finding.site),
        _WORDS[finding.verdict],
    )
    since = finding.since.isoformat() if finding.since else ""
    why = masked(finding.why, private(finding.differences)) if finding.why else ""
    for difference in finding.differences or (None,):
        yield (*head, *_of_difference(difference), since, why, finding.waiver)


def _of_difference(difference: Difference | None) -> tuple[str, str, str]:
    if difference is None:
        return "", "", ""
    if difference.sensitive:
        return difference.field, MASK, MASK
    return difference.field, difference.expected, difference.observed


def cell(text: str) -> str:
    """Give a text as a cell that is a text to every spreadsheet: on one line, and never a formula."""
    shown = plain(text)
    return f"'{shown}" if text.startswith(_FORMULA) or shown.lstrip().startswith(_FORMULA) else shown
