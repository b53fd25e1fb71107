"""Windows, freezes, overrides and seasons in words: the same in holds, in warnings and in `driftbell windows`."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.model.policy import Caps
from agent.model.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from agent.decide.seasons import InSeason
    from agent.model.calendar import Timetable
    from agent.model.policy import District, Limit
    from agent.model.window import Freeze, Override

WHEN = {
    Window.AFTER_SCHOOL: "after school",
    Window.OVERNIGHT: "overnight",
    Window.NO_SCHOOL_DAYS: "on days without school",
    Window.BREAKS: "in breaks",
}
NO_SITE = "what belongs to no site"
FEW = 3  # sites that are named; more are counted
_PER = {
    "per_run": "in a run",
    "per_day": "in a day",
    "per_site": "in a day at one site",
    "per_credential": "in a day by one system",
}


def when(windows: Iterable[Window]) -> str:
    """Say when a policy with these windows acts: "after school or in breaks"."""
    return " or ".join(WHEN[w] for w in windows)


def clock(then: datetime, now: datetime) -> str:
    """Give an instant on the clock that it comes with: "at 15:20" on the same day, else "Mon 2026-11-23 at 15:20"."""
    return f"at {then:%H:%M}" if then.date() == now.astimezone(then.tzinfo).date() else f"{then:%a %Y-%m-%d at %H:%M}"


def until_words(then: datetime, now: datetime) -> str:
    """Give an instant to follow "until": "15:20" on the same day, else "Mon 2026-11-23 15:20"."""
    return f"{then:%H:%M}" if then.date() == now.astimezone(then.tzinfo).date() else f"{then:%a %Y-%m-%d %H:%M}"


def freeze_words(freeze: Freeze) -> str:
    """Name a freeze, its days, and where it is written."""
    days = f"{freeze.first:%a %Y-%m-%d}"
    if freeze.last != freeze.first:
        days += f" to {freeze.last:%a %Y-%m-%d}"
    return f"{freeze.name}, {days}{f' ({freeze.source})' if freeze.source else ''}"


def sites_words(sites: Iterable[str], names: Mapping[str, str]) -> str:
    """Name a few sites, count many; what belongs to no site is told after them."""
    listed = list(sites)
    named = [names.get(site, site) for site in listed if site]
    if len(named) > 1 and len(named) == len(names):
        said = [f"all {len(named)} sites"]
    else:
        said = [f"{len(named)} sites"] if len(named) > FEW else named
    said += [NO_SITE] if "" in listed else []
    return " and ".join(filter(None, (", ".join(said[:-1]), *said[-1:])))


def override_line(override: Override, timetable: Timetable, now: datetime) -> str:
    """Say which freezes an override lifts, until when, who gave it and why, and how it is taken back."""
    zone = timetable.zones.get("", "")
    until = override.until.astimezone(ZoneInfo(zone)) if zone else override.until
    said = f"Override {override.id} lifts every freeze of {sites_words(override.sites, timetable.names)}"
    said += f" until {until_words(until, now)}, by {override.by}: {override.why.rstrip('.')}."
    return f"{said} To take it back: `driftbell windows restore {override.id}`."


def season_line(season: InSeason, district: District) -> str:
    """Say which limits of a season hold in place of the district's, until when, and who answers for them."""
    own = {f.name: cap for f in fields(Caps) if (cap := getattr(season.limits.caps, f.name)) is not None}
    limits = ", ".join(f"{limit_words(cap)} {_PER[name]}" for name, cap in own.items())
    usual = ", ".join(f"{limit_words(getattr(district.caps, name))} {_PER[name]}" for name in own)
    person = district.people.get(season.limits.approved_by)
    who = f"{person.name} ({person.id})" if person else season.limits.approved_by
    return (
        f"{season.limits.season} holds until the end of {season.last:%a %Y-%m-%d}: at most {limits}, "
        f"where it is {usual} else. {who} answers for it."
    )


def limit_words(limit: Limit | None) -> str:
    """Give a cap in words: "25 or 2%", "any number" where there is none."""
    if limit is None:
        return "any number"
    words = [] if limit.count is None else [f"{limit.count:,}"]
    words += [] if limit.percent is None else [f"{limit.percent:g}%"]
    return " or ".join(words)
