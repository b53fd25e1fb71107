"""Differences in words: what was read, what should have been read, and what a repair made of it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from agent.model.kind import FieldType
from agent.report import groups, words
from agent.report.discreet import discreet
from agent.report.fields import Spoken, spoken
from agent.report.plain import brief
from agent.report.rivals import NONE, bare, disagreement, rival

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo

    from agent.model.finding import Difference
    from agent.report.cause import Part

NOT_STANDARD = "differs from the standard text"
LONGEST_VALUE = 80
LONGEST_READING, LONGEST_WISH = 8, 14  # words
_THERE, _NOT_THERE = frozenset({"there", "not empty"}), frozenset({"not there", "empty"})
_MOMENT = re.compile(r'"?(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[+-]\d\d:\d\d|Z))"?')
_AHEAD = re.compile(r"\b(after|before) (?:today|now) ([+-]) (\d+ \w+)")
_MORE = {("after", "+"): "more", ("before", "+"): "less", ("after", "-"): "less", ("before", "-"): "more"}
_TOKEN = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")
_SAME_AS = re.compile(r"\bthe same as ([\w.]+)")
_SEVERAL = re.compile(r"\b(one|none) of ([^,]+(?:, [^,]+)*)$")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_UNITS = {"%": "%", "dollars": " dollars", "milliseconds": " ms", "pages": " pages"}
_ADDRESSES = frozenset({"mac", "address", "target", "http.location", "dns.answers"})
_SIZES = ("bytes", "KB", "MB", "GB", "TB")
_STEP = 1000


@dataclass(frozen=True, slots=True)
class Tongue:
    """What words hang on: the kind that is spoken of, the district's zone and schools, and the time of the look."""

    kind: str
    zone: ZoneInfo
    now: datetime
    sites: Mapping[str, str]


def difference(found: Difference, tongue: Tongue) -> str:
    """Give one difference as a clause: `last heard from Aug 3, 71 days ago, should be within 21 days`."""
    field = spoken(tongue.kind, found.field)
    name = _name(found, field)
    if found.field in groups.NUMBERS and groups.is_group(tongue.kind):
        return groups.summed([found])
    if found.field == "converge" and found.expected == "ok":
        return f"a trial run of the playbook would change: {brief(found.observed, 10)}"
    if _hidden(found, field):
        return f"{name} not as it should be (not shown)" if field else f"{name} is not as it should be (not shown)"
    if is_text(found):
        return f"{name} {NOT_STANDARD}"
    if field is None:
        return f"{name} is {value(found.observed)}, should be {value(found.expected)}"
    return _said(found, field, tongue)


def mended(found: Difference, tongue: Tongue) -> str:
    """Give one difference that is gone: `sshd.permitrootlogin: yes → no`."""
    field = spoken(tongue.kind, found.field)
    name = _name(found, field)
    if found.field == "converge" or _hidden(found, field):
        return f"{name}: now as it should be"
    if is_text(found):
        return f"{name}: now the standard text"
    before, wanted = _reading(found.observed, field, tongue), _wish(found, field, tongue, told=False)
    return f"{name}: {before}\N{NO-BREAK SPACE}→\N{NO-BREAK SPACE}{wanted}"


def still(before: Difference, after: Difference | None, tongue: Tongue) -> str:
    """Give both readings of a field that a repair did not put right."""
    field = spoken(tongue.kind, before.field)
    name = _name(before, field)
    quiet = _hidden(before, field) or is_text(before) or before.field == "converge"
    if quiet:
        return f"{name} was not as it should be" if after is None else f"{name}: not as it should be, before and after"
    was = _reading(before.observed, field, tongue)
    if after is None:
        return f"{name} was {was}, should be {_wish(before, field, tongue)}"
    now = _reading(after.observed, field, tongue)
    again = f"still {now}" if after.observed == before.observed else now
    return f"{name} was {was} and is {again}, should be {_wish(after, field, tongue)}"


def summed(part: Part, tongue: Tongue, most: int = 2) -> str:
    """Give what cases differ in, however many readings there are: a span of times, or the commonest of them."""
    if part.ways == 1:
        shown = [difference(d, tongue) for d in part.differences[:most]]
        return joined(shown, len(part.differences))
    by_field: dict[str, list[Difference]] = {}
    for case in part.cases:
        for found in case.differences:
            by_field.setdefault(found.field, []).append(found)
    ordered = sorted(by_field.values(), key=lambda same: (-len(same), same[0].field))
    clauses = [_spread(same, part.count, tongue) for same in ordered[:most]]
    return joined(clauses, len(ordered))


def joined(clauses: Sequence[str], fields: int) -> str:
    """Give the clauses of the first of so many fields as one, with how many fields are left."""
    more = fields - len(clauses)
    return "; ".join(clauses) + (f" and {words.counted(more, 'more field')}" if more else "")


def _spread(same: list[Difference], everybody: int, tongue: Tongue) -> str:
    """Give one field over many resources, with how many of them it is where it is not all."""
    if same[0].field in groups.NUMBERS and groups.is_group(tongue.kind):
        return groups.summed(same)
    counts = Counter(same)
    commonest = counts.most_common(1)[0][0]
    field = spoken(tongue.kind, commonest.field)
    found = "" if _hidden(commonest, field) else _span(same, field, tongue)
    said = found or difference(commonest, tongue)
    readings = len({(d.expected, d.observed) for d in counts})
    other = (
        f" (and {words.counted(readings - 1, 'other way')})"
        if readings > 1 and not found and "not shown" not in said
        else ""
    )
    return f"{said}{other}" + (f" ({len(same):,} of {everybody:,})" if len(same) < everybody else "")


def _span(same: list[Difference], field: Spoken | None, tongue: Tongue) -> str:
    """Give the span of readings that have an order: `last heard from Mar 2 to Sep 20, should be within 21 days`."""
    observed = {d.observed for d in same if d.observed != NONE}
    if field is None or len(observed) <= 1 or len({d.expected for d in same}) > 1:
        return ""
    wanted = f", should be {_wish(same[0], field, tongue)}"
    nothing = sum(d.observed == NONE for d in same)
    also = f" ({nothing:,} with none)" if nothing else ""
    if field.type is FieldType.TIME:
        times = [at for text in observed if (at := _moment(text))]
        if not times:
            return ""
        first, last = (words.date(at, tongue.zone, tongue.now) for at in (min(times), max(times)))
        return f"{field.noun} {first} to {last}{also}{wanted}"
    numbers = {text for text in observed if re.fullmatch(r"-?\d+(\.\d+)?", text)}
    if field.type not in {FieldType.NUMBER, FieldType.PERCENT, FieldType.SIZE} or numbers != observed:
        return ""
    low, high = (_reading(text, field, tongue) for text in (min(observed, key=float), max(observed, key=float)))
    return f"{field.noun} from {low} to {high}{also}{wanted}"


def is_text(found: Difference) -> bool:
    """Whether a difference is of a whole text, which a report names but does not quote."""
    whole = found.field.rpartition(".")[2] in {"content", "sha256", "body"} and found.observed != NONE
    return whole or max(len(bare(found.expected)), len(found.observed)) > LONGEST_VALUE


def value(text: str) -> str:
    """Give a reading's words, short: `none` (it was read, and there is nothing) becomes `not there`."""
    return "not there" if text == NONE else brief(text, 8, LONGEST_VALUE)


def _name(found: Difference, field: Spoken | None) -> str:
    return field.noun if field else brief(found.field, 6, 60)


def _hidden(found: Difference, field: Spoken | None) -> bool:
    """Whether a reading stays untold. That there is none is no secret."""
    if found.observed == NONE and found.expected in _THERE | _NOT_THERE:
        return False
    return found.sensitive or bool(field and field.free and found.observed != NONE) or found.field in _ADDRESSES


def _said(found: Difference, field: Spoken, tongue: Tongue) -> str:
    """Give the clause of a field that has words of its own."""
    phrase, observed, expected = field.phrase, found.observed, found.expected
    wanted = _wish(found, field, tongue)
    if said := _disagreement(found, field, tongue):
        return said
    if observed == NONE:
        return _nothing(field) + ("" if expected in _THERE else f", should be {wanted}")
    if field.field is None or (field.type is FieldType.BOOLEAN and phrase.yes):
        there = observed == "true" or field.field is None
        return (phrase.yes if there else phrase.no) + field.behind
    if field.type is FieldType.TIME:
        return f"{field.noun} {_reading(observed, field, tongue)}, should be {wanted}"
    if field.source and field.field.name == "status":
        return f"{field.source} says {_reading(observed, field, tongue)}, should say {wanted}"
    return f"{field.noun} is {_reading(observed, field, tongue)}, should be {wanted}"


def _disagreement(found: Difference, field: Spoken, tongue: Tongue) -> str:
    """Give what two lists say of one thing, where that is the matter and may be quoted."""
    other = rival(found, tongue.kind, _ADDRESSES)
    if other is None or not other.shown or field.field is None:
        return ""
    mine, theirs = ("" if v == NONE else _reading(v, field, tongue) for v in (found.observed, other.value))
    return disagreement(tongue.kind, field, mine, other, discreet(theirs))


def _wish(found: Difference, field: Spoken | None, tongue: Tongue, *, told: bool = True) -> str:
    """Give what should have been read; `told` says whether the field that it comes from is named."""
    other = rival(found, tongue.kind, _ADDRESSES) if field else None
    if other is None:
        return _wanted(found.expected, field, tongue)
    if not other.shown or other.value == NONE:
        return _wanted(f"the same as {other.name}", field, tongue) + (", which is none" if other.shown else "")
    value_of = discreet(_reading(other.value, field, tongue))
    return f"{value_of} ({other.field.noun})" if told else value_of


def _nothing(field: Spoken) -> str:
    if field.field is None:
        return field.phrase.no + field.behind
    return (field.phrase.none or f"no {field.phrase.noun}") + field.behind


def _reading(text: str, field: Spoken | None, tongue: Tongue) -> str:
    """Give a reading in the words of people: a day, a size, `in use`."""
    if text == NONE or field is None:
        return value(text)
    if field.type is FieldType.TIME and (at := _moment(text)):
        return words.when(at, tongue.zone, tongue.now)
    if field.type is FieldType.SIZE:
        return _size(text)
    return _in_words(text, field, tongue, LONGEST_READING)


def _in_words(text: str, field: Spoken, tongue: Tongue, most: int) -> str:
    """Give a text as it is spoken: a school by its name, `in use` for `in_use`, a number with its unit."""
    if field.field and field.field.name == "site" and text in tongue.sites:
        return brief(tongue.sites[text], 4, 40)
    if field.type is FieldType.BOOLEAN:
        return {"true": "yes", "false": "no"}.get(text, value(text))
    unit = _UNITS.get(field.field.unit, "") if field.field else ""
    shown = brief(_TOKEN.sub(lambda m: m[0].replace("_", " "), text), most, LONGEST_VALUE + most)
    return f"{shown}{unit}" if shown[-1:].isdigit() else shown


def _wanted(text: str, field: Spoken | None, tongue: Tongue) -> str:
    """Give what should have been read: `in use or storage`, `later than 30 days from now`, `at least 20%`."""
    if field is None:
        return value(text)
    if text in _THERE | _NOT_THERE:
        return "there" if text in _THERE else "empty"
    shown = _MOMENT.sub(lambda m: _date(m[1], tongue), text)
    shown = _AHEAD.sub(_ahead, shown).replace("after now", "still ahead")
    shown = _SAME_AS.sub(lambda m: f"the same as the {_reference(m[1], tongue)}", shown)
    shown = _SEVERAL.sub(_choice, shown)
    if field.type is FieldType.SIZE:
        shown = _NUMBER.sub(lambda m: _size(m[0]), shown)
    return discreet(_in_words(shown, field, tongue, LONGEST_WISH))


def _ahead(found: re.Match[str]) -> str:
    """Give `more than 30 days ahead` for `after today + 30 days`."""
    return f"{_MORE[found[1], found[2]]} than {found[3]} {'ahead' if found[2] == '+' else 'ago'}"


def _reference(name: str, tongue: Tongue) -> str:
    other = spoken(tongue.kind, name)
    return other.noun if other else name


def _choice(found: re.Match[str]) -> str:
    listed = words.listed(found[2].split(", "), "or")
    return listed if found[1] == "one" else f"anything but {listed}"


def _moment(text: str) -> datetime | None:
    found = _MOMENT.fullmatch(text)
    return datetime.fromisoformat(found[1]).astimezone(UTC) if found else None


def _date(text: str, tongue: Tongue) -> str:
    return words.date(datetime.fromisoformat(text), tongue.zone, tongue.now)


def _size(text: str) -> str:
    try:
        size = float(text)
    except ValueError:
        return value(text)
    unit = 0
    while abs(size) >= _STEP and unit < len(_SIZES) - 1:
        size, unit = size / _STEP, unit + 1
    return f"{size:.1f} {_SIZES[unit]}" if unit else f"{size:.0f} {_SIZES[unit]}"
