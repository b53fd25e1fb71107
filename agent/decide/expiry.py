"""Dated values: the last good day of each file is included, in the district's zone; after it nothing rests on them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from agent.model.policy import Dated, Policy

AHEAD = timedelta(days=30)  # how long before its last good day a file is spoken of
SHOWN = 3  # policies that a warning names


def expired(policy: Policy, now: datetime) -> str:
    """Say which values a policy rests on that may no longer be relied on, as a clause, or nothing.

    Args:
        policy: the policy, with the files of values that it uses.
        now: carries the district's zone.
    """
    late = [f"the values {v.name} expired on {v.expires}" for v in policy.values if now.date() > v.expires]
    return " and ".join(late)


def expiring(policies: Iterable[Policy], now: datetime) -> tuple[str, ...]:
    """Give a sentence for each file of values that expires soon, or has expired, and is used."""
    users: dict[Dated, list[str]] = {}
    for policy in policies:
        for dated in policy.values:
            users.setdefault(dated, []).append(policy.id)
    soon = [d for d in users if d.expires - now.date() <= AHEAD]
    return tuple(_sentence(d, sorted(users[d]), now.date()) for d in sorted(soon, key=lambda d: (d.expires, d.name)))


def _sentence(dated: Dated, users: list[str], today: date) -> str:
    named = ", ".join(users[:SHOWN]) + (f" and {len(users) - SHOWN} more" if len(users) > SHOWN else "")
    then = "Look them up again and set a new date."
    if today > dated.expires:
        said = f"The values {dated.name} expired on {dated.expires} ({dated.place})"
        return f"{said}, so nothing can be said by {named}. {then}"
    left = (dated.expires - today).days
    when = "today is their last good day" if not left else f"{left} more {'day' if left == 1 else 'days'}"
    rest = "rests" if len(users) == 1 else "rest"
    said = f"The values {dated.name} are good until {dated.expires} ({dated.place})"
    return f"{said}, {when}: {named} {rest} on them. {then}"
