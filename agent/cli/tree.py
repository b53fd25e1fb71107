"""A judged condition as `explain` shows it: each part with its verdict, what was read, and where it is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from agent.report.plain import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from agent.decide.explain import Judgement
    from agent.errors import Place
    from agent.model.condition import Test
    from agent.model.kind import FieldRef

MARKS = {True: "yes", False: "NO ", None: "?  "}
MOST_MEMBERS = 10


@dataclass(frozen=True, slots=True)
class Around:
    """What a tree is shown with: the time that it was judged at, and the condition set that a place is in."""

    now: datetime
    set_at: Callable[[Place], str] = lambda _place: ""


def lines(judgement: Judgement, around: Around, depth: int = 1) -> Iterator[str]:
    """Give a condition tree, a line each: its mark, the wish, and what was read."""
    from agent.model.condition import AllOf, AnyOf, Test

    condition, indent = judgement.condition, "  " * depth
    if isinstance(condition, Test) and judgement.reading is not None:
        said = plain(_said(judgement, around.now))
        yield f"{indent}{MARKS[judgement.holds]} {said} ({_where(condition.place, around)})"
        yield from (f"{indent}    {plain(line)}" for line in _members(judgement, around.now))
        return
    if isinstance(condition, AllOf) and depth == 1:
        yield from (line for part in judgement.parts for line in lines(part, around, depth))
        return
    word = "all of" if isinstance(condition, AllOf) else "any of" if isinstance(condition, AnyOf) else "not"
    yield f"{indent}{MARKS[judgement.holds]} {word}"
    yield from (line for part in judgement.parts for line in lines(part, around, depth + 1))


def _said(judgement: Judgement, now: datetime) -> str:
    from agent.decide.amounts import spoken, spoken_of
    from agent.decide.words import compared, wish

    test = cast("Test", judgement.condition)
    read = spoken_of(test.field, judgement.reading, now) if judgement.reading is not None else ""
    if judgement.other is not None:
        other = cast("FieldRef", test.operand)
        read += f", and {compared(test)}: {spoken_of(other, judgement.other, now)}"
    return f"{test.field.name}: wanted {wish(test, say=spoken)}; read {read}"


def _where(place: Place, around: Around) -> str:
    name = around.set_at(place)
    return f"{name}, {place}" if name else str(place)


def _members(judgement: Judgement, now: datetime) -> Iterator[str]:
    """Name the members of a list that break a condition on it, and those that it lacks."""
    from agent.decide.members import culprits

    if cast("Test", judgement.condition).field.sensitive:
        return
    for what, members in zip(("not as it should be", "missing"), culprits(judgement, now), strict=True):
        if members:
            more = f" and {len(members) - MOST_MEMBERS:,} more" if len(members) > MOST_MEMBERS else ""
            yield f"{what}: {', '.join(members[:MOST_MEMBERS])}{more}"


def document(judgement: Judgement | None, around: Around) -> dict[str, Any] | None:
    """Give a condition tree for JSON; a test has its field, its wish, its place and what was read."""
    from agent.decide.members import culprits
    from agent.decide.words import rule, show_of, subject, wish
    from agent.model.condition import AllOf, AnyOf, Test

    if judgement is None:
        return None
    condition = judgement.condition
    tree: dict[str, Any] = {"rule": rule(condition), "holds": judgement.holds}
    if isinstance(condition, Test):
        tree |= {"field": condition.field.name, "wanted": wish(condition), "place": str(condition.place)}
        tree |= {"set": name} if (name := around.set_at(condition.place)) else {}
        extra, missing = ((), ()) if condition.field.sensitive else culprits(judgement, around.now)
        tree |= {"breaking": list(extra)} if extra else {}
        tree |= {"missing": list(missing)} if missing else {}
    else:
        tree["of"] = "all" if isinstance(condition, AllOf) else "any" if isinstance(condition, AnyOf) else "not"
    if judgement.reading is not None:
        tree["reading"] = show_of(subject(condition), judgement.reading)
    if judgement.other is not None:
        tree["other"] = show_of(cast("FieldRef", cast("Test", condition).operand), judgement.other)
    if judgement.parts:
        tree["parts"] = [document(p, around) for p in judgement.parts]
    return tree
