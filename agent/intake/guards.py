"""From `guard` and `guards` to caps, windows and rings; a policy may only be stricter than its district."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from typing import TYPE_CHECKING

from agent.decide.deputies import DUTY
from agent.intake.calendar_days import day_at
from agent.intake.nodes import Node, number_at, text_at
from agent.intake.values import duration
from agent.intake.wording import problem, quote
from agent.model.calendar import Kept
from agent.model.policy import Caps, Limit, SeasonCaps
from agent.model.rollout import Rings
from agent.model.window import Window

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import date

    from agent.errors import Problem
    from agent.model.calendar import Timetable
    from agent.model.policy import District, Person

CAPS = tuple(f.name for f in fields(Caps))
LONGEST_APPROVAL = timedelta(days=30)
WITHIN = {  # whenever the first is open, so are the others
    Window.NO_SCHOOL_DAYS: (Window.AFTER_SCHOOL,),
    Window.BREAKS: (Window.NO_SCHOOL_DAYS, Window.AFTER_SCHOOL),
}


def caps(node: Node | None) -> Caps:
    """Give the caps that a guard names."""
    return Caps(**{name: limit(node, name) for name in CAPS}) if node else Caps()


def limit(node: Node, key: str) -> Limit | None:
    """Give the cap under a key."""
    found = node.get(key)
    if found is None:
        return None
    count = number_at(found, "count")
    return Limit(count=None if count is None else int(count), percent=number_at(found, "percent"))


def windows(node: Node | None) -> tuple[Window, ...]:
    """Give the windows that a guard names, one or several."""
    found = node.get("window") if node else None
    words = () if found is None else found.texts() if isinstance(found.value, tuple) else (found.text() or "",)
    return tuple(Window(word) for word in words if word in set(Window))


def rings(
    node: Node | None, sites: Collection[str], problems: list[Problem], default: Rings | None = None
) -> Rings | None:
    """Give the rings that a guard asks for; what it leaves out is as in `default`."""
    found = node.get("rings") if node else None
    if found is None:
        return None
    site = found.get("site")
    if site is not None and (site.text() or "") not in sites:
        problems.append(problem(site.place, f"There is no site {quote(site.raw)} in district.yaml", site.raw, sites))
    default = default or Rings()
    failed, new = number_at(found, "failed"), number_at(found, "new_findings")
    return Rings(
        soak=_span(found, "soak", default.soak, problems),
        failed=default.failed if failed is None else failed,
        new_findings=default.new_findings if new is None else new,
        site=text_at(found, "site") or default.site,
    )


def approval_lasts(node: Node, default: timedelta, problems: list[Problem]) -> timedelta:
    """Give how long an approval counts: a month at most."""
    span = _span(node, "approval_lasts", default, problems)
    found = node.get("approval_lasts")
    if found is not None and not timedelta() < span <= LONGEST_APPROVAL:
        problems.append(problem(found.place, "An approval counts for more than nothing, and for 30 days at most"))
    return span


def seasons(node: Node, people: Mapping[str, Person], problems: list[Problem]) -> tuple[SeasonCaps, ...]:
    """Give the caps of seasons; somebody who may approve answers for each."""
    found, made = node.get("seasons"), []
    for name, season in found.pairs() if found else ():
        person = season.get("approved_by")
        known = people.get(text_at(season, "approved_by"))
        if person is not None and (known is None or DUTY not in known.may):
            may = [p.id for p in people.values() if DUTY in p.may]
            sentence = f"{quote(person.raw)} may not approve, and so cannot answer for other limits"
            problems.append(problem(person.place, sentence, person.raw, may))
        made.append(SeasonCaps(name, caps(season), text_at(season, "approved_by"), season.place))
    return tuple(made)


def unknown_seasons(district: District, timetable: Timetable) -> Iterator[Problem]:
    """Say which seasons no calendar knows, or not the district's own: their limits would never hold."""
    found = {n: {d.name for d in c.days if d.what is Kept.SEASON} for n, c in timetable.calendars.items()}
    own = timetable.keeps.get("", {}).get("school", "")
    for season in district.seasons:
        if not any(season.season in names for names in found.values()):
            known = {name for names in found.values() for name in names}
            yield problem(season.place, f"No calendar has a season {quote(season.season)}", season.season, known)
        elif not own:
            sentence = "Limits of a season need a calendar of the district's own: `district: {calendar: NAME}`"
            yield problem(season.place, sentence)
        elif season.season not in found[own]:
            sentence = f"The district's own calendar, {quote(own)}, has no season {quote(season.season)}"
            yield problem(season.place, sentence, season.season, found[own])


def away(node: Node, problems: list[Problem]) -> tuple[tuple[date, date], ...]:
    """Give when a person is away."""
    found, made = node.get("away"), []
    for span in found.items() if found else ():
        first, last = (day_at(span, key, problems) for key in ("first", "last"))
        if first is None or last is None:
            continue
        if last < first:
            problems.append(problem(span.place, f"It ends on {last}, before it begins on {first}"))
        made.append((first, last))
    return tuple(made)


def looser(guard: Node | None, district: District) -> Iterator[Problem]:
    """Say where a policy would allow more than its district does."""
    if guard is None:
        return
    for key in CAPS:
        yield from _looser_cap(guard, key, getattr(district.caps, key))
    wider = [w for w in windows(guard) if district.windows and not {w, *WITHIN.get(w, ())} & set(district.windows)]
    place = guard.get("window")
    if wider and place is not None:
        held = " or ".join(district.windows)
        yield problem(place.place, f"The district acts in {held} only, so {quote(wider[0].value)} would be looser")
    yield from _looser_rings(guard, district)


def _looser_cap(guard: Node, key: str, district: Limit | None) -> Iterator[Problem]:
    own, node = limit(guard, key), guard.get(key)
    if own is None or node is None or district is None:
        return
    pairs = {"count": (own.count, district.count), "percent": (own.percent, district.percent)}
    for word, (mine, theirs) in pairs.items():
        found = node.get(word)
        if mine is not None and theirs is not None and mine > theirs and found is not None:
            said = f"The {key} {word} of {mine:g} is looser than the district's {theirs:g}: only tighten it"
            yield problem(found.place, said)


def _looser_rings(guard: Node, district: District) -> Iterator[Problem]:
    node, theirs = guard.get("rings"), district.rings
    own = rings(guard, district.sites, [], district.rings)
    if node is None or own is None or theirs is None:
        return
    for word, looser_than in (
        ("soak", own.soak < theirs.soak),
        ("failed", own.failed > theirs.failed),
        ("new_findings", own.new_findings > theirs.new_findings),
    ):
        if looser_than:
            place = (node.get(word) or node).place
            yield problem(place, f"The `{word}` of these rings is looser than the district's: only tighten it")


def _span(node: Node, key: str, default: timedelta, problems: list[Problem]) -> timedelta:
    found = node.get(key)
    if found is None or found.text() is None:
        return default
    try:
        return duration(found.raw)
    except ValueError as error:
        problems.append(problem(found.place, str(error)))
        return default
