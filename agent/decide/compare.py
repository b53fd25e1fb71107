"""Comparing what has an order of its own: versions, Debian versions, and moments that hang on today."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from itertools import zip_longest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.model.condition import Moment

# `17.5 (21F79)` is 17.5, and `6.1.0-40-amd64` is 6.1.0-40: a build that begins with a letter, or stands behind a
# space, is no component. A letter behind a dotted number ends the version: 9.2p1 is 9.2.
_NUMBERS = re.compile(r"[0-9]+(?:\.[0-9]+|[-+_:][0-9]+(?![0-9A-Za-z]))*")
_NUMBER = re.compile(r"[0-9]+")


def version_key(text: str) -> tuple[int, ...]:
    """Give a version's numeric components; empty when it has none."""
    found = _NUMBERS.search(text)
    return tuple(int(n) for n in _NUMBER.findall(found[0])) if found else ()


def version_order(observed: str, wanted: str) -> int:
    """Compare on the components that the wanted version writes only: -1, 0 or 1. A missing component is 0."""
    want = version_key(wanted)
    have = version_key(observed)[: len(want)]
    have += (0,) * (len(want) - len(have))
    return (have > want) - (have < want)


def same_version(text: str) -> str:
    """Give the same text for versions that are the same: 1.2 is 1.2.0."""
    key = version_key(text)
    while key and not key[-1]:
        key = key[:-1]
    return ".".join(map(str, key))


def same_debian_version(text: str) -> str:
    """Give the same text for Debian versions that dpkg takes for the same: 1.0 is 1.0-0, and 01 is 1."""
    epoch, rest = _epoch(text)
    upstream, revision = _revised(rest)
    return f"{epoch}:{_same_part(upstream)}-{_same_part(revision)}"


def _same_part(part: str) -> list[tuple[str, int]]:
    runs = _runs(part)
    while runs and runs[-1] == ("", 0):
        runs.pop()
    return runs


def debian_order(left: str, right: str) -> int:
    """Compare two Debian versions as dpkg does: -1, 0 or 1.

    Source: Debian Policy Manual, 5.6.12 (epoch, upstream version, revision; a tilde sorts before the end).
    """
    left_epoch, left_rest = _epoch(left)
    right_epoch, right_rest = _epoch(right)
    if left_epoch != right_epoch:
        return -1 if left_epoch < right_epoch else 1
    left_upstream, left_revision = _revised(left_rest)
    right_upstream, right_revision = _revised(right_rest)
    return _debian_part(left_upstream, right_upstream) or _debian_part(left_revision, right_revision)


def _revised(version: str) -> tuple[str, str]:
    """Split what follows the epoch into upstream version and revision."""
    upstream, dash, revision = version.rpartition("-")
    return (upstream, revision) if dash else (version, "")


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

    `today + 30 days` is midnight of the local day that is 30 days ahead, whatever daylight saving does between;
    `now - 2 hours` is 2 hours that went by, also in a night when the clock was set back.
    """
    if isinstance(moment, datetime):
        return moment
    now = moment.base or now
    if not moment.day:
        return (now.astimezone(UTC) + moment.shift).astimezone(now.tzinfo)
    whole_days = timedelta(days=moment.shift.days)
    midnight = datetime.combine(now.date() + whole_days, time.min, tzinfo=now.tzinfo)
    return midnight + (moment.shift - whole_days)
