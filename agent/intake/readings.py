"""Readings as a policy test writes them: as policies write values, `null` for none, `{unknown: why}` for unknown."""

from __future__ import annotations

import math
import re
from datetime import timedelta
from typing import TYPE_CHECKING

from agent.intake.nodes import Node, text_at
from agent.intake.values import DAYS, EXPECTED, duration, instant, percent, size
from agent.intake.wording import worded
from agent.model.condition import Moment
from agent.model.kind import FieldType
from agent.model.reading import NONE, Reading, Unknown

if TYPE_CHECKING:
    from datetime import tzinfo

    from agent.model.kind import FieldRef

_RELATIVE = re.compile(r"(today|now)(?: *([+-]) *(.+))?\Z")
_NUMBERS = frozenset({FieldType.NUMBER, FieldType.SIZE, FieldType.PERCENT})


def reading(field: FieldRef, node: Node, zone: tzinfo) -> Reading | Moment:
    """Give the reading that a node of the right shape stands for; a time may hang on that of the case.

    Raises:
        ValueError: with a sentence that says why it has no meaning.
    """
    if node.value is None:
        if not node.raw:
            or_what = f"null for none, {{unknown: why}}, or {EXPECTED[field.type].words}"
            msg = f"`{worded(field.name)}` is blank: write {or_what}"
            raise ValueError(msg)
        return NONE
    if isinstance(node.value, dict):
        return Unknown(text_at(node, "unknown"))
    if isinstance(node.value, tuple):
        return tuple(item.raw for item in node.items())
    return _scalar(field.type, node, zone)


def _scalar(field_type: FieldType, node: Node, zone: tzinfo) -> Reading | Moment:
    value = node.value
    if isinstance(value, bool) and field_type is FieldType.BOOLEAN:
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool) and field_type in _NUMBERS:
        if not math.isfinite(value):
            msg = f"{node.raw} is no number that anything can have"
            raise ValueError(msg)
        return value
    match field_type:
        case FieldType.SIZE:
            return size(node.raw)
        case FieldType.PERCENT:
            return percent(node.raw)
        case FieldType.TIME:
            return _when(node.raw, zone)
    return node.raw


def _when(text: str, zone: tzinfo) -> Reading | Moment:
    """Give a time, or one that counts from that of the case: `today - 3 days`, `now + 20m`."""
    match = _RELATIVE.match(text)
    if match is None:
        return instant(text, zone)
    base, sign, amount = match.groups()
    span = duration(amount) if amount else timedelta(0)
    if base == "today" and amount and amount.lstrip("0123456789 ") not in DAYS:
        msg = f"{text!r:.40}: today is a day, so it counts in days; from now on it counts in hours and minutes"
        raise ValueError(msg)
    return Moment(text, -span if sign == "-" else span, day=base == "today")
