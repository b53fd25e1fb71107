"""When people get a mail: once on a staff day where there is something to say, on Mondays in any case, and at once.

Source: REPORTS.md, "Drift report to the IT director".
"""

from __future__ import annotations

from datetime import datetime, timedelta
from datetime import time as clock_time
from typing import TYPE_CHECKING

from agent.model.finding import Verdict
from agent.model.policy import Severity

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from agent.model.run import Run, Seen

USUAL = clock_time(6, 30)
TRIPPED = frozenset({"tripwire", "per day", "per site", "per credential"})
_MONDAY = 0


def due_since(now: datetime, at: clock_time, staffed: Callable[[date], bool]) -> datetime | None:
    """Give the time of the report that is due by now, or None on a day without one, and before its time.

    Args:
        now: in the district's zone.
        at: the time of day; where a clock is put forward over it, the first instant behind it.
        staffed: says whether staff works on a day.
    """
    planned = datetime.combine(now.date(), at, now.tzinfo)
    if now < planned:
        return None
    return planned if now.weekday() == _MONDAY or staffed(now.date()) else None


def next_time(now: datetime, at: clock_time, staffed: Callable[[date], bool]) -> datetime:
    """Give when the next report may go out: it does, where there is something to say, or it is a Monday."""
    for days in range(8):
        day = now.date() + timedelta(days=days)
        planned = datetime.combine(day, at, now.tzinfo)
        if planned > now and (day.weekday() == _MONDAY or staffed(day)):
            return planned
    raise AssertionError  # one of eight days is a Monday behind now


def worth_a_mail(run: Run) -> bool:
    """Say whether a report holds anything new, held or due. What is known and unchanged is none of that."""
    return bool(
        run.opened or run.closed or run.outcomes or run.plan.holds or run.plan.batches or run.due
        or run.stopped or run.rollouts or any(map(_lost, run.seen)) or run.warnings
    )  # fmt: skip


def urgent(before: Run | None, now: Run) -> tuple[str, ...]:
    """Give what people have to know at once, a word each: what the run before did not show.

    A new critical finding, the kill switch, a tripped cap, a lost source.
    """
    old = _alarms(before) if before else frozenset[str]()
    return tuple(sorted(_alarms(now) - old))


def _alarms(run: Run) -> frozenset[str]:
    grave = {p.id for p in run.policies if p.severity is Severity.CRITICAL}
    found = {
        f"critical {f.policy} {f.resource}"
        for f in run.findings
        if f.policy in grave and f.verdict is Verdict.OUT_OF_LINE
    }
    policies = {b.digest: b.policy for b in run.plan.batches}
    found |= {f"cap {policies.get(h.batch, h.batch)} {h.guard}" for h in run.plan.holds if h.guard in TRIPPED}
    found |= {f"lost {s.kind} {s.system}" for s in run.seen if _lost(s)}
    return frozenset(found | ({"stopped"} if run.stopped else set()))


def _lost(seen: Seen) -> bool:
    return bool(seen.trouble) or seen.stale or (seen.expected > 0 and not seen.seen)
