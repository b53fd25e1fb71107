"""The district: its repository, its hosts' keys, its lists, the ledger, the mail server, the switch.

What reads them belongs to other rooms, so each comes in as a function.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.doctor.word import Word, broken, look, ok, some, unknown
from agent.errors import DriftbellError, InputError, UnseenError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from agent.model.policy import Repository
    from agent.model.source import ExportSource
    from agent.model.sweep import Sweep


def repository(load: Callable[[], Repository], where: str) -> tuple[Repository | None, list[Word]]:
    """Give the repository, where it can be read, and say how it stands."""
    if not where:
        mend = "driftbell init DIR, or name yours with --repo or the setting `repo`"
        return None, look("repository", "There is no policies/ here, and no repository is set.", mend)
    try:
        found = load()
    except InputError as error:
        first = str(error).splitlines()[0]
        more = f" (and {len(error.problems) - 1} more)" if len(error.problems) > 1 else ""
        return None, broken("repository", f"{first}{more}", f"driftbell validate --repo {where}")
    except DriftbellError as error:
        return None, unknown("repository", str(error), "Once it can be reached: driftbell validate")
    counts = (
        (len(found.policies), "policy", "policies"),
        (len(found.hosts), "host", "hosts"),
        (len(found.sources), "other system", "other systems"),
    )
    policies, hosts, systems = (f"{number} {one if number == 1 else many}" for number, one, many in counts)
    said = f"{policies}, {hosts} and {systems}, from {where}."
    odd = [w for text in found.warnings for w in look("repository", text, f"driftbell validate --repo {where}")]
    return found, [*ok("repository", said), *odd]


def unread(about: str) -> Sequence[Word]:
    """Say that a thing could not be looked at, because the repository names it."""
    return unknown(about, "The repository names them, and it could not be read.")


def host_keys(untrusted: Callable[[], tuple[int, Mapping[str, str]]]) -> Sequence[Word]:
    """Say which hosts' keys nobody has accepted yet. No host is spoken to.

    `untrusted` gives how many hosts are reached over SSH, and those that are not, or cannot be, by why.
    """
    number, missing = untrusted()
    if not missing:
        said = (
            f"Every key is trusted: {number} over SSH." if number else "No host of the inventory is reached over SSH."
        )
        return ok("known hosts", said)
    names = some(f"{host} ({why})" for host, why in missing.items())
    said = f"{len(missing)} of {number} hosts over SSH cannot be looked at: {names}."
    return look("known hosts", said, "driftbell hosts trust")


def export(source: ExportSource, observe: Callable[[ExportSource], Sweep], now: datetime) -> Sequence[Word]:
    """Say whether a list is there, can be read, and is young enough."""
    about = f"list {source.name}"
    mend = f"Export it anew, then: driftbell import FILE --as {source.name}"
    try:
        sweep = observe(source)
    except (InputError, UnseenError) as error:
        return broken(about, str(error), mend)
    if sweep.trouble:
        return broken(about, f"There is nothing to see: {sweep.trouble.rstrip('.')}.", mend)
    rows = "row" if sweep.expected == 1 else "rows"
    said = f"{sweep.expected:,} {rows}, from {sweep.as_of.astimezone():%Y-%m-%d %H:%M %Z}."
    if sweep.stale(now):
        days = (now - sweep.as_of).days
        return look(about, f"{said} That is {days} days old, and older than its fresh_for.", mend)
    if not sweep.proven:
        return look(about, f"{said} It may not be whole: {sweep.membership.rstrip('.')}.", mend)
    return ok(about, said)


def ledger(version: Callable[[], tuple[str, str, int]]) -> Sequence[Word]:
    """Say whether the ledger opens; `version` gives what it has, what we know, and how many mails wait in it."""
    try:
        has, newest, waiting = version()
    except InputError as error:
        return broken("ledger", str(error), "Name another state directory with --state DIR")
    except DriftbellError as error:
        return unknown("ledger", str(error))
    if not has:
        return ok("ledger", "There is none yet; the first run makes it.")
    raised = f"the next run raises its version from {has} to {newest}"
    words = ok("ledger", f"It opens; {raised if has < newest else f'its version is {has}'}.")
    if waiting:
        mails = "1 mail waits" if waiting == 1 else f"{waiting} mails wait"
        words += look("mail", f"{mails} for the mail server.", "driftbell report --send")
    return words


def mail(knock: Callable[[], None] | None, recipients: int | None) -> Sequence[Word]:
    """Say whether the mail server takes our login. Nothing is sent."""
    if knock is None:
        mend = "mail: {server: smtp://HOST:587, from: driftbell@your.domain} in /etc/driftbell/driftbell.yaml"
        return look("mail", "No mail server is set, so no report is mailed.", mend)
    try:
        knock()
    except InputError as error:
        return broken("mail", str(error), "Correct `mail` in the settings")
    except DriftbellError as error:
        return broken("mail", f"{str(error).rstrip('.')}.", "Correct `mail` in the settings, or ask who runs it")
    if recipients == 0:
        return look(
            "mail", "The server answers, but nobody gets the report.", "reports: {drift: [...]} in district.yaml"
        )
    return ok("mail", "The server answers, and takes our login; nothing was sent.")


def switch(reason: str) -> Sequence[Word]:
    """Say whether everything is stopped."""
    if reason:
        return look(
            "kill switch", f"Everything is stopped: {reason}", "driftbell resume    (and `stop:` in district.yaml)"
        )
    return ok("kill switch", "It is off.")
