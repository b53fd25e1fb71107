"""Random tables and conditions over every field type, all three states included."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from agent.errors import Place
from agent.model.condition import AllOf, AnyOf, Moment, Not, Test
from agent.model.kind import FieldRef, FieldType
from agent.model.reading import NONE, Unknown

NOW = datetime(2026, 3, 8, 12, 0, tzinfo=ZoneInfo("America/Chicago"))  # a day with a missing hour
PLACE = Place("policy.yaml", 1, 1)

WORDS = st.sampled_from(["", "a", "ab", "b", "/a", "/a/b", "/ab", "A", "no", "yes", "é", "a\nb", "none", "{{ 7*7 }}"])
VERSIONS = st.sampled_from(["1", "1.2", "126.0.6478.1", "126", "127", "12.5", "0"])
DEBIAN = st.sampled_from(["1.0", "1.0-1", "1:0.9", "1.0~rc1", "1.0+b1", "9.2p1-2+deb12u3", "2.0"])
NUMBERS = st.sampled_from([0, 1, 2, 3.5, -1, 100])
TIMES = st.sampled_from([NOW.astimezone(UTC) + timedelta(days=d) for d in (-40, -1, 0, 1, 29, 31)])
LISTS = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=3, unique=True).map(tuple)

VALUES = {
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
ORDERED = ("at_least", "at_most", "above", "below", "equals")
TEXTUAL = ("starts_with", "ends_with", "contains", "under", "equals")
FIELDS = {t: [FieldRef(f"{t.value}.{n}", t.value, str(n), "", t) for n in (1, 2)] for t in FieldType}
ALL_FIELDS = [f for pair in FIELDS.values() for f in pair]


def readings(kind: FieldType) -> st.SearchStrategy[object]:
    """Give a value, none or unknown."""
    return st.one_of(VALUES[kind], st.just(NONE), st.just(Unknown("silent")))


rows = st.fixed_dictionaries({f.name: readings(f.type) for f in ALL_FIELDS})


@st.composite
def single_tests(draw: st.DrawFn) -> Test:
    """Draw one operator that suits its field."""
    kind = draw(st.sampled_from(list(FieldType)))
    field = draw(st.sampled_from(FIELDS[kind]))
    operator, operand = draw(_operator(kind))
    return Test(field, operator, operand, str(operand), PLACE)


def _operator(kind: FieldType) -> st.SearchStrategy[tuple[str, object]]:
    value = VALUES[kind]
    choices = [
        st.tuples(st.just("exists"), st.booleans()),
        st.tuples(st.just("empty"), st.booleans()),
        st.tuples(st.just("same_as"), st.sampled_from(FIELDS[kind])),
    ]
    if kind is FieldType.LIST:
        return st.one_of(*choices, *_list_operators())
    several = st.lists(value, min_size=1, max_size=3).map(tuple)
    choices.append(st.tuples(st.sampled_from(["one_of", "none_of"]), several))
    if kind in {FieldType.TEXT, FieldType.PATH, FieldType.MODE}:
        choices.extend((
            st.tuples(st.sampled_from(TEXTUAL), value),
            st.tuples(st.just("matches"), st.sampled_from(["a.*", "a|ab", "(?s).*b", "[ab]+", ""])),
        ))
    elif kind is FieldType.TIME:
        moments = st.sampled_from([
            Moment("today", timedelta(0), day=True),
            Moment("now - 2 hours", timedelta(hours=-2), day=False),
        ])
        choices.append(
            st.tuples(st.sampled_from(["before", "after", "within", "older_than"]), st.one_of(value, moments))
        )
    elif kind is FieldType.BOOLEAN:
        choices.append(st.tuples(st.just("equals"), value))
    else:
        choices.extend((
            st.tuples(st.sampled_from(ORDERED), value),
            st.tuples(st.just("between"), st.tuples(value, value)),
        ))
    return st.one_of(choices)


def _list_operators() -> list[st.SearchStrategy[tuple[str, object]]]:
    element = FieldRef("", "", "", "", FieldType.TEXT)
    number = FieldRef("", "", "", "", FieldType.NUMBER)
    on_element = st.sampled_from([
        Test(element, "equals", "a", "a", PLACE),
        Not(Test(element, "starts_with", "b", "b", PLACE)),
        Test(element, "empty", None, "", PLACE),
    ])
    return [
        st.tuples(st.sampled_from(["equals", "contains", "contains_all", "contains_only", "one_of", "none_of"]), LISTS),
        st.tuples(st.just("contains"), st.sampled_from(["a", "z"])),
        st.tuples(st.sampled_from(["every", "some"]), on_element),
        st.tuples(st.just("count"), st.one_of(st.integers(0, 3), st.just(Test(number, "at_least", 2, "2", PLACE)))),
    ]


def _deeper(parts: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    several = st.lists(parts, min_size=1, max_size=3).map(tuple)
    return st.one_of(several.map(AllOf), several.map(AnyOf), parts.map(Not))


conditions = st.recursive(single_tests(), _deeper, max_leaves=5)
