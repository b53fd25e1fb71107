"""The help desk's tickets over a year: asked for while school is open, mostly solved, and some forgotten."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from agent.example.riverton.district import CALENDARS, OFFICE, SCHOOLS, School
from agent.example.riverton.records import Ticket

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agent.example.riverton.block import Block
    from agent.example.riverton.hours import Hours, Span

TICKETS = 1_200
QUIET = 38  # open, and nothing wrong with them
FORGOTTEN, ABANDONED = 5, 15  # days of school without a word, as TIX-02 and TIX-02-DIRECTOR have them
A_DAY = 1  # of school, as TIX-03 has it
UNANSWERED = 2  # days of school in which there are more hours than TIX-01-ANSWER gives
MARGIN = 0.02  # of a day, which a first answer and the like may take
SECOND = timedelta(seconds=1)
AHEAD = timedelta(days=21)
_FIRST = 10_000
_SPANS = {"urgent": 0.125, "high": 1, "medium": 3, "low": 7}  # days that a promise lasts, roughly
_PRIORITIES = ("low", "medium", "medium", "medium", "high", "low", "medium", "high", "urgent", "low")
_CATEGORIES = (
    ("device repair", "Screen cracked"), ("sign-in", "Cannot sign in"), ("printing", "Paper jam"),
    ("broken screen", "Lines across the screen"), ("projector", "No picture in the classroom"),
    ("software", "A page is blocked that a lesson needs"), ("network", "No wireless in the room"),
    ("device repair", "Keyboard does not type"), ("phone", "Room phone is silent"),
)  # fmt: skip
_REPAIRS = tuple(entry for entry in _CATEGORIES if entry[0] in {"device repair", "broken screen"})
_CALM = tuple(entry for entry in _CATEGORIES if entry not in _REPAIRS)
_LATE = (("urgent", True),) * 3 + (("high", True),) * 2 + (("high", False),) * 2  # priority, and whether all is at one
_TECHNICIANS = 5

Story = list[tuple[Ticket, tuple[str, ...]]]  # each with the policies that it breaks


@dataclass(frozen=True, slots=True)
class Times:
    """Moments of the past year, and of the next weeks, at which a calendar is open."""

    at: datetime
    spans: Mapping[str, Sequence[Span]]

    def pick(self, block: Block, calendar: str, least: float, most: float) -> datetime:
        """Give an open moment between so many days ago: of this calendar, else of the office, else any."""
        start, end = self.at - timedelta(days=most), self.at - timedelta(days=least)
        for name in (calendar, "office"):
            spans = self.spans[name]
            low, high = bisect_left(spans, (start, start)), bisect_left(spans, (end, end))
            fitting = [s for s in spans[low:high] if s[1] <= end]
            if fitting:
                opened, closed = fitting[block.random.randrange(len(fitting))]
                return opened + timedelta(seconds=block.random.randrange(int((closed - opened).total_seconds())))
        return block.ago(least, most)

    def ahead(self, block: Block, most: int) -> datetime:
        """Give an office moment of the next so many spans."""
        spans = self.spans["office"]
        first = bisect_left(spans, (self.at, self.at))
        opened, closed = spans[first + block.random.randrange(most)]
        return opened + timedelta(minutes=block.random.randrange(1, int((closed - opened).total_seconds()) // 60))


def times(at: datetime, hours: Mapping[str, Hours]) -> Times:
    """Look up when each calendar is open in the year before a time, and for a while after it."""
    since, until = (at - timedelta(days=366)).date(), (at + AHEAD).date()
    spans = {
        name: [span for day in each.open_days(since, until) for span in each.spans(day)] for name, each in hours.items()
    }
    return Times(at, spans)


def build(block: Block, when: Times) -> None:
    """Make the tickets; their numbers follow the order in which they were made."""
    told: Story = []
    for story in (_urgent, _unanswered, _forgotten, _on_the_edge, _repairs):
        told += story(block, when)
    told += [(_quiet(block, when), ()) for _ in range(QUIET)]
    told += [(_solved(block, when), ()) for _ in range(TICKETS - len(told))]
    told.sort(key=lambda pair: pair[0].created)
    for n, (ticket, policies) in enumerate(told):
        ticket.number = _FIRST + block.number * TICKETS + n
        block.truth.out(ticket.resource, *policies)
        block.tickets.append(ticket)


def _asked(block: Block, when: Times, priority: str, least: float, most: float, school: School | None = None) -> Ticket:
    """Give a ticket that somebody at a school made so many days ago, answered at once and not touched since."""
    school = school or _school(block)
    created = when.pick(block, CALENDARS[school.id], least, most)
    category, subject = _CALM[block.random.randrange(len(_CALM))]
    staff = block.persons[f"staff/{school.id}"]
    answered = created + timedelta(minutes=block.random.randrange(4, 40))
    return Ticket(
        0, "open", priority, category, school.id, f"Room {block.random.randrange(101, 140)}", subject,
        staff[block.random.randrange(len(staff))].email, _technician(block, block.random.randrange(_TECHNICIANS)),
        "Help Desk", created, answered, created + timedelta(days=_SPANS[priority]), first_response=answered,
    )  # fmt: skip


def _school(block: Block) -> School:
    return SCHOOLS[block.random.randrange(len(SCHOOLS))]


def _since(block: Block, school: School, days: int) -> float:
    """Give how many plain days ago the Nth day of school before today began."""
    return block.days_since(block.school_midnight(school.id, days))


def _technician(block: Block, n: int) -> str:
    return block.persons[f"staff/{OFFICE.id}"][n].email


def _solved(block: Block, when: Times) -> Ticket:
    priority = _PRIORITIES[block.random.randrange(len(_PRIORITIES))]
    ticket = _asked(block, when, priority, 12, 364)
    ticket.category, ticket.subject = _CATEGORIES[block.random.randrange(len(_CATEGORIES))]
    if (ticket.category, ticket.subject) in _REPAIRS:
        _about_a_device(block, ticket)
    days = _SPANS[priority] * block.random.uniform(0.1, 1.3)
    ticket.resolved = ticket.updated = ticket.created + timedelta(days=days, minutes=50)
    ticket.status = "closed" if block.at - ticket.resolved > timedelta(days=14) else "resolved"
    return ticket


def _about_a_device(block: Block, ticket: Ticket) -> None:
    pool = block.spare[f"students/{ticket.site}"]
    device, asset = pool[block.random.randrange(len(pool))].both
    ticket.tag, ticket.serial, ticket.requester = asset.tag, asset.serial, device.user


def _quiet(block: Block, when: Times) -> Ticket:
    """Being worked on, with time left."""
    priority = ("medium", "low", "medium", "high")[block.random.randrange(4)]
    ticket = _asked(block, when, priority, 0.1, 6)
    ticket.status = ("new", "open", "open", "waiting")[block.random.randrange(4)]
    ticket.due = max(ticket.due, when.ahead(block, 4))
    ticket.updated = max(ticket.updated, when.pick(block, "office", 0.05, 4))
    return ticket


def _urgent(block: Block, when: Times) -> Story:
    """Promised for yesterday: most with one technician at one school, who is away."""
    told: Story = []
    for priority, away in _LATE:
        ticket = _asked(block, when, priority, 2, 5)
        ticket.assignee = _technician(block, 0 if away else 3)
        ticket.site = "east" if away else ticket.site
        told.append((ticket, ("TIX-01",)))
    return told


def _unanswered(block: Block, when: Times) -> Story:
    schools = [_school(block) for _ in range(3)]
    tickets = [
        _asked(block, when, "urgent", _since(block, s, UNANSWERED) + MARGIN, _since(block, s, FORGOTTEN) - MARGIN, s)
        for s in schools
    ]
    for ticket in tickets:
        ticket.status, ticket.first_response, ticket.updated, ticket.assignee = "new", None, ticket.created, ""
    return [(ticket, ("TIX-01", "TIX-01-ANSWER")) for ticket in tickets]


def _forgotten(block: Block, when: Times) -> Story:
    """Left lying: most by two technicians."""
    told: Story = [(_lying(block, when, n, FORGOTTEN, ABANDONED), ("TIX-02",)) for n in range(14)]
    told += [(_lying(block, when, n, ABANDONED, ABANDONED + 40), ("TIX-02", "TIX-02-DIRECTOR")) for n in range(6)]
    block.truth.causes["tickets nobody looks at"] += len(told)
    return told


def _lying(block: Block, when: Times, n: int, least: int, most: int) -> Ticket:
    """Give one that nobody touched for more than so many days of school, and for no more than so many."""
    school = _school(block)
    span = _since(block, school, least) + 2 * MARGIN, _since(block, school, most)
    ticket = _asked(block, when, ("medium", "low")[n % 2], *span, school)
    ticket.status, ticket.updated = ("open", "waiting")[n % 2], ticket.created + timedelta(minutes=30)
    ticket.assignee = _technician(block, 4 if n % 4 else 2)
    return ticket


def _on_the_edge(block: Block, when: Times) -> Story:
    """The last word exactly where a rule begins, and one second before."""
    told: Story = []
    for days, policies in ((FORGOTTEN, ()), (ABANDONED, ("TIX-02",))):
        for late in range(2):
            school = _school(block)
            edge = block.school_midnight(school.id, days)
            since = block.days_since(edge)
            ticket = _asked(block, when, "low", since + 1.5, since + 5, school)
            ticket.updated = edge - SECOND * late
            then = ("TIX-02",) if days == FORGOTTEN else ("TIX-02", "TIX-02-DIRECTOR")
            told.append((ticket, then if late else policies))
    return told


def _repairs(block: Block, when: Times) -> Story:
    """Devices in repair: some students got another meanwhile, some did not, and some asked only yesterday."""
    told: Story = [(_repair(block, when), ("TIX-03",)) for _ in range(11)]
    block.truth.causes["students without a device"] += len(told)
    for n in range(6):
        ticket = _repair(block, when)
        ticket.loaner = f"R9{n:05d}"
        told.append((ticket, ()))
    for hours in range(3):
        ticket = _repair(block, when)
        ticket.created = ticket.updated = block.school_midnight(ticket.site, A_DAY) + timedelta(hours=hours)
        ticket.first_response = ticket.created + timedelta(minutes=5)
        told.append((ticket, ()))
    return told


def _repair(block: Block, when: Times) -> Ticket:
    school = _school(block)
    since = _since(block, school, A_DAY)
    ticket = _asked(block, when, "medium", since + 2 * MARGIN, since + 5, school)
    ticket.category, ticket.subject = _REPAIRS[block.random.randrange(len(_REPAIRS))]
    _about_a_device(block, ticket)
    ticket.updated = max(ticket.updated, when.pick(block, "office", 0.05, 4))
    return ticket
