"""What the tests hold against the compiler: slow, plain, and written without a look at it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from agent.decide.compare import debian_order, version_order
from agent.decide.hours import Hours, Keeping
from agent.model.condition import AllOf, AnyOf, Condition, Not, Test
from agent.model.kind import FieldRef, FieldType
from agent.model.reading import NONE, Reading, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agent.model.reckoned import Reckoned

HALF = 0.5  # unknown, between false (0) and true (1)
WORTH = {True: 1.0, False: 0.0, None: HALF}
FACTORY = {"NONE", ""}


def kleene(condition: Condition, leaf: Callable[[Test], bool | None]) -> bool | None:
    """Judge by numbers: all is the least, any the most, not is what is missing to one."""

    def worth(part: Condition) -> float:
        match part:
            case AllOf(parts):
                return min(map(worth, parts))
            case AnyOf(parts):
                return max(map(worth, parts))
            case Not(inner):
                return 1 - worth(inner)
            case Test():
                return WORTH[leaf(part)]

    return {1.0: True, 0.0: False, HALF: None}[worth(condition)]


def unique(field: FieldRef, mine: int, rows: Sequence[Reading], *, whole: bool = True) -> bool | None:
    """Say whether the value of one row is nobody else's, by comparing it with every other."""
    value = rows[mine]
    if isinstance(value, Unknown):
        return None
    if value is NONE:
        return False
    if lost(field, value):
        return None
    if nobodys(field, value):
        return False
    others = [r for n, r in enumerate(rows) if n != mine and r is not NONE and not isinstance(r, Unknown)]
    if any(same(field, value, r) for r in others if not nobodys(field, r) and not lost(field, r)):
        return False
    return True if whole else None


def lost(field: FieldRef, value: Reading) -> bool:
    return field.name == "serial" and str(value) == "1.2E+11"


def nobodys(field: FieldRef, value: Reading) -> bool:
    text = str(value).strip().upper()
    if field.name == "serial":
        return text in FACTORY or not text.strip("0")
    if field.name == "mac":
        return len([c for c in text if c in "0123456789ABCDEF"]) != 12
    return not text if field.name in {"email", "tag"} else isinstance(value, str) and not value


def same(field: FieldRef, one: Reading, other: Reading) -> bool:
    if field.name == "mac":
        return [c for c in str(one).lower() if c.isalnum()] == [c for c in str(other).lower() if c.isalnum()]
    if field.name in {"serial", "email", "tag"}:
        return str(one).strip().lower() == str(other).strip().lower()
    if field.type is FieldType.VERSION:
        return version_order(str(one), str(other)) == 0 == version_order(str(other), str(one))
    if field.type is FieldType.DEBIAN_VERSION:
        return debian_order(str(one), str(other)) == 0
    return one == other


def moment(spec: Reckoned, site: str, start: Reading, keeping: Keeping, now: datetime) -> Reading:
    """Work out one moment of one row."""
    if spec.start is not None and (start is NONE or isinstance(start, Unknown)):
        return start
    at = now if spec.start is None else start
    assert isinstance(at, datetime)
    role, _, unit = spec.unit.rpartition(" ")
    if not role:
        return _plain(spec, at, now)
    hours = keeping.hours(site, role)
    if not isinstance(hours, Hours):
        return Unknown(hours)
    if unit == "days":
        found = hours.shift_days(at, spec.amount)
    else:
        base = hours.shift_days(at, 0) if spec.base == "today" else at
        assert base is not None
        found = hours.shift_time(base, spec.amount * (3600 if unit == "hours" else 60))
    return Unknown("never") if found is None else found


def _plain(spec: Reckoned, at: datetime, now: datetime) -> datetime:
    if spec.unit != "days":
        return at.astimezone(UTC) + spec.span
    return at.astimezone(now.tzinfo) + timedelta(days=spec.amount)
