"""What goes out step by step: one line a rollout. Source: GUARDS.md, 8; REPORTS.md calls a canary the trial school."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.model.rollout import Progress, Ring
from agent.report import words
from agent.report.plain import brief, capital, clause, ended, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.model.rollout import RolloutNote
    from agent.model.run import Run
    from agent.report.document import Json

HOLDS = "rings"  # the guard that holds what the present ring may not touch
_STEPS = len(Ring)
_PLACES = {Ring.ONE: "one first", Ring.SITE: "trial school", Ring.ALL: "everywhere"}


def running(run: Run) -> frozenset[str]:
    """Give the policies whose rollout goes on: that the rest waits for its turn is one line, and no stop."""
    return frozenset(n.policy for n in run.rollouts if n.progress is Progress.RUNNING)


def said(run: Run, note: RolloutNote) -> str:
    """Say in one sentence how a rollout stands: `Step 2 of 3 (trial school West High): 4 changed, 16 wait`."""
    step = f"step {note.ring + 1} of {_STEPS}"
    why = ended(clause(note.why, 20, 160)) if note.why else ""
    by = f" by {brief(note.by, 4, 40)}" if note.by else ""
    if note.progress is Progress.PASSED:
        return f"Went through all {_STEPS} steps; from now on only its limits hold it."
    if note.progress is Progress.ABANDONED:
        return f"Given up{by} in {step}; nothing more is changed by it. {why}".strip()
    if note.progress is Progress.HALTED:
        return f"Halted in {step} after {words.counted(note.changed, 'change')}; {_wait(note.waiting)}. {why}".strip()
    until = _until(run, note)
    return f"{capital(step)} ({_place(run, note)}): {note.changed:,} changed, {_wait(note.waiting)}{until}."


def _until(run: Run, note: RolloutNote) -> str:
    if note.until is None:
        return ""
    return f"; watched until {words.promised(note.until, ZoneInfo(run.timezone), run.at)}"


def _wait(number: int) -> str:
    return f"{number:,} wait{'s' if number == 1 else ''}"


def _place(run: Run, note: RolloutNote) -> str:
    if note.ring is Ring.ONE:
        return f"{_PLACES[note.ring]}: {words.name(note.resource)}"
    if note.ring is Ring.SITE:
        return f"{_PLACES[note.ring]} {brief(run.sites.get(note.site, note.site) or 'without a site', 4, 32)}"
    return _PLACES[note.ring]


def commands(note: RolloutNote) -> tuple[str, ...]:
    """Give what a person may type where a rollout was halted."""
    policy = plain(note.policy)
    if note.progress is not Progress.HALTED:
        return ()
    return (f"driftbell resume {policy}", f"driftbell abandon {policy} --why REASON")


def lines(run: Run) -> Iterator[str]:
    """Give a line a rollout, for a terminal."""
    for note in run.rollouts:
        yield f"{plain(note.policy)}: {said(run, note)}"


def entry(note: RolloutNote) -> Json:
    """Give a rollout for the JSON document."""
    return {
        "policy": note.policy,
        "verb": note.verb,
        "ring": note.ring.name.lower(),
        "progress": note.progress.value,
        "resource": note.resource,
        "site": note.site,
        "changed": note.changed,
        "waiting": note.waiting,
        "watched_until": note.until.isoformat() if note.until else None,
        "why": note.why,
        "by": note.by,
    }
