"""Whatever stands in whatever cell: no sentence of a sweep says it, for it may be a person."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, cast

import pytest

from agent.systems.csv.spec import PRESETS
from tests.exports.build import seen, source
from tests.exports.rosters import version_1_1, version_1_2, written
from tests.exports.test_taking import file, taken

if TYPE_CHECKING:
    from pathlib import Path

    from agent.decide.columns import Columns
    from agent.model.sweep import Sweep
    from tests.exports.build import Place_

__all__ = ["file"]
NAME = "Zebulon Quartermain"


def said(sweep: Sweep) -> list[str]:
    """Give every sentence of a sweep."""
    table = cast("Columns", sweep.table)
    return [*sweep.notes, sweep.trouble, sweep.membership, *(u.why for u in sweep.unseen), *table.reasons.values()]


def discreet(sweep: Sweep) -> bool:
    return not any(part in text.casefold() for text in said(sweep) for part in NAME.casefold().split())


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_a_person_in_any_column_is_in_no_sentence(place: Place_, name: str) -> None:
    preset = PRESETS[name]
    headers = list(dict.fromkeys(m.columns[0] for m in preset.columns))
    key = next(m.columns[0] for m in preset.columns if m.field == preset.key)
    for first, then in pairwise([*headers, headers[0]]):
        heads = [key, *(h for h in (first, then) if h != key)]
        for cell in (NAME, f"{NAME}\ufffd", f"{NAME} <z@riverton.example>"):
            lines = [",".join([f"AB{n}", *([cell] * (len(heads) - 1))]) for n in (1, 2)]
            sweep = seen(place, "\n".join([",".join(heads), *lines, f"AB2,{cell},x,y", ""]), source(name))
            assert discreet(sweep), said(sweep)
            assert not sweep.trouble


def test_the_column_is_named_and_what_is_wrong(place: Place_) -> None:
    text = f"Serial,Status,School,Last Sync,Free Storage,OU\nA1,{NAME},{NAME},{NAME},{NAME},{NAME}\n"
    reasons = {
        f: why for (_, f), why in cast("Columns", seen(place, text.replace("OU", "Notes")).table).reasons.items()
    }
    assert reasons["status"].startswith("the text under Status is a word that has no meaning here")
    assert reasons["site"] == "no school has the name under School"
    assert reasons["last_sync"] == "the text under Last Sync is not a time"
    assert reasons["storage_free"].startswith("the text under Free Storage is not a size")


def test_of_many_cells_too(place: Place_) -> None:
    text = "Serial,Status,School\n" + "".join(f"AB{n},{NAME},{NAME}\n" for n in range(1200))
    sweep = seen(place, text)
    assert discreet(sweep)
    assert "under Status" in str(sweep.table.reading("device/AB1199", "status"))


def test_a_file_without_a_header_names_nobody_in_its_trouble(place: Place_) -> None:
    sweep = seen(place, f"{NAME},active,East High\nSomebody Else,active,East High\n")
    assert "does not say which row is which" in sweep.trouble
    assert discreet(sweep)
    assert discreet(seen(place, f"Serial,Model\n,{NAME}\n"))


def test_a_roster_names_nobody(place: Place_) -> None:
    for files in (version_1_1(), version_1_2()):
        for name, rows in files.items():
            for column in {c for row in rows for c in row} - {"sourcedId"}:
                spoiled = {**files, name: [{**row, column: NAME} for row in rows]}
                archive = written(place.exports / "roster.zip", spoiled).read_bytes()
                for kind in ("person", "class", "school"):
                    sweep = seen(place, archive, source(type="oneroster", kind=kind, path="roster.zip"))
                    assert discreet(sweep), (name, column, said(sweep))


def test_who_imports_the_file_is_shown_what_stands_there(place: Place_, file: Path) -> None:
    file.write_text(f"Serial,Status,School,Last Sync\nA1,{NAME},{NAME},{NAME}\n", encoding="utf-8")
    whys = {r.field: r.why for r in taken(place, file).understood.read}
    assert whys["status"].startswith(f'"{NAME}" is a word that has no meaning here')
    assert whys["site"] == f'no school is called "{NAME}"'
    assert whys["last_sync"] == f'"{NAME}" is not a time'
