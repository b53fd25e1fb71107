"""What was declared at once, a snow day: from the server's own file and from policies/calendars/changes.yaml."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from agent.errors import InputError
from agent.intake import yaml
from agent.intake.calendar_days import second, stretch
from agent.intake.files import CHANGES
from agent.intake.nodes import Node, text_at
from agent.intake.structure import Document
from agent.intake.wording import problem, quote
from agent.model.calendar import CalendarChange, Days, Kept

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from agent.errors import Problem

SHAPE = "calendar_changes"
ALL = "all"
DISTRICT = ""  # what belongs to no site
WHAT = {"closed": Kept.CLOSED, "delay": Kept.DELAY, "early_release": Kept.EARLY_RELEASE}
NEEDS = {Kept.DELAY: "from", Kept.EARLY_RELEASE: "until"}


def declared(file: Path | None, problems: list[Problem]) -> list[Document]:
    """Read the server's own file of changes, where there is one; with half a calendar nothing may be judged."""
    if file is None or not file.exists():
        return []
    try:
        data = yaml.contents(file, str(file))
        return [Document(yaml.parse(data, str(file)), SHAPE, hashlib.sha256(data).hexdigest())]
    except InputError as error:
        problems += error.problems
        return []


def changes(
    nodes: Sequence[Node], names: Mapping[str, str], problems: list[Problem], warnings: list[str]
) -> tuple[CalendarChange, ...]:
    """Give every change once, in the order they were made in.

    One that is undone anywhere is undone, whichever file still has it standing.
    """
    found: dict[str, CalendarChange] = {}
    for node in nodes:
        listed = node.get(SHAPE)
        for item in listed.items() if listed else ():
            one = _change(item, names, problems, warnings)
            if one is None:
                continue
            before = found.get(one.id)
            found[one.id] = one if before is None or one.undone_at else before
    return tuple(sorted(found.values(), key=lambda c: c.at))  # those of one second as they stand there


def _change(
    item: Node, names: Mapping[str, str], problems: list[Problem], warnings: list[str]
) -> CalendarChange | None:
    what, at = WHAT.get(text_at(item, "what")), _time(item, problems)
    ends = stretch(item, problems)
    if what is None or at is None or ends is None or not _whole(item, what, problems):
        return None
    roles = item.get("roles")
    undone = item.get("undone")
    taken_back = _time(undone, problems) if undone else None
    days = Days(
        what=what,
        name=text_at(item, "why"),
        first=ends[0],
        last=ends[1],
        from_second=second(text_at(item, "from")) if what is Kept.DELAY else None,
        until_second=second(text_at(item, "until")) if what is Kept.EARLY_RELEASE else None,
        source=f"change {text_at(item, 'change')}, by {text_at(item, 'by')}",
    )
    made = CalendarChange(
        text_at(item, "change"), _sites(item, names, problems, warnings), days, text_at(item, "by"), at
    )
    made = replace(made, roles=roles.texts()) if roles else made
    return replace(made, undone_by=text_at(undone, "by"), undone_at=taken_back) if undone and taken_back else made


def _whole(item: Node, what: Kept, problems: list[Problem]) -> bool:
    needed = NEEDS.get(what)
    if needed is None or item.get(needed):
        return True
    sentence = f'{quote(text_at(item, "what"))} needs `{needed}`, as "10:10"'
    problems.append(problem(item.place, sentence))
    return False


def _sites(item: Node, names: Mapping[str, str], problems: list[Problem], warnings: list[str]) -> tuple[str, ...]:
    """Give the sites that a change is about; `all` is each, and what belongs to none."""
    found: dict[str, None] = {}
    listed = item.get("sites")
    for named in listed.items() if listed else ():
        text = named.text() or ""
        if text == ALL:
            found |= dict.fromkeys((*names, DISTRICT))
        elif text in names:
            found[text] = None
        elif named.file == CHANGES:
            problems.append(problem(named.place, f"There is no site {quote(text)} in district.yaml", text, names))
        else:  # A school that has closed for good must not keep everything else from being looked at.
            warnings.append(f"{named.place}: There is no site {quote(text)} in district.yaml any more.")
    return tuple(found)


def _time(node: Node, problems: list[Problem]) -> datetime | None:
    text = text_at(node, "at")
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        place = node.get("at")
        if place and text:
            problems.append(problem(place.place, f"{quote(text)} is no time with its zone"))
        return None
    return found
