"""The calendars of tests/cases/guards/windows.yaml, and what they say at an instant."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import yaml

from agent.decide.hours import timetable_hours
from agent.decide.windows import gate
from agent.intake import yaml as intake_yaml
from agent.intake.calendars import bare
from agent.model.calendar import Timetable

if TYPE_CHECKING:
    from agent.decide.hours import Keeping
    from agent.errors import Problem
    from agent.model.calendar import Calendar
    from agent.model.window import Gate, Override

FILE = Path(__file__).parents[1] / "cases" / "guards" / "windows.yaml"
SAID: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
CHICAGO = ZoneInfo(SAID["zone"])


@cache
def keeping() -> Keeping:
    problems: list[Problem] = []
    found: dict[str, Calendar] = {}
    for said in SAID["calendars"]:
        node = intake_yaml.parse(yaml.safe_dump(said, default_style=None).encode(), "case.yaml")
        found[said["calendar"]] = bare(node, SAID["zone"], problems)
    assert not problems, problems
    keeps = {site: {"school": name} if name else {} for site, name in SAID["sites"].items()}
    names = {site: site.title() for site in SAID["sites"]}
    timetable = Timetable(found, {"": {"school": SAID["district"]}, **keeps}, (), names, {"": SAID["zone"]})
    return timetable_hours(timetable)


def clock(site: str, text: str) -> datetime:
    """Give an instant that a case names, on the clock of its site where it has no offset."""
    at = datetime.fromisoformat(text)
    hours = keeping().hours(site, "school")
    zone = CHICAGO if isinstance(hours, str) else hours.open.zone
    return at.astimezone(zone) if at.tzinfo else at.replace(tzinfo=zone)


def gates(at: str, *overrides: Override, sites: tuple[str, ...] = ("", *SAID["sites"])) -> dict[str, Gate]:
    now = clock("", at)
    return {site: gate(keeping(), site, now, overrides) for site in sites}


def frozen(one: Gate) -> Gate:
    """Give a gate as it would be without its freezes."""
    return replace(one, frozen=(), thaws=None, freezes=None)
