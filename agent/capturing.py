"""Capturing: what is needed to undo a change is read and kept before the change is made; afterwards, what it left.

What cannot be read is not written to.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from agent.decide.reverting import beyond, printable, takes_back, unlike
from agent.model.action import Written
from agent.model.capture import Capture

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from agent.model.action import Action
    from agent.model.policy import Repository
    from agent.model.ports import Clearance, Ledger, Writer
    from agent.model.reading import Unknown


class Grip(Protocol):
    """What capturing needs of `enforce.Hands`."""

    @property
    def writers(self) -> Mapping[str, Writer]:
        """Give the writers by system."""

    @property
    def ledger(self) -> Ledger:
        """Give the ledger."""

    @property
    def clearance(self) -> Clearance:
        """Give the kill switch."""

    @property
    def moved(self) -> Callable[[Repository], str]:
        """Give what says why what would run is no longer what was loaded."""

    @property
    def restoring(self) -> Callable[[Action], Capture | Unknown | None]:
        """Give what says how things are to be after an action that takes one back; None for any other."""


def captured(
    hands: Grip,
    writer: Writer,
    repository: Repository,
    deeds: Sequence[tuple[int, Action]],
    write: Callable[[Sequence[Action]], Mapping[str, Written]],
) -> dict[str, Written]:
    """Keep what is there, have `write` do what is free, and keep what that left; gives what was said of each."""
    actions = list({action.resource: action for _, action in deeds}.values())
    seen = writer.capture(repository, actions, hands.clearance)
    strays = _strays(repository, seen)
    before = {resource: there for resource, there in seen.items() if resource not in strays}
    _keep(hands, deeds, before)
    moved = hands.moved(repository)  # asked again: capturing takes a while
    free = [a for a in actions if isinstance(before.get(a.resource), Capture)]
    done = {a.resource: Written(a.resource, moved, ran=False, refused=True) for a in free}
    if free and not moved:
        done = dict(write(free))
    refused = {a.resource: _not_written(a.resource, before.get(a.resource)) for a in actions if a not in free} | strays
    return _reread(hands, writer, repository, deeds, done) | refused


def _strays(repository: Repository, before: Mapping[str, Capture | Unknown]) -> dict[str, Written]:
    """Refuse hosts that may be changed below one folder only, where check mode saw a change that reaches further."""
    found = {}
    for host in repository.hosts:
        folder, there = host.variables.get("driftbell_only_under"), before.get(host.id)
        if folder is None or not isinstance(there, Capture):
            continue
        if outside := beyond(there, str(folder)):
            more = f" and {len(outside) - 1} more" if len(outside) > 1 else ""
            said = f"not written to: it would change {printable(outside[0])}{more}, and {host.name} may only be changed"
            said += f" below {folder} (driftbell_only_under). Take that out of the playbook, or do it there by hand."
            found[host.id] = Written(host.id, said, ran=False, refused=True)
    return found


def left(hands: Grip, repository: Repository, intent: int, action: Action) -> str | None:
    """Say what an undo that was cut short has not put back, by reading it now; None where that cannot be told."""
    wanted = hands.restoring(action) if takes_back(action) else None
    if not isinstance(wanted, Capture) or hands.clearance.stopped():
        return None
    writer = hands.writers[action.verb.partition(".")[0]]
    now = writer.reread(repository, {action.resource: wanted}, hands.clearance).get(action.resource)
    if not isinstance(now, Capture):
        return None
    hands.ledger.captures.leave([intent], [now])
    return unlike(wanted, now)


def _keep(hands: Grip, deeds: Sequence[tuple[int, Action]], before: Mapping[str, Capture | Unknown]) -> None:
    """Keep one capture for each intent, with the fields of its own action as they were read."""
    kept = [
        (intent, replace(there, fields={d.field: d.observed for d in action.differences}))
        for intent, action in deeds
        if isinstance(there := before.get(action.resource), Capture)
    ]
    hands.ledger.captures.keep([intent for intent, _ in kept], [one for _, one in kept])


def _reread(
    hands: Grip,
    writer: Writer,
    repository: Repository,
    deeds: Sequence[tuple[int, Action]],
    done: Mapping[str, Written],
) -> dict[str, Written]:
    """Read what was written once more; where something was put back, say what is not as it was to be."""
    kept = {a.resource: one for i, a in deeds if (one := hands.ledger.captures.of(i)) and done[a.resource].ran}
    now: dict[str, Capture | Unknown] = {r: one for r in kept if (one := done[r].now) is not None}
    unread = {r: one for r, one in kept.items() if r not in now}
    if unread and not hands.clearance.stopped():  # reading takes a while too, and the report is waited for
        now |= writer.reread(repository, unread, hands.clearance)
    seen = [(i, there) for i, a in deeds if isinstance(there := now.get(a.resource), Capture)]
    hands.ledger.captures.leave([i for i, _ in seen], [there for _, there in seen])
    told = {**done}
    for _, action in deeds:
        there, wanted = now.get(action.resource), hands.restoring(action)
        if isinstance(there, Capture) and isinstance(wanted, Capture):
            told[action.resource] = replace(done[action.resource], unlike=unlike(wanted, there))
    return told


def _not_written(resource: str, why: Capture | Unknown | None) -> Written:
    reason = getattr(why, "why", "") or "nobody said why"
    said = f"not written to: what is needed to undo it could not be read ({reason})"
    return Written(resource, said, ran=False)
