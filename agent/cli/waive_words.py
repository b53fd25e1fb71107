"""What `driftbell waive` says: what a waiver means before it is written, and the sentence of its commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.model.waiver import Use

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from agent.model.kind import Kind
    from agent.model.policy import Repository
    from agent.model.waiver import Waiver, WaiverNote

MOST_NAMED = 3  # resources in a commit's message


def meaning(repository: Repository, waiver: Waiver, what: WaiverNote) -> Iterator[str]:
    """Say in sentences what a waiver would do."""
    which = ", ".join(waiver.resources or (f"everything at {repository.district.sites[s].name}" for s in waiver.sites))
    yield f"{waiver.id}: {waiver.policies[0]} leaves {which} alone until {waiver.until}, that day included."
    if what.use is Use.USED:
        yield f"{findings(what.findings)} excepted: reported as such, and nothing is done. After that day this ends."
    elif what.use is Use.UNKNOWN:
        yield "Whether anything is out of line there could not be told: no look has shown all of it."
    else:
        yield "Nothing is out of line there on the last look, so it excepts nothing yet."
    for other in repository.waivers:
        if waiver.policies[0] in other.policies and other.until >= waiver.until and _within(waiver, other):
            yield f"Mind: {other.id} excepts the same already, until {other.until}."


def _within(waiver: Waiver, other: Waiver) -> bool:
    if waiver.resources:
        return set(waiver.resources) <= set(other.resources)
    return set(waiver.sites) <= set(other.sites)


def about(kinds: Mapping[str, Kind], waiver: Waiver) -> str:
    """Say what a waiver is about on one line, people only counted: a commit is read by many."""
    from agent.report.plain import plain
    from agent.report.waivers import covered
    from agent.report.words import things

    private = frozenset(k.name for k in kinds.values() if k.private)
    if waiver.sites:
        where = "everything at " + ", ".join(waiver.sites)
    elif len(waiver.resources) > MOST_NAMED:
        where = things(waiver.resources)
    else:
        where = plain(covered(private, waiver.resources))
    return f"{waiver.policies[0]} for {where}"


def people(kinds: Mapping[str, Kind], waiver: Waiver) -> tuple[str, ...]:
    """Give the people whom a waiver names: the resources of private kinds, which go by addresses."""
    found = (r.partition("/")[::2] for r in waiver.resources)
    return tuple(name for kind, name in found if kind in kinds and kinds[kind].private)


def exposure(named: Sequence[str]) -> Iterator[str]:
    """Say what writing people down means, before it is done."""
    if named:
        who = named[0] if len(named) == 1 else f"{len(named):,} people by their addresses"
        yield f"Mind: this writes {who} into policies/waivers.yaml, and git keeps that for good, for all who read it."


def loss(number: int, uncovered: int) -> str:
    """Say what the end of a waiver does: to what it excepts, less what another one shields as well."""
    if not number:
        return "It excepts nothing now."
    if not uncovered:
        return "Nothing is out of line from tomorrow on: another waiver shields all of it."
    rest = number - uncovered
    more = f"; {rest:,} more {'stays' if rest == 1 else 'stay'} excepted by another waiver" if rest > 0 else ""
    return f"{findings(uncovered)} out of line from tomorrow on{more}."


def findings(number: int) -> str:
    """Begin a sentence about so many findings."""
    return "One finding is" if number == 1 else f"{number:,} findings are"
