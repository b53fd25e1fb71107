"""Readings, conditions and findings in words: the same words in findings, reports and `explain`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, cast

from agent.decide.parts import fields_tested
from agent.model.condition import AllOf, AnyOf, Condition, Not, Test
from agent.model.kind import FieldRef
from agent.model.reading import NONE, Reading, Unknown
from agent.secrets import MASK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from agent.model.finding import Difference

_LOOKS_LIKE_ANOTHER_STATE = ("none", "unknown", "", "true", "false")
LONGEST = 80  # characters of a value that a sentence repeats
_PHRASES = {
    "equals": "{}",
    "one_of": "one of {}",
    "none_of": "none of {}",
    "same_as": "the same as {}",
    "unique": "nobody else's",
    "starts_with": "starting with {}",
    "ends_with": "ending with {}",
    "contains": "containing {}",
    "contains_all": "containing all of {}",
    "contains_only": "containing only {}",
    "matches": "matching {}",
    "under": "{} or below it",
    "at_least": "at least {}",
    "at_most": "at most {}",
    "above": "above {}",
    "below": "below {}",
    "within": "within {}",
    "older_than": "older than {}",
    "before": "before {}",
    "after": "after {}",
    "every": "every member {}",
    "some": "some member {}",
    "count": "{} members",
}


@dataclass(frozen=True, slots=True)
class Aside:
    """How a reading and a wish are said in a sentence, where not as a difference has them; and what comes behind."""

    observed: str = ""
    behind: str = ""
    expected: str = ""


NOTHING = Aside()


def show(reading: Reading) -> str:
    """Give a reading as text. A text that could be mistaken for another state, or for several, is quoted."""
    if reading is NONE or isinstance(reading, Unknown):
        return str(reading)
    if isinstance(reading, bool):
        return "true" if reading else "false"
    if isinstance(reading, tuple):
        return "[" + ", ".join(show(m) for m in sorted(reading)) + "]"
    if isinstance(reading, datetime):
        return reading.isoformat(timespec="seconds")
    if isinstance(reading, str):
        plain = reading.isprintable() and reading == reading.strip() and "," not in reading
        return (
            reading if plain and reading not in _LOOKS_LIKE_ANOTHER_STATE else json.dumps(reading, ensure_ascii=False)
        )
    return str(reading)


def show_of(field: FieldRef, reading: Reading) -> str:
    """Give a field's reading as text, masked where the field is sensitive; that there is none is no secret."""
    shown = not field.sensitive or reading is NONE or isinstance(reading, Unknown)
    return show(reading) if shown else MASK


def _plainly(_field: FieldRef, reading: Reading) -> str:
    return show(reading)


def wish(condition: Condition, *, bare: bool = False, say: Callable[[FieldRef, Reading], str] = _plainly) -> str:
    """Give a condition on one field as the end of "it should be ...".

    A value wanted of a sensitive field is masked; `bare` leaves it in, for what is compared and never shown.
    `say` gives a value's words, for what is shown and never compared.
    """
    match condition:
        case AllOf(parts):
            return " and ".join(_part(p, condition, bare=bare, say=say) for p in parts)
        case AnyOf(parts):
            return " or ".join(_part(p, condition, bare=bare, say=say) for p in parts)
        case Not(Test(operator="unique")):
            return "somebody else's too"
        case Not(part):
            said = wish(part, bare=bare, say=say)
            return f"not ({said})" if spans(part) else f"not {said}"
        case Test():
            return _test(condition, say, hidden=condition.field.sensitive and not bare)


def spans(condition: Condition) -> bool:
    """Say whether a condition is about several fields, as a condition set under `is_not` can be."""
    return len(fields_tested(condition)) > 1


def _part(part: Condition, whole: Condition, *, bare: bool, say: Callable[[FieldRef, Reading], str]) -> str:
    """Give one part, with its field where the parts are about several."""
    said = wish(part, bare=bare, say=say)
    return f"{subject(part).name} is {said}" if spans(whole) and not spans(part) else said


def other_field(condition: Condition) -> FieldRef | None:
    """Give the field that a condition wants its own to be the same as, where that is all it wants and no secret."""
    if not isinstance(condition, Test) or condition.operator != "same_as":
        return None
    other = cast("FieldRef", condition.operand)
    return None if other.sensitive or condition.field.sensitive else other


def other_wish(wish: str, other: FieldRef, value: str) -> str:
    """Give what is wanted with the value that the other field has: `east (device.site)`."""
    return f"{wish}, which is none" if value == str(NONE) else f"{value} ({other.name})"


def rule(condition: Condition) -> str:
    """Give a condition over several fields as a clause: `a is x, and b is at least 3`."""
    match condition:
        case AllOf(parts):
            groups = [(field, AllOf(tests)) for field, tests in by_field(parts)]
            return ", and ".join(wish(g) if spans(g) else f"{field} is {wish(g)}" for field, g in groups)
        case _:
            return wish(condition) if spans(condition) else f"{subject(condition).name} is {wish(condition)}"


def by_field(parts: Sequence[Condition]) -> list[tuple[str, tuple[Condition, ...]]]:
    """Group the parts of an `expect` or a `where` by the field that each is about, in the order written.

    What is about several fields stays by itself, under the first of them.
    """
    groups: dict[tuple[str, int], list[Condition]] = {}
    for part in _flat(parts):
        groups.setdefault((subject(part).name, len(groups) if spans(part) else -1), []).append(part)
    return [(field, tuple(tests)) for (field, _), tests in groups.items()]


def subject(condition: Condition) -> FieldRef:
    """Give the field that a condition is about; all parts of one field's condition are about the same."""
    match condition:
        case Test():
            return condition.field
        case Not(part):
            return subject(part)
        case AllOf(parts) | AnyOf(parts):
            return subject(parts[0])


def sentence(resource: str, differences: Sequence[Difference], asides: Sequence[Aside] = ()) -> str:
    """Give a finding as one plain sentence, with what is to be said beside each difference."""
    pairs = zip_longest(differences, asides, fillvalue=NOTHING)
    return f"{resource.partition('/')[2]}: {'; '.join(_clause(*cast('Any', pair)) for pair in pairs)}."


def _clause(difference: Difference, aside: Aside) -> str:
    said = _said(difference, aside.observed or difference.observed, aside.expected or difference.expected)
    return said if difference.sensitive else said + aside.behind


def _said(difference: Difference, observed: str, expected: str) -> str:
    field = difference.field
    if difference.sensitive:
        return f"{field} is not as it should be"
    if difference.field == "converge":
        return f"the playbook would change {observed}"
    if observed == "none":
        return f"{field} is not there and should be {_brief(expected)}"
    if _brief(observed) == observed or _brief(expected) == expected:
        return f"{field} is {_brief(observed)} and should be {_brief(expected)}"
    return f"{field} is not the text that the policy asks for"


def _brief(text: str) -> str:
    """Give a value as it is, or say that it is a longer text: whole files do not belong into a sentence."""
    return text if len(text) <= LONGEST and "\\n" not in text.rstrip('"').removesuffix("\\n") else "another text"


def _flat(parts: Iterable[Condition]) -> Iterable[Condition]:
    for part in parts:
        if isinstance(part, AllOf):
            yield from _flat(part.parts)
        else:
            yield part


def _test(test: Test, say: Callable[[FieldRef, Reading], str], *, hidden: bool) -> str:
    match test.operator:
        case "exists":
            return "there" if test.operand else "not there"
        case "empty":
            return "not empty" if test.operand is False else "empty"
        case "between":
            low, high = cast("tuple[Reading, Reading]", test.operand)
            return (
                f"between {MASK} and {MASK}"
                if hidden
                else f"between {say(test.field, low)} and {say(test.field, high)}"
            )
    return _PHRASES[test.operator].format(MASK if hidden and test.operator != "same_as" else _operand(test, say))


def compared(test: Test) -> str:
    """Give the name of what a test compares its field with: another field's, or a moment's as the policy wrote it."""
    other = cast("FieldRef", test.operand)
    if other.reckoned is None:
        return other.name
    return "nobody else has it" if test.operator == "unique" else test.text


def _operand(test: Test, say: Callable[[FieldRef, Reading], str]) -> str:
    operand = test.operand
    if isinstance(operand, FieldRef):
        return compared(test)
    if isinstance(operand, (Test, AllOf, AnyOf, Not)):
        return wish(operand, bare=True, say=say)  # of the members: what may not be shown was hidden before
    if isinstance(operand, tuple) and test.operator != "equals":
        return ", ".join(say(test.field, cast("Reading", v)) for v in operand)
    named = getattr(operand, "text", None) or getattr(operand, "name", None)
    return named or say(test.field, cast("Reading", operand))
