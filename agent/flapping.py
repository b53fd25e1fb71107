"""Flapping: what we put right and somebody changes back, and who that may be, as far as the system itself tells."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from agent.decide.guards import Returned
from agent.decide.guards.tries import RETURNS
from agent.model.action import Result
from agent.model.books import Witness

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from agent.model.action import Action, Outcome, Plan
    from agent.model.policy import Repository
    from agent.model.ports import Ledger

    Witnesses = Callable[[Repository, str, Sequence[str]], Sequence[str]]

Pair = tuple[str, str]  # policy, resource
WITHIN = timedelta(days=7)  # before it opened again, that it may have been fixed and counts as come back
MOST = 50  # of the newest outcomes that are looked at


def returned(
    ledger: Ledger, wanted: Collection[Action], since: Mapping[Pair, datetime], now: datetime
) -> dict[Pair, Returned]:
    """Give how often what is out of line again was put right in the days before it opened this time.

    The days are counted from its opening, so that waiting alone does not end a quarantine.
    """
    fixed = _fixed(ledger, wanted, since, now)
    told = ledger.returns.testimonies() if fixed else {}
    return {pair: Returned(len(at), at[0], _since(told.get(pair), at[-1])) for pair, at in fixed.items()}


def question(ledger: Ledger, repository: Repository, plan: Plan, witnesses: Witnesses, now: datetime) -> None:
    """Ask each resource that keeps changing back who else writes there, once for each time, and keep the answer."""
    actions = {(a.policy, a.resource): a for b in plan.batches for a in b.actions}
    since = {(o.policy, o.resource): o.since for o in ledger.open_findings()} if actions else {}
    often = {pair: at for pair, at in _fixed(ledger, actions.values(), since, now).items() if len(at) >= RETURNS}
    told = ledger.returns.testimonies() if often else {}
    for pair, at in often.items():
        if pair not in told or told[pair].at <= at[-1]:
            said = tuple(witnesses(repository, pair[1], sorted(_fields(actions[pair]))))
            ledger.returns.testify(*pair, Witness(now, said))


def _fixed(
    ledger: Ledger, wanted: Collection[Action], since: Mapping[Pair, datetime], now: datetime
) -> dict[Pair, list[datetime]]:
    """Give when our changes of the same fields were confirmed in the days before this opening, oldest first.

    What a person answered for before does not count any more. A finding that is found and put right in one run never
    opens, so the journal is asked and not the findings.
    """
    opened = {(a.policy, a.resource): since.get((a.policy, a.resource), now) for a in wanted}
    answered = ledger.returns.answered() if opened else {}
    begun = {(b.policy, b.resource) for b in ledger.begun(min(opened.values()) - WITHIN)} if opened else set()
    found = {}
    for action in wanted:
        pair = (action.policy, action.resource)
        if pair not in begun:
            continue
        after = opened[pair] - WITHIN
        if action.policy in answered:
            after = max(after, answered[action.policy][1])
        told = ledger.outcomes(*pair, limit=MOST)
        times = [at for at, o in told if after < at <= opened[pair] and _put_right(o, action)]
        if times:
            found[pair] = times[::-1]
    return found


def _put_right(outcome: Outcome, action: Action) -> bool:
    """Say whether a change was confirmed of a field that is out of line again; other steps set other fields."""
    before = {d.field for d in outcome.before}
    return outcome.result is Result.CONFIRMED and outcome.verb == action.verb and bool(before & _fields(action))


def _since(told: Witness | None, fixed: datetime) -> tuple[str, ...]:
    """Give what the resource told since it was put right last."""
    return told.writers if told is not None and told.at > fixed else ()


def _fields(action: Action) -> set[str]:
    return {d.field for d in action.differences} or set(action.sets)
