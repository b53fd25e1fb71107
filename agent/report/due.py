"""Promises about to be broken: tickets first of all, soonest first. A ticket is a number, a school and a category."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.report import words
from agent.report.desk import rest, section
from agent.report.page import Item, Section, Tone
from agent.report.plain import capital, clause

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.model.run import Due
    from agent.report.desk import Desk

TICKET = "ticket"


def due(at: Desk) -> Section | None:
    """Write the section: what can still be kept is listed, what is broken already is a number."""
    promises = at.run.due
    if not promises:
        return None
    broken = [d for d in promises if d.at < at.run.at]
    coming = _lines(at, [d for d in promises if d.at >= at.run.at])
    shown = coming[: at.room.due]
    items = tuple(_item(at, p) for p in shown)
    left = sum(map(len, coming[len(shown) :]))
    more = rest(0, left, "more", "more") if not shown else f"And {left:,} more." if left else ""
    return section("Promises about to be broken", Tone.DUE, items, more, _broken(at, broken))


def _broken(at: Desk, broken: Sequence[Due]) -> str:
    if not broken:
        return ""
    first = min(d.at for d in broken)
    which = words.things(sorted({d.resource for d in broken}))
    if len(broken) == 1:
        one = broken[0]
        return f"{_who(at, [one])} is overdue since {words.since(first, at.zone, at.run.at)}."
    return f"{which} are overdue, the oldest since {words.since(first, at.zone, at.run.at)}."


def _lines(at: Desk, coming: Sequence[Due]) -> list[list[Due]]:
    """Give the lines, soonest first: a ticket, or everything else that one policy lets end on one day."""
    found: dict[tuple[object, ...], list[Due]] = {}
    for one in sorted(coming, key=lambda d: (d.at, d.resource)):
        kind = one.resource.partition("/")[0]
        day = one.at.astimezone(at.zone).date()
        key = (one.resource,) if kind == TICKET else (kind, one.policy, day)
        found.setdefault(key, []).append(one)
    return list(found.values())


def _item(at: Desk, promise: Sequence[Due]) -> Item:
    first = promise[0]
    if first.resource.startswith(f"{TICKET}/"):
        return Item(f"{_who(at, promise)}: due {words.promised(first.at, at.zone, at.run.at)}", "")
    ends = words.when(first.at, at.zone, at.run.at)
    return Item(f"{_who(at, promise)}: {ends}", f"{at.title(first.policy)}.")


def _who(at: Desk, dues: Sequence[Due]) -> str:
    resources = sorted({d.resource for d in dues})
    who = at.where(resources, sorted({d.site for d in dues}))
    about = at.run.traits.get(resources[0], {}).get("category", "") if len(resources) == 1 else ""
    return capital(who) + (f" ({clause(about, 3, 30)})" if about else "")
