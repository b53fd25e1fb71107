"""Guards of the school calendar: freezes, windows, and what would not be over in time. No approval lifts them.

Source: GUARDS.md, 7. A site is asked by itself: what is frozen at one school goes on at the next.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import takewhile
from typing import TYPE_CHECKING

from agent.decide.window_words import clock, length, until_words, when
from agent.model.action import Hold
from agent.model.window import Gate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from agent.decide.guards.context import Context
    from agent.model.action import Action, Batch, Plan
    from agent.model.policy import Policy
    from agent.model.window import Freeze, Window

__all__ = ["clock", "duration", "freeze", "length", "window"]

NOBODY_ASKED = "nobody asked its calendar"


def freeze(batch: Batch, _plan: Plan, context: Context) -> Iterator[Hold]:
    """Nothing is changed at a site that is frozen, whoever approved it; an override lifts it, or its end."""
    for site, actions in _by_site(batch):
        gate = context.gates.get(site)
        if gate is None or not gate.frozen or gate.override is not None or gate.thaws is None:
            continue
        said = f"{_wanted(actions, gate)} {_where(gate)} is frozen until {until_words(gate.thaws, context.now)}: "
        said += f"{' and '.join(map(_named, gate.frozen))}."
        where = f"--site {site}" if site else "--no-site"
        lifted = f"the end of {gate.frozen[0].name}, or `driftbell windows override {where}` by a person who may"
        yield _hold("freeze", batch, actions, said, lifted)


def window(batch: Batch, _plan: Plan, context: Context) -> Iterator[Hold]:
    """A policy with windows acts only where one of them is open; where that cannot be told, none is.

    A site may have windows of its own, one of which must be open too.
    """
    policy = context.policies[batch.policy]
    for site, actions in _by_site(batch):
        gate = context.gates.get(site, Gate(site, trouble=NOBODY_ASKED))
        for who, windows in ((policy.id, policy.windows), (_where(gate), gate.only)):
            if windows and not any(w in gate.open for w in windows):
                acts = "acts" if windows is policy.windows else "is changed"
                said, lifted = _closed(windows, gate, context.now)
                yield _hold("window", batch, actions, f"{_wanted(actions, gate)} {who} {acts} {said}", lifted)
                break


def _closed(windows: Sequence[Window], gate: Gate, now: datetime) -> tuple[str, str]:
    """Say when windows are open, as the end of a sentence, and what lifts the hold."""
    only, opens = f"{when(windows)} only", min((gate.next[w] for w in windows if w in gate.next), default=None)
    if opens is not None:
        return f"{only}; the next time is {clock(opens, now)}.", f"the next opening, {clock(opens, now)}"
    if gate.trouble:
        said = f"{only}, and when that is cannot be told: {gate.trouble}."
        return said, "a calendar that says when school is"
    return f"{only}, and no such time is known.", "a calendar that has one, or a reviewed change of its window"


def duration(batch: Batch, plan: Plan, context: Context) -> Iterator[Hold]:
    """What took so long before that it would not be over in time does not start.

    Playbooks run one after the other, so those that may run before it in this plan are counted too.
    """
    took = context.lasts.get(batch.digest, timedelta())
    if not took:
        return
    before = _before(batch, plan, context)
    policy = context.policies[batch.policy]
    for site, actions in _by_site(batch):
        gate = context.gates.get(site)
        limit = None if gate is None else _limit(policy, gate)
        if gate is None or limit is None or context.now + before + took <= limit[0]:
            continue
        said = f"{_wanted(actions, gate)} That took up to {length(took)} before"
        said += f", and {length(before)} of others come first" if before else ""
        said += f": it would not be over when {limit[1]} {clock(limit[0], context.now)}."
        yield _hold("duration", batch, actions, said, "an opening that is long enough")


def _before(batch: Batch, plan: Plan, context: Context) -> timedelta:
    """Give how long what stands before a batch, and may run, took at most."""
    earlier = takewhile(lambda other: other.digest != batch.digest, plan.batches)
    return sum((context.lasts.get(b.digest, timedelta()) for b in earlier if plan.free(b)), timedelta())


def _limit(policy: Policy, gate: Gate) -> tuple[datetime, str] | None:
    """Give when what a policy begins at a site now has to be over, and why; None where nothing limits it."""
    both = (policy.windows, gate.only)
    closing = [max((gate.open[w] for w in some if w in gate.open), default=None) for some in both]
    ends = [(closes, "its window closes,") for closes in closing if closes is not None]
    if gate.freezes is not None:
        ends.append((gate.freezes, f"{_where(gate)} is frozen,"))
    return min(ends, default=None)


def _by_site(batch: Batch) -> Iterator[tuple[str, tuple[Action, ...]]]:
    for site in sorted({a.site for a in batch.actions}):
        yield site, tuple(a for a in batch.actions if a.site == site)


def _hold(name: str, batch: Batch, actions: Sequence[Action], said: str, lifted_by: str) -> Hold:
    whole = len(actions) == len(batch.actions)
    return Hold(name, batch.digest, () if whole else tuple(a.resource for a in actions), said, lifted_by)


def _wanted(actions: Sequence[Action], gate: Gate) -> str:
    """Say how many resources of a site a batch wants to change, as a sentence."""
    number = len({a.resource for a in actions})
    kind = actions[0].resource.partition("/")[0]
    where = f" at {gate.name or gate.site}" if gate.site else ""
    return f"Wanted to change {number} {kind}{'' if number == 1 else 's'}{where}."


def _where(gate: Gate) -> str:
    return gate.name or gate.site if gate.site else "What belongs to no site"


def _named(one: Freeze) -> str:
    return f"{one.name} ({one.source})" if one.source else one.name
