"""The verdict of a run: the numbers, the subject line, and the sentences that a superintendent reads first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.report import words
from agent.report.lists import doubt, in_doubt, list_name
from agent.report.page import Tally, Tone
from agent.report.plain import capital, clause, ended
from agent.report.standing import blind
from agent.report.stops import causes_of_stops

if TYPE_CHECKING:
    from agent.model.run import Run
    from agent.report.gathered import Gathered
    from agent.report.standing import Standing

MOST_IN_SUBJECT = 4


def tallies(run: Run, at: Standing, found: Gathered) -> tuple[Tally, ...]:
    """Give the numbers that are not zero, what is most pressing first."""
    asked, odd = len(at.decisions), len(in_doubt(run.seen))
    out, of = (found.out, "") if run.findings else (run.counts.out_of_line, "checks ")
    lists = sum(bool(s.trouble or s.stale) for s in run.seen)
    numbers = (
        Tally(asked, "needs you" if asked == 1 else "need you", Tone.DECIDE),
        Tally(len(causes_of_stops(at)), "held", Tone.HELD),
        Tally(len(at.failed), "failed", Tone.FAILED),
        Tally(odd, "list in doubt" if odd == 1 else "lists in doubt", Tone.BLIND),
        Tally(found.unchecked.resources or run.counts.unknown, "not checked", Tone.BLIND),
        Tally(lists, "list not current" if lists == 1 else "lists not current", Tone.BLIND),
        Tally(found.done["fixed"].faults, "fixed", Tone.FIXED),
        Tally(found.done["sent"].faults, "sent", Tone.SENT),
        Tally(out, f"{of}out of line", Tone.OUT),
    )
    return tuple(t for t in numbers if t.count)


def subject(run: Run, found: tuple[Tally, ...], day: str) -> str:
    """Give the subject line, verdict first: `2 need you · 1 held · 14 fixed - Riverton Unified, Tue Oct 14`."""
    parts = [*(["Stopped"] if run.stopped else []), *map(str, found[:MOST_IN_SUBJECT])]
    verdict = " · ".join(parts) or _nothing(run)
    return f"{verdict} - {clause(run.district, 8, 60)}, {day}"


def _nothing(run: Run) -> str:
    if blind(run):
        return "Not all was seen"
    if run.counts.not_yet:
        return "Nothing to tell yet"
    excepted = " but for exceptions" if run.counts.excepted else ""
    return f"Everything in line{excepted}" if _judged(run) else "Nothing checked"


def sentences(run: Run, at: Standing, found: Gathered) -> tuple[str, ...]:
    """Give the verdict, the most important sentence first."""
    pressing = [s for s in (_stopped(run, found), _asks(at), _failed(at), _held(run, at)) if s]
    calm = [] if pressing else [_fixed(found), *_rest(found)]  # the sections say it; a pressed reader reads once
    said = [*(pressing or _calm(run, at, found)), _unseen(run, found), *calm]
    return tuple(dict.fromkeys(s for s in said if s))


def _stopped(run: Run, found: Gathered) -> str:
    return f"All changes are stopped: {ended(clause(found.veil.over(run.stopped), 14, 100))}" if run.stopped else ""


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


def _calm(run: Run, at: Standing, found: Gathered) -> list[str]:
    """Give the verdict of a run that asks nothing: `in line` only of what was seen, where nothing of it is open."""
    if not _judged(run):
        return ["Nothing could be checked." if blind(run) else "Nothing was checked: no rule applied to anything."]
    out = run.counts.out_of_line
    if at.coming:
        return [_out(found.coming.things, " and will be fixed by the next run")]
    if at.watched:
        return [_out(found.watched, " and watched only"), "Nothing needs your decision."]
    if at.sent or out:
        checks = "check" if out == 1 else "checks"
        return [_sent(found) or f"{words.number(out)} {checks} found something out of line."]
    if blind(run):
        return [_unseen(run, found), *(["The rest is in line."] if _rest_is_in_line(run, found) else [])]
    if waits := run.counts.not_yet:
        things = "one thing waits" if waits == 1 else f"{waits:,} things wait"
        return [f"Nothing is out of line for long enough to tell; {things} for the next look."]
    again = " again" if at.fixed else ""
    return [f"Everything is in line{again}{', but for what is excepted' if run.counts.excepted else ''}."]


def _rest_is_in_line(run: Run, found: Gathered) -> bool:
    """Whether all but some known resources was seen, and as it is now."""
    current = all(s.proven and not s.stale and not s.trouble for s in run.seen)
    return bool(found.unchecked.resources) and current and not run.waiting


def _judged(run: Run) -> int:
    counts = run.counts
    return counts.in_line + counts.out_of_line + counts.excepted + counts.not_yet


def _unseen(run: Run, found: Gathered) -> str:
    """Say what could not be checked: lists that may be half of what they were, else resources, lists, kinds."""
    if not blind(run) or not _judged(run):
        return ""
    unchecked = found.unchecked
    if odd := _odd(run):
        return odd
    if unchecked.resources:
        what = words.kind_word(unchecked.kind, unchecked.resources) if unchecked.kind else "things"
        full = " in full" if unchecked.partly else ""
        return f"{words.number(unchecked.resources)} {what} could not be checked{full}."
    missing = [words.list_word(s.kind) for s in unchecked.looks if s.trouble]
    old = [words.list_word(s.kind) for s in unchecked.looks if s.stale]
    if missing or old:
        lists, how = (missing, "could not be read") if missing else (old, "is out of date")
        return _lists(lists, how)
    kinds = [words.kind_word(k, 2) for k in run.waiting]
    return f"No system shows {words.listed(kinds[:3], 'or')} yet." if kinds else "Something could not be checked."


def _odd(run: Run) -> str:
    """Say which list changed suddenly: what a report says of it may be half of it."""
    odd = in_doubt(run.seen)
    if len(odd) > 1:
        return f"{words.number(len(odd))} lists changed suddenly and may not be whole."
    return capital(f"{list_name(odd[0], run.seen)} {doubt(odd[0])} and may not be whole.") if odd else ""


def _lists(lists: list[str], how: str) -> str:
    each = tuple(dict.fromkeys(lists))
    if len(each) > 1:
        return f"{words.number(len(each))} lists {how.replace('is', 'are')}."
    return f"{capital(each[0])} {how}."


def _fixed(found: Gathered) -> str:
    fixed = found.done["fixed"]
    if not fixed.faults:
        return ""
    subject, verb = ("fault", "was") if fixed.faults == 1 else ("faults", "were")
    return f"{words.number(fixed.faults)} {subject} on {words.things(fixed.resources)} {verb} fixed and confirmed."


def _rest(found: Gathered) -> list[str]:
    return [_sent(found), _out(found.watched, " and watched only") if found.watched else ""]


def _sent(found: Gathered) -> str:
    count = found.done["sent"].faults
    sending = "change was" if count == 1 else "changes were"
    return f"{words.number(count)} {sending} sent and not confirmed yet." if count else ""


def _out(count: int, what: str) -> str:
    return f"{words.number(count)} {'thing is' if count == 1 else 'things are'} out of line{what}."
