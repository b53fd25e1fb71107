"""A run on a terminal: what `check`, `plan`, `apply` and `run` show. More than a mail has; with --all, everything.

Lines come with the name of a style; whoever prints them decides whether there is colour. No library is imported for
it, so that a check stays quick.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.model.action import Result
from agent.model.finding import Verdict
from agent.model.kind import Risk
from agent.report import asking, frozen, reach, rollouts, waivers, words
from agent.report.differences import Tongue, mended, still
from agent.report.discreet import Veil, fenced, veil
from agent.report.listing import Line, findings, not_checked, private
from agent.report.lists import aged, coverage, doubts, in_doubt, trouble, waiting
from agent.report.masks import Private, masked, private_in
from agent.report.masks import private as readings
from agent.report.plain import ended, plain
from agent.report.standing import ASKS, blind, holding, single_outcomes, standing
from agent.report.stops import lifted_by
from agent.report.warned import by_gravity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from agent.model.action import Batch, Outcome
    from agent.model.run import Run
    from agent.report.standing import Held

# Style name to the words that rich understands.
STYLES = {
    "title": "bold",
    "out": "yellow",
    "unknown": "magenta",
    "held": "bold yellow",
    "good": "green",
    "bad": "bold red",
    "quiet": "dim",
    "plain": "",
}
NARROWEST = 40
_RESULTS = {
    Result.CONFIRMED: ("fixed and confirmed", "good"),
    Result.PENDING: ("sent, waiting to be confirmed", "unknown"),
    Result.NEEDLESS: ("in line before it was our turn", "good"),
    Result.FAILED: ("not fixed", "bad"),
    Result.STOPPED: ("stopped before it was done", "held"),
    Result.REVERTED: ("taken back: it is as it was before", "unknown"),
}


def lines(run: Run, width: int = 80, *, all_findings: bool = False, screen: bool = False) -> list[str]:
    """Give the lines as plain text, none wider than `width` where words allow.

    Args:
        run: what is shown.
        width: of the terminal.
        all_findings: whether to list everything, what is in line too.
        screen: whether only a screen shows it. What goes anywhere else may be mailed, as cron does: there reasons
            are told without what they quote.
    """
    return [line.text for line in styled(run, width, all_findings=all_findings, screen=screen)]


def styled(run: Run, width: int = 80, *, all_findings: bool = False, screen: bool = False) -> list[Line]:
    """Give the lines with their styles: findings, what was not seen, the plan, outcomes, and the numbers last."""
    width = max(width, NARROWEST)
    hide = veil(run)

    def worded(text: str) -> str:
        return hide.people(text if screen else fenced(text))

    parts = (
        findings(run, all_findings=all_findings),
        not_checked(run, worded, all_findings=all_findings),
        _lists(run, hide, worded),
        _batches(run, hide),
        _answering(run),
        _rollouts(run, hide),
        _outcomes(run, hide),
        _exceptions(run),
        _warnings(run, hide),
        _reaches(run, worded),
        _closing(run, hide),
    )
    return [Line(text, line.style) for part in parts for line in part for text in _fitted(line.text, width)]


def _fitted(text: str, width: int) -> list[str]:
    """Break a line between words, below its own indentation. A command stays whole: it is there to be copied."""
    bare = text.lstrip(" ")
    if len(text) <= width or bare.startswith("$ "):
        return [text]
    indent = " " * (len(text) - len(bare))
    wrapped = textwrap.wrap(bare, width, initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False)
    return wrapped or [""]


def _lists(run: Run, hide: Veil, worded: Callable[[str], str]) -> Iterator[Line]:
    """Say what is wrong with whole lists, and what their systems have to say of them."""
    odd = doubts(in_doubt(run.seen), run.seen)
    said = [Line(f"  ? {plain(' '.join(odd))}", "unknown")] if odd else []
    said += [Line(f"  ? {plain(trouble(s, run.seen, hide))}", "unknown") for s in run.seen if s.trouble]
    old = [s for s in run.seen if s.stale and not s.trouble]
    said += [Line(f"  ? {plain(aged(old, run.seen, run.at))}", "unknown")] if old else []
    said += [Line(f"  ? {waiting(run)}", "unknown")] if run.waiting else []
    said += [Line(f"  {plain(s.system)}: {ended(plain(worded(note)))}", "quiet") for s in run.seen for note in s.notes]
    if said:
        yield Line("Lists", "title")
        yield from said
        yield Line("")


def _batches(run: Run, hide: Veil) -> Iterator[Line]:
    if not run.plan.batches and not run.plan.holds:
        return
    yield Line("Plan", "title")
    holds: dict[str, list[Held]] = {}
    for held in holding(run):
        holds.setdefault(held.hold.batch, []).append(held)
    secrets = private_in(run.plan)
    for batch in run.plan.batches:
        yield from _batch(run, batch, len(run.plan.free(batch)))
        yield from _holds(holds.pop(batch.digest, []), secrets, hide)
    for left in holds.values():
        yield from _holds(left, secrets, hide)
    yield Line("")


def _batch(run: Run, batch: Batch, free: int) -> Iterator[Line]:
    targets = [a.resource for a in batch.actions]
    hidden = any(private(run, t) for t in targets)
    on = words.things(targets) + ("" if hidden else f" ({words.names(targets)})")
    head = f"  {words.short_digest(batch.digest)}  {plain(batch.policy)} {words.deed(batch)} on {on}"
    yield Line(f"{head}: {words.RISKS[batch.risk]}.", "held" if free < len(targets) else "plain")
    if free and free < len(targets):
        yield Line(f"      {free:,} of {words.counted(len(targets), 'change')} can run.", "quiet")


def _holds(stopped: Sequence[Held], secrets: Private, hide: Veil) -> Iterator[Line]:
    for held in stopped:
        hold = held.hold
        yield Line(
            f"      Held ({plain(hold.guard)}): {ended(plain(hide.people(masked(hold.sentence, secrets))))}", "held"
        )
        yield Line(f"      What lifts it: {lifted_by(hide.people(hold.lifted_by), 60)}", "quiet")
        if hold.approvable and hold.guard == ASKS:
            yield Line(f"      $ {asking.yes(hold.batch)}")
            yield Line(f"      $ {asking.no(hold.batch)}")
        if hold.approvable and (held.batch is None or held.batch.risk is not Risk.DESTRUCTIVE):
            yield Line(f"      $ {asking.at_once(hold.batch)}")


def _answering(run: Run) -> Iterator[Line]:
    """Say who is asked, and what nobody answered, where something waits for a yes."""
    decisions, told = standing(run).decisions, run.answering
    if not decisions or told is None:
        return
    yield Line(f"{asking.asked(told)} {asking.silence(told, decisions)}".strip(), "held")
    yield Line("")


def _rollouts(run: Run, hide: Veil) -> Iterator[Line]:
    told = [Line(f"  {ended(plain(hide.people(line)))}", "held") for line in rollouts.lines(run)]
    if told:
        yield Line("Step by step", "title")
        yield from told
        yield Line("")


def _outcomes(run: Run, hide: Veil) -> Iterator[Line]:
    found = sorted(single_outcomes(run), key=lambda o: (o.policy, o.resource))
    if not found:
        return
    yield Line("What came of it", "title")
    for outcome in found:
        if not private(run, outcome.resource):
            yield from _outcome(run, outcome, hide)
    people: dict[tuple[str, Result], set[str]] = {}
    for outcome in found:
        if private(run, outcome.resource):
            people.setdefault((outcome.policy, outcome.result), set()).add(outcome.resource)
    for (policy, result), who in people.items():
        said, style = _RESULTS[result]
        yield Line(f"  {words.things(sorted(who))}  {plain(policy)}: {said}.", style)
    yield Line("")


def _outcome(run: Run, outcome: Outcome, hide: Veil) -> Iterator[Line]:
    tongue = Tongue(outcome.resource.partition("/")[0], ZoneInfo(run.timezone), run.at, run.sites)
    result, style = _RESULTS[outcome.result]
    head = f"  {plain(words.own_name(outcome.resource))}  {plain(outcome.policy)}: {result}"
    if outcome.confirmed:
        now = "; ".join(mended(d, tongue) for d in outcome.before)
        yield Line(f"{head} ({now})." if now else f"{head}.", style)
        if outcome.opinion_failed:
            opinion = hide.people(masked(outcome.opinion, readings((*outcome.before, *outcome.after))))
            yield Line(f"      Your own tests say otherwise: {ended(plain(opinion))}", "bad")
        return
    after = {d.field: d for d in outcome.after}
    secrets = readings((*outcome.before, *outcome.after))
    said = f"the repair itself said: {outcome.said}" if outcome.said else ""
    yield Line(f"{head}.", style)
    yield from (Line(f"      {still(d, after.get(d.field), tongue)}", "quiet") for d in outcome.before)
    yield from (
        Line(f"      {ended(plain(hide.people(masked(text, secrets))))}") for text in (outcome.why, said) if text
    )


def _exceptions(run: Run) -> Iterator[Line]:
    told = [Line(f"  {ended(plain(line))}", "held") for line in waivers.lines(run)]
    if told:
        yield Line("Exceptions", "title")
        yield from told
        yield Line("")


def _warnings(run: Run, hide: Veil) -> Iterator[Line]:
    for warning in by_gravity(run.warnings):
        yield Line(f"Warning: {ended(plain(hide.people(warning)))}", "held")


def _reaches(run: Run, worded: Callable[[str], str]) -> Iterator[Line]:
    """Say which policies judge less than their text promises: a part that was never read, or nothing at all."""
    yield from (Line(plain(worded(blank)), "unknown") for blank in reach.blanks(run.reaches))
    if idle := reach.idle(run.reaches):
        yield Line(idle, "unknown")


def _closing(run: Run, hide: Veil) -> Iterator[Line]:
    if days := frozen.line(run, ZoneInfo(run.timezone)):
        yield Line(days, "quiet")
    if run.stopped:
        yield Line(f"All changes are stopped: {ended(plain(hide.people(run.stopped)))}", "held")
    counts = run.counts
    looked = coverage(run.seen) or "Nothing was looked at."
    things = sorted({f.resource for f in run.findings if f.verdict is Verdict.OUT_OF_LINE})
    numbers = [
        f"{words.counted(counts.in_line, 'check')} in line",
        f"{counts.out_of_line:,} out of line" + (f" on {words.things(things)}" if things else ""),
        *([f"{counts.unknown:,} could not be made"] if counts.unknown else []),
        *([excepted] if (excepted := waivers.count(run)) else []),
        *([f"{counts.not_yet:,} not yet (out of line too briefly to tell)"] if counts.not_yet else []),
        *([f"{words.counted(held, 'change')} held"] if (held := _held(run)) else []),
    ]
    calm = not (counts.out_of_line or counts.not_yet or blind(run)) and counts.in_line
    style = "good" if calm else "title"
    yield Line(f"{looked} {', '.join(numbers)}.", style)


def _held(run: Run) -> int:
    """Give how many changes are held, each once however many guards hold it."""
    return len({(h.hold.batch, r) for h in holding(run) for r in h.resources})
