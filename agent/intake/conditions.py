"""From nodes to conditions, typed by the type of the field. Source of the meaning: LANGUAGE.md, "Conditions".

What the schema refuses is passed over here without a word: it has been said. What only a look at the values, the
other fields or the calendar can tell is said here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar, cast

from agent.intake.composition_schema import IS, IS_NOT
from agent.intake.dated_values import blame
from agent.intake.nodes import Node, flow
from agent.intake.operators import OF_WHOLE_FIELDS, OPERATORS
from agent.intake.times import Times, unique_column
from agent.intake.values import EXPECTED, day_or_instant, is_number, is_sane, order, percent, size
from agent.intake.wording import problem, quote
from agent.model.condition import AllOf, AnyOf, Condition, Day, Not, Test
from agent.model.kind import FieldRef, FieldType, UnknownFieldError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import tzinfo

    from agent.errors import Problem
    from agent.intake.vocabulary import Vocabulary
    from agent.model.kind import Catalog, Kind
    from agent.model.reading import Value

ELEMENT = FieldRef("", "", "", "", FieldType.TEXT)
COUNT = FieldRef("", "", "", "", FieldType.NUMBER)
PAIR = 2
_TEXTS = frozenset({FieldType.TEXT, FieldType.PATH, FieldType.MODE})


Part = TypeVar("Part")


class _Refused(Exception):  # ruff: ignore[error-suffix-on-exception-name] - it ends one branch and is never seen outside
    """This branch has no meaning; the problem is noted, or the schema notes it."""


@dataclass(frozen=True, slots=True)
class Parser:
    """Parses conditions on one kind. `zone` is the district's; `problems` receives what is wrong."""

    kind: Kind
    catalog: Catalog
    zone: tzinfo
    problems: list[Problem]
    vocabulary: Vocabulary | None = None

    def fields(self, node: Node) -> Condition | None:
        """Parse a mapping of fields to conditions; None where any part of it has no meaning."""
        parts = [self._try(node, name, value) for name, value in node.pairs()]
        good = [p for p in parts if p is not None]
        return _all(good) if good and len(good) == len(parts) else None

    def _in_sets(self, name: str, node: Node) -> Condition | None:
        """Parse what `is` and `is_not` stand for, written out."""
        found = [self.fields(item) for item in node.items()]
        good = [one for one in found if one is not None]
        if not good or len(good) != len(found):
            return None
        return _all(good if name == IS else [Not(one) for one in good])

    def _try(self, node: Node, name: str, value: Node) -> Condition | None:
        if name in {IS, IS_NOT}:
            return self._in_sets(name, value)
        try:
            return self._condition(self.catalog.resolve(self.kind, name), value)
        except UnknownFieldError as error:
            self.problems.append(problem(node.key_place(name), str(error)))
        except _Refused:
            pass  # Noted where it was found.
        return None

    def _refuse(self, node: Node, sentence: str) -> _Refused:
        self.problems.append(problem(node.place, sentence))
        return _Refused()

    def _condition(self, field: FieldRef, node: Node) -> Condition:
        """Parse a bare value, a bare list, or a mapping of operators that must all hold."""
        if isinstance(node.value, dict):
            return _all(self._each(lambda pair: self._operator(field, *pair), node.value.items()))
        if isinstance(node.value, tuple) and field.type is not FieldType.LIST:
            return self._test(field, "one_of", node)
        return self._test(field, "equals", node)

    def _each(self, parse: Callable[[Part], Condition], parts: Iterable[Part]) -> list[Condition]:
        """Parse every part, so that each one's problem is noted, and give them only if all have a meaning."""
        found: list[Condition] = []
        lost = 0
        for part in parts:
            try:
                found.append(parse(part))
            except _Refused:
                lost += 1
        if lost or not found:
            raise _Refused
        return found

    def _operator(self, field: FieldRef, name: str, node: Node) -> Condition:
        operator = OPERATORS.get(name)
        if operator is None or field.type not in operator.types:
            raise _Refused
        if name == "not":
            return Not(self._condition(field, node))
        if name in {"any_of", "all_of"}:
            parts = self._each(lambda item: self._condition(field, item), node.items())
            return AnyOf(tuple(parts)) if name == "any_of" else AllOf(tuple(parts))
        if name in OF_WHOLE_FIELDS and not field.name:
            raise _Refused
        if name == "unique":
            return self._unique(field, node)
        return self._test(field, name, node)

    def _unique(self, field: FieldRef, node: Node) -> Condition:
        test = Test(field, "unique", unique_column(field), flow(node), node.place)
        return test if self._boolean(field, node) else Not(test)

    def _test(self, field: FieldRef, operator: str, node: Node) -> Test:
        parse: dict[str, Callable[[FieldRef, Node], object]] = {
            "value": self._value,
            "values": self._values,
            "parts": self._values,
            "pair": self._pair,
            "boolean": self._boolean,
            "part": self._part,
            "folder": self._folder,
            "pattern": self._pattern,
            "moment": self._when,
            "ago": self._ago,
            "field": self._other,
            "count": self._count,
            "element": self._element,
        }
        noted = len(self.problems)
        try:
            operand = parse[OPERATORS[operator].operand](field, node)
        except _Refused:
            blame(field, operator, node, self.problems, noted)
            raise
        if self.vocabulary is not None:
            self.vocabulary.check(self.kind, field, operator, node, self.problems)
        return Test(field, operator, operand, flow(node), node.place)

    def _value(self, field: FieldRef, node: Node) -> Value | Day:
        """Give a value of the field's type."""
        value = node.value
        match field.type:
            case FieldType.BOOLEAN if isinstance(value, bool):
                return value
            case FieldType.LIST if isinstance(value, tuple):
                return tuple(cast("str", self._value(ELEMENT, item)) for item in _members(node))
            case FieldType.TEXT if is_number(value):
                return node.raw
            case FieldType.NUMBER | FieldType.SIZE | FieldType.PERCENT if is_number(value):
                return self._number(field.type, node)
            case FieldType.NUMBER | FieldType.BOOLEAN | FieldType.LIST:
                raise _Refused
        return self._from_text(field.type, node)

    def _from_text(self, field_type: FieldType, node: Node) -> Value | Day:
        text = _text(node)
        if not re.search(EXPECTED[field_type].pattern, text):
            raise _Refused
        try:
            match field_type:
                case FieldType.SIZE:
                    return size(text)
                case FieldType.PERCENT:
                    return percent(text)
                case FieldType.TIME:
                    return day_or_instant(text, self.zone)
        except ValueError as error:
            raise self._refuse(node, str(error)) from error
        return text

    def _number(self, field_type: FieldType, node: Node) -> int | float:
        number = cast("int | float", node.value)
        if not is_sane(number):
            raise self._refuse(node, f"{node.raw} is no number that anything can have")
        expected = EXPECTED[field_type]
        within = (expected.least is None or number >= expected.least) and (
            expected.most is None or number <= expected.most
        )
        if not within or (field_type is FieldType.SIZE and number != int(number)):
            raise _Refused
        return int(number) if field_type is FieldType.SIZE else number

    def _values(self, field: FieldRef, node: Node) -> tuple[Value | Day, ...]:
        member = ELEMENT if field.type is FieldType.LIST else field
        return tuple(self._value(member, item) for item in _members(node))

    def _pair(self, field: FieldRef, node: Node) -> tuple[Value | Day, Value | Day]:
        values = self._values(field, node)
        if len(values) != PAIR:
            raise _Refused
        low, high = values
        if order(field.type, low, high) > 0:
            written = [flow(item) for item in node.items()]
            raise self._refuse(node, f"Nothing lies between {' and '.join(written)}: the lower end comes first")
        return low, high

    def _boolean(self, _field: FieldRef, node: Node) -> bool:
        if not isinstance(node.value, bool):
            raise _Refused
        return node.value

    def _part(self, _field: FieldRef, node: Node) -> str:
        text = node.raw if is_number(node.value) else _text(node)
        if not text:
            raise _Refused
        return text

    def _folder(self, _field: FieldRef, node: Node) -> str:
        return _text(node)

    def _pattern(self, _field: FieldRef, node: Node) -> str:
        from agent.decide.columns import valid_pattern  # ruff: ignore[import-outside-top-level] - polars costs 0.2 s

        text = _text(node)
        wrong = valid_pattern(text)
        if wrong:
            raise self._refuse(node, f"{quote(text)} is not a regular expression: {wrong}")
        return text

    def _times(self, field: FieldRef) -> Times:
        return Times(field, self.zone, lambda name: self.catalog.resolve(self.kind, name))

    def _when(self, field: FieldRef, node: Node) -> object:
        try:
            return self._times(field).moment(_text(node))
        except ValueError as error:
            raise self._refuse(node, str(error)) from error

    def _ago(self, field: FieldRef, node: Node) -> object:
        if not field.past:
            sentence = f"{quote(field.name)} is no time that lies behind us: it takes `before` and `after`"
            raise self._refuse(node, sentence)
        try:
            return self._times(field).ago(_text(node))
        except ValueError as error:
            raise self._refuse(node, str(error)) from error

    def _count(self, _field: FieldRef, node: Node) -> object:
        if isinstance(node.value, dict):
            return self._condition(COUNT, node)
        if not isinstance(node.value, int) or isinstance(node.value, bool) or node.value < 0:
            raise _Refused
        if not is_sane(node.value):
            raise self._refuse(node, f"No list has {node.raw:.40} members")
        return node.value

    def _element(self, _field: FieldRef, node: Node) -> Condition:
        return self._condition(ELEMENT, node)

    def _other(self, field: FieldRef, node: Node) -> FieldRef:
        name = _text(node)
        try:
            other = self.catalog.resolve(self.kind, name)
        except UnknownFieldError as error:
            raise self._refuse(node, str(error)) from error
        if other.type is not field.type and not {field.type, other.type} <= _TEXTS:
            types = f"a {field.type} field with {quote(other.name)}, a {other.type} field"
            raise self._refuse(node, f"`same_as` cannot compare {types}")
        return other


def _all(parts: list[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))


def _members(node: Node) -> tuple[Node, ...]:
    """Give the members of a list that has some."""
    if not node.items():
        raise _Refused
    return node.items()


def _text(node: Node) -> str:
    text = node.text()
    if text is None:
        raise _Refused
    return text
