"""Findings on a terminal, rule by rule, and what could not be checked, reason by reason; what is long is counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.model.finding import Verdict
from agent.report import groups, words
from agent.report.masks import masked_sentence
from agent.report.plain import ended, plain
from agent.report.standing import unknown
from agent.report.unchecked import impersonal
from agent.report.waivers import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from agent.model.finding import Finding
    from agent.model.run import Run
    from agent.model.waiver import WaiverNote

MOST_LISTED = 10  # findings of a rule
MOST_REASONS = 20
MOST_NAMED = 5
MOST_RULES = 8
FULL_LIST = "Who they are: the same command with --json."
_LISTS_ALL = frozenset({"check", "run"})  # the commands that know --all
_MARKS = {
    Verdict.OUT_OF_LINE: ("✗", "out"),
    Verdict.EXCEPTED: ("~", "quiet"),
    Verdict.IN_LINE: ("✓", "good"),
    Verdict.UNKNOWN: ("?", "unknown"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of output and the name of its style in `terminal.STYLES`."""

    text: str
    style: str = "plain"


def findings(run: Run, *, all_findings: bool) -> Iterator[Line]:
    """List what is out of line and excepted under its rule; what is in line too with `all_findings`."""
    shown = [f for f in run.findings if f.verdict is not Verdict.UNKNOWN]
    groups: dict[str, list[Finding]] = {}
    noted = {n.id: n for n in run.waivers}
    for finding in [*shown, *(run.in_line if all_findings else ())]:
        groups.setdefault(finding.policy, []).append(finding)
    for policy in _ordered(run, groups):
        yield from _policy(run, policy)
        named = sorted((f for f in groups[policy] if not private(run, f.resource)), key=_worst_first)
        most = _most(len(named), MOST_LISTED, all_findings=all_findings)
        yield from (_finding(run, finding, noted) for finding in named[:most])
        yield from _more(run, len(named) - most, "more")
        if len(named) < len(groups[policy]):
            yield from _people(run, [f for f in groups[policy] if private(run, f.resource)])
        yield Line("")


def _worst_first(finding: Finding) -> tuple[bool, str]:
    """What a waiver excepts comes last: it must not take the place of what counts."""
    return finding.verdict is Verdict.EXCEPTED, finding.resource


def private(run: Run, resource: str) -> bool:
    """Whether a resource is a person, who is counted and never named."""
    return resource.partition("/")[0] in run.private


def _most(there: int, most: int, *, all_findings: bool) -> int:
    """Give how many are listed. "And 1 more" is no shorter than the one."""
    return there if all_findings or there <= most + 1 else most


def _more(run: Run, left: int, what: str) -> Iterator[Line]:
    if left > 0:
        how = "--all lists them" if run.command in _LISTS_ALL else "`driftbell check --all` lists them"
        yield Line(f"    and {left:,} {what} ({how})", "quiet")


def _people(run: Run, found: Sequence[Finding]) -> Iterator[Line]:
    """Count people by school: what stands on a screen is looked at over shoulders and pasted into tickets."""
    counts = Counter((f.verdict, f.site) for f in found)
    for (verdict, site), count in sorted(counts.items()):
        mark, style = _MARKS[verdict]
        at = f" at {plain(run.sites.get(site, site))}" if site else ""
        kind = found[0].resource.partition("/")[0]
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
    yield Line(f"    {note.severity.value} · {words.modes(note, run.sites)} · {plain(note.place)}", "quiet")


def _finding(run: Run, finding: Finding, noted: Mapping[str, WaiverNote]) -> Line:
    said = ended(plain(masked_sentence(finding)))
    if finding.since and finding.since < run.at:
        said = f"{said.rstrip('.')}, since {words.since(finding.since, ZoneInfo(run.timezone), run.at)}."
    mark, style = _MARKS[finding.verdict]
    excepted = until(noted.get(finding.waiver), run) if finding.verdict is Verdict.EXCEPTED else ""
    return Line(f"  {mark} {said}{excepted}", style)


@dataclass(frozen=True, slots=True)
class _Group:
    """What one reason left open: the resources of one kind, and the rules."""

    resources: set[str] = field(default_factory=set)
    policies: set[str] = field(default_factory=set)


def not_checked(run: Run, worded: Callable[[str], str], *, all_findings: bool) -> Iterator[Line]:
    """Give what could not be checked, a reason a line, the most widespread first; `worded` keeps reasons discreet."""
    known: dict[str, str] = {}
    groups: dict[tuple[str, str], _Group] = {}
    for finding in unknown(run):
        why = impersonal(finding.why, finding.resource)
        if why not in known:
            known[why] = plain(worded(why)).rstrip(".")
        group = groups.setdefault((known[why], finding.resource.partition("/")[0]), _Group())
        group.resources.add(finding.resource)
        group.policies.add(finding.policy)
    if not groups:
        return
    yield Line("Could not check", "title")
    ordered = sorted(groups.items(), key=lambda g: (-len(g[1].resources), g[0]))
    most = _most(len(ordered), MOST_REASONS, all_findings=all_findings)
    for (why, _), group in ordered[:most]:
        yield _reason(run, why, group, all_findings=all_findings)
    yield from _more(run, len(ordered) - most, "more reasons")
    yield Line("")


def _reason(run: Run, why: str, group: _Group, *, all_findings: bool) -> Line:
    resources, policies = sorted(groups.shown(run, r) for r in group.resources), sorted(group.policies)
    who = words.things(resources)
    if not private(run, resources[0]):
        named = words.names(resources, len(resources) if all_findings else MOST_NAMED)
        who = plain(words.own_name(resources[0])) if len(resources) == 1 else f"{who} ({named})"
    rest = len(policies) - MOST_RULES
    rules = ", ".join(plain(p) for p in policies[:MOST_RULES]) + (f" and {rest:,} more" if rest > 0 else "")
    return Line(f"  ? {who}: {why} ({rules}).", "unknown")
