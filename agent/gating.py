"""Gating: what the calendars say of the sites that a plan touches, and what a run says of freezes and seasons."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.decide.amounts import length
from agent.decide.freezes import coming, in_force
from agent.decide.guards import Context
from agent.decide.guards.calendar import by_site, freeze, limit, window
from agent.decide.guards.duration import overlong
from agent.decide.hours import timetable_hours
from agent.decide.seasons import seasons_now
from agent.decide.stand_ins import with_stand_ins
from agent.decide.took import asked_of
from agent.decide.window_words import clock, override_line, season_line
from agent.decide.windows import gate
from agent.model.action import Plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from agent.model.action import Batch, Hold
    from agent.model.policy import Repository
    from agent.model.ports import Ledger
    from agent.model.window import Freeze, Gate

SOON = timedelta(days=60)  # of these freezes a report tells


def gates(ledger: Ledger, repository: Repository, plan: Plan, now: datetime) -> Mapping[str, Gate]:
    """Give what the calendar says of every site that a plan touches; "" is what belongs to no site.

    Of windows only those that a policy of the plan acts in are worked out.
    """
    keeping, said = timetable_hours(repository.timetable), ledger.overrides.all()
    mine = {batch.policy for batch in plan.batches}
    asked = {window for policy in repository.policies if policy.id in mine for window in policy.windows}
    own = {site.id: site.windows for site in repository.district.sites.values()}
    sites = {action.site for batch in plan.batches for action in batch.actions}
    return {
        site: replace(gate(keeping, site, now, said, {*asked, *own.get(site, ())}), only=own.get(site, ()))
        for site in sites
    }


def shut(ledger: Ledger, repository: Repository, batches: Sequence[Batch], now: datetime) -> tuple[Hold, ...]:
    """Give what the calendar holds of batches that are about to begin together: what ran before took its time."""
    around = _around(ledger, with_stand_ins(repository, (b.policy for b in batches)), Plan(tuple(batches)), now)
    closed = tuple(h for b in batches for check in (freeze, window) for h in check(b, Plan((b,)), around))
    return (*closed, *overlong(batches, Plan(tuple(batches), closed), around))


def _around(ledger: Ledger, repository: Repository, plan: Plan, now: datetime) -> Context:
    """Give what the guards of the calendar know beside a plan."""
    return Context(
        policies={p.id: p for p in repository.policies},
        district=repository.district.caps,
        populations={},
        protected={},
        confined={},
        spent=(),
        failures={},
        since={},
        approved=frozenset(),
        stopped="",
        wishes={},
        now=now.astimezone(ZoneInfo(repository.district.timezone)),
        gates=gates(ledger, repository, plan, now),
        lasts=ledger.durations.all(),
    )


def overran(ledger: Ledger, repository: Repository, batch: Batch, begun: datetime, ended: datetime) -> Iterator[str]:
    """Say where what was done of a batch between two times went on when its window was closed or a freeze had begun."""
    around = _around(ledger, with_stand_ins(repository, (batch.policy,)), Plan((batch,)), begun)
    what = " and ".join(dict.fromkeys(map(asked_of, batch.actions)))
    for site, actions in by_site(batch):
        gate = around.gates[site]
        ends = limit(around.policies[batch.policy], gate)
        if ends is None or ended <= ends.at:
            continue
        over = ended.astimezone(ends.at.tzinfo)
        number = len({a.resource for a in actions})
        kind = actions[0].resource.partition("/")[0]
        where = f"{number} {kind}{'' if number == 1 else 's'}{f' at {gate.name or site}' if site else ''}"
        yield (
            f"{batch.policy} went on when {ends.ended}, {clock(ends.at, around.now)}: {what} on {where} "
            f"was over {clock(over, around.now)}, {length(ended - ends.at)} too late."
        )


def notices(ledger: Ledger, repository: Repository, now: datetime) -> tuple[str, ...]:
    """Say what lifts freezes now and which season's limits hold, a sentence each."""
    lifted = [override_line(o, repository.timetable, now) for o in in_force(ledger.overrides.all(), now)]
    return (*lifted, *season_lines(repository, now))


def season_lines(repository: Repository, now: datetime) -> tuple[str, ...]:
    """Say which season's limits hold in place of the district's, until when, and who answers for them."""
    district = repository.district
    return tuple(season_line(s, district) for s in seasons_now(district, repository.timetable, now))


def freezes(repository: Repository, now: datetime, within: timedelta = SOON) -> tuple[Freeze, ...]:
    """Give the freezes of every site that are in force or begin soon; those of the whole district once."""
    keeping = timetable_hours(repository.timetable)
    return coming(keeping, ("", *repository.district.sites), now, within)
