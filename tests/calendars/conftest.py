"""A small district whose calendars tests write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agent.bootstrap import catalog
from tests.calendars.snow import PEOPLE, SITES
from tests.intake.district import District

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.fixtures import Driftbell

DISTRICT = """\
district: {name: Riverton Unified, timezone: America/Chicago}
sites:
  east: {name: East High, calendar: school}
  west: {name: West Middle, calendar: school}
people:
  director: {name: A. Example, email: director@riverton.example, may: [calendar], deputy: systems}
  systems: {name: B. Example, email: systems@riverton.example}
  helpdesk: {name: D. Example, email: helpdesk@riverton.example}
guards: {per_run: {count: 25, percent: 50}, per_day: {count: 100}}
"""
SCHOOL = """\
calendar: school
name: Every school
bells:
  mon: ["08:00-12:00", "13:00-15:00"]
  tue: ["08:00-15:00"]
  wed: ["09:00-15:00"]
  thu: ["08:00-15:00"]
  fri: ["08:00-15:00"]
years:
  2026-27: {from: 2026-08-12, to: 2027-06-03}
"""


@pytest.fixture
def district(tmp_path: Path) -> District:
    """Give a district of two schools that keep one calendar."""
    made = District(tmp_path / "repository", catalog(), tmp_path / "cache")
    made.write("policies/district.yaml", DISTRICT)
    made.write("policies/calendars/school.yaml", SCHOOL)
    made.write("inventory/hosts.yml", "all: {hosts: {}}\n")
    made.write("playbooks/README", "No playbooks here.\n")
    return made


@pytest.fixture
def school(driftbell: Driftbell) -> Driftbell:
    """Give a district of two schools that are open on weekdays, for ever."""
    driftbell.district(sites=SITES, people=PEOPLE, reports={})
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    bells = {day: ["08:00-12:00", "13:00-15:00"] for day in days}
    driftbell.write("policies/calendars/school.yaml", {"calendar": "school", "name": "Every school", "bells": bells})
    driftbell.hosts({})
    return driftbell
