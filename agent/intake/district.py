"""From district.yaml to the District, and inventory/systems.yaml beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from agent.intake.guards import approval_lasts, away, caps, rings, seasons, windows
from agent.intake.nodes import Node, text_at
from agent.intake.wording import problem, quote
from agent.model.policy import District, Limit, Mode, Person, Site

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from agent.errors import Problem

UNNAMED = "UTC"

# What holds where the district names no limit: the figures that `driftbell init` writes. No limit would be none.
PER_RUN = Limit(count=25, percent=100)
PER_DAY = Limit(count=100)
APPROVAL_LASTS = timedelta(days=3)


def district(node: Node, kinds: Collection[str], problems: list[Problem]) -> District:
    """Give the district of a document; what is wrong with it goes to `problems`."""
    head = node.get("district") or node
    people = _people(node, problems)
    guards = node.get("guards") or node
    sites, own = _sites(node), caps(guards)
    return District(
        name=text_at(head, "name"),
        timezone=_timezone(head, problems),
        sites=sites,
        people=people,
        recipients=_recipients(node, people, problems),
        caps=replace(own, per_run=own.per_run or PER_RUN, per_day=own.per_day or PER_DAY),
        never_touch=_never_touch(guards, kinds, problems),
        windows=windows(guards),
        rings=rings(guards, sites, problems),
        seasons=seasons(guards, people, problems),
        approval_lasts=approval_lasts(guards, APPROVAL_LASTS, problems),
        stop=text_at(node, "stop"),
        place=node.place,
    )


def is_example(node: Node) -> bool:
    """Say whether the district is invented, so that its exports may be committed."""
    found = node.get("example")
    return found is not None and found.value is True


def _never_touch(guards: Node, kinds: Collection[str], problems: list[Problem]) -> frozenset[str]:
    """Give the untouchable resources; one of a kind that is none would protect nothing."""
    named = guards.get("never_touch")
    for item in named.items() if named else ():
        kind = (item.text() or "").partition("/")[0]
        if item.text() and kind not in kinds:
            problems.append(problem(item.place, f"{quote(item.text())} is of no kind there is", kind, kinds))
    return frozenset(named.texts() if named else ())


def unlimited(node: Node) -> str:
    """Give the warning that a district without limits of its own gets, or nothing."""
    guards = node.get("guards")
    missing = [word for word in ("per_run", "per_day") if guards is None or guards.get(word) is None]
    if not missing:
        return ""
    standing = {"per_run": f"{PER_RUN.count} resources in a run", "per_day": f"{PER_DAY.count} in a day"}
    limits = " and ".join(standing[word] for word in missing)
    words = " and ".join(missing)
    return f"{node.file} sets no guards for {words}: at most {limits} hold in their place, for each policy."


def idle_ceilings(node: Node) -> Iterator[str]:
    """Warn of schools that are said to let policies go as far as any may, which they do anyhow."""
    sites = node.get("sites")
    for name, site in sites.pairs() if sites else ():
        mode = site.get("mode")
        if mode is not None and mode.value == Mode.ENFORCE:
            says = "`mode: enforce` at a school changes nothing: a school only holds policies back, at audit or propose"
            yield f"{mode.place}: {says} ({name})."


def _timezone(head: Node, problems: list[Problem]) -> str:
    name = text_at(head, "timezone")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        node = head.get("timezone")
        if name and node:
            problems.append(problem(node.place, f"There is no time zone {quote(name)}", name, available_timezones()))
        return UNNAMED
    return name


def _sites(node: Node) -> dict[str, Site]:
    sites = node.get("sites")
    return {
        key: Site(
            id=key,
            name=text_at(site, "name"),
            org_units=_texts(site, "org_units"),
            student_ou=text_at(site, "student_ou"),
            calendar=text_at(site, "calendar"),
            mode=_ceiling(site),
            windows=windows(site.get("guards")),
            per_site=caps(site.get("guards")).per_site,
        )
        for key, site in (sites.pairs() if sites else ())
    }


def _ceiling(site: Node) -> Mode:
    word = text_at(site, "mode")
    return Mode(word) if word in set(Mode) else Mode.ENFORCE


def _people(node: Node, problems: list[Problem]) -> dict[str, Person]:
    people = node.get("people")
    found = {
        key: Person(
            id=key,
            name=text_at(person, "name"),
            email=text_at(person, "email"),
            may=frozenset(_texts(person, "may")),
            deputy=text_at(person, "deputy"),
            away=away(person, problems),
        )
        for key, person in (people.pairs() if people else ())
    }
    for key, person in people.pairs() if people else ():
        deputy = person.get("deputy")
        if deputy is not None and deputy.raw == key:
            problems.append(problem(deputy.place, f"{quote(key)} cannot be their own deputy"))
        elif deputy is not None:
            _check_person(deputy, found, problems)
    return found


def _recipients(node: Node, people: dict[str, Person], problems: list[Problem]) -> tuple[str, ...]:
    reports = node.get("reports")
    drift = reports.get("drift") if reports else None
    for person in drift.items() if drift else ():
        _check_person(person, people, problems)
    return drift.texts() if drift else ()


def _check_person(node: Node, people: dict[str, Person], problems: list[Problem]) -> None:
    name = node.text()
    if name is not None and name not in people:
        problems.append(problem(node.place, f"There is no {quote(name)} among `people`", name, people))


def _texts(node: Node, key: str) -> tuple[str, ...]:
    found = node.get(key)
    return found.texts() if found else ()
