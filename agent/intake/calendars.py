"""What of calendars is checked beyond their shape: that days exist and are in order, and that sites name real ones."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from agent.intake.nodes import Node, text_at
from agent.intake.wording import problem, quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agent.errors import Problem
    from agent.intake.structure import Document

_ORDERED = (("first", "last"), ("from", "to"))


def check_calendars(read: Sequence[Document]) -> Iterator[Problem]:
    """Give what is wrong with the calendars, and with the sites that keep one."""
    names: dict[str, Node] = {}
    for node in (d.node for d in read if d.shape == "calendar"):
        name = text_at(node, "calendar")
        if name in names:
            sentence = f"The calendar {quote(name)} is taken: {names[name].file} has it already"
            yield problem(node.key_place("calendar"), sentence)
        elif name:
            names[name] = node
        yield from _days(node)
    district = next((d.node for d in read if d.shape == "district"), None)
    sites = district.get("sites") if district and names else None
    for _, site in sites.pairs() if sites else ():
        kept = site.get("calendar")
        if kept is not None and kept.text() and kept.text() not in names:
            text = kept.text() or ""
            yield problem(kept.place, f"There is no calendar {quote(text)} in policies/calendars/", text, names)


def _days(node: Node) -> Iterator[Problem]:
    """Say which days are not on the calendar, and which spans end before they begin."""
    if isinstance(node.value, dict):
        for before, after in _ORDERED:
            one, other = _day(node.get(before)), _day(node.get(after))
            if one and other and other < one and (late := node.get(after)) is not None:
                yield problem(late.place, f"{other} is before {one}")
        children: tuple[Node, ...] = tuple(node.value.values())
    else:
        children = node.items()
        text = node.text()
        if text and len(text) == DATE and text[4:5] == text[7:8] == "-" and _day(node) is None:
            yield problem(node.place, f"{quote(text)} is not on the calendar")
    for child in children:
        yield from _days(child)


DATE = len("2026-08-12")


def _day(node: Node | None) -> date | None:
    try:
        return date.fromisoformat(node.text() or "") if node else None
    except ValueError:
        return None
