"""Readings as a person says them: `4 GB`, `9.9%`, a time on the district's clock.

For what is shown alone. Differences, plans and cases keep the plain numbers of `words.show`: they are compared.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from agent.decide.words import show
from agent.model.kind import FieldType
from agent.model.reading import NONE, Reading, Unknown
from agent.secrets import MASK

if TYPE_CHECKING:
    from agent.model.kind import FieldRef

_UNITS = ("bytes", "KB", "MB", "GB", "TB", "PB")
_STEP, _TENTHS = 1000, 10
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def spoken(field: FieldRef, reading: Reading, now: datetime | None = None) -> str:
    """Give a value of a field; times on the clock of `now`, where that is given."""
    if isinstance(reading, datetime) and now is not None:
        return _clock(reading, now)
    if isinstance(reading, (int, float)) and not isinstance(reading, bool):
        if field.type is FieldType.SIZE:
            return size(reading)
        if field.type is FieldType.PERCENT:
            return f"{reading:g}%"
    return show(reading)


def spoken_of(field: FieldRef, reading: Reading, now: datetime | None = None) -> str:
    """Give a field's reading, masked where the field is sensitive; that there is none is no secret."""
    shown = not field.sensitive or reading is NONE or isinstance(reading, Unknown)
    return spoken(field, reading, now) if shown else MASK


def size(number: float) -> str:
    """Give a size: `4 GB`, `2.5 GB`, or `3.9 GB (3,912,345,678 bytes)` where the short form is not all of it."""
    unit = 0
    while abs(round(number / _STEP**unit, 1)) >= _STEP and unit < len(_UNITS) - 1:
        unit += 1
    whole = _STEP**unit
    if not unit:
        return f"{number:,g} {_UNITS[0]}"
    if number * _TENTHS % whole == 0:
        return f"{number / whole:g} {_UNITS[unit]}"
    return f"{number / whole:.1f} {_UNITS[unit]} ({number:,.0f} bytes)"


def length(span: timedelta) -> str:
    """Give a length of time: whole days above 48 h, else hours and minutes; a minute that has begun counts as one."""
    if span > 2 * _DAY and not span % _DAY:
        return f"{span // _DAY} days"
    hours, rest = divmod(max(_MINUTE, span), _HOUR)
    minutes = -(-rest // _MINUTE)
    return " ".join([*([f"{hours} h"] if hours else []), *([f"{minutes} min"] if minutes else [])])


def _clock(at: datetime, now: datetime) -> str:
    """Give a time as precisely as it was read: a day alone for its 00:00, seconds where there are some."""
    local = at.astimezone(now.tzinfo)
    if local.time() == time.min:
        return f"{local:%Y-%m-%d}"
    return f"{local:%Y-%m-%d %H:%M:%S}" if local.second else f"{local:%Y-%m-%d %H:%M}"
