"""Which school a row belongs to: by what its site column says, else by its org unit."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from agent.systems.csv.convert import MOST_REASONS, Cells, clean
from agent.systems.csv.saying import shown
from agent.systems.csv.words import NOTHING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from agent.model.policy import Site
    from agent.model.source import ColumnMap
    from agent.systems.csv.convert import Way

UNNAMED = "no school in policies/district.yaml names its org units"


@dataclass(frozen=True, slots=True)
class Schools:
    """The schools of district.yaml, by everything that an export may call them."""

    by_name: Mapping[str, str]
    by_unit: Mapping[str, str]

    @staticmethod
    def of(sites: Iterable[Site]) -> Schools:
        """Take the schools; an org unit that two of them claim is nobody's."""
        names, units = Counter[str](), Counter[str]()
        by_name: dict[str, str] = {}
        by_unit: dict[str, str] = {}
        for site in sites:
            for name in {site.id.casefold(), _plain(site.name)}:
                names[name] += 1
                by_name[name] = site.id
            for unit in {_unit(u) for u in (*site.org_units, site.student_ou) if u}:
                units[unit] += 1
                by_unit[unit] = site.id
        return Schools(
            {n: s for n, s in by_name.items() if names[n] == 1}, {u: s for u, s in by_unit.items() if units[u] == 1}
        )

    def named(self, text: str, mapped: ColumnMap | None) -> str:
        """Give the school that a text means, or nothing."""
        meant = mapped.values.get(text.lower(), "") if mapped else ""
        plain = _plain(meant or text)
        return self.by_name.get(plain, "") if not (mapped and mapped.only and not meant) else ""

    def above(self, unit: str) -> str:
        """Give the school with the longest org unit that a path lies in, or nothing."""
        path = _unit(unit)
        while path:
            if path in self.by_unit:
                return self.by_unit[path]
            path = path.rpartition("/")[0]
        return self.by_unit.get("", "")


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _unit(path: str) -> str:
    """Give an org unit in the form they are compared in; the top one is empty."""
    bare = path.strip().strip("/").casefold()
    return f"/{bare}" if bare else ""


def from_column(mapped: ColumnMap, raw: pl.Series, schools: Schools, way: Way) -> Cells:
    """Read the site column; a text that is no school's is unknown."""
    texts = clean(raw)
    none = texts.str.to_lowercase().is_in(sorted((NOTHING | mapped.none) - mapped.values.keys()))
    found = {t: schools.named(t, mapped) for t in texts.filter(~none).unique().to_list()}
    values = _replaced(texts, found).set(none, None)
    strange = values.is_null() & ~none
    places = strange.arg_true().head(MOST_REASONS).to_list()
    unnamed = f"no school has the name under {way.header}"
    whys = {p: f"no school is called {shown(texts[p])}" if way.quoting else unnamed for p in places}
    return Cells(values, none, whys, unnamed if strange.sum() > len(whys) else "")


def from_units(units: Cells, schools: Schools) -> Cells:
    """Give each row the school of its org unit; none where no school has it, unknown where no school names any."""
    paths = units.values.cast(pl.String)
    if not schools.by_unit:
        return Cells(paths.clear(len(paths)), units.none, units.whys, UNNAMED)
    values = _replaced(paths, {p: schools.above(p) for p in paths.drop_nulls().unique().to_list()})
    return Cells(values, (values.is_null() & paths.is_not_null()) | units.none, units.whys, units.why)


def either(named: Cells, units: Cells) -> Cells:
    """Give what the site column says, and what the org unit says where it says nothing."""
    values = named.values.zip_with(~named.none, units.values)
    unread = set((named.none & values.is_null() & ~units.none).arg_true().to_list())
    whys = {**{p: w for p, w in units.whys.items() if p in unread}, **named.whys}
    return Cells(values, named.none & units.none, whys, named.why or units.why)


def strangers(raw: pl.Series, mapped: ColumnMap, schools: Schools) -> dict[str, int]:
    """Count the texts of a site column that are no school's, the commonest first."""
    counts = Counter(t for t in clean(raw).to_list() if t.lower() not in NOTHING | mapped.none)
    return {t: n for t, n in counts.most_common() if not schools.named(t, mapped)}


def _replaced(texts: pl.Series, found: Mapping[str, str]) -> pl.Series:
    known = {text: site for text, site in found.items() if site}
    return texts.replace_strict(list(known), list(known.values()), default=None, return_dtype=pl.String)
