"""The words of reports: numbers, names, days and differences, as the dictionary in REPORTS.md has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.model.kind import Risk
from agent.model.policy import Mode
from agent.report.plain import brief, plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from agent.model.action import Batch
    from agent.model.finding import Difference

MODES = {Mode.AUDIT: "watch only", Mode.PROPOSE: "ask first", Mode.ENFORCE: "fix"}
RISKS = {
    Risk.ADDITIVE: "only adds",
    Risk.REVERSIBLE: "can be undone",
    Risk.DISRUPTIVE: "may interrupt work",
    Risk.DESTRUCTIVE: "cannot be undone",
}
NOT_STANDARD = "differs from the standard text"
LONGEST_VALUE = 80

_KINDS = {"host": "server"}
_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve")
# Not strftime: its names follow the process's locale, and a report must not.
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def number(count: int) -> str:
    """Give a number to begin a sentence with: `Two`, `14`, `5,000`."""
    return _NUMBERS[count] if count < len(_NUMBERS) else f"{count:,}"


def counted(count: int, one: str, many: str = "") -> str:
    """Give `1 rule` or `3 rules`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def kind_word(kind: str, count: int) -> str:
    """Give the word people have for a kind: `server` or `servers`."""
    word = _KINDS.get(kind, plain(kind).replace("_", " "))
    return word if count == 1 else f"{word}s"


def things(resources: Sequence[str]) -> str:
    """Give how many resources there are, by their kind: `3 servers`."""
    kinds = {r.partition("/")[0] for r in resources}
    word = kind_word(kinds.pop(), len(resources)) if len(kinds) == 1 else "things"
    return f"{len(resources):,} {word}"


def name(resource: str, characters: int = 28) -> str:
    """Give a resource's own name without its kind, cut to a length."""
    return brief(resource.partition("/")[2] or resource, 3, characters)


def names(resources: Sequence[str], most: int = 5) -> str:
    """Give at most so many names, then `and N more`."""
    most += len(resources) == most + 1  # "and 1 more" is no shorter than the name
    shown = [name(r) for r in resources[:most]]
    rest = len(resources) - len(shown)
    return ", ".join(shown) + (f" and {rest:,} more" if rest else "")


def day(at: datetime, zone: ZoneInfo) -> str:
    """Give `Tue Oct 14` in the district's zone."""
    local = at.astimezone(zone)
    return f"{_DAYS[local.weekday()]} {_MONTHS[local.month - 1]} {local.day}"


def since(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Give `Oct 12`, or `12:05` where it is today, or `Oct 12, 2025` where it is not this year."""
    local, today = at.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        return f"{local:%H:%M}"
    year = "" if local.year == today.year else f", {local.year}"
    return f"{_MONTHS[local.month - 1]} {local.day}{year}"


def difference(found: Difference) -> str:
    """Give one difference as a clause: `sshd.permitrootlogin is yes, should be no`."""
    field = brief(found.field, 6, 60)
    if found.sensitive:
        return f"{field} is not as it should be (not shown)"
    if found.expected == "ok" and found.field == "converge":
        return f"a trial run of the playbook would change: {brief(found.observed, 10)}"
    if is_text(found):
        return f"{field} {NOT_STANDARD}"
    return f"{field} is {value(found.observed)}, should be {value(found.expected)}"


def mended(found: Difference) -> str:
    """Give one difference that is gone: `sshd.permitrootlogin: yes → no`."""
    field = brief(found.field, 6, 60)
    if found.sensitive or found.field == "converge":
        return f"{field}: now as it should be"
    if is_text(found):
        return f"{field}: now the standard text"
    return f"{field}: {value(found.observed)}\N{NO-BREAK SPACE}→\N{NO-BREAK SPACE}{value(found.expected)}"


def still(before: Difference, after: Difference | None) -> str:
    """Give both readings of a field that a repair did not put right."""
    field = brief(before.field, 6, 60)
    if after is None:
        return f"{field} {_was(before)}"
    if before.sensitive or is_text(before) or before.field == "converge":
        return f"{field}: not as it should be, before and after"
    now = value(after.observed)
    again = f"still {now}" if after.observed == before.observed else now
    return f"{field} was {value(before.observed)} and is {again}, should be {value(after.expected)}"


def _was(found: Difference) -> str:
    if found.sensitive or is_text(found) or found.field == "converge":
        return "was not as it should be"
    return f"was {value(found.observed)}, should be {value(found.expected)}"


def is_text(found: Difference) -> bool:
    """Whether a difference is of a whole text, which a report names but does not quote."""
    whole = found.field.rpartition(".")[2] in {"content", "sha256"}
    return whole or max(len(found.expected), len(found.observed)) > LONGEST_VALUE


def value(text: str) -> str:
    """Give a reading's words, short: `none` (it was read, and there is nothing) becomes `not there`."""
    return "not there" if text == "none" else brief(text, 8, LONGEST_VALUE)


def short_digest(digest: str) -> str:
    """Give the 12 hex digits that `apply --plan` takes."""
    return plain(digest.partition(":")[2] or digest)[:12]


def deed(batch: Batch) -> str:
    """Give what a batch does: `runs playbooks/ssh.yml`."""
    playbook = batch.actions[0].arguments.get("playbook") if batch.actions else None
    return f"runs {brief(str(playbook), 4, 60)}" if playbook else f"does {plain(batch.verb)}"
