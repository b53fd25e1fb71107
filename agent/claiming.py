"""Claiming: what is on its way, and what was tried before, as the ledger tells of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from agent.decide.guards import Claim
from agent.model.action import Result
from agent.model.kind import PENDING_LASTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from agent.model.kind import Verb
    from agent.model.ports import Ledger

Pair = tuple[str, str]  # policy, resource
EARLIER = timedelta(days=1)  # that a change may have begun before what it was for opened anew


def claims(ledger: Ledger, verbs: Mapping[str, Verb]) -> dict[Pair, Claim]:
    """Give, by resource and field, the change that has no last word yet; of several the one that lasts longest."""
    found: dict[Pair, Claim] = {}
    for intent in ledger.unfinished():
        action, verb = ledger.asked(intent.id), verbs.get(intent.verb)
        until = intent.at + (verb.deadline if verb else PENDING_LASTS)
        claim = Claim(intent.policy, intent.verb, intent.at, until)
        for field in {*action.sets, *(d.field for d in action.differences)} if action else ():
            found[intent.resource, field] = max(
                claim, found.get((intent.resource, field), claim), key=lambda c: c.until
            )
    return found


def failures(ledger: Ledger, asked: Iterable[Pair], since: Mapping[Pair, datetime]) -> dict[Pair, list[datetime]]:
    """Give when repairs of open findings failed, newest first."""
    opened = {pair: since[pair] for pair in asked if pair in since}
    begun = {(b.policy, b.resource) for b in ledger.begun(min(opened.values()) - EARLIER)} if opened else set()
    return {pair: _failed(ledger, pair, at) for pair, at in opened.items() if pair in begun}


def _failed(ledger: Ledger, pair: Pair, since: datetime) -> list[datetime]:
    return [at for at, o in ledger.outcomes(*pair) if at >= since and o.result is Result.FAILED]
