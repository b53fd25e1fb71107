"""The daemon's mail: the report of the day, what people have to know at once, and what was refused."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.bootstrap.letters import first_mail
from agent.bootstrap.registry import now
from agent.decide.hours import timetable_hours
from agent.decide.posting import due_since, next_time, urgent, worth_a_mail
from agent.errors import InputError
from agent.model.run import Closing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date, datetime

    from agent.bootstrap import World
    from agent.ledger.store import LedgerStore
    from agent.model.policy import Person, Repository
    from agent.model.run import Run
    from agent.model.spool import Letter
    from agent.settings import Settings

DAILY, URGENT = "daily", "urgent"
_WEEKEND, _MONDAY = 5, 0
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Post:
    """What the daemon mails about a district.

    Attributes:
        settings: who sends, and when the report of a day goes out.
        say: told why there is no mail where one was due.
        thought: the time of the last report that a cycle thought about, whether there was anything to say or not.
    """

    settings: Settings
    say: Callable[[str], None]
    thought: datetime | None = None

    def due(self, world: World) -> datetime | None:
        """Give the time of the report that is due, that nobody got and no cycle has thought about yet, or None."""
        here = now().astimezone(ZoneInfo(world.repository.district.timezone))
        planned = due_since(here, self.settings.daemon.report_at, staffed(world.repository))
        if planned is None or planned == self.thought:
            return None
        return None if world.ledger.spool.knows(f"<{DAILY}-{planned:%Y-%m-%d}@") else planned

    def next(self, repository: Repository) -> datetime:
        """Give when the next report may go out."""
        here = now().astimezone(ZoneInfo(repository.district.timezone))
        return next_time(here, self.settings.daemon.report_at, staffed(repository))

    def announce(self, world: World, run: Run) -> None:
        """Put into the spool what people have to get of a run, before the ledger closes it.

        A process that dies behind that point and goes through the same again has no second letter: each is known by
        what it is about.
        """
        people = [world.repository.district.people[r] for r in world.repository.district.recipients]
        if self.settings.mail is None or not people:
            return
        try:
            for letter in self._letters(world, run, people, self.settings.mail.sender):
                world.ledger.spool.put(letter)
        except InputError as error:  # what was done stands, and is recorded; only the letter cannot be written
            self.say(str(error))

    def _letters(self, world: World, run: Run, people: list[Person], sender: str) -> Iterator[Letter]:
        from agent.report.mail import letter

        yield from first_mail(world, run, people, sender)
        planned = self.due(world)
        if planned is not None:
            whole = since_last(world.ledger, run, planned)
            if planned.weekday() == _MONDAY or worth_a_mail(whole):
                yield letter(whole, people, sender, DAILY, f"{planned:%Y-%m-%d}")
                return
        before = world.ledger.last_run()
        alarms = urgent(before, run) if before else ()
        if alarms:
            about = "\n".join((before.id if before else "", *alarms))
            yield letter(run, people, sender, URGENT, sha256(about.encode()).hexdigest()[:24])

    def refused(self, world: World) -> None:
        """Put the one letter about a refused revision into the spool, to its author and to whoever gets the reports.

        Anybody may write any address into a commit: an author gets mail where the district knows the address.
        """
        from agent.report.mail import refused_letter

        beliefs = world.ledger.beliefs
        newest = next(iter(beliefs.newest(world.repository.revision.source, 1)), None)
        if newest is None or not newest.why or self.settings.mail is None:
            return
        district = world.repository.district
        address = newest.author.rpartition("<")[2].rstrip(">").casefold()
        people = [district.people[r] for r in district.recipients]
        people += [p for p in district.people.values() if p.email.casefold() == address and p not in people]
        if not people:
            return
        try:
            last = beliefs.accepted(world.repository.revision.source)
            world.ledger.spool.put(refused_letter(newest, last, district, people, self.settings.mail.sender))
        except InputError as error:
            self.say(str(error))


def staffed(repository: Repository) -> Callable[[date], bool]:
    """Give what says whether staff works on a day: by the calendars, or on weekdays where they do not say."""
    hours = timetable_hours(repository.timetable).hours("", "staff")
    if isinstance(hours, str):
        return lambda day: day.weekday() < _WEEKEND
    return hours.is_open_day


def since_last(ledger: LedgerStore, run: Run, planned: datetime) -> Run:
    """Give a run with what opened, ended and was changed since the last report of a day, and not in this run alone."""
    since = ledger.spool.newest(f"<{DAILY}-") or planned - _DAY
    episodes = ledger.past.episodes(None, None, since)
    opened = tuple((e.opened.policy, e.opened.resource) for e in episodes if not e.closed and e.opened.since >= since)
    closed = tuple(
        Closing(e.opened.policy, e.opened.resource, e.site, e.how, e.opened.since)
        for e in episodes
        if e.closed and e.how and e.closed >= since
    )
    outcomes = tuple(ledger.told_since(since))
    kept = (ledger.batch(digest) for digest in dict.fromkeys(o.batch for o in outcomes))
    return replace(run, opened=opened, closed=closed, outcomes=outcomes, tried=tuple(b for b in kept if b is not None))
