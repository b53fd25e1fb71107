"""The reckoning behind `driftbell promote`: what a policy's time in one mode amounts to, and what holds its next step.

Source of the limits: a policy that people reject every fifth time is not one that may act, and two weeks of looks
hold each weekday twice.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from agent.model.approval import Word
from agent.model.finding import Closed
from agent.model.policy import Mode
from agent.model.promotion import Bar, Decided, Past

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime, tzinfo

    from agent.model.approval import Approval
    from agent.model.cause import Edition
    from agent.model.history import Episode
    from agent.model.promotion import Sight

DAYS = 14  # in the present mode with the present content
LOOK_DAYS = 10  # of those, on which somebody looked: the school days of two weeks
REJECTED = 20.0  # percent of decided proposals above which a policy goes no further
DECIDED = 5  # fewer decisions than this say nothing
UNKNOWN = 10.0  # percent of what it applies to that may be unknown
_RIGHT = frozenset({Closed.FIXED, Closed.ITSELF})
_BY = {Mode.AUDIT: "watched", Mode.PROPOSE: "asked first", Mode.ENFORCE: "fixed"}


def next_mode(mode: Mode) -> Mode | None:
    """Give the next step of the trust path, or None behind its end."""
    return next((m for m in Mode if m.rank == mode.rank + 1), None)


def since(editions: Sequence[tuple[datetime, Edition]], digest: str) -> datetime | None:
    """Give when a policy got the content that it has, or None where no run has judged by it."""
    return editions[-1][0] if editions and editions[-1][1].digest == digest else None


def past(
    episodes: Iterable[Episode], looks: Iterable[datetime], began: datetime | None, now: datetime, sites: frozenset[str]
) -> Past:
    """Reckon what came of a policy's findings from an instant on.

    Args:
        episodes: every opening of its findings, in any order, older ones too.
        looks: when each recorded run was.
        began: the first run that judged by the content.
        now: carries the district's zone, whose days are counted.
        sites: where; empty for everywhere.
    """
    if began is None:
        return Past(None)
    zone = now.tzinfo
    here = sorted((e for e in episodes if not sites or e.site in sites), key=lambda e: e.opened.since)
    fresh = [e for e in here if e.opened.since >= began]
    before = [e for e in here if e.opened.since < began and (e.closed is None or e.closed >= began)]
    seen = [at for at in looks if at >= began]
    return Past(
        since=began,
        days=max((now - began).days, 0),
        looks=len(seen),
        look_days=len({at.astimezone(zone).date() for at in seen}),
        before=len(before),
        opened=len(fresh),
        open=sum(e.closed is None for e in (*fresh, *before)),
        closed=Counter(e.how for e in (*fresh, *before) if e.closed is not None and e.how is not None),
        returned=_returned(here, began),
        by_day=_by_day(fresh, zone),
        by_run=tuple(sorted(Counter(e.opened.since for e in fresh).values(), reverse=True)),
    )


def _by_day(fresh: Iterable[Episode], zone: tzinfo | None) -> Counter[date]:
    return Counter(e.opened.since.astimezone(zone).date() for e in fresh)


def _returned(episodes: Iterable[Episode], began: datetime) -> int:
    """Count the openings since an instant of what had come right before. `episodes` are in order of time."""
    right: set[str] = set()
    found = 0
    for episode in episodes:
        found += episode.opened.since >= began and episode.opened.resource in right
        if episode.how in _RIGHT:
            right.add(episode.opened.resource)
    return found


def decided(words: Sequence[Approval], mine: frozenset[str]) -> Decided:
    """Count what was said of the batches of one policy, each once: one word against it that still stands is a no.

    `words` are in order of time; somebody's later word takes back the earlier one.
    """
    said: dict[str, dict[str, Approval]] = {}
    for one in words:
        if one.batch in mine:
            said.setdefault(one.batch, {})[one.who] = one
    standing = [w for each in said.values() for w in each.values() if w.word is Word.DENY]
    denied = len({w.batch for w in standing})
    whys = [w.why for w in sorted(standing, key=lambda w: w.at, reverse=True) if w.why]
    return Decided(len(said) - denied, denied, tuple(dict.fromkeys(whys)))


def bars(mode: Mode, so_far: Past, said: Decided, sight: Sight) -> tuple[Bar, ...]:
    """Give every reason why a policy may not take its next step yet."""
    found = [_unrecorded(so_far), _too_soon(mode, so_far), _too_seldom(so_far), _rejected(said), _nothing(sight)]
    found += [_dark(sight), *(_flawed(flaw) for flaw in sight.flaws)]
    return tuple(bar for bar in found if bar is not None)


def _unrecorded(so_far: Past) -> Bar | None:
    if so_far.since is not None:
        return None
    said = "No recorded run has judged by the policy as it is written now, so nothing is known of what it would do."
    return Bar("unknown content", said, f"`driftbell run`, then {DAYS} days of looking")


def _too_soon(mode: Mode, so_far: Past) -> Bar | None:
    if so_far.since is None or so_far.days >= DAYS:
        return None
    days = f"{so_far.days} day{'' if so_far.days == 1 else 's'}"
    said = f"It has {_BY[mode]} for {days} with this content; {DAYS} are needed."
    return Bar("too soon", said, f"{DAYS - so_far.days} more, or --early --why REASON", early=True)


def _too_seldom(so_far: Past) -> Bar | None:
    if so_far.since is None or so_far.look_days >= LOOK_DAYS:
        return None
    said = f"It was looked at on {so_far.look_days} day{'' if so_far.look_days == 1 else 's'} of that time; "
    return Bar("too few looks", f"{said}{LOOK_DAYS} are needed.", "more runs, or --early --why REASON", early=True)


def _rejected(said: Decided) -> Bar | None:
    if said.all < DECIDED or said.rejected <= REJECTED:
        return None
    why = f' The last reason: "{said.whys[0]}".' if said.whys else ""
    text = f"People said no to {said.denied} of {said.all} of its proposals ({said.rejected:.0f}%); the limit is"
    return Bar("rejected", f"{text} {REJECTED:.0f}%.{why}", "a change of the policy, which begins a new count")


def _nothing(sight: Sight) -> Bar | None:
    if sight.judged:
        return None
    said = "It applies to nothing on the last look, so nothing shows what it would do."
    return Bar("applies to nothing", said, "a look at something that it applies to")


def _dark(sight: Sight) -> Bar | None:
    if sight.dark <= UNKNOWN:
        return None
    said = (
        f"{sight.unknown:,} of {sight.judged:,} could not be checked ({sight.dark:.0f}%); the limit is {UNKNOWN:.0f}%."
    )
    return Bar("unknown", said, "reading what could not be read: `driftbell check` says why")


def _flawed(flaw: str) -> Bar:
    return Bar("incomplete list", f"A list that it rests on is not known to be whole: {flaw}.", "a complete list")
