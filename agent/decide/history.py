"""From openings to a story: each change of a verdict as an event, with what is known of its cause. Pure."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.decide.causes import RENEWED
from agent.model.cause import Because, Cause
from agent.model.comparison import Stand
from agent.model.finding import Closed
from agent.model.history import Event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from agent.model.cause import Edition
    from agent.model.finding import Difference
    from agent.model.history import Episode, Past
    from agent.model.policy import Commit

    Committed = Callable[[str, str, str], tuple[Commit, ...]]  # older revision, newer revision, file

WAIVERS, VALUES = "policies/waivers.yaml", "policies/values"
_ENDED = {
    Closed.FIXED: Stand.IN_LINE,
    Closed.ITSELF: Stand.IN_LINE,
    Closed.LEFT_SCOPE: Stand.OUT_OF_SCOPE,
    Closed.GONE: Stand.NOT_THERE,
    Closed.POLICY_REMOVED: Stand.NOT_THERE,
}
_BY_COMMIT = frozenset({Because.POLICY, Because.BOTH, Because.ADDED, Because.REMOVED})
_BY_SIGHT = frozenset({Because.LOST, Because.BACK, Because.EXPIRED})
_BY_WAIVER = frozenset({Because.WAIVED, Because.WAIVER_ENDED})


def events(
    episodes: Iterable[Episode], runs: Sequence[Past], files: Callable[[str], str], committed: Committed
) -> list[Event]:
    """Give every change of these findings, oldest first.

    Args:
        episodes: the openings.
        runs: every recorded run, oldest first.
        files: the file of a policy.
        committed: the commits between two revisions that touched a file.
    """
    times = [r.at for r in runs]
    found = [_placed(e, runs, times, files, committed) for episode in episodes for e in _of(episode)]
    return sorted(found, key=lambda e: (e.at, e.policy, e.resource))


def of_policy(
    policy: str,
    editions: Iterable[tuple[datetime, Edition]],
    kept_since: datetime | None,
    runs: Sequence[Past],
    committed: Committed,
) -> list[Event]:
    """Give an event for each version that a policy had.

    What was there when versions began to be kept is no event, as nobody knows what was before.
    """
    times, known, found = [r.at for r in runs], False, []
    for at, edition in editions:
        because = Because.REMOVED if not edition.digest else Because.POLICY if known else Because.ADDED
        known = bool(edition.digest)
        if kept_since is not None and at > kept_since:
            event = Event(at, policy, "", None, None, Cause(because))
            found.append(_placed(event, runs, times, {policy: edition.file}.__getitem__, committed))
    return found


def _of(episode: Episode) -> Iterator[Event]:
    """Give the events of one opening."""
    opened = episode.opened
    steps = [(s.differences, s.suspended, s.waiver) for s in episode.stances]
    steps.append((opened.differences, opened.suspended, opened.waiver))
    times = [opened.since, *(s.until for s in episode.stances)]
    causes = [episode.cause, *(s.cause for s in episode.stances)]
    before, reason = (episode.cause.was if episode.cause else None), ""
    for at, cause, step in zip(times, causes, steps, strict=True):
        after = _stand(step)
        told = replace(cause, detail=step[1] or reason) if cause and cause.because in _BY_SIGHT else cause
        yield Event(at, opened.policy, opened.resource, before, after, told, step[0], step[1] or step[2])
        before, reason = after, step[1]
    if episode.closed is not None and episode.how is not None:
        cause = episode.ended or _told_by(episode.how)
        yield Event(episode.closed, opened.policy, opened.resource, before, _ENDED[episode.how], cause)


def _told_by(how: Closed) -> Cause | None:
    """Give what the way in which a finding ended says of its cause, where no more was kept."""
    told = {
        Closed.FIXED: Because.FIXED,
        Closed.GONE: Because.GONE,
        Closed.POLICY_REMOVED: Because.REMOVED,
    }
    return Cause(told[how]) if how in told else None


def _stand(step: tuple[tuple[Difference, ...], str, str]) -> Stand:
    _, suspended, waiver = step
    return Stand.UNKNOWN if suspended else Stand.EXCEPTED if waiver else Stand.OUT_OF_LINE


def _placed(
    event: Event,
    runs: Sequence[Past],
    times: Sequence[datetime],
    files: Callable[[str], str],
    committed: Committed,
) -> Event:
    """Give an event with the run that recorded it, and the commits that are its cause where some are."""
    place = bisect_left(times, event.at)
    if place >= len(runs) or times[place] != event.at:
        return event
    run, before = runs[place], runs[place - 1] if place else None
    commits: tuple[Commit, ...] = ()
    if before is not None and event.cause is not None and before.revision != run.revision:
        file = files(event.policy) if event.cause.because in _BY_COMMIT else WAIVERS
        file = VALUES if event.cause.detail == RENEWED else file
        if event.cause.because in _BY_COMMIT | _BY_WAIVER:
            commits = committed(before.revision, run.revision, file)
    return replace(event, run=run.run, revision=run.revision, commits=commits)
