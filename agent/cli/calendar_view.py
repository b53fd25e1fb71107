"""What `driftbell calendar` shows, as text or as one JSON document."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from agent import __version__
from agent.cli.output import print_json, say
from agent.errors import InputError
from agent.model.calendar import ROLES
from agent.model.kind import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from agent.bootstrap.calendar import Done
    from agent.decide.hours import Hours
    from agent.model.calendar import CalendarChange
    from agent.model.policy import Repository
    from agent.report.month import Shown

_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])\Z")
_MONTH = re.compile(r"(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])\Z")


@dataclass(frozen=True, slots=True)
class View:
    """What is to be shown of a district: whose hours, at what time, in which month; both as they were named."""

    repository: Repository
    role: str
    at: str
    month: str
    now: datetime

    def one(self, site: str, *, as_json: bool) -> None:
        """Show a month of a site, and a moment in it."""
        from agent.report.month import lines, month

        hours = self._hours(self._known(site))
        at = self._moment(hours)
        days = month(hours, self._first(at))
        if as_json:
            print_json(self._document(site, hours, at, days))
            return
        calendar = hours.calendar
        name = self.repository.timetable.names[site]
        say(f"{name}, {days[0].day:%B %Y} ({calendar.name or calendar.id}, {self.role}, {calendar.timezone})")
        say()
        for line in lines(days, hours, self._today(hours)):
            say(line)
        if self.at or not self.month:
            say()
            for line in self._said(hours, at):
                say(line)

    def every(self, *, as_json: bool) -> None:
        """Show each site at a moment."""
        from agent.decide.hours import timetable_hours
        from agent.report.month import instant_line
        from agent.report.plain import plain

        keeping = timetable_hours(self.repository.timetable)
        found = []
        for site, name in self.repository.timetable.names.items():
            hours = keeping.hours(site, self.role)
            if isinstance(hours, str):
                found.append({"site": site, "name": name, "calendar": None, "says": hours})
            else:
                at = self._moment(hours)
                says = instant_line(hours, at, places=as_json)
                calendar = hours.calendar.id
                found.append({"site": site, "name": name, "calendar": calendar, "says": says})
        if as_json:
            print_json({"driftbell": __version__, "schema": 1, "role": self.role, "sites": found})
            return
        wide = max((len(str(one["name"])) for one in found), default=0)
        for one in found:
            say(plain(f"{one['name']:<{wide}}  {one['says']}"))
        if not found:
            say("policies/district.yaml names no sites.")

    def _said(self, hours: Hours, at: datetime) -> Iterator[str]:
        from textwrap import wrap

        from agent.report.month import WIDTH, instant_line
        from agent.report.plain import plain

        said = f"{at:%a %Y-%m-%d %H:%M %Z}: {instant_line(hours, at)}"
        yield from wrap(plain(said), WIDTH, break_on_hyphens=False, subsequent_indent="  ")

    def _document(self, site: str, hours: Hours, at: datetime, days: tuple[Shown, ...]) -> dict[str, Any]:
        from agent.report.month import as_json

        return {
            "driftbell": __version__,
            "schema": 1,
            "site": site,
            "name": self.repository.timetable.names[site],
            "role": self.role,
            "calendar": hours.calendar.id,
            "timezone": hours.calendar.timezone,
            "month": f"{days[0].day:%Y-%m}",
            "days": [as_json(day) for day in days],
            "at": {
                "time": at.isoformat(),
                "open": hours.is_open(at),
                "why": hours.why(at),
                "closes": _iso(hours.closes(at)),
                "opens": _iso(hours.opens(at)),
            },
        }

    def _known(self, site: str) -> str:
        names = self.repository.timetable.names
        if site not in names:
            hint = nearest(site, list(names)) or f"; there are {', '.join(names) or 'none'}."
            msg = f"There is no site {site!r} in policies/district.yaml{hint}"
            raise InputError(msg)
        return site

    def _hours(self, site: str) -> Hours:
        from agent.decide.hours import timetable_hours

        hours = timetable_hours(self.repository.timetable).hours(site, self.role)
        if isinstance(hours, str):
            key = "calendar: NAME" if self.role == "school" else f"hours: {{{self.role}: NAME}}"
            msg = f"{hours}: write `{key}` at the site in policies/district.yaml."
            raise InputError(msg)
        return hours

    def _moment(self, hours: Hours) -> datetime:
        """Give the moment that is asked for, on the calendar's clock."""
        if not self.at:
            return self.now.astimezone(hours.open.zone)
        try:
            at = datetime.fromisoformat(self.at)
        except ValueError:
            msg = f"--at {self.at!r} is not a time; write it like 2026-11-22T08:00 or 2026-11-22T08:00-06:00."
            raise InputError(msg) from None
        return at.astimezone(hours.open.zone) if at.tzinfo else at.replace(tzinfo=hours.open.zone)

    def _first(self, at: datetime) -> date:
        if not self.month:
            return at.date().replace(day=1)
        if not _MONTH.match(self.month):
            msg = f"--month {self.month!r} is not a month; write it like 2026-12."
            raise InputError(msg)
        return date.fromisoformat(f"{self.month}-01")

    def _today(self, hours: Hours) -> date:
        return self.now.astimezone(hours.open.zone).date()


def tell(done: Done, *, as_json: bool) -> None:
    """Say what came of a change."""
    if as_json:
        change = _change_json(done.change)
        print_json({"driftbell": __version__, "schema": 1, "change": change, "says": list(done.lines)})
        return
    for line in done.lines:
        say(line)


def list_changes(repository: Repository, uncommitted: AbstractSet[str], *, as_json: bool) -> None:
    """List what was declared, the newest last."""
    from agent.report.declared import change_line

    changes = repository.timetable.changes
    if as_json:
        listed = [{**_change_json(c), "committed": c.id not in uncommitted} for c in changes]
        print_json({"driftbell": __version__, "schema": 1, "changes": listed})
        return
    zone = ZoneInfo(repository.district.timezone)
    for change in changes:
        for line in change_line(change, repository.timetable.names, zone, committed=change.id not in uncommitted):
            say(line)
    if not changes:
        say("Nothing was declared.")


def role_named(role: str) -> str:
    """Give a role, or raise an InputError that names the three."""
    if role not in ROLES:
        msg = f"--role is one of {', '.join(ROLES)}, not {role!r}{nearest(role, ROLES) or '.'}"
        raise InputError(msg)
    return role


def second_named(option: str, text: str) -> int:
    """Give the second of the day of a time such as 10:10, or raise an InputError."""
    found = _CLOCK.match(text)
    if found is None:
        msg = f"{option} {text!r} is no time of the day: write it like 10:10, twenty-four hours."
        raise InputError(msg)
    return int(found[1]) * 3600 + int(found[2]) * 60


def _change_json(change: CalendarChange) -> dict[str, Any]:
    days = change.days
    return {
        "id": change.id,
        "what": str(days.what),
        "why": days.name,
        "first": str(days.first),
        "last": str(days.last),
        "from": _clock(days.from_second),
        "until": _clock(days.until_second),
        "sites": [site for site in change.sites if site],
        "roles": list(change.roles),
        "by": change.by,
        "at": change.at.isoformat(),
        "undone": {"by": change.undone_by, "at": change.undone_at.isoformat()} if change.undone_at else None,
    }


def _clock(second: int | None) -> str | None:
    from agent.decide.why import clock

    return None if second is None else clock(second)


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
