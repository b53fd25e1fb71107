"""The days on which nothing is changed, for the foot of a report: what is frozen now, else what comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.report import words
from agent.report.plain import clause

if TYPE_CHECKING:
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from agent.model.run import Run
    from agent.model.window import Freeze
    from agent.report.document import Json


def line(run: Run, zone: ZoneInfo, most: int = 7) -> str:
    """Say what is frozen, or is next: `No changes until Dec 11: Winter testing, at 3 sites`."""
    if not run.freezes:
        return ""
    today = run.at.astimezone(zone).date()
    now = [f for f in run.freezes if f.first <= today <= f.last]
    first = max(now, key=lambda f: f.last) if now else run.freezes[0]
    alike = [f for f in run.freezes if (f.name, f.first, f.last) == (first.name, first.first, first.last)]
    what = f"{clause(first.name, most, 48)}{_where(run, alike)}"
    if now:
        return f"No changes until {_day(first.last, run.at, zone)}: {what}."
    days = _day(first.first, run.at, zone)
    days += "" if first.first == first.last else f" to {_day(first.last, run.at, zone)}"
    return f"Next days without changes: {days}, {what}."


def _where(run: Run, alike: list[Freeze]) -> str:
    if any(f.everywhere for f in alike):
        return ", everywhere"
    sites = sorted({f.site for f in alike if f.site})
    if len(sites) == 1:
        return f", at {clause(run.sites.get(sites[0], sites[0]), 4, 32)}"
    return f", at {words.counted(len(sites), 'site')}" if sites else ""


def _day(day: date, now: datetime, zone: ZoneInfo) -> str:
    at = now.astimezone(zone).replace(year=day.year, month=day.month, day=day.day, hour=12)
    return words.date(at, zone, now)


def entry(freeze: Freeze) -> Json:
    """Give a freeze for the JSON document."""
    return {
        "site": freeze.site,
        "everywhere": freeze.everywhere,
        "name": freeze.name,
        "first": freeze.first.isoformat(),
        "last": freeze.last.isoformat(),
        "source": freeze.source,
    }
