"""A run on a terminal: what `check`, `plan`, `apply` and `run` show. Every finding, not only what a mail has room for.

Lines come with the name of a style; whoever prints them decides whether there is colour. No library is imported for
it, so that a check stays quick.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.model.action import Result
from agent.model.finding import Verdict
from agent.report import words
from agent.report.differences import Tongue, mended, still
from agent.report.discreet import Veil, veil
from agent.report.masks import Private, masked, masked_sentence, private, private_in
from agent.report.plain import ended, plain
from agent.report.standing import holding, single_outcomes, unknown
from agent.report.stops import lifted_by
from agent.report.unseen import aged, coverage, trouble, waiting

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from agent.model.action import Batch, Outcome
    from agent.model.finding import Finding
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
FULL_LIST = "Who they are: the same command with --json."
_MARKS = {
    Verdict.OUT_OF_LINE: ("✗", "out"),
    Verdict.EXCEPTED: ("~", "quiet"),
    Verdict.IN_LINE: ("✓", "good"),
    Verdict.UNKNOWN: ("?", "unknown"),
}
_RESULTS = {
    Result.CONFIRMED: ("fixed and confirmed", "good"),
    Result.PENDING: ("sent, waiting to be confirmed", "unknown"),
    Result.FAILED: ("not fixed", "bad"),
    Result.REVERTED: ("taken back", "bad"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of output and the name of its style in `STYLES`."""

    text: str
    style: str = "plain"


def lines(run: Run, width: int = 80, *, all_findings: bool = False) -> list[str]:
    """Give the lines as plain text, none wider than `width` where words allow."""
    return [line.text for line in styled(run, width, all_findings=all_findings)]


def styled(run: Run, width: int = 80, *, all_findings: bool = False) -> list[Line]:
    """Give the lines with their styles: findings, what was not seen, the plan, outcomes, and the numbers last."""
    width = max(width, NARROWEST)
    hide = veil(run)
    parts = (
        _findings(run, all_findings=all_findings),
        _unknown(run, hide),
        _lists(run, hide),
        _batches(run, hide),
        _outcomes(run, hide),
        _warnings(run, hide),
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


def _findings(run: Run, *, all_findings: bool) -> Iterator[Line]:
    shown = [f for f in run.findings if f.verdict is not Verdict.UNKNOWN]
    groups: dict[str, list[Finding]] = {}
    for finding in [*shown, *(run.in_line if all_findings else ())]:
        groups.setdefault(finding.policy, []).append(finding)
    for policy in _ordered(run, groups):
        yield from _policy(run, policy)
        named = [f for f in groups[policy] if not _private(run, f.resource)]
        for finding in sorted(named, key=lambda f: f.resource):
            yield _finding(run, finding)
        if len(named) < len(groups[policy]):
            yield from _people(run, [f for f in groups[policy] if _private(run, f.resource)])
        yield Line("")


def _private(run: Run, resource: str) -> bool:
    return resource.partition("/")[0] in run.private


def _people(run: Run, findings: Sequence[Finding]) -> Iterator[Line]:
    """Count people by school: what stands on a screen is looked at over shoulders and pasted into tickets."""
    counts = Counter((f.verdict, f.site) for f in findings)
    for (verdict, site), count in sorted(counts.items()):
        mark, style = _MARKS[verdict]
        at = f" at {plain(run.sites.get(site, site))}" if site else ""
        kind = findings[0].resource.partition("/")[0]
        yield Line(f"  {mark} {count:,} {words.kind_word(kind, count)}{at}.", style)
    yield Line(f"    {FULL_LIST}", "quiet")


def _ordered(run: Run, policies: Iterable[str]) -> list[str]:
    ranks = {n.id: n.severity.rank for n in run.policies}
    return sorted(policies, key=lambda p: (ranks.get(p, 0), p))


def _policy(run: Run, policy: str) -> Iterator[Line]:
    note = next((n for n in run.policies if n.id == policy), None)
    if note is None:
        yield Line(plain(policy), "title")
        return
    yield Line(f"{plain(note.id)}  {plain(note.title)}", "title")
    yield Line(f"    {note.severity.value} · {words.MODES[note.mode]} · {plain(note.place)}", "quiet")


def _finding(run: Run, finding: Finding) -> Line:
    said = ended(plain(masked_sentence(finding)))
    if finding.since and finding.since < run.at:
        said = f"{said.rstrip('.')}, since {words.since(finding.since, ZoneInfo(run.timezone), run.at)}."
    mark, style = _MARKS[finding.verdict]
    excepted = " There is an exception." if finding.verdict is Verdict.EXCEPTED else ""
    return Line(f"  {mark} {said}{excepted}", style)


def _unknown(run: Run, hide: Veil) -> Iterator[Line]:
    found = sorted(unknown(run), key=lambda f: (f.resource, f.policy))
    reasons: dict[tuple[str, str], list[str]] = {}
    people: dict[tuple[str, str], set[str]] = {}
    for finding in found:
        if _private(run, finding.resource):
            people.setdefault((finding.policy, hide.people(finding.why)), set()).add(finding.resource)
        else:
            reasons.setdefault((finding.resource, hide.people(finding.why)), []).append(finding.policy)
    if not found:
        return
    yield Line("Could not check", "title")
    for (resource, why), policies in reasons.items():
        rules = ", ".join(plain(p) for p in policies)
        yield Line(f"  ? {_name(resource)}: {plain(why).rstrip('.')} ({rules}).", "unknown")
    for (policy, why), who in people.items():
        yield Line(f"  ? {words.things(sorted(who))}: {plain(why).rstrip('.')} ({plain(policy)}).", "unknown")
    yield Line("")


def _lists(run: Run, hide: Veil) -> Iterator[Line]:
    """Say what is wrong with whole lists, and what their systems have to say of them."""
    said = [Line(f"  ? {plain(trouble(s, run.seen, hide))}", "unknown") for s in run.seen if s.trouble]
    old = [s for s in run.seen if s.stale and not s.trouble]
    said += [Line(f"  ? {plain(aged(old, run.seen, run.at))}", "unknown")] if old else []
    said += [Line(f"  ? {waiting(run)}", "unknown")] if run.waiting else []
    said += [
        Line(f"  {plain(s.system)}: {ended(plain(hide.people(note)))}", "quiet") for s in run.seen for note in s.notes
    ]
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
    hidden = any(_private(run, t) for t in targets)
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
        if hold.approvable:
            yield Line(f"      $ driftbell apply --plan {words.short_digest(hold.batch)}")


def _outcomes(run: Run, hide: Veil) -> Iterator[Line]:
    found = sorted(single_outcomes(run), key=lambda o: (o.policy, o.resource))
    if not found:
        return
    yield Line("What came of it", "title")
    for outcome in found:
        if not _private(run, outcome.resource):
            yield from _outcome(run, outcome, hide)
    people = Counter((o.policy, o.result) for o in found if _private(run, o.resource))
    for (policy, result), count in people.items():
        said, style = _RESULTS[result]
        yield Line(f"  {words.counted(count, 'account')}  {plain(policy)}: {said}.", style)
    yield Line("")


def _outcome(run: Run, outcome: Outcome, hide: Veil) -> Iterator[Line]:
    tongue = Tongue(outcome.resource.partition("/")[0], ZoneInfo(run.timezone), run.at, run.sites)
    result, style = _RESULTS[outcome.result]
    head = f"  {_name(outcome.resource)}  {plain(outcome.policy)}: {result}"
    if outcome.result is Result.CONFIRMED:
        now = "; ".join(mended(d, tongue) for d in outcome.before)
        yield Line(f"{head} ({now})." if now else f"{head}.", style)
        return
    after = {d.field: d for d in outcome.after}
    secrets = private((*outcome.before, *outcome.after))
    said = f"the repair itself said: {outcome.said}" if outcome.said else ""
    yield Line(f"{head}.", style)
    yield from (Line(f"      {still(d, after.get(d.field), tongue)}", "quiet") for d in outcome.before)
    yield from (
        Line(f"      {ended(plain(hide.people(masked(text, secrets))))}") for text in (outcome.why, said) if text
    )


def _warnings(run: Run, hide: Veil) -> Iterator[Line]:
    for warning in run.warnings:
        yield Line(f"Warning: {ended(plain(hide.people(warning)))}", "held")


def _closing(run: Run, hide: Veil) -> Iterator[Line]:
    if run.stopped:
        yield Line(f"All changes are stopped: {ended(plain(hide.people(run.stopped)))}", "held")
    counts = run.counts
    looked = coverage(run.seen) or "Nothing was looked at."
    numbers = [
        f"{counts.in_line:,} in line",
        f"{counts.out_of_line:,} out of line",
        *([f"{counts.unknown:,} could not be checked"] if counts.unknown else []),
        *([words.counted(counts.excepted, "exception")] if counts.excepted else []),
        *([f"{words.counted(held, 'change')} held"] if (held := _held(run)) else []),
    ]
    style = "good" if not (counts.out_of_line or counts.unknown) and counts.in_line else "title"
    yield Line(f"{looked} {', '.join(numbers)}.", style)


def _held(run: Run) -> int:
    """Give how many changes are held, each once however many guards hold it."""
    return len({(h.hold.batch, r) for h in holding(run) for r in h.resources})


def _name(resource: str) -> str:
    return plain(resource.partition("/")[2] or resource)
