"""The words of reports: numbers, kinds, names, days and lengths of time, as the dictionary in REPORTS.md has them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from agent.model.kind import Risk
from agent.model.policy import Mode
from agent.report import groups
from agent.report.plain import brief, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from agent.model.action import Batch
    from agent.model.run import PolicyNote

ELSEWHERE = "elsewhere"
MODES = {Mode.AUDIT: "watch only", Mode.PROPOSE: "ask first", Mode.ENFORCE: "fix"}
RISKS = {
    Risk.ADDITIVE: "only adds",
    Risk.REVERSIBLE: "can be undone",
    Risk.DISRUPTIVE: "may interrupt work",
    Risk.DESTRUCTIVE: "cannot be undone",
}

_KINDS = {
    "host": ("server", "servers"),
    "person": ("account", "accounts"),
    "asset": ("item", "items"),
    "class": ("class", "classes"),
}
_LISTS = {
    "host": "the list of servers",
    "person": "the list of accounts",
    "asset": "the asset list",
    "device": "the device list",
    "class": "the list of classes",
}
_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve")
# Not strftime: its names follow the process's locale, and a report must not.
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HOURS_TOLD = timedelta(days=2)  # up to here an age is told in hours


def number(count: int) -> str:
    """Give a number to begin a sentence with: `Two`, `14`, `5,000`."""
    return _NUMBERS[count] if count < len(_NUMBERS) else f"{count:,}"


def counted(count: int, one: str, many: str = "") -> str:
    """Give `1 rule` or `3 rules`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def kind_word(kind: str, count: int) -> str:
    """Give the word people have for a kind: `server` or `servers`."""
    word = groups.word(plain(kind))
    one, many = _KINDS.get(kind, (word, f"{word}s"))
    return one if count == 1 else many


def modes(note: PolicyNote, sites: Mapping[str, str]) -> str:
    """Give how far a policy may go: `watch only`, or `fix at East High, watch only elsewhere`."""
    by_mode: dict[Mode, list[str]] = {}
    for site, mode in note.modes.items():
        by_mode.setdefault(mode, []).append(brief(sites.get(site, site), 4, 32))
    parts = [f"{MODES[m]} at {listed(sorted(by_mode[m]))}" for m in reversed(Mode) if m in by_mode]
    return ", ".join([*parts, f"{MODES[note.mode]} {ELSEWHERE}"]) if parts else MODES[note.mode]


def list_word(kind: str) -> str:
    """Give what people call the list of a kind: `the asset list`."""
    return _LISTS.get(kind, f"the list of {kind_word(kind, 2)}")


def one_kind(resources: Iterable[str]) -> str:
    """Give the kind that all of these are of, or an empty text where they have several."""
    kinds = {r.partition("/")[0] for r in resources}
    return kinds.pop() if len(kinds) == 1 else ""


def things(resources: Sequence[str]) -> str:
    """Give how many resources there are, by their kind: `3 servers`."""
    kind = one_kind(resources)
    word = kind_word(kind, len(resources)) if kind else "things"
    return f"{len(resources):,} {word}"


def own_name(resource: str) -> str:
    """Give a resource's name without its kind."""
    return resource.partition("/")[2] or resource


def name(resource: str, characters: int = 28) -> str:
    """Give a resource's own name, cut to a length."""
    return brief(own_name(resource), 3, characters)


def names(resources: Sequence[str], most: int = 5) -> str:
    """Give at most so many names, then `and N more`."""
    most += len(resources) == most + 1  # "and 1 more" is no shorter than the name
    shown = [name(r) for r in resources[:most]]
    rest = len(resources) - len(shown)
    return ", ".join(shown) + (f" and {rest:,} more" if rest else "")


def listed(parts: Sequence[str], last: str = "and") -> str:
    """Give `a`, `a and b`, `a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {last} {parts[-1]}" if parts else ""


def day(at: datetime, zone: ZoneInfo) -> str:
    """Give `Tue Oct 14` in the district's zone."""
    local = at.astimezone(zone)
    return f"{_DAYS[local.weekday()]} {_MONTHS[local.month - 1]} {local.day}"


def date(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Give `Oct 12`, or `Oct 12, 2025` where it is not this year."""
    local, today = at.astimezone(zone), now.astimezone(zone)
    year = "" if local.year == today.year else f", {local.year}"
    return f"{_MONTHS[local.month - 1]} {local.day}{year}"


def since(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Give `Oct 12`, or `12:05` where it is today, or `Oct 12, 2025` where it is not this year."""
    local = at.astimezone(zone)
    return f"{local:%H:%M}" if local.date() == now.astimezone(zone).date() else date(at, zone, now)


def when(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Give a day with its distance: `Aug 3, 71 days ago`, `Nov 20, in 37 days`, `today 14:30`."""
    days = days_between(now, at, zone)
    if not days:
        return f"today {at.astimezone(zone):%H:%M}"
    length = counted(abs(days), "day")
    return f"{date(at, zone, now)}, {f'in {length}' if days > 0 else f'{length} ago'}"


def promised(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Give a time that somebody counts on: `today 14:30`, `tomorrow 08:00`, `Thu Oct 16 12:00`."""
    days = days_between(now, at, zone)
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(days) or day(at, zone)
    return f"{near} {at.astimezone(zone):%H:%M}"


def days_between(start: datetime, end: datetime, zone: ZoneInfo) -> int:
    """Give how many midnights of the district lie between two times."""
    return (end.astimezone(zone).date() - start.astimezone(zone).date()).days


def age(length: timedelta) -> str:
    """Give how old something is: `31 h`, `12 days`."""
    return f"{int(length.total_seconds() // 3600):,} h" if length < _HOURS_TOLD else counted(length.days, "day")


def short_digest(digest: str) -> str:
    """Give the 12 hex digits that `apply --plan` takes."""
    return plain(digest.partition(":")[2] or digest)[:12]


def deed(batch: Batch) -> str:
    """Give what a batch does: `runs playbooks/ssh.yml`."""
    playbook = batch.actions[0].arguments.get("playbook") if batch.actions else None
    return f"runs {brief(str(playbook), 4, 60)}" if playbook else f"does {plain(batch.verb)}"
