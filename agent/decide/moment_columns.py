"""Times that hang on school time or on another time: `14 school days` before today, `site.testing_starts - 3 days`.

Days are counted from 00:00 local to 00:00 local where a calendar counts them, and keep the clock where none does.
Hours are hours that go by, open ones where a calendar counts them. Whose calendar it is hangs on the row's school.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

from agent.decide.columns import ID, SITE, none_column
from agent.decide.told import Told
from agent.model.calendar import ROLES

if TYPE_CHECKING:
    from agent.decide.columns import Columns
    from agent.decide.hours import Hours, Keeping
    from agent.model.reckoned import Reckoned

SECONDS = {"minutes": 60, "hours": 3600}
EARLIEST, LATEST = datetime(1, 1, 3, tzinfo=UTC), datetime(9999, 12, 29, tzinfo=UTC)
INSTANT = pl.Datetime("us", "UTC")
_START, _AT, _WHY, _DAY = "\0start", "\0at", "\0why", "\0day"


def moments(table: Columns, spec: Reckoned, keeping: Keeping, now: datetime) -> Told:
    """Give a time a row. What moves on while nobody looks is measured at its list's own time, where that is past."""
    moves = spec.of.past or spec.of.deadline
    seen = min(table.as_of.get(spec.of.name, now), now) if moves else now
    rows = table.frame.select(pl.col(SITE).fill_null(""), _unplaced(table, spec))
    role, _, unit = spec.unit.rpartition(" ")
    if spec.start is None:
        return _from_now(rows, _Clock(keeping, role, unit, spec), seen.astimezone(now.tzinfo))
    start = spec.start
    none = table.frame[none_column(start.name)]
    rows = rows.with_columns(table.frame[start.name].alias(_START))
    if role in ROLES:
        values, why = _from_times(rows, _Clock(keeping, role, unit, spec))
    else:
        values, why = _plain(rows[_START], spec, now), rows[_WHY].clear(rows.height)
    unread = table.frame[start.name].is_null() & ~none
    said = pl.DataFrame({"unread": unread, "none": none, "why": why}).select(
        pl
        .when("none")
        .then(None)
        .when("unread")
        .then(_why_unread(table, start.name, "not read"))
        .otherwise("why")
        .alias("why")
    )
    return Told(values.alias(""), none, said["why"])


@dataclass(frozen=True, slots=True)
class _Clock:
    """Counts open time as one moment asks for it."""

    keeping: Keeping
    role: str
    unit: str
    spec: Reckoned

    def hours(self, site: str) -> Hours | str:
        return self.keeping.hours(site, self.role)

    def shifted(self, hours: Hours, at: datetime) -> datetime | None:
        if self.unit == "days":
            return hours.shift_days(at, self.spec.amount)
        base = hours.shift_days(at, 0) if self.spec.base == "today" else at
        return None if base is None else hours.shift_time(base, self.spec.amount * SECONDS[self.unit])

    def never(self, hours: Hours) -> str:
        """Say that a calendar holds not so much open time."""
        side = "before" if self.spec.amount < 0 else "after"
        return f"the calendar {hours.calendar.name} has not {abs(self.spec.amount)} {self.spec.unit} {side} that"


def _unplaced(table: Columns, spec: Reckoned) -> pl.Expr:
    """Say why a row's school cannot be told, where its hours would count."""
    if "site" not in table.fields or spec.unit.partition(" ")[0] not in ROLES:
        return pl.lit(None, pl.String).alias(_WHY)
    lost = pl.col("site").is_null() & ~pl.col(none_column("site"))
    why = _why_unread(table, "site", "its school is not known")
    return pl.when(lost).then(pl.lit("whose calendar counts cannot be told: ") + why).alias(_WHY)


def _from_now(rows: pl.DataFrame, clock: _Clock, at: datetime) -> Told:
    """Work a moment out once for each school."""
    answers: dict[str, tuple[datetime | None, str | None]] = {}
    for site in rows[SITE].unique():
        hours = clock.hours(site)
        found = None if isinstance(hours, str) else clock.shifted(hours, at)
        why = hours if isinstance(hours, str) else None if found else clock.never(hours)
        answers[site] = (found.astimezone(UTC) if found else None, why)
    said = pl.DataFrame(
        [(site, *answer) for site, answer in answers.items()],
        schema={SITE: pl.String, _AT: INSTANT, "\0lacks": pl.String},
        orient="row",
    )
    both = rows.join(said, on=SITE, how="left", maintain_order="left").select(
        pl.when(pl.col(_WHY).is_null()).then(_AT).alias(_AT), pl.coalesce(_WHY, "\0lacks").alias(_WHY)
    )
    none = pl.Series([False], dtype=pl.Boolean).new_from_index(0, rows.height)
    return Told(both[_AT], none, both[_WHY])


def _from_times(rows: pl.DataFrame, clock: _Clock) -> tuple[pl.Series, pl.Series]:
    """Work a moment out once for each school and day, or for each school and time where hours are counted."""
    parts = []
    numbered = rows.with_row_index("\0row")
    for (site,), mine in numbered.group_by(SITE, maintain_order=True):
        hours = clock.hours(str(site))
        if isinstance(hours, str):
            parts.append(mine.select("\0row", pl.lit(None, INSTANT).alias(_AT), pl.lit(hours).alias("\0lacks")))
            continue
        at = _each_day(mine[_START], hours, clock) if clock.unit == "days" else _each_time(mine[_START], hours, clock)
        never = pl.when(at.is_null() & mine[_START].is_not_null()).then(pl.lit(clock.never(hours)))
        parts.append(mine.select("\0row", at.alias(_AT), never.alias("\0lacks")))
    if not parts:
        return pl.Series([], dtype=INSTANT), pl.Series([], dtype=pl.String)
    found = pl.concat(parts).sort("\0row")
    both = pl.concat([found, rows.select(_WHY)], how="horizontal").select(
        pl.when(pl.col(_WHY).is_null()).then(_AT).alias(_AT), pl.coalesce(_WHY, "\0lacks").alias(_WHY)
    )
    return both[_AT], both[_WHY]


def _each_day(starts: pl.Series, hours: Hours, clock: _Clock) -> pl.Series:
    days = starts.dt.convert_time_zone(hours.calendar.timezone).dt.date()
    known = days.drop_nulls().unique()
    zone = hours.open.zone
    found = [clock.shifted(hours, datetime(d.year, d.month, d.day, 12, tzinfo=zone)) for d in known]
    answers = pl.Series([f.astimezone(UTC) if f else None for f in found], dtype=INSTANT)
    return days.replace_strict(known, answers, default=None, return_dtype=INSTANT)


def _each_time(starts: pl.Series, hours: Hours, clock: _Clock) -> pl.Series:
    known = starts.drop_nulls().unique().sort()
    due = hours.due_many(known.to_physical().to_list(), clock.spec.amount * SECONDS[clock.unit])
    answers = pl.Series(due, dtype=pl.Int64).cast(INSTANT)
    return starts.replace_strict(known, answers, default=None, return_dtype=INSTANT)


def _plain(starts: pl.Series, spec: Reckoned, now: datetime) -> pl.Series:
    """Shift times by an ordinary length; whole days keep the clock, whatever daylight saving does between."""
    if spec.unit != "days":
        return _held(starts + spec.span)
    zone = str(now.tzinfo)
    local = starts.dt.convert_time_zone(zone).dt.replace_time_zone(None) + timedelta(days=spec.amount)
    there = local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    later = (local + timedelta(hours=1)).dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return _held(there.fill_null(later).dt.convert_time_zone("UTC"))


def _held(times: pl.Series) -> pl.Series:
    """Hold times to the years that Python has: what lies beyond them is as far as any other end of time."""
    return times.clip(pl.lit(EARLIEST, INSTANT), pl.lit(LATEST, INSTANT))


def _why_unread(table: Columns, field: str, otherwise: str) -> pl.Expr:
    """Say why a field is not known where it is not: each row's own reason, where there is one."""
    own = {r: why for (r, f), why in table.reasons.items() if r and f == field}
    whole = {r: why for (r, f), why in table.reasons.items() if r and not f}
    common = pl.lit(table.reason("", field) or otherwise)
    told = whole | own
    if not told:
        return common
    ids = table.frame[ID]
    return pl.coalesce(
        pl.lit(ids.replace_strict(list(told), list(told.values()), default=None, return_dtype=pl.String)), common
    )
