"""Random tables and conditions: every type, every operator, all three states, school time and other lists' times."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from agent.decide.parts import fields_compared
from agent.errors import Place
from agent.intake.operators import operators_of
from agent.intake.times import Times, unique_column
from agent.model.condition import AllOf, AnyOf, Condition, Day, Not, Test
from agent.model.kind import FieldRef, FieldType
from agent.model.reading import NONE, Reading, Unknown
from tests.decide.thing import THING

if TYPE_CHECKING:
    from collections.abc import Sequence

LONG = int(os.environ.get("DRIFTBELL_FUZZ", "0"))  # examples a property; 0 is the short form, the same every time
CHECKED = settings(
    max_examples=LONG or 300,
    deadline=None,
    derandomize=not LONG,
    database=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
NOW = datetime(2026, 3, 8, 12, 0, tzinfo=ZoneInfo("America/Chicago"))  # a day with a missing hour
PLACE = Place("policy.yaml", 1, 1)

WORDS = st.sampled_from(["", "a", "ab", "b", "/a", "/a/b", "/ab", "A", "no", "yes", "é", "a\nb", "none", "{{ 7*7 }}"])
VERSIONS = st.sampled_from([
    "1",
    "1.2",
    "1.2.0",
    "126.0.6478.1",
    "126",
    "127",
    "12.5",
    "12.5 (9F1)",
    "0",
    "6.1-40-amd64",
])
DEBIAN = st.sampled_from(["1.0", "1.0-0", "1.0-1", "1:0.9", "1.0~rc1", "1.0+b1", "9.2p1-2+deb12u3", "2.0"])
NUMBERS = st.sampled_from([0, 1, 2, 3.5, -1, 100])
SHIFTS = (-40 * 24, -30, -24, -9, -1, 0, 1, 5, 29 * 24, 31 * 24)
TIMES = st.sampled_from([NOW.astimezone(UTC) + timedelta(hours=h) for h in SHIFTS])
LISTS = st.lists(st.sampled_from(["a", "b", "c", "", "ab"]), max_size=3).map(tuple)
SITES = st.sampled_from(["", "east", "west", "nowhere"])

VALUES: dict[FieldType, st.SearchStrategy[object]] = {
    FieldType.TEXT: WORDS,
    FieldType.PATH: WORDS,
    FieldType.MODE: WORDS,
    FieldType.VERSION: VERSIONS,
    FieldType.DEBIAN_VERSION: DEBIAN,
    FieldType.NUMBER: NUMBERS,
    FieldType.SIZE: NUMBERS,
    FieldType.PERCENT: NUMBERS,
    FieldType.BOOLEAN: st.booleans(),
    FieldType.TIME: TIMES,
    FieldType.LIST: LISTS,
}
FIELDS = {t: [THING.resolve(str(t)), THING.resolve(f"other_{t}")] for t in FieldType}
KEYS = [THING.resolve(name) for name in ("serial", "mac", "email", "tag")]
ALL_FIELDS = [f for pair in FIELDS.values() for f in pair] + KEYS
SERIALS = st.sampled_from(["ABC", " abc", "DEF", "", "none", "0000", "1.2E+11", "001122aabbcc", "00-11-22-AA-BB-CC"])
ELEMENT = FieldRef("", "", "", "", FieldType.TEXT)
COUNT = FieldRef("", "", "", "", FieldType.NUMBER)
DAY = timedelta(days=1)
DAYS = st.sampled_from([Day("a day", m, m + DAY) for m in (NOW.replace(hour=0), NOW.replace(hour=0) - DAY)])
AGO = ("2 days", "3h", "today", "3 school days", "2 school hours", "90 school minutes", "1 staff days", "4 desk hours",
       "other_time - 2 school days", "other_time - 5 school hours", "1 week")  # fmt: skip
MOMENTS = (
    "today", "now - 2 hours", "today + 2 school days", "other_time", "other_time + 2 days", "now - 3 school hours",
    "other_time - 30 school minutes", "other_time + 36h", "2026-03-08", "today + 5 desk hours",
)  # fmt: skip


def values(field: FieldRef) -> st.SearchStrategy[Any]:
    return SERIALS if field in KEYS else VALUES[field.type]


def readings(field: FieldRef) -> st.SearchStrategy[Reading]:
    """Give a value, none or unknown."""
    return st.one_of(values(field), st.just(NONE), st.just(Unknown("silent")))


Rows = list[tuple[str, dict[str, Reading]]]


@st.composite
def rows(draw: st.DrawFn, fields: Sequence[FieldRef], least: int = 0, most: int = 6) -> Rows:
    """Draw the rows of a table, with their sites. Some columns are of one state throughout."""
    count = draw(st.integers(least, most))
    flat: dict[FieldRef, Reading] = {
        f: draw(st.sampled_from([NONE, Unknown("all of it")])) for f in fields if draw(st.integers(0, 7)) == 0
    }
    columns = {f.name: [flat[f]] * count if f in flat else draw(_column(f, count)) for f in fields}
    sites = draw(st.lists(SITES, min_size=count, max_size=count))
    return [(site, {name: cells[n] for name, cells in columns.items()}) for n, site in enumerate(sites)]


def _column(field: FieldRef, count: int) -> st.SearchStrategy[list[Reading]]:
    return st.lists(readings(field), min_size=count, max_size=count)


@st.composite
def cases(
    draw: st.DrawFn, wanted: st.SearchStrategy[Condition], least: int = 0, most: int = 6
) -> tuple[Condition, Rows]:
    """Draw a condition and rows with the fields that it is about."""
    condition = draw(wanted)
    fields = [f for f in fields_compared(condition) if f.reckoned is None]
    return condition, draw(rows(fields, least, most))


def _member(operator: str) -> st.SearchStrategy[object]:
    count = operator == "count"
    field, value = (COUNT, st.integers(0, 3)) if count else (ELEMENT, st.sampled_from(["a", "b", "ab", ""]))
    names = ("equals", "above", "at_most") if count else ("equals", "starts_with", "contains", "ends_with")
    single = st.builds(lambda n, v: Test(field, n, v, str(v), PLACE), st.sampled_from(names), value)
    more = st.builds(lambda n, v: Test(field, n, (v, v), str(v), PLACE), st.sampled_from(["one_of", "none_of"]), value)
    blank = st.builds(
        lambda n, v: Test(field, n, v, str(v), PLACE), st.sampled_from(["empty", "exists"]), st.booleans()
    )
    leaf = st.one_of(single, more, blank)
    tree = st.one_of(leaf, _deeper(leaf))
    return st.one_of(tree, st.integers(0, 3)) if count else tree


def operand(field: FieldRef, operator: str) -> st.SearchStrategy[object]:
    """Give what an operator may be written with on a field."""
    value = values(field)
    if operator in {"equals", "one_of", "none_of"} and field.type is FieldType.TIME:
        value = st.one_of(TIMES, DAYS)
    word = st.sampled_from(["a", "b", "ab", "z", ""])
    times = Times(field, NOW.tzinfo, THING.resolve)  # type: ignore[arg-type]
    several = st.lists(word if field.type is FieldType.LIST else value, min_size=1, max_size=3).map(tuple)
    same = [f for f in FIELDS[field.type] if f != field]
    return {
        "exists": st.booleans(),
        "empty": st.booleans(),
        "same_as": st.sampled_from(same),
        "unique": st.just(unique_column(field)),
        "one_of": several,
        "none_of": several,
        "contains_all": several,
        "contains_only": several,
        "contains": word,
        "matches": st.sampled_from(["a.*", "a|ab", "(?s).*b", "[ab]+", "", "\\d+"]),
        "between": st.tuples(value, value),
        "within": st.sampled_from(AGO).map(times.ago),
        "older_than": st.sampled_from(AGO).map(times.ago),
        "before": st.sampled_from(MOMENTS).map(times.moment),
        "after": st.sampled_from(MOMENTS).map(times.moment),
        "every": _member("every"),
        "some": _member("some"),
        "count": _member("count"),
    }.get(operator, value)


@st.composite
def single_tests(draw: st.DrawFn) -> Test:
    """Draw one operator that stands on its field."""
    field = draw(st.sampled_from(ALL_FIELDS))
    names = [n for n in operators_of(field.type) if n not in {"not", "any_of", "all_of"}]
    operator = draw(st.sampled_from(names))
    wanted = draw(operand(field, operator))
    return Test(field, operator, wanted, str(wanted), PLACE)


def _deeper(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(parts, min_size=1, max_size=3).map(tuple)
    return st.one_of(several.map(AllOf), several.map(AnyOf), parts.map(Not))


conditions = st.recursive(single_tests(), _deeper, max_leaves=6)
