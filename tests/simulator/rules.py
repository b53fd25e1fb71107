"""What the district allows, said a second time: the judge reads these, the product reads the YAML made in `land`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/Chicago")
START = datetime(2026, 7, 20, 15, 10, tzinfo=UTC)
SCHOOLS = ("east", "north", "south", "cedar", "lakeside", "maple", "mill", "prairie")
SECONDARY = frozenset({"east", "north", "south"})
ASKS_FIRST = "prairie"  # the school where every change is proposed, whatever the policy
ROLLOVER = date(2026, 8, 3)  # when the new year's schools stand in the roster
SEASON = (date(2026, 7, 27), date(2026, 8, 11))
SNOW = date(2027, 1, 27)
TESTING = {"secondary": (date(2027, 4, 12), date(2027, 4, 30)), "primary": (date(2027, 4, 19), date(2027, 4, 30))}
CLOSED = (
    ("Labor Day", date(2026, 9, 7), date(2026, 9, 7)),
    ("Thanksgiving", date(2026, 11, 25), date(2026, 11, 27)),
    ("Winter break", date(2026, 12, 21), date(2027, 1, 1)),
    ("Spring break", date(2027, 3, 22), date(2027, 3, 26)),
)
FIRST_DAY, LAST_DAY = date(2026, 8, 12), date(2027, 6, 3)
FRESH = timedelta(hours=26)  # how old an export may be; so old may be what a right change rests on
TRIES = 3  # changes of one resource that come to nothing, until a person is asked
RETURNS = 5  # changes of one resource to one value within a week, after which it is a quarrel and no repair

MOVE, REPAIR, LOST, LEAVERS, RETIRED = "DEV-04", "DEV-07", "DEV-11", "DEV-15", "DEV-20"
PROPOSED = frozenset({LOST})  # policies that ask first everywhere
AFTER_SCHOOL, OVERNIGHT = frozenset({REPAIR}), frozenset({LEAVERS})  # and those with a window
RINGED = frozenset({REPAIR})  # those that begin with one, and go on with its school
SOAK = timedelta(hours=20)


def student_ou(school: str) -> str:
    """Give the org unit of a school's students."""
    return f"/Students/{school.title()}"


@dataclass(frozen=True, slots=True)
class Caps:
    """The numbers of the district: in one run (more needs an approval), a day, a day at a school, a day by the MDM."""

    run: int
    day: int
    site: int
    credential: int


def ordinary(devices: int) -> Caps:
    """Give what holds on an ordinary day."""
    return Caps(max(5, devices // 100), max(8, devices // 50), max(6, devices // 80), max(9, devices // 45))


def rollover(devices: int) -> Caps:
    """Give what holds in the season of the rollover."""
    return Caps(ordinary(devices).run, max(60, devices // 5), max(30, devices // 10), max(70, devices // 4))


def caps(devices: int, day: date) -> Caps:
    """Give the caps of a day."""
    return rollover(devices) if SEASON[0] <= day <= SEASON[1] else ordinary(devices)


def calendar(school: str) -> str:
    """Give the calendar that a school keeps."""
    return "secondary" if school in SECONDARY else "primary"


def frozen(school: str, day: date) -> bool:
    """Say whether a school is being tested on a day, so that nothing may be changed there."""
    if school not in SCHOOLS:
        return False
    first, last = TESTING[calendar(school)]
    return first <= day <= last


def in_window(policy: str, at: datetime) -> bool:
    """Say whether a policy may act at an hour: school is out until an hour before the next first bell."""
    here = local(at)
    clock = here.hour + here.minute / 60
    if policy in OVERNIGHT:
        return clock >= 20 or clock < 5
    in_school = school_day(here.date()) and 7 + 1 / 6 <= clock < 15 + 1 / 3
    return not (policy in AFTER_SCHOOL and in_school)


def school_day(day: date) -> bool:
    """Say whether schools are open."""
    closed = any(first <= day <= last for _, first, last in CLOSED) or day == SNOW
    return FIRST_DAY <= day <= LAST_DAY and day.weekday() < 5 and not closed


def local(at: datetime) -> datetime:
    """Give an instant in the district's zone."""
    return at.astimezone(ZONE)
