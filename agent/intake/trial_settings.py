"""What a policy test says beside readings: its time, its calendar, its waivers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from agent.intake.nodes import Node, text_at
from agent.intake.values import instant
from agent.intake.wording import problem, quote
from agent.model.calendar import Days, Kept, Spans
from agent.model.trial import Keeps
from agent.model.waiver import Waiver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from agent.intake.trial_resources import Ground

_WORDS = {
    "close": Kept.CLOSED,
    "delay": Kept.DELAY,
    "early_release": Kept.EARLY_RELEASE,
    "testing": Kept.TESTING,
    "season": Kept.SEASON,
}


def when(node: Node | None, ground: Ground) -> datetime | None:
    """Give the instant of `at`, in the district's zone where it names none."""
    if node is None:
        return None
    try:
        return instant(node.raw, ground.zone)
    except ValueError as error:
        ground.problems.append(problem(node.place, str(error)))
        return None


def keeps(shared: Node | None, own: Node | None, ground: Ground, schools: frozenset[str]) -> Keeps | None:
    """Give the calendars of a case: each key of its own takes the place of the file's.

    `schools` are those that the case itself brings.
    """
    said: dict[str, Node] = {}
    for node in (n for n in (shared, own) if n is not None):
        said.update(node.pairs())
    if not said:
        return None
    spans = tuple(_span(item.raw) for item in said["open"].items()) if "open" in said else ()
    known = schools | set(ground.district.sites)
    days = [day for word, kept in _WORDS.items() if word in said for day in _days(said[word], kept, ground, known)]
    return Keeps(_ordered(spans, said.get("open"), ground), tuple(days))


def _ordered(spans: Spans, node: Node | None, ground: Ground) -> Spans:
    for one, other in zip(((0, 0), *spans), spans, strict=False):
        if node is not None and not one[1] <= other[0] < other[1]:
            ground.problems.append(problem(node.place, "The spans of a day follow each other, and none is empty"))
            break
    return spans


def _days(node: Node, kept: Kept, ground: Ground, known: frozenset[str]) -> Iterator[tuple[tuple[str, ...], Days]]:
    for item in node.items():
        first, last = (_day(item, word, ground) for word in (("day", "day") if item.get("day") else ("first", "last")))
        if first is None or last is None:
            continue
        if last < first:
            ground.problems.append(problem(item.place, f"{last} is before {first}"))
            continue
        name = text_at(item, "name") or kept.value.replace("_", " ")
        days = Days(kept, name, first, last, source=str(item.place))
        yield _sites(item.get("site"), ground, known), _with_clock(days, item)


def _with_clock(days: Days, item: Node) -> Days:
    if (start := text_at(item, "from")) and days.what is Kept.DELAY:
        return replace(days, from_second=_second(start))
    if (end := text_at(item, "until")) and days.what is Kept.EARLY_RELEASE:
        return replace(days, until_second=_second(end))
    return days


def _sites(node: Node | None, ground: Ground, known: frozenset[str]) -> tuple[str, ...]:
    """Give the sites of a change, none for all of them."""
    named = tuple(i for i in (node.items() or (node,) if node else ()) if i.raw != "all")
    for item in named:
        if item.raw not in known:
            sentence = f"There is no site {quote(item.raw)} in district.yaml, and this case gives none"
            ground.problems.append(problem(item.place, sentence, item.raw, known))
    return tuple(i.raw for i in named)


def _day(item: Node, word: str, ground: Ground) -> date | None:
    node = item.get(word)
    try:
        return date.fromisoformat(node.raw) if node else None
    except ValueError:
        if node is not None:
            ground.problems.append(problem(node.place, f"{quote(node.raw)} is not on the calendar"))
        return None


def _span(text: str) -> tuple[int, int]:
    start, _, end = text.partition("-")
    return _second(start), _second(end)


def _second(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return int(hours) * 3600 + int(minutes) * 60


def waivers(node: Node, policies: tuple[str, ...], ground: Ground) -> tuple[Waiver, ...]:
    """Give the exceptions of a case. They shield from the policies that it tests."""
    listed = node.get("waivers")
    found = []
    for number, item in enumerate(listed.items() if listed else (), start=1):
        until = _day(item, "until", ground)
        if until is not None:
            found.append(
                Waiver(
                    id=text_at(item, "waiver") or f"W-{number}",
                    policies=policies,
                    resources=_texts(item, "resources"),
                    sites=_texts(item, "sites"),
                    owner="",
                    reason="testing",
                    ticket="",
                    until=until,
                    place=item.place,
                )
            )
    return tuple(found)


def _texts(node: Node, key: str) -> tuple[str, ...]:
    found = node.get(key)
    return found.texts() if found else ()
