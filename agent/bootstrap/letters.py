"""Reports and mail: what is made of a finished run, and how it reaches people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.bootstrap.registry import now
from agent.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from agent.bootstrap import World
    from agent.model.policy import Person
    from agent.model.run import FoundMoney, Run
    from agent.model.spool import Letter
    from agent.settings import Settings


def announcer(settings: Settings, world: World, said: list[str]) -> Callable[[Run], None]:
    """Give what puts a run's report into the spool before the ledger closes the run; what it has to say goes to `said`.

    So a process that dies behind that point has its report in the spool, and the next delivery sends it.
    """

    def announce(run: Run) -> None:
        from agent.report.mail import letter

        people = [world.repository.district.people[r] for r in world.repository.district.recipients]
        if settings.mail is None:
            said.append("No mail server is set, so no report was mailed (setting mail.server).")
        elif not people:
            said.append("Nobody is named under reports.drift in policies/district.yaml, so no report was mailed.")
        else:
            try:
                for one in (
                    *first_mail(world, run, people, settings.mail.sender),
                    letter(run, people, settings.mail.sender),
                ):
                    world.ledger.spool.put(one)
            except InputError as error:  # what was done stands, and is recorded; only the letter cannot be written
                said.append(str(error))

    return announce


def first_mail(world: World, run: Run, people: Sequence[Person], sender: str) -> Iterator[Letter]:
    """Give the first mail of a new district, which is what its own lists say when they are laid side by side.

    It comes with the first run that has lists to show and somebody to mail to, and never again.
    """
    from agent.found_money import found_money
    from agent.report.mail import money_letter

    if world.repository.sources and not world.ledger.spool.knows("<found-money-"):
        money = found_money(world.ports, world.repository, run.at)
        if any(found.asked for found in money.found):
            yield money_letter(money, people, sender)


def deliver_mail(settings: Settings) -> list[str]:
    """Deliver what is due in the spool; a sentence for each letter."""
    from agent.ledger.store import open_ledger
    from agent.report.post import deliver

    if settings.mail is None:
        return []
    with open_ledger(settings.state / "ledger.db") as store:
        return deliver(store.spool, settings.mail, now())


def send_waiting(settings: Settings) -> list[str]:
    """Deliver everything that waits in the spool now, whenever its next attempt is due; a sentence for each."""
    from agent.ledger.store import open_ledger
    from agent.report.post import deliver

    if settings.mail is None:
        return ["No mail server is set (setting mail.server)."]
    with open_ledger(settings.state / "ledger.db") as store:
        return deliver(store.spool, settings.mail, now(), impatient=True) or ["No mail is waiting."]


def rendered(run: Run, form: str) -> str:
    """Give a run's report as text, html, json or csv."""
    from agent.report.document import stream
    from agent.report.html import html
    from agent.report.text import text

    if form == "csv":
        from agent.report.table import table

        return table(run)
    if form == "json":
        return "".join(stream(run, all_findings=True))
    return html(run) if form == "html" else text(run)


def rendered_found_money(money: FoundMoney, form: str) -> str:
    """Give the found-money report as text, html, json or csv."""
    import json

    from agent.report import found_money as report

    if form == "csv":
        return report.table(money)
    if form == "json":
        return json.dumps(report.document(money), indent=2) + "\n"
    return report.html(money) if form == "html" else report.text(money)
