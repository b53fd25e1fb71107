"""What the example district is made of: its schools, its models of devices, and words to make people from.

Nobody and nothing here is real: names of people are words for plants and places, makers and models are made up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

ZONE = "America/Chicago"
MAIL = "riverton.example"
STUDENT_MAIL = f"students.{MAIL}"


@dataclass(frozen=True, slots=True)
class School:
    """A site of policies/district.yaml, with what the generator has to know of it."""

    id: str
    name: str
    grades: tuple[str, ...]
    students: int
    staff: int
    chargers: int  # Chromebooks of nobody's: in carts, and to be lent

    @property
    def folder(self) -> str:
        """The last part of its org units: `East` in /Students/East."""
        return self.id.capitalize()


_HIGH = ("09", "10", "11", "12")
_MIDDLE = ("06", "07", "08")
_PRIMARY = ("KG", "01", "02", "03", "04", "05")

OFFICE = School("office", "District Office", (), 0, 40, 20)
SCHOOLS = (
    School("east", "East High", _HIGH, 1150, 104, 60),
    School("north", "North Middle", _MIDDLE, 560, 56, 50),
    School("south", "South Middle", _MIDDLE, 540, 54, 50),
    School("cedar", "Cedar Elementary", _PRIMARY, 300, 34, 44),
    School("lakeside", "Lakeside Elementary", _PRIMARY, 290, 33, 44),
    School("maple", "Maple Elementary", _PRIMARY, 290, 33, 44),
    School("mill", "Mill Creek Elementary", _PRIMARY, 285, 33, 44),
    School("prairie", "Prairie Elementary", _PRIMARY, 285, 33, 44),
)
SITES = (OFFICE, *SCHOOLS)
CALENDARS = {OFFICE.id: "office"} | {s.id: "primary" if "KG" in s.grades else "secondary" for s in SCHOOLS}
TESTING_CART = 30  # Chromebooks that each school keeps for tests


@dataclass(frozen=True, slots=True)
class Model:
    """A model of device. `bought` and `support_end` are counted from the time of the look."""

    name: str
    maker: str
    number: str
    prefix: str  # of its serials
    platform: str
    bought: timedelta
    support_end: timedelta
    cost: int


def _years(years: float) -> timedelta:
    return timedelta(days=round(years * 365.25))


OLD = Model("Larkfield Chromebook 11 G3", "Larkfield", "CB11-G3", "LK3", "chromeos", _years(-7.2), _years(-0.4), 239)
ENDING = Model("Larkfield Chromebook 11 G4", "Larkfield", "CB11-G4", "LK4", "chromeos", _years(-5.2), _years(0.35), 249)
CURRENT = Model("Larkfield Chromebook 11 G6", "Larkfield", "CB11-G6", "LK6", "chromeos", _years(-2.2), _years(4.6), 289)
NEWEST = Model("Larkfield Chromebook 12 G7", "Larkfield", "CB12-G7", "LK7", "chromeos", _years(-1.2), _years(7.6), 319)
STAFF = Model("Larkfield Chromebook Plus 14", "Larkfield", "CBP-14", "LP4", "chromeos", _years(-1.9), _years(6.1), 459)
TABLET = Model("Orrin Tablet 9", "Orrin", "OT9", "OR9", "ipados", _years(-2.2), _years(2.0), 329)
LAPTOP = Model("Hallworth Book 14", "Hallworth", "HB14", "HW4", "windows", _years(-2.9), _years(3.0), 879)

# By school, what most of its students hold: the two old models are each one purchase for one or two schools.
STUDENT_MODELS = {
    "east": (NEWEST, CURRENT),
    "north": (CURRENT,),
    "south": (CURRENT,),
    "cedar": (CURRENT,),
    "lakeside": (CURRENT,),
    "maple": (NEWEST,),
    "mill": (CURRENT,),
    "prairie": (CURRENT,),
}


@dataclass(frozen=True, slots=True)
class Thing:
    """A sort of item that is on the asset list and that nothing manages. `each` is how many a school has."""

    category: str
    name: str
    maker: str
    number: str
    prefix: str
    each: int
    cost: int
    funded: bool = False  # paid by the federal programme for networks in schools


THINGS = (
    Thing("Switch", "Castor Switch 48", "Castor", "CS48", "CS8", 9, 2140, funded=True),
    Thing("Access Point", "Castor Air 6", "Castor", "CA6", "CA6", 30, 389, funded=True),
    Thing("Projector", "Lumen Wall 3", "Lumen", "LW3", "LW3", 16, 610),
    Thing("Media PC", "Hallworth Tower", "Hallworth", "HT2", "HT2", 9, 640),
    Thing("Document Camera", "Lumen Page 2", "Lumen", "LP2", "LP2", 12, 145),
)

GIVEN = (
    "Ash", "Aspen", "Bay", "Blair", "Briar", "Brook", "Cove", "Dale", "Eden", "Ellis", "Ember", "Fern", "Finch",
    "Flint", "Glen", "Hale", "Harper", "Haven", "Indigo", "Jules", "Juniper", "Lark", "Linden", "Marlow", "Meadow",
    "Merle", "Moss", "Oakley", "Perry", "Quill", "Reed", "River", "Robin", "Rowan", "Sage", "Sky", "Sorrel", "Vale",
    "Wren", "Yarrow",
)  # fmt: skip
FAMILY = (
    "Alderbank", "Ashdown", "Birchall", "Bramblewood", "Brookline", "Clearwater", "Cloverfield", "Coldspring",
    "Cresthill", "Dunmore", "Eastlake", "Elmsworth", "Fairmeadow", "Ferncliff", "Fieldgate", "Foxhollow", "Glenmoor",
    "Goldenrod", "Greenbrook", "Hartwell", "Hawthorne", "Hazelton", "Highmoor", "Hillcrest", "Ironwood", "Kingfisher",
    "Lakeview", "Larkspur", "Longacre", "Lowfield", "Mapleton", "Marshgate", "Millbrook", "Mossgrove", "Northgate",
    "Oakridge", "Orchard", "Pinecrest", "Quarry", "Ravenhill", "Redfern", "Ridgeway", "Rosebank", "Rushford",
    "Sandhill", "Silverlake", "Southwell", "Springfield", "Stonebridge", "Summerlea", "Thornbury", "Underwood",
    "Valewood", "Westbrook", "Whitmore", "Wildrose", "Willowby", "Windmere", "Woodlark", "Yewdale",
)  # fmt: skip
