"""Every operator on every type of field: what it takes becomes a typed condition, anything else is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from jsonschema import Draft202012Validator

from agent.intake import yaml
from agent.intake.conditions import ELEMENT, Parser
from agent.intake.nodes import plain
from agent.intake.operators import OPERATORS, operators_of
from agent.intake.schema import schema
from agent.model.condition import AllOf, AnyOf, Condition, Day, Moment, Not, Test
from agent.model.kind import FieldRef, FieldType
from agent.model.reckoned import Reckoned

if TYPE_CHECKING:
    from agent.model.kind import Catalog

CHICAGO = ZoneInfo("America/Chicago")
ALL = tuple(FieldType)

# Of each type: values as a policy writes them, and what they become; then what is refused.
VALUES: dict[FieldType, dict[str, object]] = {
    FieldType.TEXT: {"abc": "abc", "no": "no", "4": "4", "1.50": "1.50", "0x1F": "0x1F", '"$(reboot)"': "$(reboot)"},
    FieldType.PATH: {"/Students/East": "/Students/East"},
    FieldType.MODE: {'"0644"': "0644", "'4755'": "4755"},
    FieldType.VERSION: {'"12"': "12", "126.0.6478": "126.0.6478", "6.1.0-40-amd64": "6.1.0-40-amd64"},
    FieldType.DEBIAN_VERSION: {'"1:9.2p1-2+deb12u3"': "1:9.2p1-2+deb12u3", "1.0~rc1-1": "1.0~rc1-1"},
    FieldType.NUMBER: {"3": 3, "-1.5": -1.5, "0": 0},
    FieldType.SIZE: {"20 GiB": 20 * 2**30, "500MB": 500_000_000, "1.5 KiB": 1536, "12": 12, "7 B": 7},
    FieldType.PERCENT: {"80%": 80.0, "99.5 %": 99.5, "0": 0, "100%": 100.0, "33.3": 33.3},
    FieldType.BOOLEAN: {"true": True, "false": False},
    FieldType.TIME: {
        "2027-01-31": Day("2027-01-31", datetime(2027, 1, 31, tzinfo=CHICAGO), datetime(2027, 2, 1, tzinfo=CHICAGO)),
        "2027-07-01T08:00": datetime(2027, 7, 1, 8, tzinfo=CHICAGO),
        "2027-07-01 08:00:30Z": datetime(2027, 7, 1, 8, 0, 30, tzinfo=UTC),
        "2027-07-01T08:00-05:00": datetime(2027, 7, 1, 13, tzinfo=UTC),
    },
    FieldType.LIST: {"[a, b]": ("a", "b"), "[22]": ("22",)},
}
REFUSED: dict[FieldType, tuple[str, ...]] = {
    FieldType.TEXT: ("true", '""', '" "', "~", "{}", "{a: b}"),
    FieldType.PATH: ("3", "true", '""', "~"),
    FieldType.MODE: ("0644", "644", '"644"', '"0888"', '"0644\\n"', "u+x", "true", "~"),
    FieldType.VERSION: ("12", "12.5", "latest", '"12 or so"', '"12\\n"', "~"),
    FieldType.DEBIAN_VERSION: ("1", "1.0", '"a b"', "~"),
    FieldType.NUMBER: ("three", '"3"', "true", ".nan", ".inf", "~"),
    FieldType.SIZE: ("20 G", "GiB", "-1", "1.5", "true", "20 gib", '"20 GiB\\n"', "~"),
    FieldType.PERCENT: ("101", "101%", "-1", "80 percent", "true", ".nan", "~"),
    FieldType.BOOLEAN: ("yes", "no", "1", '"true"', "~"),
    FieldType.TIME: ("2027-13-01", "2027-02-30", "tomorrow", "12:30", "2027", "0001-01-01", "today", "~"),
    FieldType.LIST: ("a", "3", "[]", "[[a]]", "[true]", "[{}]", "~"),
}


def first(field_type: FieldType) -> tuple[str, object]:
    return next(iter(VALUES[field_type].items()))


@pytest.fixture(scope="session")
def parts(catalog: Catalog) -> dict[str, Draft202012Validator]:
    definitions = schema(catalog)["$defs"]
    return {str(t): Draft202012Validator({"$ref": f"#/$defs/condition_{t}", "$defs": definitions}) for t in FieldType}


class Reader:
    """Reads one condition on one type of field, by the schema and by the parser."""

    def __init__(self, catalog: Catalog, parts: dict[str, Draft202012Validator]) -> None:
        self.catalog = catalog
        self.kind = catalog.kinds["thing"]
        self.parts = parts

    def read(self, field_type: FieldType, text: str) -> Condition | None:
        """Give the condition; None where the schema or the parser refuses it, which must not differ silently."""
        node = yaml.parse(f"{field_type}: {text}\n".encode(), "x")
        problems: list[Any] = []
        condition = Parser(self.kind, self.catalog, CHICAGO, problems).fields(node)
        fits = self.parts[str(field_type)].is_valid(plain(node)[str(field_type)])  # type: ignore[index]
        assert fits or condition is None, f"the schema refuses {text!r}, the parser does not"
        if condition is None:
            assert problems or not fits, f"{text!r} is refused without a word"
        return condition if fits and not problems else None

    def ref(self, field_type: FieldType) -> FieldRef:
        return self.kind.resolve(str(field_type))


@pytest.fixture
def reader(catalog: Catalog, parts: dict[str, Draft202012Validator]) -> Reader:
    return Reader(catalog, parts)


ACCEPTED = [(t, text, value) for t, values in VALUES.items() for text, value in values.items()]


@pytest.mark.parametrize(("field_type", "text", "value"), ACCEPTED)
def test_a_bare_value_equals(reader: Reader, field_type: FieldType, text: str, value: object) -> None:
    condition = reader.read(field_type, text)
    assert isinstance(condition, Test)
    assert (condition.field, condition.operator) == (reader.ref(field_type), "equals")
    assert condition.operand == value
    assert type(condition.operand) is type(value)
    assert condition.place.column == len(field_type) + 3


@pytest.mark.parametrize(("field_type", "text"), [(t, text) for t, texts in REFUSED.items() for text in texts])
def test_a_value_of_another_type_is_refused(reader: Reader, field_type: FieldType, text: str) -> None:
    assert reader.read(field_type, text) is None
    assert reader.read(field_type, f"{{equals: {text}}}") is None
    assert reader.read(field_type, f"{{not: {text}}}") is None


@pytest.mark.parametrize("field_type", [t for t in ALL if t is not FieldType.LIST])
def test_a_bare_list_on_a_field_that_is_no_list_means_one_of(reader: Reader, field_type: FieldType) -> None:
    text, value = first(field_type)
    condition = reader.read(field_type, f"[{text}, {text}]")
    assert isinstance(condition, Test)
    assert (condition.operator, condition.operand) == ("one_of", (value, value))
    assert reader.read(field_type, "[]") is None


def operand(operator: str, field_type: FieldType) -> tuple[str, object]:
    """Give an operand as a policy writes it on a type, and what it becomes."""
    text, value = first(field_type)
    member, members = ("a", ("a", "a")) if field_type is FieldType.LIST else (text, (value, value))
    return {
        "value": (text, value),
        "values": (f"[{member}, {member}]", members),
        "parts": (f"[{member}, {member}]", members),
        "pair": (f"[{text}, {text}]", (value, value)),
        "boolean": ("true", True),
        "part": ("abc", "abc"),
        "pattern": ('"[a-z]+"', "[a-z]+"),
        "folder": ("/Students", "/Students"),
        "moment": ("today + 30 days", Moment("today + 30 days", timedelta(days=30), day=True)),
        "ago": ("21 days", Moment("21 days", timedelta(days=-21), day=True)),
        "count": ("3", 3),
    }[OPERATORS[operator].operand]


SIMPLE = [
    (t, operator)
    for t in ALL
    for operator in operators_of(t)
    if OPERATORS[operator].operand not in {"condition", "conditions", "field", "element", "alone"}
]


@pytest.mark.parametrize(("field_type", "operator"), SIMPLE)
def test_an_operator_takes_its_operand(reader: Reader, field_type: FieldType, operator: str) -> None:
    text, value = operand(operator, field_type)
    condition = reader.read(field_type, f"{{{operator}: {text}}}")
    assert isinstance(condition, Test)
    assert (condition.operator, condition.operand) == (operator, value)
    assert type(condition.operand) is type(value)


@pytest.mark.parametrize(("field_type", "operator"), [(t, o) for t in ALL for o in operators_of(t)])
def test_an_operator_refuses_what_is_none_of_its_operands(reader: Reader, field_type: FieldType, operator: str) -> None:
    for text in ("~", "{no_such_operator: 1}", "[]", "[{}]", "{}"):
        assert reader.read(field_type, f"{{{operator}: {text}}}") is None, text


@pytest.mark.parametrize(
    ("field_type", "operator"), [(t, o) for t in ALL for o in OPERATORS if o not in operators_of(t)]
)
def test_an_operator_stands_on_no_other_type(reader: Reader, field_type: FieldType, operator: str) -> None:
    for text in ("a", "3", "[a, b]", "true"):
        assert reader.read(field_type, f"{{{operator}: {text}}}") is None


@pytest.mark.parametrize("word", ["atleast", "Equals", "Unique", ""])
@pytest.mark.parametrize("field_type", ALL)
def test_other_words_are_no_operators(reader: Reader, field_type: FieldType, word: str) -> None:
    assert reader.read(field_type, f'{{"{word}": 3 school days}}') is None


@pytest.mark.parametrize("field_type", [t for t in ALL if t is not FieldType.LIST])
def test_a_value_may_be_asked_to_be_nobody_elses(reader: Reader, field_type: FieldType) -> None:
    condition = reader.read(field_type, "{unique: true}")
    assert isinstance(condition, Test)
    assert (condition.field, condition.operator) == (reader.ref(field_type), "unique")
    assert isinstance(condition.operand, FieldRef)
    assert condition.operand.reckoned == Reckoned("unique", reader.ref(field_type))
    assert reader.read(field_type, "{unique: false}") == Not(replace(condition, text="false"))
    assert reader.read(field_type, "{unique: 1}") is None


def test_members_of_lists_are_compared_with_no_field(reader: Reader) -> None:
    for wrong in (
        "every: {same_as: text}",
        "some: {unique: true}",
        "count: {same_as: number}",
        "count: {unique: true}",
    ):
        assert reader.read(FieldType.LIST, f"{{{wrong}}}") is None
    assert reader.read(FieldType.LIST, "{count: {any_of: [3, {above: 5}]}}") is not None


@pytest.mark.parametrize("field_type", ALL)
def test_conditions_in_conditions(reader: Reader, field_type: FieldType) -> None:
    text, value = first(field_type)

    def test(operator: str) -> Any:
        found = reader.read(field_type, f"{{{operator}: {text}}}" if operator == "equals" else f"{{{operator}: true}}")
        assert isinstance(found, Test)
        return (found.field, found.operator, found.operand)

    def shape(condition: Condition | None) -> Any:
        match condition:
            case AllOf(parts):
                return ("all", *map(shape, parts))
            case AnyOf(parts):
                return ("any", *map(shape, parts))
            case Not(part):
                return ("not", shape(part))
            case Test():
                return (condition.field, condition.operator, condition.operand)
        return None

    assert value is not None
    assert shape(reader.read(field_type, f"{{not: {text}}}")) == ("not", test("equals"))
    assert shape(reader.read(field_type, "{not: {empty: true}}")) == ("not", test("empty"))
    assert shape(reader.read(field_type, f"{{any_of: [{text}, {{exists: true}}]}}")) == (
        "any",
        test("equals"),
        test("exists"),
    )
    assert shape(reader.read(field_type, f"{{all_of: [{{not: {text}}}, {{any_of: [{text}]}}]}}")) == (
        "all",
        ("not", test("equals")),
        ("any", test("equals")),
    )
    assert shape(reader.read(field_type, f"{{exists: true, equals: {text}}}")) == (
        "all",
        test("exists"),
        test("equals"),
    )


def test_fields_of_one_mapping_must_all_hold(reader: Reader) -> None:
    node = yaml.parse(b"text: a\nnumber: {above: 3, below: 5}\n", "x")
    problems: list[Any] = []
    condition = Parser(reader.kind, reader.catalog, CHICAGO, problems).fields(node)
    assert isinstance(condition, AllOf)
    assert isinstance(condition.parts[1], AllOf)
    assert [type(p) for p in condition.parts] == [Test, AllOf]
    assert not problems


@pytest.mark.parametrize("field_type", ALL)
def test_a_field_is_compared_with_another_that_fits(reader: Reader, field_type: FieldType) -> None:
    condition = reader.read(field_type, f"{{same_as: other_{field_type}}}")
    assert isinstance(condition, Test)
    assert condition.operand == reader.kind.resolve(f"other_{field_type}")
    for other in ALL:
        fits = other is field_type or {other, field_type} <= {FieldType.TEXT, FieldType.PATH, FieldType.MODE}
        assert (reader.read(field_type, f"{{same_as: other_{other}}}") is not None) is fits
    assert reader.read(field_type, "{same_as: nothing}") is None
    assert reader.read(field_type, "{same_as: user.site.student_ou}") is None


def test_the_members_of_a_list(reader: Reader) -> None:
    every = reader.read(FieldType.LIST, "{every: {starts_with: a, not: {ends_with: b}}}")
    assert isinstance(every, Test)
    assert isinstance(every.operand, AllOf)
    assert isinstance(every.operand.parts[0], Test)
    assert every.operand.parts[0].field == ELEMENT
    some = reader.read(FieldType.LIST, "{some: [a, b]}")
    assert isinstance(some, Test)
    assert isinstance(some.operand, Test)
    assert (some.operand.operator, some.operand.operand) == ("one_of", ("a", "b"))
    count = reader.read(FieldType.LIST, "{count: {at_least: 1, below: 3}}")
    assert isinstance(count, Test)
    assert isinstance(count.operand, AllOf)
    for wrong in ("every: {above: 3}", "some: {contains_all: [a]}", "count: -1", "count: 1.5", "count: {ends_with: a}"):
        assert reader.read(FieldType.LIST, f"{{{wrong}}}") is None


@pytest.mark.parametrize(
    ("text", "day", "shift"),
    [
        ("today", True, timedelta(0)),
        ("now", False, timedelta(0)),
        ("today + 30 days", True, timedelta(days=30)),
        ("today - 1 week", True, timedelta(weeks=-1)),
        ("now - 2 hours", False, timedelta(hours=-2)),
        ("now+20m", False, timedelta(minutes=20)),
    ],
)
def test_times_that_hang_on_the_day(reader: Reader, text: str, day: bool, shift: timedelta) -> None:
    condition = reader.read(FieldType.TIME, f"{{after: {text}}}")
    assert isinstance(condition, Test)
    assert condition.operand == Moment(text, shift, day)


@pytest.mark.parametrize(
    "text",
    [
        "today + 5",
        "today * 3 days",
        "tomorrow",
        "today + 3 moons",
        "today + 3 school dayz",
        "today + 99999 days",
        "today - 99999 school days",
        "text - 3 days",
        "nothing - 3 days",
        "3 school days",
        "today + -3 days",
        "+ 3 days",
    ],
)
def test_times_that_nobody_can_tell(reader: Reader, text: str) -> None:
    assert reader.read(FieldType.TIME, f"{{before: {text}}}") is None


def reckoned(reader: Reader, condition: str) -> tuple[FieldRef, Reckoned]:
    test = reader.read(FieldType.TIME, f"{{{condition}}}")
    assert isinstance(test, Test)
    assert isinstance(test.operand, FieldRef)
    assert test.operand.type is FieldType.TIME
    assert test.operand.reckoned is not None
    return test.operand, test.operand.reckoned


@pytest.mark.parametrize(
    ("condition", "base", "start", "amount", "unit", "span"),
    [
        ("within: 14 school days", "today", "", -14, "school days", 0),
        ("older_than: 1 school day", "today", "", -1, "school days", 0),
        ("within: 3 desk hours", "now", "", -3, "desk hours", 0),
        ("within: 20 school minutes", "now", "", -20, "school minutes", 0),
        ("after: today + 10 staff days", "today", "", 10, "staff days", 0),
        ("before: now - 2 school hours", "now", "", -2, "school hours", 0),
        ("within: today - 2 school days", "today", "", -2, "school days", 0),
        ("after: other_time - 3 school days", "", "other_time", -3, "school days", 0),
        ("before: other_time", "", "other_time", 0, "", 0),
        ("within: other_time - 3 school days", "", "other_time", -3, "school days", 0),
        ("before: other_time + 1825 days", "", "other_time", 1825, "days", 0),
        ("before: other_time + 2 weeks", "", "other_time", 14, "days", 0),
        ("before: other_time+36h", "", "other_time", 0, "", 36 * 3600),
    ],
)
def test_times_that_hang_on_school_time_or_on_other_times(
    reader: Reader, condition: str, base: str, start: str, amount: int, unit: str, span: int
) -> None:
    column, spec = reckoned(reader, condition)
    wanted = reader.kind.resolve(start) if start else None
    ref = reader.ref(FieldType.TIME)
    assert spec == Reckoned("moment", ref, base, wanted, amount, unit, timedelta(seconds=span))
    assert column.name.startswith("\0")


def test_a_reckoned_column_is_named_by_all_that_it_hangs_on(reader: Reader) -> None:
    written = [
        "within: 14 school days", "within: 13 school days", "within: 14 staff days", "within: 14 school hours",
        "within: other_time - 14 school days", "within: other_time - 14 days", "within: other_time - 14 hours",
        "after: today + 14 school days", "after: now + 14 school days",
    ]  # fmt: skip
    assert len({reckoned(reader, one)[0].name for one in written}) == len(written)
    same = ("within: 14 school days", "within: today - 14 school day", "older_than: 14  school days")
    assert len({reckoned(reader, one)[0].name for one in same}) == 1


def test_a_date_is_its_midnight_in_the_districts_zone(reader: Reader) -> None:
    condition = reader.read(FieldType.TIME, "{before: 2027-07-01}")
    assert isinstance(condition, Test)
    assert isinstance(condition.operand, datetime)
    assert condition.operand.astimezone(UTC) == datetime(2027, 7, 1, 5, tzinfo=UTC)


def test_the_text_of_a_test_is_what_the_policy_wrote(reader: Reader) -> None:
    for field_type, text in ((FieldType.SIZE, "20 GiB"), (FieldType.PERCENT, "80%"), (FieldType.NUMBER, "1.50")):
        condition = reader.read(field_type, f"{{at_least: {text}}}")
        assert isinstance(condition, Test)
        assert condition.text == text
