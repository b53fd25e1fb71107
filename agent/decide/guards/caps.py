"""Caps: the tripwire of a run, and the budgets of a day. A cap of 0 means nothing, never unlimited.

Source: LANGUAGE.md, "Approvals and caps".
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.decide.guards.context import apply_hint, hold, wanted
from agent.model.action import Hold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.decide.guards.context import Context
    from agent.model.action import Action, Batch, Plan
    from agent.model.policy import Limit


def tripwire(batch: Batch, plan: Plan, context: Context) -> Iterator[Hold]:
    """More resources than a run may change hold the whole batch: not the first few of a mistake.

    What somebody approved a part of is one batch still: it counts together, and only that part goes on.
    """
    policy = context.policies[batch.policy]
    people = context.populations.get(policy.kind)
    limit = tightest([policy.caps.per_run, context.district.per_run], people.now if people else 0)
    same = [b for b in plan.batches if (b.policy, b.step) == (batch.policy, batch.step)]
    number = len({a.resource for b in same for a in b.actions})
    if limit is None or number <= limit:
        return
    if limit == 0:
        yield hold(
            "tripwire", batch, f"{wanted(batch)} {batch.policy} may change none.", "a reviewed change of its cap"
        )
        return
    others = f" With its other batches that is {number}." if number > len({a.resource for a in batch.actions}) else ""
    said = f"{wanted(batch)}{others} The limit for one run is {limit}, so none were changed."
    yield hold("tripwire", batch, said, f"checking why there are so many, then {apply_hint(batch)}", approvable=True)


def budgets(plan: Plan, context: Context) -> Iterator[Hold]:
    """Give the holds of what exceeds the budgets of the day: the worst and longest open is served first.

    `plan` has every other hold already: what is held costs nothing.
    """
    books = _Books(context)
    waiting: dict[tuple[str, _Budget], list[Action]] = {}
    batches = {batch.digest: batch for batch in plan.batches}
    free = [(batch, action) for batch in plan.batches for action in plan.free(batch)]
    for batch, action in sorted(free, key=lambda pair: _turn(pair[1], context)):
        over = books.charge(action)
        if over is not None:
            waiting.setdefault((batch.digest, over), []).append(action)
    for (digest, budget), late in waiting.items():
        said = f"{wanted(batches[digest])} {budget.sentence}, so {len(late)} wait{'s' if len(late) == 1 else ''}."
        yield Hold(budget.name, digest, tuple(a.resource for a in late), said, "tomorrow's budget")


# What a change must be of to be charged to a budget: policy, site, system; empty for any.
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class _Budget:
    """One budget of the day: its guard's name, what it is for, and what it allows."""

    name: str
    of: Key
    about: str
    limit: int
    before: int  # begun today before this plan

    @property
    def sentence(self) -> str:
        """Say what the budget allows and what is spent of it."""
        return f"The daily limit{self.about} is {self.limit} and {self.before} were made today"


class _Books:
    """What each budget has left, as a plan's actions are charged to it one by one."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._spent = _spent(context)
        self._used: Counter[tuple[str, Key]] = Counter()

    def charge(self, action: Action) -> _Budget | None:
        """Charge an action to every budget it falls under, or give the first that has nothing left."""
        mine = list(self._budgets(action))
        for budget in mine:
            if budget.before + self._used[budget.name, budget.of] >= budget.limit:
                return budget
        self._used.update((budget.name, budget.of) for budget in mine)
        return None

    def _budgets(self, action: Action) -> Iterator[_Budget]:
        """Give the budgets that an action falls under: the policy's own, and those that all policies share."""
        own, shared = self._context.policies[action.policy].caps, self._context.district
        kind, system = action.resource.partition("/")[0], action.verb.partition(".")[0]
        people = self._context.populations.get(kind)
        everyone = people.now if people else 0
        here = self._context.sizes.get((kind, action.site), 0)
        at, by = f" for {action.site or 'what belongs to no site'}", f" for the credential of {system}"
        yield from self._one("per day", (action.policy, "", ""), "", [own.per_day, shared.per_day], everyone)
        yield from self._one("per site", (action.policy, action.site, ""), at, [own.per_site], here)
        every = [shared.per_site, self._context.site_limits.get(action.site)]
        yield from self._one("per site", ("", action.site, ""), at, every, here)
        yield from self._one("per credential", (action.policy, "", system), by, [own.per_credential], everyone)
        yield from self._one("per credential", ("", "", system), by, [shared.per_credential], everyone)

    def _one(self, name: str, of: Key, about: str, limits: list[Limit | None], population: int) -> Iterator[_Budget]:
        limit = tightest(limits, population)
        if limit is not None:
            yield _Budget(name, of, about, limit, self._spent[name, of])


def _spent(context: Context) -> Counter[tuple[str, Key]]:
    """Give what was begun today by every budget that it was charged to."""
    spent: Counter[tuple[str, Key]] = Counter()
    for s in context.spent:
        charged = {
            ("per day", (s.policy, "", "")),
            ("per site", (s.policy, s.site, "")),
            ("per site", ("", s.site, "")),
            ("per credential", (s.policy, "", s.system)),
            ("per credential", ("", "", s.system)),
        }
        spent.update(dict.fromkeys(charged, s.number))
    return spent


def _turn(action: Action, context: Context) -> tuple[int, str, str, str]:
    since = context.since.get((action.policy, action.resource))
    severity = context.policies[action.policy].severity.rank
    return severity, since.isoformat() if since else "9999", action.resource, action.policy


def tightest(limits: list[Limit | None], population: int) -> int | None:
    """Give the number that the tightest of several caps allows, or None where none is given."""
    allowed = [n for limit in limits if limit is not None for n in _allowed(limit, population)]
    return min(allowed, default=None)


def _allowed(limit: Limit, population: int) -> Iterator[int]:
    """A percentage allows at least one, unless it is 0, which allows none."""
    if limit.count is not None:
        yield limit.count
    if limit.percent is not None:
        yield max(1, math.floor(limit.percent / 100 * population)) if limit.percent > 0 else 0
