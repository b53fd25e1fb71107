"""What the type of a field can hold: anything else that a system says is unknown, with the reason."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from agent.decide.compare import version_key
from agent.model.kind import FieldType
from agent.model.reading import NONE, Reading, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable


def admit(kind: FieldType, reading: Reading) -> Reading:
    """Let in what the type can hold; anything else is unknown, with the reason."""
    if reading is NONE or isinstance(reading, Unknown):
        return reading
    fits = _FITS.get(kind, _is_text)
    if fits(reading):
        return reading
    return Unknown(f"{reading!r} is not a {kind.value.replace('_', ' ')}")


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _is_time(value: object) -> bool:
    return getattr(value, "tzinfo", None) is not None


def _is_list(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(v, str) for v in value)


def _is_boolean(value: object) -> bool:
    return isinstance(value, bool)


def _is_version(value: object) -> bool:
    return isinstance(value, str) and bool(version_key(value))


_FITS: dict[FieldType, Callable[[object], bool]] = {
    FieldType.NUMBER: _is_number,
    FieldType.SIZE: _is_number,
    FieldType.PERCENT: _is_number,
    FieldType.BOOLEAN: _is_boolean,
    FieldType.TIME: _is_time,
    FieldType.LIST: _is_list,
    FieldType.VERSION: _is_version,
}
