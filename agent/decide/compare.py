"""Comparing what has an order of its own: versions, Debian versions, and moments that hang on today."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from itertools import zip_longest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.model.condition import Moment

_NUMBER = re.compile(r"[0-9]+")


def version_key(text: str) -> tuple[int, ...]:
    """Give a version's numeric components; empty when it has none."""
    return tuple(int(n) for n in _NUMBER.findall(text))


def version_order(observed: str, wanted: str) -> int:
    """Compare on the components that the wanted version writes only: -1, 0 or 1. A missing component is 0."""
    want = version_key(wanted)
    have = version_key(observed)[: len(want)]
    have += (0,) * (len(want) - len(have))
    return (have > want) - (have < want)


def debian_order(left: str, right: str) -> int:
    """Compare two Debian versions as dpkg does: -1, 0 or 1.

    Source: Debian Policy Manual, 5.6.12 (epoch, upstream version, revision; a tilde sorts before the end).
    """
    left_epoch, left_rest = _epoch(left)
    right_epoch, right_rest = _epoch(right)
    if left_epoch != right_epoch:
        return -1 if left_epoch < right_epoch else 1
    left_upstream, _, left_revision = left_rest.rpartition("-") if "-" in left_rest else (left_rest, "", "")
    right_upstream, _, right_revision = right_rest.rpartition("-") if "-" in right_rest else (right_rest, "", "")
    return _debian_part(left_upstream, right_upstream) or _debian_part(left_revision, right_revision)


def _epoch(version: str) -> tuple[int, str]:
    epoch, colon, rest = version.partition(":")
    return (int(epoch), rest) if colon and epoch.isdigit() else (0, version)


def _debian_part(left: str, right: str) -> int:
    """Compare runs of non-digits and of digits in turn."""
    pairs = zip_longest(_runs(left), _runs(right), fillvalue=("", 0))
    for (left_text, left_number), (right_text, right_number) in pairs:
        order = _non_digits(left_text, right_text) or (left_number > right_number) - (left_number < right_number)
        if order:
            return order
    return 0


def _runs(text: str) -> list[tuple[str, int]]:
    """Split `1.2~rc3` into [("", 1), (".", 2), ("~rc", 3)]."""
    runs = re.findall(r"([^0-9]*)([0-9]*)", text)
    return [(word, int(number or 0)) for word, number in runs if word or number]


def _non_digits(left: str, right: str) -> int:
    """Letters sort before other characters, and a tilde before everything, even the end."""
    for a, b in zip_longest(left, right, fillvalue=""):
        order = _weight(a) - _weight(b)
        if order:
            return -1 if order < 0 else 1
    return 0


def _weight(character: str) -> int:
    if character == "~":
        return -1
    if not character:
        return 0
    return ord(character) if character.isalpha() else ord(character) + 0x110000


def instant(moment: Moment | datetime, now: datetime) -> datetime:
    """Give the instant that a moment means at `now`, which carries the district's zone.

    `today + 30 days` is midnight of the local day that is 30 days ahead, whatever daylight saving does between.
    """
    if isinstance(moment, datetime):
        return moment
    now = moment.base or now
    if not moment.day:
        return now + moment.shift
    whole_days = timedelta(days=moment.shift.days)
    midnight = datetime.combine(now.date() + whole_days, time.min, tzinfo=now.tzinfo)
    return midnight + (moment.shift - whole_days)
