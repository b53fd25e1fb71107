"""Guards: from a plan and what is known around it to holds. Each is one pure function; `GUARDS` is their order.

A hold says what was wanted, the limit, the likely cause where one is known, and what lifts it. Source: GUARDS.md.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agent.decide.guards.agreement import conflicts
from agent.decide.guards.calendar import freeze, window
from agent.decide.guards.caps import budgets, tripwire
from agent.decide.guards.consent import denied, risk
from agent.decide.guards.context import Claim, Consent, Context, Guard, Population, Refused, Returned, Spent
from agent.decide.guards.duration import duration
from agent.decide.guards.lists import complete_data, sudden_change
from agent.decide.guards.permission import kill_switch, modes, never_touch
from agent.decide.guards.provenance import provenance
from agent.decide.guards.reversals import taken_back
from agent.decide.guards.rings import rings
from agent.decide.guards.steps import after
from agent.decide.guards.tries import pending, quarantine, retries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.model.action import Hold, Plan

__all__ = [
    "GUARDS",
    "LIFTED_LATER",
    "NOT_OF_UNDOING",
    "Claim",
    "Consent",
    "Context",
    "Population",
    "Refused",
    "Returned",
    "Spent",
    "guard",
    "sudden_change",
]

GUARDS: tuple[Guard, ...] = (
    kill_switch,
    provenance,
    modes,
    denied,
    risk,
    never_touch,
    freeze,
    window,
    complete_data,
    tripwire,
    conflicts,
    after,
    pending,
    retries,
    quarantine,
    taken_back,
    duration,
    rings,  # last, so that it sees what all the others hold
)


# What an undo does not wait for: a person asked for it, and what it rests on was kept before the change.
NOT_OF_UNDOING = frozenset({
    "provenance", "modes", "denied", "complete_data", "conflicts", "after", "retries", "quarantine", "taken_back",
    "rings",
})  # fmt: skip


LIFTED_LATER = frozenset({"mode", "tripwire"})  # by a word that was given before the run; LANGUAGE.md, "Approvals"


def _lifted(hold: Hold, context: Context) -> bool:
    """Say whether an approval lifts a hold: whoever gave it before this run saw nothing of what holds it only now."""
    if not hold.approvable or hold.batch not in context.approved:
        return False
    return hold.guard in LIFTED_LATER or hold.batch not in context.beforehand


def guard(plan: Plan, context: Context, checks: Sequence[Guard] = GUARDS) -> Plan:
    """Give the plan with every hold beside it. An approval lifts the holds that an approval can lift.

    Each guard sees what those before it hold: rings begin with what nothing else holds, and what is held costs nothing.
    """
    held = plan
    for check in checks:
        found = [hold for batch in plan.batches for hold in check(batch, held, context)]
        standing = (h for h in found if not _lifted(h, context))
        held = replace(held, holds=(*held.holds, *standing))
    return replace(held, holds=(*held.holds, *budgets(held, context)))
