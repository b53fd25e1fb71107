"""The story of a resource or a policy as text: what changed, when, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent import __version__
from agent.model.cause import Because
from agent.model.comparison import Stand
from agent.report import words
from agent.report.discreet import veil_over
from agent.report.document import SCHEMA, Json
from agent.report.fitting import fitted
from agent.report.plain import brief, ended, plain
from agent.secrets import MASK

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from agent.model.cause import Cause
    from agent.model.finding import Difference
    from agent.model.history import Event, Story
    from agent.model.policy import Commit

MOST = 40  # events that are shown where no --since asks for more
MOST_NAMED = 10
_SHORT = 12
_SAID = {
    Because.FIRST: "the first look at it",
    Because.ADDED: "the policy was added",
    Because.REALITY: "what was read changed",
    Because.POLICY: "the policy changed",
    Because.BOTH: "policy and readings both changed",
    Because.TIME: "neither readings nor policy changed: time went by",
    Because.LASTED: "it was so for {} looks in a row",
    Because.WAIVED: "the waiver {} began",
    Because.WAIVER_ENDED: "the waiver {} ended",
    Because.LOST: "it could not be read",
    Because.BACK: "it could be read again",
    Because.EXPIRED: "a values file expired",
    Because.CAME: "it was not there before",
    Because.GONE: "it is gone from a complete list",
    Because.FIXED: "we fixed it",
    Because.UNDONE: "our change ({}) was taken back",
    Because.REMOVED: "the policy was removed",
}
_IN_SAID = frozenset({Because.LASTED, Because.UNDONE, Because.WAIVED, Because.WAIVER_ENDED})


def lines(story: Story, width: int = 80, *, whole: bool = False) -> list[str]:
    """Give the lines, none wider than `width` where words allow; `whole`: every event, however many there are."""
    return [line for text in _lines(story, whole=whole) for line in fitted(text, width, 4)]


def _lines(story: Story, *, whole: bool) -> Iterator[str]:
    zone = ZoneInfo(story.timezone)
    yield plain(f"{_about(story)} (times in {story.timezone})")
    groups = _together(story)
    left = 0 if whole else max(0, len(groups) - MOST)
    if left:
        yield f"({words.counted(left, 'earlier change')}: --since DATE shows more)"
    unseen = _unseen(story)
    for group in groups[left:]:
        yield from _group(story, group, zone)
        yield from (f"    {unseen[id(e)]}" for e in group if len(group) == 1 and id(e) in unseen)
    if story.first is None:
        yield "No run was recorded yet, so nothing is known: `driftbell run` looks and records."
        return
    if not groups:
        yield (
            "No finding was ever opened here: at each look it was in line, was not out of line for long enough, "
            "could not be read, or was not in scope."
        )
    yield f"Open now: {story.open:,}. The first recorded look was {_when(story.first, zone)}; before, nothing is known."


def _about(story: Story) -> str:
    if story.policy and story.resource:
        return f"{story.policy} on {story.resource}"
    return story.policy or story.resource


def _together(story: Story) -> list[list[Event]]:
    """Put what happened to many things of one policy at one time for one cause together."""
    groups: dict[object, list[Event]] = {}
    for number, event in enumerate(story.events):
        alone = bool(story.resource) or not event.resource
        because = (event.cause.because, event.cause.detail) if event.cause else None
        key = number if alone else (event.at, event.policy, event.before, event.after, because)
        groups.setdefault(key, []).append(event)
    return list(groups.values())


def _unseen(story: Story) -> dict[int, str]:
    """Say before which events something changed that opens and closes no finding, such as from in line to left out.

    The ledger keeps findings: what a policy finds in line, leaves out or does not see has none.
    """
    last: dict[tuple[str, str], Stand] = {}
    said: dict[int, str] = {}
    for event in story.events:
        key = (event.policy, event.resource)
        was = last.get(key)
        if was is not None and event.before is not None and was is not event.before:
            said[id(event)] = (
                f"Before this it went from {was.value} to {event.before.value}: no finding, so not recorded by itself."
            )
        if event.after is not None:
            last[key] = event.after
    return said


def _group(story: Story, group: Sequence[Event], zone: ZoneInfo) -> Iterator[str]:
    event = group[0]
    turn = _turn(event)
    about = "" if story.policy else f"{event.policy}: "
    if not story.resource and event.resource:
        about += f"{words.things([e.resource for e in group])} "
    yield plain(f"{_when(event.at, zone)}  {about}{turn}{because(event.cause)}")
    if len(group) == 1:
        hide = veil_over(sorted(story.private), [event.resource])
        told = bool(story.resource) or event.resource.partition("/")[0] not in story.private
        yield from (f"    {line if told else hide.over(line)}" for line in _behind(event))
    if not story.resource and event.resource:
        named = [e.resource for e in group if e.resource.partition("/")[0] not in story.private]
        yield from [f"    {plain(words.names(named, MOST_NAMED))}"] if named else []
    yield from (f"    {plain(commit(c))}" for c in event.commits)
    if event.cause and event.cause.because in {Because.POLICY, Because.BOTH, Because.ADDED, Because.REMOVED}:
        yield from [f"    {_uncommitted(event)}"] if not event.commits else []


def _turn(event: Event) -> str:
    if event.after is None:
        return ""
    if event.before is event.after:
        return f"still {event.after.value}, but otherwise: "
    return f"{event.before.value if event.before else '(not known)'} -> {event.after.value}: "


def because(cause: Cause | None) -> str:
    """Give a cause as a clause."""
    if cause is None:
        return "why was not recorded"
    said = _SAID[cause.because]
    if cause.because in _IN_SAID:
        return said.format(cause.detail)
    if cause.because is Because.POLICY and cause.detail:  # not the policy's own file
        return cause.detail
    return f"{said} ({cause.detail})" if cause.because is Because.BOTH and cause.detail else said


def _behind(event: Event) -> Iterator[str]:
    """Give what there is to say of one event alone: readings, reasons, what was done."""
    cause = event.cause
    moved = cause.moved if cause else ()
    for one in moved:
        masked = MASK in {one.before, one.after}
        yield plain(f"{one.field} changed" if masked else f"{one.field} went from {one.before} to {one.after}")
    told = {m.field for m in moved}
    if event.after is Stand.OUT_OF_LINE:
        yield from (plain(_difference(d)) for d in event.differences if d.field not in told or len(moved) == 0)
    if cause and cause.detail and cause.because in {Because.LOST, Because.BACK, Because.EXPIRED}:
        yield plain(ended(cause.detail if event.after is Stand.UNKNOWN else f"It could not be: {cause.detail}"))
    if cause and cause.because is Because.FIXED:
        yield plain(f"{cause.detail or 'an action of ours'}, in run {event.run}")


def _difference(difference: Difference) -> str:
    if difference.sensitive:
        return f"{difference.field} is not as it should be"
    return f"{difference.field} is {brief(difference.observed, 12)} and should be {brief(difference.expected, 20)}"


def commit(one: Commit) -> str:
    """Give a commit as people tell of it."""
    return f"commit {one.id[:_SHORT]}, {one.author.partition(' <')[0]}, {one.at[:10]}: {brief(one.title, 20)}"


def _uncommitted(event: Event) -> str:
    if "dirty:" in event.revision:
        return f"by files that were not committed ({plain(event.revision[:_SHORT])}...)"
    return f"at revision {plain(event.revision[:_SHORT])}" if event.revision else "at a revision that is not known"


def _when(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def document(story: Story) -> Json:
    """Give the story as one JSON document; sensitive values are masked."""
    return {
        "driftbell": __version__,
        "schema": SCHEMA,
        "policy": story.policy or None,
        "resource": story.resource or None,
        "first": story.first.isoformat() if story.first else None,
        "open": story.open,
        "events": [_event(e) for e in story.events],
    }


def _event(event: Event) -> Json:
    cause = event.cause
    return {
        "at": event.at.isoformat(),
        "policy": event.policy,
        "resource": event.resource or None,
        "before": event.before.name.lower() if event.before else None,
        "after": event.after.name.lower() if event.after else None,
        "cause": cause.because.value.replace(" ", "_") if cause else None,
        "detail": cause.detail if cause else "",
        "readings": [{"field": m.field, "before": m.before, "after": m.after} for m in (cause.moved if cause else ())],
        "differences": [
            {
                "field": d.field,
                "expected": MASK if d.sensitive else d.expected,
                "observed": MASK if d.sensitive else d.observed,
            }
            for d in event.differences
        ],
        "why": event.why,
        "run": event.run or None,
        "revision": event.revision or None,
        "commits": [{"id": c.id, "author": c.author, "at": c.at, "title": c.title} for c in event.commits],
        "sentence": f"{_turn(event)}{because(cause)}",
    }
