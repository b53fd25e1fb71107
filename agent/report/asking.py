"""How a decision is answered: by which commands, who is asked, for how long a yes counts, and what silence means."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from agent.model.kind import Risk
from agent.report import words
from agent.report.plain import clause

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agent.model.action import Batch
    from agent.model.run import Answering, Run
    from agent.report.standing import Decision

YES = "Nothing changes without your yes."
NO = "A no: driftbell deny NUMBER --why REASON."
IN_SHORT = "Nobody answered: nothing changed."  # where there is room for no more
SILENCE = "for over 3 staff days: nothing changed."
MOST = 2  # people who are named


def yes(digest: str) -> str:
    """Give the command that says yes to a plan number."""
    return f"driftbell approve {words.short_digest(digest)}"


def no(digest: str) -> str:
    """Give the command that says no to one."""
    return f"driftbell deny {words.short_digest(digest)} --why REASON"


def at_once(digest: str) -> str:
    """Give the command that says yes to one and carries it out."""
    return f"driftbell apply --plan {words.short_digest(digest)}"


def commands(batch: Batch | None, digest: str) -> tuple[str, ...]:
    """Give what says yes, and what says yes and carries it out, where one word is enough for that."""
    alone = batch is None or batch.risk is not Risk.DESTRUCTIVE
    return (yes(digest), at_once(digest)) if alone else (yes(digest),)


def lead(run: Run, decisions: Iterable[Decision], much: int = 2) -> str:
    """Say how decisions are answered, who is asked, and what nobody answered, as far as there is room for it."""
    told = run.answering
    if not much:
        return f"{YES} {IN_SHORT}" if told and silence(told, decisions) else YES
    if told is None:
        return f"{YES} {NO}" if much > 1 else YES
    parts = (YES, _counts(told) if much > 1 else "", asked(told), NO if much > 1 else "", silence(told, decisions))
    return " ".join(p for p in parts if p)


def _counts(told: Answering) -> str:
    return f"It counts for {words.age(timedelta(hours=told.lasts))}." if told.lasts else ""


def asked(told: Answering) -> str:
    """Say who is asked today."""
    named = [clause(p, 8, 60) for p in told.people[:MOST]]
    rest = len(told.people) - len(named)
    if not named:
        return "Nobody who may say yes is there today."
    return f"Asked: {words.listed([*named, *([words.counted(rest, 'other')] if rest else [])])}."


def silence(told: Answering, decisions: Iterable[Decision]) -> str:
    """Say how many proposals nobody has answered for long."""
    late = sum(d.batch.digest in told.late for d in decisions)
    if not late:
        return ""
    return f"Nobody answered {'one of these' if late == 1 else f'{late:,} of these'} {SILENCE}"
