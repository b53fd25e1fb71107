"""Guards of the school calendar: freezes and windows. No approval lifts them.

Source: GUARDS.md, 7. A site is asked by itself: what is frozen at one school goes on at the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.decide.window_words import clock, until_words, when
from agent.model.action import Hold
from agent.model.window import Gate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from agent.decide.guards.context import Context
    from agent.model.action import Action, Batch, Plan
    from agent.model.policy import Policy
    from agent.model.window import Freeze, Window

NOBODY_ASKED = "nobody asked its calendar"


@dataclass(frozen=True, slots=True)
class Limit:
    """When something has to be over, and why: as it is said before, and after."""

    at: datetime
    ends: str
    ended: str


def freeze(batch: Batch, _plan: Plan, context: Context) -> Iterator[Hold]:
    """Nothing is changed at a site that is frozen, whoever approved it; an override lifts it, or its end."""
    for site, actions in by_site(batch):
        gate = context.gates.get(site)
        if gate is None or not gate.frozen or gate.override is not None or gate.thaws is None:
            continue
        said = f"{wanted_there(actions, gate)} {_where(gate)} is frozen until {until_words(gate.thaws, context.now)}: "
        said += f"{' and '.join(map(_named, gate.frozen))}."
        where = f"--site {site}" if site else "--no-site"
        lifted = f"the end of {gate.frozen[0].name}, or `driftbell windows override {where}` by a person who may"
        yield held("freeze", batch, actions, said, lifted)


def window(batch: Batch, _plan: Plan, context: Context) -> Iterator[Hold]:
    """A policy with windows acts only where one of them is open; where that cannot be told, none is.

    A site may have windows of its own, one of which must be open too.
    """
    policy = context.policies[batch.policy]
    for site, actions in by_site(batch):
        gate = context.gates.get(site, Gate(site, trouble=NOBODY_ASKED))
        for who, windows in ((policy.id, policy.windows), (_where(gate), gate.only)):
            if windows and not any(w in gate.open for w in windows):
                acts = "acts" if windows is policy.windows else "is changed"
                said, lifted = _closed(windows, gate, context.now)
                yield held("window", batch, actions, f"{wanted_there(actions, gate)} {who} {acts} {said}", lifted)
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


def limit(policy: Policy, gate: Gate) -> Limit | None:
    """Give when what a policy begins at a site now has to be over, and why; None where nothing limits it."""
    both = (policy.windows, gate.only)
    closing = [max((gate.open[w] for w in some if w in gate.open), default=None) for some in both]
    ends = [Limit(closes, "its window closes", "its window closed") for closes in closing if closes is not None]
    if gate.freezes is not None:
        ends.append(Limit(gate.freezes, f"{_where(gate)} is frozen", f"{_where(gate)} was frozen"))
    return min(ends, default=None, key=lambda one: one.at)


def by_site(batch: Batch) -> Iterator[tuple[str, tuple[Action, ...]]]:
    """Give what a batch wants at each site."""
    for site in sorted({a.site for a in batch.actions}):
        yield site, tuple(a for a in batch.actions if a.site == site)


def held(name: str, batch: Batch, actions: Sequence[Action], said: str, lifted_by: str) -> Hold:
    """Give a hold of what a batch wants at one site."""
    whole = len(actions) == len(batch.actions)
    return Hold(name, batch.digest, () if whole else tuple(a.resource for a in actions), said, lifted_by)


def wanted_there(actions: Sequence[Action], gate: Gate) -> str:
    """Say how many resources of a site a batch wants to change, as a sentence."""
    number = len({a.resource for a in actions})
    kind = actions[0].resource.partition("/")[0]
    where = f" at {gate.name or gate.site}" if gate.site else ""
    return f"Wanted to change {number} {kind}{'' if number == 1 else 's'}{where}."


def _where(gate: Gate) -> str:
    return gate.name or gate.site if gate.site else "What belongs to no site"


def _named(one: Freeze) -> str:
    return f"{one.name} ({one.source})" if one.source else one.name
