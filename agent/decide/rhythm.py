"""When something is due: on a grid of its own, so that what comes equally often does not come at the same moment.

A time that was missed comes once, at the next look at the clock; a clock that was far ahead and was put right does not
silence anything.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agent.model.policy import Policy

USUAL = timedelta(hours=1)  # between two looks, where a policy names nothing else
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


def interval(policies: Iterable[Policy]) -> timedelta:
    """Give how often the most impatient of some policies has to be looked after."""
    return min((p.check_every or USUAL for p in policies), default=USUAL)


def due(name: str, every: timedelta, last: datetime | None, now: datetime) -> bool:
    """Say whether it is time for what has this name and was last done at an instant."""
    if last is None or last > now + every:
        return True
    return last < following(name, every, now) - every


def following(name: str, every: timedelta, now: datetime) -> datetime:
    """Give the next time of a name after an instant."""
    first = _EPOCH + every * _share(name)
    return first + every * ((now - first) // every + 1)


def _share(name: str) -> float:
    """Give how far into its interval a name begins: the same on every server and in every process."""
    return int.from_bytes(sha256(name.encode("utf-8", "backslashreplace")).digest()[:6], "big") / 2**48
