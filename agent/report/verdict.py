"""The verdict of a run: the numbers, the subject line, and the sentences that a superintendent reads first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.report import words
from agent.report.page import Tally, Tone
from agent.report.plain import clause, ended
from agent.report.standing import blind
from agent.report.stops import causes_of_stops
from agent.report.unseen import unchecked

if TYPE_CHECKING:
    from agent.model.run import Run
    from agent.report.standing import Standing

MOST_IN_SUBJECT = 4


def tallies(run: Run, at: Standing) -> tuple[Tally, ...]:
    """Give the numbers that are not zero, what is most pressing first."""
    asked, out = len(at.decisions), len(at.watched) + len(at.coming)
    out = out if run.findings else run.counts.out_of_line
    found = (
        Tally(asked, "needs you" if asked == 1 else "need you", Tone.DECIDE),
        Tally(len(causes_of_stops(at)), "held", Tone.HELD),
        Tally(len(at.failed), "failed", Tone.FAILED),
        Tally(len(unchecked(run)) or run.counts.unknown, "not checked", Tone.BLIND),
        Tally(len(at.fixed), "fixed", Tone.FIXED),
        Tally(len(at.sent), "sent", Tone.SENT),
        Tally(out, "out of line", Tone.OUT),
    )
    return tuple(t for t in found if t.count)


def subject(run: Run, found: tuple[Tally, ...], day: str) -> str:
    """Give the subject line, verdict first: `2 need you · 1 held · 14 fixed - Riverton Unified, Tue Oct 14`."""
    parts = [*(["Stopped"] if run.stopped else []), *map(str, found[:MOST_IN_SUBJECT])]
    verdict = " · ".join(parts) or _nothing(run)
    return f"{verdict} - {clause(run.district, 8, 60)}, {day}"


def _nothing(run: Run) -> str:
    if blind(run):
        return "Not all was seen"
    return "Everything in line" if _judged(run) else "Nothing checked"


def sentences(run: Run, at: Standing) -> tuple[str, ...]:
    """Give the verdict, the most important sentence first."""
    pressing = [s for s in (_stopped(run), _asks(at), _failed(at), _held(run, at)) if s]
    calm = [] if pressing else [_fixed(at), *_rest(run, at)]  # the sections say it; a pressed reader reads once
    found = [*(pressing or _calm(run, at)), _unseen(run), *calm]
    return tuple(dict.fromkeys(s for s in found if s))


def _stopped(run: Run) -> str:
    return f"All changes are stopped: {ended(clause(run.stopped, 14, 100))}" if run.stopped else ""


def _asks(at: Standing) -> str:
    count = len(at.decisions)
    return f"{words.number(count)} {'thing needs' if count == 1 else 'things need'} your decision." if count else ""


def _failed(at: Standing) -> str:
    count = len(at.failed)
    done = "repair did not work and needs" if count == 1 else "repairs did not work and need"
    return f"{words.number(count)} {done} a person." if count else ""


def _held(run: Run, at: Standing) -> str:
    count = len(causes_of_stops(at))
    if not count or run.stopped:
        return ""
    return f"{words.number(count)} {'change was' if count == 1 else 'changes were'} stopped for safety."


def _calm(run: Run, at: Standing) -> list[str]:
    """Give the verdict of a run that asks nothing: `in line` only of what was seen, where nothing of it is open."""
    if not _judged(run):
        return ["Nothing could be checked." if blind(run) else "Nothing was checked: no rule applied to anything."]
    out = max(len(at.watched) + len(at.coming), run.counts.out_of_line)
    if at.coming:
        return [_out(len(at.coming), " and will be fixed by the next run")]
    if at.watched:
        return [_out(len(at.watched), " and watched only"), "Nothing needs your decision."]
    if at.sent or out:
        return [_sent(at) or _out(out, "")]
    if blind(run):
        return [_unseen(run), *(["The rest is in line."] if unchecked(run) and all(s.proven for s in run.seen) else [])]
    return ["Everything is in line again."] if at.fixed else ["Everything is in line."]


def _judged(run: Run) -> int:
    return run.counts.in_line + run.counts.out_of_line + run.counts.excepted


def _unseen(run: Run) -> str:
    if not blind(run) or not _judged(run):
        return ""
    found = sorted(unchecked(run))
    what = words.things(found).partition(" ")[2]
    return f"{words.number(len(found))} {what} could not be checked." if found else "Something could not be checked."


def _fixed(at: Standing) -> str:
    count = len(at.fixed)
    if not count:
        return ""
    places = words.things(sorted({o.resource for o in at.fixed}))
    subject, verb = ("thing", "was") if count == 1 else ("things", "were")
    return f"{words.number(count)} {subject} on {places} {verb} fixed and confirmed."


def _rest(run: Run, at: Standing) -> list[str]:
    excepted = run.counts.excepted
    granted = "exception is" if excepted == 1 else "exceptions are"
    return [
        _sent(at),
        _out(len(at.watched), " and watched only") if at.watched else "",
        f"{words.number(excepted)} {granted} in force." if excepted else "",
    ]


def _sent(at: Standing) -> str:
    count = len(at.sent)
    sending = "change was" if count == 1 else "changes were"
    return f"{words.number(count)} {sending} sent and not confirmed yet." if count else ""


def _out(count: int, what: str) -> str:
    return f"{words.number(count)} {'thing is' if count == 1 else 'things are'} out of line{what}."
