"""The operators of the policy language in this version, and on which types of field each stands.

The schema offers these, and conditions are parsed by them. Source: LANGUAGE.md, "Conditions".
"""

from __future__ import annotations

from dataclasses import dataclass

from agent.model.kind import FieldType

ORDERED = frozenset({
    FieldType.VERSION,
    FieldType.DEBIAN_VERSION,
    FieldType.NUMBER,
    FieldType.SIZE,
    FieldType.PERCENT,
})
EVERY = frozenset(FieldType)
TEXT = frozenset({FieldType.TEXT})
LIST = frozenset({FieldType.LIST})
TIME = frozenset({FieldType.TIME})


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator. `operand` says what it takes: the schema and the parser each have a case for every word of it."""

    operand: str
    types: frozenset[FieldType]
    description: str


OPERATORS = {
    "equals": Operator("value", EVERY, "The field has this value; for a list: these members in any order."),
    "one_of": Operator("values", EVERY, "The field has one of these values."),
    "none_of": Operator("values", EVERY, "The field has none of these values; true where there is nothing."),
    "not": Operator("condition", EVERY, "The condition does not hold; true where there is nothing."),
    "any_of": Operator("conditions", EVERY, "At least one of these conditions on this field holds."),
    "all_of": Operator("conditions", EVERY, "Every one of these conditions on this field holds."),
    "empty": Operator("boolean", EVERY, "true: there is nothing, a blank text or a list without members."),
    "exists": Operator("boolean", EVERY, "true: there is something; false: it was read and there is nothing."),
    "same_as": Operator("field", EVERY, "The field has the same value as this other field of the same resource."),
    "unique": Operator("alone", EVERY - LIST, "true: no other in the same list has this value; false: another has it."),
    "starts_with": Operator("part", TEXT, "The text begins with this."),
    "ends_with": Operator("part", TEXT, "The text ends with this."),
    "contains": Operator("part", TEXT | LIST, "The text has this in it; for a list: this is one of its members."),
    "matches": Operator("pattern", TEXT, "The whole text matches this regular expression."),
    "under": Operator("folder", frozenset({FieldType.PATH}), "The path is this folder or is below it."),
    "at_least": Operator("value", ORDERED, "This or more. Versions compare only the components written here."),
    "at_most": Operator("value", ORDERED, "This or less. Versions compare only the components written here."),
    "above": Operator("value", ORDERED, "More than this."),
    "below": Operator("value", ORDERED, "Less than this."),
    "between": Operator("pair", ORDERED, "From the first to the second, both included."),
    "within": Operator("ago", TIME, "Not longer ago than this: 20m, 21 days, 14 school days; days begin at midnight."),
    "older_than": Operator("ago", TIME, "Longer ago than this: 20m, 21 days, 14 school days; days begin at midnight."),
    "before": Operator("moment", TIME, "Earlier than this: 2027-01-31, today + 30 days, created + 4 school hours."),
    "after": Operator("moment", TIME, "Later than this: 2027-01-31, today + 30 days, created + 4 school hours."),
    "contains_all": Operator("parts", LIST, "All of these are members."),
    "contains_only": Operator("parts", LIST, "No member is anything but one of these."),
    "count": Operator("count", LIST, "How many members there are: a number, or a condition such as at_least: 1."),
    "every": Operator("element", LIST, "The condition holds for every member."),
    "some": Operator("element", LIST, "The condition holds for at least one member."),
}

# Operators that look at more than the one value, and so have nothing to say of a list's members or their number.
OF_WHOLE_FIELDS = frozenset({"same_as", "unique"})


def operators_of(field_type: FieldType) -> tuple[str, ...]:
    """Give the operators that stand on fields of a type, in the order of the language."""
    return tuple(name for name, operator in OPERATORS.items() if field_type in operator.types)
