"""Gating: what the calendars say of the sites that a plan touches, and what a run says of freezes and seasons."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.decide.freezes import coming, in_force
from agent.decide.guards import Context
from agent.decide.guards.calendar import duration, freeze, window
from agent.decide.hours import timetable_hours
from agent.decide.seasons import seasons_now
from agent.decide.window_words import override_line, season_line
from agent.decide.windows import gate
from agent.model.action import Plan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from agent.model.action import Batch, Hold
    from agent.model.policy import Repository
    from agent.model.ports import Ledger
    from agent.model.window import Freeze, Gate

PLAYBOOK = "playbook"  # the argument of an action that durations are kept by; its verb where it has none
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


def lasts(ledger: Ledger, plan: Plan) -> Mapping[str, timedelta]:
    """Give how long each batch took at most before, by digest; what never ran is not there."""
    longest = ledger.durations.longest()
    found = {batch.digest: {str(a.arguments.get(PLAYBOOK, a.verb)) for a in batch.actions} for batch in plan.batches}
    known = {digest: [longest[p] for p in books if p in longest] for digest, books in found.items()}
    return {digest: max(spans) for digest, spans in known.items() if spans}


def shut(ledger: Ledger, repository: Repository, batches: Sequence[Batch], now: datetime) -> tuple[Hold, ...]:
    """Give what the calendar holds of batches that are about to begin: what ran before them has taken its time."""
    plan = Plan(tuple(batches))
    around = Context(
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
        lasts=lasts(ledger, plan),
    )
    known = [batch for batch in batches if batch.policy in around.policies]
    return tuple(h for b in known for check in (freeze, window, duration) for h in check(b, Plan((b,)), around))


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
