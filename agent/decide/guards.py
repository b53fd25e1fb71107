"""Guards: from a plan and what is known around it to holds. Each is one pure function; `GUARDS` is their order.

A hold says what was wanted, the limit, the likely cause where one is known, and what lifts it. Source: GUARDS.md.
"""

from __future__ import annotations

import dataclasses
import math
import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent.decide.conflicts import Wish, clash
from agent.decide.words import wish
from agent.model.action import Action, Batch, Hold, Plan
from agent.model.kind import Risk
from agent.model.policy import Caps, Limit, Mode, Policy

if TYPE_CHECKING:
    from datetime import datetime

TRIES = 3  # failed repairs of one finding before a person is asked
SHRINK, GROWTH = 0.10, 0.75  # Clever holds a roster at the same shares (FACTS.md, safety precedents)
SMALLEST_JUDGED = 10  # below this many resources one more or less is no sign of a broken source


@dataclass(frozen=True, slots=True)
class Population:
    """How many resources one list has now and had at the last good look, and whether that is proven.

    `name` is what a sentence calls its members ("host", "person"); `flaw` says, as a clause, why nothing may rest on
    it ("it was not imported yet", "it is 31 hours old"), or is empty.
    """

    now: int
    before: int | None
    proven: bool
    membership: str
    name: str = ""
    flaw: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """What the guards know beside the plan.

    Attributes:
        protected: resource id to the reason why nothing may write to it.
        confined: resource id to the one folder that policies may write below.
        spent: policy id to the changes it already began since the district's midnight, failed ones included.
        failures: (policy, resource) to the failed repairs since the finding opened.
        since: (policy, resource) to when the finding opened.
        approved: digests that a person approved for this very run.
        rests_on: policy id to every list that what it says hangs on: its own kind's, and those its references lead to.
        wishes: (resource, field) to what every policy that may act wants of it.
        now: the time, in the district's zone.
        stopped: the kill switch's reason, or empty.
    """

    policies: Mapping[str, Policy]
    district: Caps
    populations: Mapping[str, Population]
    protected: Mapping[str, str]
    confined: Mapping[str, str]
    spent: Mapping[str, int]
    failures: Mapping[tuple[str, str], int]
    since: Mapping[tuple[str, str], datetime]
    approved: frozenset[str]
    stopped: str
    wishes: Mapping[tuple[str, str], tuple[Wish, ...]]
    now: datetime
    rests_on: Mapping[str, tuple[Population, ...]] = dataclasses.field(default_factory=dict)


Guard = Callable[[Batch, Plan, Context], Iterator[Hold]]


def guard(plan: Plan, context: Context) -> Plan:
    """Give the plan with every hold beside it. An approval lifts the holds that an approval can lift."""
    holds = [hold for batch in plan.batches for check in GUARDS for hold in check(batch, plan, context)]
    standing = [h for h in holds if not (h.approvable and h.batch in context.approved)]
    held = Plan(plan.batches, tuple(standing))
    budget: list[Hold] = []
    for batch in plan.batches:
        budget += per_day(batch, replace(held, holds=(*standing, *budget)), context)
    return replace(plan, holds=(*standing, *budget))


def kill_switch(batch: Batch, _plan: Plan, context: Context) -> Iterator[Hold]:
    """Nothing is written while the switch is on."""
    if context.stopped:
        yield _hold(
            "kill switch",
            batch,
            f"Everything is stopped: {context.stopped} {_wanted(batch)}",
            "`driftbell resume`, by a person who may",
        )


def modes(batch: Batch, _plan: Plan, context: Context) -> Iterator[Hold]:
    """Where a policy asks first it waits for its answer; where it only watches it never gets this far."""
    policy = context.policies[batch.policy]
    at = {mode: tuple(a for a in batch.actions if policy.mode_at(a.site) is mode) for mode in Mode}
    for mode, said, lifted_by in (
        (Mode.AUDIT, "only watches", "a reviewed change of its mode"),
        (Mode.PROPOSE, "asks first", _apply(batch)),
    ):
        if at[mode]:
            all_of_it = len(at[mode]) == len(batch.actions)
            yield Hold(
                "mode",
                batch.digest,
                () if all_of_it else tuple(a.resource for a in at[mode]),
                f"{_wanted(batch)} {batch.policy} {said}" + ("." if all_of_it else f" for {len(at[mode])} of them."),
                lifted_by,
                approvable=mode is Mode.PROPOSE and batch.risk is not Risk.DESTRUCTIVE,
            )


def risk(batch: Batch, _plan: Plan, _context: Context) -> Iterator[Hold]:
    """What destroys is off."""
    if batch.risk is Risk.DESTRUCTIVE:
        yield _hold(
            "risk",
            batch,
            f"{_wanted(batch)} That is destructive, and destructive changes are off on this server.",
            "nothing in this version",
        )


def never_touch(batch: Batch, _plan: Plan, context: Context) -> Iterator[Hold]:
    """Protected resources are not written to, whatever name they go by; confined ones only below their folder."""
    for action in batch.actions:
        folder = context.confined.get(action.resource)
        if folder is not None:
            if not _stays_under(action, folder):
                sets = ", ".join(action.sets)
                said = f"{_name(action)} may only be changed below {folder}, and {batch.policy} sets {sets}."
                yield _hold("never touch", batch, said, "a policy that sets only files below that folder", action)
        elif action.resource in context.protected:
            said = f"Wanted to change {_name(action)}, which is never touched: {context.protected[action.resource]}."
            yield _hold("never touch", batch, said, "nothing; change that machine by hand", action)


def complete_data(batch: Batch, _plan: Plan, context: Context) -> Iterator[Hold]:
    """Nothing is written on the word of a list that is not known to be whole, or that changed its size suddenly."""
    kind = context.policies[batch.policy].kind
    own = context.populations.get(kind, Population(0, None, proven=True, membership="", name=kind))
    for people in context.rests_on.get(batch.policy, (own,)):
        yield from _whole(batch, people, people.name or kind)


def _whole(batch: Batch, people: Population, name: str) -> Iterator[Hold]:
    if people.flaw:
        said = f"Nothing may rest on the list of {name}s: {people.flaw}. {_wanted(batch)}"
        yield _hold("complete data", batch, said, "a new list")
    elif people.now == 0:
        said = f"The list of {name}s is empty. {_wanted(batch)}"
        yield _hold("complete data", batch, said, f"a list with {name}s in it")
    elif not people.proven:
        said = f"It is not proven that every {name} was listed ({people.membership}). {_wanted(batch)}"
        yield _hold("complete data", batch, said, "a complete list")
    change = sudden_change(people) if people.now else ""
    if change:
        said = f"The list of {name}s {change} since the last good look. {_wanted(batch)}"
        yield _hold("complete data", batch, said, f"checking the list, then {_apply(batch)}", approvable=True)


def sudden_change(people: Population) -> str:
    """Say how a list changed more than a district does in a day, or give an empty text."""
    before, now = people.before, people.now
    if before is None or before < SMALLEST_JUDGED:
        return ""
    if now < before * (1 - SHRINK):
        return f"shrank from {before} to {now}"
    return f"grew from {before} to {now}" if now > before * (1 + GROWTH) else ""


def tripwire(batch: Batch, _plan: Plan, context: Context) -> Iterator[Hold]:
    """More resources than a run may change hold the whole batch: not the first few of a mistake."""
    policy = context.policies[batch.policy]
    people = context.populations.get(policy.kind)
    limit = _tightest([policy.caps.per_run, context.district.per_run], people.now if people else 0)
    wanted = len({a.resource for a in batch.actions})
    if limit is None or wanted <= limit:
        return
    if limit == 0:
        yield _hold(
            "tripwire", batch, f"{_wanted(batch)} {batch.policy} may change none.", "a reviewed change of its cap"
        )
        return
    said = f"{_wanted(batch)} The limit for one run is {limit}, so none were changed."
    yield _hold("tripwire", batch, said, f"checking why there are so many, then {_apply(batch)}", approvable=True)


def conflicts(batch: Batch, _plan: Plan, context: Context) -> Iterator[Hold]:
    """Two policies that want different things of one field hold what either plans: there is no precedence.

    The other policy need not be out of line now: whoever acts would only make it so.
    """
    for action in batch.actions:
        for field in sorted({*action.sets, *(d.field for d in action.differences)}):
            wanted = context.wishes.get((action.resource, field), ())
            mine = next((w for w in wanted if w.policy == batch.policy), None)
            for other in wanted if mine else ():
                if mine and other is not mine and clash(mine.condition, other.condition, context.now):
                    said = (
                        f"{batch.policy} wants {field} of {_name(action)} to be {wish(mine.condition)} ({mine.place}), "
                        f"and {other.policy} wants it to be {wish(other.condition)} ({other.place})."
                    )
                    yield _hold("conflict", batch, said, "making the two policies agree", action)


def retries(batch: Batch, _plan: Plan, context: Context) -> Iterator[Hold]:
    """What was repaired several times in vain is not tried again without a person."""
    for action in batch.actions:
        failed = context.failures.get((batch.policy, action.resource), 0)
        if failed >= TRIES:
            said = f"{batch.policy} tried {failed} times to repair {_name(action)}, in vain."
            yield _hold("retries", batch, said, f"finding out why, then {_apply(batch)}", action, approvable=True)


def per_day(batch: Batch, plan: Plan, context: Context) -> Iterator[Hold]:
    """A budget a day for all batches of a policy: what exceeds it waits, the longest open first in line."""
    policy = context.policies[batch.policy]
    people = context.populations.get(policy.kind)
    limit = _tightest([policy.caps.per_day, context.district.per_day], people.now if people else 0)
    if limit is None:
        return
    spent = context.spent.get(batch.policy, 0)
    free, before = plan.free(batch), plan.batches[: plan.batches.index(batch)]
    left = max(0, limit - spent - sum(len(plan.free(b)) for b in before if b.policy == batch.policy))
    if len(free) > left:
        late = sorted(free, key=lambda a: (_opened(a, context), a.resource))[left:]
        said = f"{_wanted(batch)} The daily limit is {limit} and {spent} were made today, so {len(late)} wait."
        yield Hold("per day", batch.digest, tuple(a.resource for a in late), said, "tomorrow's budget")


GUARDS: tuple[Guard, ...] = (kill_switch, modes, risk, never_touch, complete_data, tripwire, conflicts, retries)


def _stays_under(action: Action, folder: str) -> bool:
    """Say whether all that an action sets are files below a folder, by their plain paths."""
    base = posixpath.normpath(folder)
    if not base.startswith("/") or base == "/" or not action.sets:
        return False
    paths = [field.removeprefix("file.").rpartition(".")[0] for field in action.sets if field.startswith("file.")]
    plain = all(posixpath.normpath(p) == p and p.startswith(f"{base}/") for p in paths)
    return plain and len(paths) == len(action.sets)


def _tightest(limits: list[Limit | None], population: int) -> int | None:
    allowed = [n for limit in limits if limit is not None for n in _allowed(limit, population)]
    return min(allowed, default=None)


def _allowed(limit: Limit, population: int) -> Iterator[int]:
    """A percentage allows at least one, unless it is 0, which allows none."""
    if limit.count is not None:
        yield limit.count
    if limit.percent is not None:
        yield max(1, math.floor(limit.percent / 100 * population)) if limit.percent > 0 else 0


def _opened(action: Action, context: Context) -> str:
    since = context.since.get((action.policy, action.resource))
    return since.isoformat() if since else "9999"


def _hold(
    name: str, batch: Batch, sentence: str, lifted_by: str, action: Action | None = None, *, approvable: bool = False
) -> Hold:
    resources = (action.resource,) if action else ()
    return Hold(name, batch.digest, resources, sentence, lifted_by, approvable)


def _wanted(batch: Batch) -> str:
    number = len({a.resource for a in batch.actions})
    kind = batch.actions[0].resource.partition("/")[0] if batch.actions else "resource"
    return f"Wanted to change {number} {kind}{'' if number == 1 else 's'}."


def _apply(batch: Batch) -> str:
    return f"`driftbell apply --plan {batch.digest}`"


def _name(action: Action) -> str:
    return action.resource.partition("/")[2]
