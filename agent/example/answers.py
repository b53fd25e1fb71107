"""What a new district says of itself, and whether it can be written down: hostile answers are refused in a sentence."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from agent.errors import InputError
from agent.model.kind import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

EXAMPLE_NAME, EXAMPLE_ZONE = "Riverton Unified", "America/Chicago"
OFFICE = ("office", "District Office")
LONGEST = 100  # characters of a name, so that it fits into the subject of a mail
_ADDRESS = re.compile(r"[^@\s<>(),;:\"\\]+@[A-Za-z0-9.-]+")
_COMMON = """
    academy campus center centre college elementary es fort ft high hs intermediate junior k8 kindergarten magnet middle
    mount ms mt prep primary ps saint school secondary senior st the
"""  # words that many schools' names have, and that therefore make a poor key
_SORTS = frozenset(_COMMON.split())
NO_TEXT = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})  # to one YAML or another


@dataclass(frozen=True, slots=True)
class School:
    """A school, with the org unit of its students where it was named."""

    name: str
    org_unit: str = ""


@dataclass(frozen=True, slots=True)
class Answers:
    """What a new district says of itself. `lists` are the exports that it can make, by the names of their presets."""

    name: str = EXAMPLE_NAME
    timezone: str = EXAMPLE_ZONE
    director: str = ""  # mail address
    schools: tuple[School, ...] = ()
    lists: tuple[str, ...] = ()
    this_machine: bool = True  # whether the machine that Driftbell runs on is looked at, too


def name(said: str) -> str:
    """Give a district's name as it is written down.

    Raises:
        InputError: it is none.
    """
    if said.strip() and said.isprintable() and len(said) <= LONGEST:
        return said.strip()
    msg = f"A district needs a name, on one line and of at most {LONGEST} characters."
    raise InputError(msg)


def timezone(said: str) -> str:
    """Give the name of a time zone.

    Raises:
        InputError: there is no such zone; its text names the nearest.
    """
    zones = available_timezones()
    if said in zones:
        return said
    hint = nearest(said, sorted(zones)) or "; write it like America/Chicago."
    msg = f"There is no time zone {said[:LONGEST]!r}{hint}"
    raise InputError(msg)


def director(said: str) -> str:
    """Give a mail address, or an empty text for none yet.

    Raises:
        InputError: it is no mail address.
    """
    if not said.strip() or _ADDRESS.fullmatch(said.strip()):
        return said.strip()
    msg = f"{said[:LONGEST]!r} is not a mail address."
    raise InputError(msg)


def schools(said: Iterable[str]) -> tuple[School, ...]:
    """Give schools, each written as its name, or as `East High=/Students/East`.

    Raises:
        InputError: one of them cannot be a name, or stands there twice.
    """
    parts = [one.partition("=/") for one in said if one.strip()]
    found = tuple(
        School(name.strip(), f"/{unit.strip().strip('/')}" if is_there else "") for name, is_there, unit in parts
    )
    for one in found:
        if not one.name or not (one.name + one.org_unit).isprintable() or len(one.name) > LONGEST:
            msg = f"The school {one.name[:40]!r} needs a name on one line and of at most {LONGEST} characters."
            raise InputError(msg)
    twice = [name for name, times in Counter(s.name.casefold() for s in found).items() if times > 1]
    if twice:
        msg = f"The school {next(s.name for s in found if s.name.casefold() == twice[0])!r} is named twice."
        raise InputError(msg)
    return found


def sites(schools: tuple[School, ...]) -> dict[str, School]:
    """Give the sites of a district, names by key: the office, and a key of its own for each school."""
    taken = OFFICE[1].casefold() in {s.name.casefold() for s in schools}
    found = {} if taken else {OFFICE[0]: School(OFFICE[1])}
    short = Counter(_short(s.name) for s in schools)
    for one in schools:
        base = _short(one.name) if short[_short(one.name)] == 1 else "-".join(_words(one.name))
        # A number or a word such as `no` would be no text to YAML.
        base = f"school-{base}"[:40] if base[0].isdigit() or base in NO_TEXT else base[:40]
        key, number = base, 2
        while key in found:
            key, number = f"{base}-{number}", number + 1
        found[key] = one
    return found


def _short(school: str) -> str:
    """Give the first word of a school's name that tells it from others, or all of them."""
    words = _words(school)
    return next((w for w in words if w not in _SORTS), "-".join(words))


def _words(school: str) -> list[str]:
    """Give a school's name as words that may stand in a key."""
    plain = unicodedata.normalize("NFKD", school).encode("ascii", "ignore").decode().lower()
    return re.findall(r"[a-z0-9]+", plain.replace("'", "")) or ["school"]
