"""What `driftbell waive` says: what a waiver means before it is written, and the sentence of its commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.model.waiver import Use

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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


def findings(number: int) -> str:
    """Begin a sentence about so many findings."""
    return "One finding is" if number == 1 else f"{number:,} findings are"
