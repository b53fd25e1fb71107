"""A kind with two fields of every type, and one of each sort of key, for the tests of conditions."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.intake import yaml
from agent.intake.conditions import Parser
from agent.model.calendar import Calendar, Days, Kept, Timetable
from agent.model.kind import Catalog, Field, FieldType, Kind, Match

if TYPE_CHECKING:
    from agent.errors import Problem
    from agent.model.condition import Condition

CHICAGO = ZoneInfo("America/Chicago")
NOON = datetime(2026, 10, 14, 12, tzinfo=CHICAGO)
KEYS = {"serial": Match.SERIAL, "mac": Match.MAC, "email": Match.EMAIL, "tag": Match.TEXT}
THING = Kind(
    "thing",
    "Something with two fields of every type.",
    tuple(Field(str(t), t, f"A {t}.", past=t is FieldType.TIME) for t in FieldType)
    + tuple(Field(f"other_{t}", t, f"Another {t}.") for t in FieldType)
    + tuple(Field(name, FieldType.TEXT, f"A {name}.", match=match) for name, match in KEYS.items()),
)
CATALOG = Catalog({"thing": THING}, {})

SCHOOL = Calendar(
    id="secondary",
    name="Secondary",
    timezone="America/Chicago",
    bells=dict.fromkeys(range(5), ((8 * 3600, 15 * 3600),)),
    days=(Days(Kept.CLOSED, "A holiday", date(2026, 10, 12), date(2026, 10, 12)),),
)
TIMETABLE = Timetable({"secondary": SCHOOL}, {"": {"school": "secondary"}, "east": {"school": "secondary"}})


def condition(field: str, text: str, zone: ZoneInfo = CHICAGO) -> Condition:
    """Read one condition on a field as a policy writes it."""
    problems: list[Problem] = []
    node = yaml.parse(f"{field}: {text}\n".encode(), "case")
    found = Parser(THING, CATALOG, zone, problems).fields(node)
    assert found is not None, (field, text, problems)
    return found
