"""Who may approve on a day, and who is asked: each person who may, or the deputy while that person is away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from agent.model.policy import District, Person

DUTY = "approve"


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked in whose place: the person themselves, their deputy while they are away, or nobody (None)."""

    principal: Person
    person: Person | None


def away(person: Person, day: date) -> bool:
    """Say whether somebody is away on a day."""
    return any(first <= day <= last for first, last in person.away)


def asked(district: District, day: date) -> tuple[Asked, ...]:
    """Give who is asked to approve on a day, for each person who may."""
    return tuple(Asked(p, _in_place_of(p, district, day)) for p in district.people.values() if DUTY in p.may)


def _in_place_of(person: Person, district: District, day: date) -> Person | None:
    if not away(person, day):
        return person
    deputy = district.people.get(person.deputy)
    return deputy if deputy and not away(deputy, day) else None


def approvers(district: District, day: date, duty: str = DUTY) -> frozenset[str]:
    """Give whose word counts on a day: who may approve, and the deputies of those of them who are away."""
    may = [p for p in district.people.values() if duty in p.may]
    standing_in = {p.deputy for p in may if away(p, day)}
    return frozenset({p.id for p in may} | (standing_in & set(district.people)))


def only_while_away(who: Person, district: District, duty: str = DUTY) -> str:
    """Say, as a clause, for whom somebody stands in, and when; nothing where they are nobody's deputy."""
    names = [p.name for p in district.people.values() if duty in p.may and p.deputy == who.id]
    return f"{who.name} ({who.id}) stands in for {names[0]} only while {names[0]} is away" if names else ""


def unreachable(district: District, day: date) -> Iterator[str]:
    """Say in whose place nobody can be asked on a day."""
    for one in asked(district, day):
        if one.person is None:
            person = one.principal
            back = max(last for first, last in person.away if first <= day <= last)
            deputy = district.people.get(person.deputy)
            why = f"{deputy.name}, who stands in, is away too" if deputy else "no deputy is named"
            yield f"{person.name} ({person.id}) is away until {back} and {why}: nobody can be asked to approve instead."
