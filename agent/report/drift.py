"""The drift report as a page, before it is text or HTML. Source: REPORTS.md, "Drift report to the IT director"."""

from __future__ import annotations

import shlex
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING

from agent.model.policy import Mode
from agent.report import frozen, verdict, words
from agent.report.desk import ALL, NONE, OPEN, PROPER, TIGHTEST, URGENT, Desk, Room, desk
from agent.report.gathered import gathered
from agent.report.groups import is_group
from agent.report.lists import coverage
from agent.report.page import DriftReport, Tone
from agent.report.plain import clause, ended, plain
from agent.report.sections import sections
from agent.report.standing import Standing, blind, standing
from agent.report.warned import by_gravity

if TYPE_CHECKING:
    from agent.model.run import Run
    from agent.report.gathered import Gathered

MOST_WORDS = 250  # REPORTS.md
LONGEST_COMMAND = 70

# From the roomiest to the tightest. What is only watched gives way first, what needs somebody last. The last one fits
# whatever the run: see the tests.
ROOMS = (
    Room(5, 5, 5, done=5, watched=5, items=5, names=5, details=ALL),
    Room(5, 4, 4, done=4, watched=5, items=4, names=5, details=ALL),
    Room(5, 4, 4, done=3, watched=5, items=3, names=4, details=ALL),
    Room(5, 4, 4, done=3, watched=5, items=3, names=4, details=OPEN),
    Room(5, 3, 3, done=0, watched=5, items=3, names=4, details=OPEN),
    Room(5, 3, 3, done=0, watched=4, items=3, names=3, details=OPEN),
    Room(5, 3, 3, done=0, watched=5, items=2, names=3, details=URGENT),
    Room(5, 3, 3, done=0, watched=4, items=2, names=3, details=URGENT, answers=1),
    Room(5, 3, 3, done=0, watched=3, items=2, names=3, details=URGENT, answers=1),
    Room(5, 3, 3, done=0, watched=2, items=2, names=3, details=URGENT, answers=1),
    Room(5, 3, 3, done=0, watched=2, items=2, names=3, details=NONE, answers=1),
    Room(5, 3, 3, done=0, watched=1, items=2, names=3, details=NONE, answers=1),
    Room(5, 3, 3, done=0, watched=1, items=1, names=3, details=NONE, reasons=False, answers=1),
    Room(5, 3, 3, done=0, watched=0, items=1, names=2, details=NONE, answers=1),
    Room(5, 2, 2, done=0, watched=0, items=1, names=2, details=NONE, answers=1),
    Room(5, 2, 1, done=0, watched=0, items=1, names=2, details=NONE, answers=1),
    Room(5, 2, 2, done=0, watched=0, items=1, names=2, details=NONE, reasons=False, answers=1),
    Room(4, 1, 1, done=0, watched=0, items=1, names=2, details=NONE, reasons=False, words=12, answers=1),
    Room(3, 1, 1, done=0, watched=0, items=1, names=2, details=NONE, reasons=False, words=10, answers=1),
    Room(2, 1, 1, done=0, watched=0, items=1, names=1, details=NONE, reasons=False, words=8, answers=0),
    Room(2, 1, 1, done=0, watched=0, items=0, names=1, details=NONE, reasons=False, words=8, answers=0),
    Room(2, 0, 0, done=0, watched=0, items=0, names=1, details=NONE, reasons=False, words=8, answers=0),
    Room(1, 0, 0, done=0, watched=0, items=0, names=1, details=NONE, reasons=False, words=6, answers=0),
    Room(1, 0, 0, done=0, watched=0, items=0, names=1, details=NONE, reasons=False, words=TIGHTEST, answers=0),
)


def drift_report(run: Run) -> DriftReport:
    """Write the report, as roomy as 250 words allow."""
    sorted_run = standing(run)
    found = gathered(run, sorted_run)
    for room in ROOMS:
        report = _written(desk(run, sorted_run, found, room))
        if report.words <= MOST_WORDS:
            break
    return report


def _written(at: Desk) -> DriftReport:
    run = at.run
    day = words.day(run.at, at.zone)
    numbers = verdict.tallies(run, at.standing, at.gathered)
    first, *others = verdict.sentences(run, at.standing, at.gathered)
    written = sections(at)
    lines = [": ".join(filter(None, (i.title, i.said))) for section in written for i in section.items]
    return DriftReport(
        subject=verdict.subject(run, numbers, day),
        preheader=" ".join(others) or (lines[0] if lines else _looked(at)),
        district=clause(run.district, 8, 60),
        day=day,
        verdict=first,
        lead=" ".join(others),
        tallies=numbers,
        sections=written,
        footer=_footer(at),
        next_step=next_step(run, at.standing, at.gathered),
        calm=Tone.BLIND if blind(run) else Tone.FIXED,
    )


def _footer(at: Desk) -> tuple[str, ...]:
    run = at.run
    warnings = by_gravity(run.warnings)
    warned = clause(at.veiled(warnings[0]), at.room.words, 110) if warnings else ""
    more = f" (and {len(warnings) - 1:,} more)" if len(warnings) > 1 else ""
    return tuple(
        s
        for s in (
            _looked(at),
            frozen.line(run, at.zone, at.room.words // 2),
            f"{_revision(run)}{_evidence(run)}",
            ended(f"Warning: {warned}{more}") if warnings else "",
        )
        if s
    )


def _looked(at: Desk) -> str:
    run = at.run
    told = blind(run) or not at.room.watched  # "Could not check" says how much was seen, or nothing is amiss with it
    looks = "" if told else coverage(run.seen) or "Nothing was looked at."
    modes = Counter(n.mode for n in run.policies if not n.modes)
    each = [f"{modes[m]:,} {words.MODES[m]}" for m in Mode if modes[m]]
    each += [f"{mixed:,} by school"] if (mixed := sum(bool(n.modes) for n in run.policies)) else []
    waits = f" {run.counts.not_yet:,} out of line too briefly to tell." if run.counts.not_yet else ""
    rules = words.counted(len(run.policies), "rule")
    each = each if at.room.words > TIGHTEST else []
    return f"{looks} {rules}{': ' + ', '.join(each) if each else ''}.{waits}".strip()


def _revision(run: Run) -> str:
    commit, _, dirty = run.revision.id.partition("+")
    author = f" by {clause(run.revision.author, 4, 40)}" if run.revision.author else ""
    edited = ", with uncommitted changes" if dirty else ""
    signed = {
        None: "Policies (not signed)",
        False: "Policies (with a signature that is not trusted)",
        True: "Signed policies",
    }
    return f"{signed[run.revision.signed]} {plain(commit)[:12]}{author}{edited}."


def _evidence(run: Run) -> str:
    """Give what proves, from outside of the server, that its evidence up to now was not written anew."""
    return f" Evidence {run.sealed.number:,}: {run.sealed.own[:16]}." if run.sealed else ""


def next_step(run: Run, at: Standing, found: Gathered) -> str:
    """Give the one command that leads on from this report, or nothing when it leads nowhere."""
    if at.decisions or any(h.hold.approvable for h in at.held):
        return "driftbell plan"
    named = chain(
        ((o.policy, o.resource) for o in at.failed),
        ((h.policy, r) for h in at.held for r in h.resources),
        ((r.policies[0], r.resources[0]) for r in found.unchecked.reasons if r.policies),
        ((f.policy, f.resource) for f in chain(at.watched, at.coming)),
    )
    first = next(named, None)
    if first is None:
        return ""
    # People are not named at all, and serial numbers not here: the list behind the login does it.
    kind = first[1].partition("/")[0]
    named_by_serial = kind in run.private or not (kind in PROPER or is_group(kind))
    return "driftbell report --format csv" if named_by_serial else _explain(*first)


def _explain(policy: str, resource: str) -> str:
    """Give a command that is safe to paste: a name that a shell or a screen would misread is left out."""
    command = f"driftbell explain {shlex.quote(policy)} {shlex.quote(resource)}"
    odd = plain(policy + resource) != policy + resource
    return "driftbell check" if odd or len(command) > LONGEST_COMMAND else command
