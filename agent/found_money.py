"""The first report of a new district: look at its lists and answer five questions, without a single policy."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agent.decide.found_money import answer, questions
from agent.model.run import FoundMoney
from agent.observe import local, look, seen

if TYPE_CHECKING:
    from datetime import datetime

    from agent.deliberate import Ports
    from agent.model.kind import FieldRef
    from agent.model.policy import Repository


def found_money(ports: Ports, repository: Repository, at: datetime | None = None) -> FoundMoney:
    """Look at what the questions ask for, and answer them. Nothing is written anywhere."""
    now = at or ports.clock()
    asked: dict[str, frozenset[FieldRef]] = {}
    for question in questions(ports.eyes.catalog):
        asked[question.kind] = asked.get(question.kind, frozenset()) | question.fields
    view = look(ports.eyes, replace(repository, policies=()), now, asked)
    here = local(now, repository)
    answers = [answer(question, view.tables, here) for question in questions(ports.eyes.catalog)]
    items = {item: cost for one in answers for item, cost in one.items.items()}
    return FoundMoney(
        district=repository.district.name,
        timezone=repository.district.timezone,
        revision=repository.revision,
        at=now,
        seen=seen(view, now),
        found=tuple(one.found for one in answers),
        sites={s.id: s.name for s in repository.district.sites.values()},
        things=len(items),
        cost=sum(cost for cost in items.values() if cost is not None),
    )
