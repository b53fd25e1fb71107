"""What a policy may write as a time that hangs on others: `14 school days`, `today + 30 days`, `purchased + 5 weeks`.

What hangs on the day of the look alone becomes a Moment. What needs a calendar, or another field, becomes a column of
its own, which is reckoned before policies judge.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from agent.intake.values import DAYS, LONGEST, SPANS, instant
from agent.intake.wording import quote
from agent.model.calendar import ROLES
from agent.model.condition import Moment
from agent.model.kind import FieldRef, FieldType, UnknownFieldError, nearest
from agent.model.reckoned import Reckoned

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, tzinfo

WORDS = ("day", "days", "hour", "hours", "minute", "minutes")
KEPT = {f"{role} {word}": (role, word.rstrip("s") + "s") for role in ROLES for word in WORDS}
_SECONDS = {"days": 86_400, "hours": 3600, "minutes": 60}
_AMOUNT = r"(?P<number>[0-9]{1,5}) *(?P<unit>[A-Za-z][A-Za-z ]*?)"
_SPAN = re.compile(_AMOUNT + r"\Z")
_RELATIVE = re.compile(r"(?P<base>\S.*?)(?: *(?P<sign>[+-]) *" + _AMOUNT + r")?\Z", re.DOTALL)
_DATE = re.compile(r"[0-9]")


@dataclass(frozen=True, slots=True)
class Counted:
    """So much of a unit (a word of SPANS or KEPT) from a base: before it where `number` is negative."""

    base: str
    number: int
    unit: str


@dataclass(frozen=True, slots=True)
class Times:
    """Reads the times of one condition. `field` is what they are compared with; `resolve` knows the others."""

    field: FieldRef
    zone: tzinfo
    resolve: Callable[[str], FieldRef]

    def ago(self, text: str) -> Moment | datetime | FieldRef:
        """Give what `within` and `older_than` count from, for `21 days`, `14 school days`, `today` or a date.

        Days and weeks are whole days of the district: from 00:00 local so many days before today, as school days are.

        Raises:
            ValueError: with a sentence that says why the text is no such time.
        """
        amount = _SPAN.match(text)
        if amount is None:
            return self.moment(text)
        unit = _unit(amount["unit"])
        base = "today" if unit in DAYS or KEPT.get(unit, ("", ""))[1] == "days" else "now"
        return self._made(text, Counted(base, -int(amount["number"]), unit))

    def moment(self, text: str) -> Moment | datetime | FieldRef:
        """Give what `today + 30 days`, `site.testing_starts - 3 school days` or `2027-01-31` means.

        Raises:
            ValueError: with a sentence that says why it means nothing.
        """
        if _DATE.match(text):
            return instant(text, self.zone)
        found = _RELATIVE.match(text)
        if found is None:
            raise ValueError(_odd(text))
        number = int(found["number"] or 0) * (-1 if found["sign"] == "-" else 1)
        return self._made(text, Counted(found["base"], number, _unit(found["unit"]) if found["unit"] else ""))

    def _made(self, text: str, counted: Counted) -> Moment | FieldRef:
        _check_length(text, counted)
        if counted.base in {"today", "now"}:
            if counted.unit not in KEPT:
                return Moment(text, _span(counted), day=counted.base == "today")
            return _column(self.field, counted, None)
        return _column(self.field, counted, self._start(text, counted.base))

    def _start(self, text: str, name: str) -> FieldRef:
        try:
            found = self.resolve(name)
        except UnknownFieldError as error:
            near = "did you mean" in str(error)
            raise ValueError(str(error) if near else _odd(text) + nearest(name, ("today", "now"))) from error
        if found.type is not FieldType.TIME:
            msg = f"{quote(name)} is no time but a {found.type.replace('_', ' ')}: count from a time, today or now"
            raise ValueError(msg)
        return found


def _odd(text: str) -> str:
    return f"{quote(text, 60)} is no time: write a date, today, now or a field, with + or - so many days behind it"


def _unit(word: str) -> str:
    known = " ".join(word.split())
    if known in SPANS or known in KEPT:
        return known
    hint = nearest(known.lower(), [w for w in (*SPANS, *KEPT) if w.endswith("s") and w != "s"])
    units = "minutes, hours, days or weeks, or hours or days with school, staff or desk before them"
    msg = f"{quote(word, 40)} is not a unit of time: write {units}{hint}"
    raise ValueError(msg)


def _span(counted: Counted) -> timedelta:
    return counted.number * SPANS[counted.unit] if counted.unit else timedelta(0)


def _check_length(text: str, counted: Counted) -> None:
    kept = KEPT.get(counted.unit)
    span = timedelta(seconds=counted.number * _SECONDS[kept[1]]) if kept else _span(counted)
    if abs(span) > LONGEST:
        msg = f"{quote(text)} is more than 100 years"
        raise ValueError(msg)


def _column(field: FieldRef, counted: Counted, start: FieldRef | None) -> FieldRef:
    """Give the column that a moment is reckoned in. Its name says all that it hangs on, so that it is made once."""
    base = "" if start else counted.base
    if counted.unit in KEPT:
        spec = Reckoned("moment", field, base, start, counted.number, " ".join(KEPT[counted.unit]))
    elif counted.unit in DAYS:
        spec = Reckoned("moment", field, base, start, _span(counted).days, "days")
    else:
        spec = Reckoned("moment", field, base, start, span=_span(counted))
    parts = (field.name, base or (start.name if start else ""), spec.amount, spec.unit, spec.span)
    name = "\0moment\0" + "\0".join(map(str, parts))
    return FieldRef(name, "", "", "", FieldType.TIME, sensitive=bool(start and start.sensitive), reckoned=spec)


def unique_column(field: FieldRef) -> FieldRef:
    """Give the column that says whether a value is nobody else's."""
    return FieldRef(f"\0unique\0{field.name}", "", "", "", FieldType.BOOLEAN, reckoned=Reckoned("unique", field))
