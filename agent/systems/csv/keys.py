"""What names a row: the key, made comparable, with the rows that have none and the rows that share one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

import polars as pl

from agent.decide.references import PLACEHOLDERS
from agent.model.kind import Match
from agent.systems.csv.convert import clean
from agent.systems.csv.saying import counted, rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.systems.csv.lines import Lines

LONGEST = 200  # characters of a key; more is a mistake of the export
_WORDS = PLACEHOLDERS | {"NULL", "(NONE)", "NEVER", "#N/A"}
NOBODY = frozenset(_WORDS | {word.replace(" ", "") for word in _WORDS})
# What a spreadsheet makes of a serial number that it takes for a number, and of a formula: the digits are lost.
SPOILED = r"(?i)^-?(\d+([.,]\d+)?E\+\d+|\d+[.,]\d+E-?\d+|#(NAME|REF|VALUE|NUM|NULL|DIV/0|SPILL)[?!])$"
HOSTILE = r"[\p{C}/%\\]"
_PLAIN = re.compile(r"[^\x00-\x1f\x7f-\x9f/%\\]")
_ID, _ROW, _DIGEST, _AT = "id", "row", "digest", "at"


@dataclass(frozen=True, slots=True)
class Keys:
    """Which rows there are.

    Attributes:
        ids: the resource ids, each once; `places` is where each one's row is among the lines.
        doubtful: id to why it is unknown what is true of it: several different rows have its key.
        notes: sentences on the rows that were set aside.
        aside: how many rows that were; `repeated` how many were there twice, whole.
        rivals: by doubtful id, the places of the different rows that have it.
    """

    ids: pl.Series
    places: pl.Series
    doubtful: Mapping[str, str]
    notes: tuple[str, ...]
    aside: int
    repeated: int
    rivals: Mapping[str, tuple[int, ...]]


def identify(kind: str, field: str, match: Match | None, texts: pl.Series, lines: Lines) -> Keys:
    """Make resource ids of the texts of the key's column."""
    folded = fold(texts, match)
    usable, notes = _usable(folded, field, match, lines)
    frame = pl.DataFrame({
        _ID: _ids(kind, folded.filter(usable)),
        _ROW: lines.numbers.filter(usable),
        _DIGEST: lines.digests.filter(usable),
        _AT: pl.Series(range(len(folded)), dtype=pl.UInt32).filter(usable),
    })
    once = frame.unique([_ID, _DIGEST], keep="first", maintain_order=True)
    repeated = frame.height - once.height
    if repeated:
        again = frame.filter(frame.select(pl.struct(_ID, _DIGEST).is_first_distinct().not_()).to_series())
        notes.append(f"{_are(again[_ROW], 'there twice')}, in every cell; the first of them counts.")
    doubtful, rivals = _doubtful(once, field)
    if doubtful:
        notes.append(f"{counted(len(doubtful), field)} stand{'s' * (len(doubtful) == 1)} in several different rows.")
    first = once.unique(_ID, keep="first", maintain_order=True)
    return Keys(first[_ID], first[_AT], doubtful, tuple(notes), len(folded) - frame.height, repeated, rivals)


def fold(texts: pl.Series, match: Match | None) -> pl.Series:
    """Give keys in the form in which the same is the same: no blanks but single ones within names, no case."""
    bare = clean(texts)
    if bare.str.contains(r"\s").any():
        bare = bare.str.replace_all(r"\s+", "" if match in {Match.EMAIL, Match.SERIAL} else " ")
    return bare.str.to_lowercase() if match is Match.EMAIL else bare.str.to_uppercase()


def _usable(folded: pl.Series, field: str, match: Match | None, lines: Lines) -> tuple[pl.Series, list[str]]:
    """Say which keys name something; sentences on the others."""
    nothing = folded.str.to_uppercase().is_in(
        sorted(NOBODY - ({"0", "123456789"} if match is not Match.SERIAL else set()))
    )
    if match is Match.SERIAL:
        bare = folded.str.replace_all(r"[\s.\-]", "").to_list()
        nothing |= pl.Series([len(set(text)) <= 1 for text in bare], dtype=pl.Boolean)  # 0000000, XXXX-XXXX, ...
    long = folded.str.len_chars() > LONGEST
    spoiled = folded.str.contains(SPOILED) | folded.str.contains("\ufffd", literal=True)
    notes = []
    for mask, said in (
        (nothing, f"without a {field} that is anybody's"),
        (long & ~nothing, f"with a {field} of more than {LONGEST} characters"),
        (spoiled & ~nothing & ~long, f"with a {field} that is spoiled (a spreadsheet or a wrong encoding lost a part)"),
    ):
        if mask.any():
            numbers = lines.numbers.filter(mask).to_list()
            notes.append(f"{_capital(rows(numbers))} {'was' if len(numbers) == 1 else 'were'} set aside: {said}.")
    return ~(nothing | long | spoiled), notes


def _ids(kind: str, folded: pl.Series) -> pl.Series:
    hostile = folded.str.contains(HOSTILE)
    if hostile.any():
        safe = {text: _escaped(text) for text in folded.filter(hostile).to_list()}
        folded = folded.replace(list(safe), list(safe.values()))
    return pl.select(pl.lit(f"{kind}/") + folded).to_series() if len(folded) else folded


def _escaped(text: str) -> str:
    """Give a key whose control characters, slashes and percent signs are written as URLs write them."""
    return "".join(c if _PLAIN.match(c) and c.isprintable() else quote(c, safe="") for c in text)


def _doubtful(once: pl.DataFrame, field: str) -> tuple[dict[str, str], dict[str, tuple[int, ...]]]:
    many = once.filter(once[_ID].is_duplicated())
    grouped = list(many.group_by(_ID, maintain_order=True).agg(_ROW, _AT).iter_rows())
    whys = {
        name: f"{rows(numbers)} {'both' if len(numbers) == 2 else 'all'} have this {field}"  # ruff: ignore[magic-value-comparison] - both are two
        for name, numbers, _ in grouped
    }
    return whys, {name: tuple(places) for name, _, places in grouped}


def _are(numbers: pl.Series, said: str) -> str:
    return f"{_capital(rows(numbers.to_list()))} {'is' if len(numbers) == 1 else 'are'} {said}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
