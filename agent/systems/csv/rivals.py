"""Several different rows with one key: in which fields they differ, and what each of them says there.

What all of them say is known. Of the rest nothing is, but that it is one of a few texts: a reference by such a field
can name those it may lead to, and need not doubt the whole list.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent.decide.columns import none_column

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from agent.decide.columns import Columns
    from agent.systems.csv.convert import Cells


@dataclass(frozen=True, slots=True)
class Said:
    """What rows of one key say in one field.

    Attributes:
        differing: the ids of which they say different things.
        texts: all that is said of those.
        read: whether every one of those cells was read.
    """

    differing: frozenset[str]
    texts: tuple[str, ...]
    read: bool


def compared(cells: Cells, groups: Mapping[str, tuple[int, ...]]) -> Said:
    """Compare the cells of the rows of each group."""
    flat = [place for places in groups.values() for place in places]
    states = iter(zip(cells.none.gather(flat).to_list(), cells.values.gather(flat).to_list(), strict=True))
    told = {name: [next(states) for _ in places] for name, places in groups.items()}
    differing = {name: found for name, found in told.items() if any(state != found[0] for state in found)}
    pairs = [pair for found in differing.values() for pair in found]
    texts = dict.fromkeys(value for _, value in pairs if isinstance(value, str))
    read = all(none or value is not None for none, value in pairs)
    return Said(frozenset(differing), tuple(texts), read)


def with_rivals(table: Columns, said: Mapping[str, Said], matched: Iterable[str]) -> Columns:
    """Give a table with the texts of its doubtful resources, of fields that references go by.

    A field is left out where some other cell of it is unknown, too: then its texts are not all there are.
    """
    rivals = {}
    for field in matched:
        found = said.get(field)
        if found is None or not found.texts or not found.read:
            continue
        unknown = table.frame[field].is_null() & ~table.frame[none_column(field)]
        if unknown.sum() == len(found.differing):
            rivals[field] = found.texts
    return replace(table, rivals=rivals)


def silent(table: Columns, doubtful: Iterable[str], key: str) -> frozenset[str]:
    """Give the doubtful resources of which nothing is known but their key."""
    others = [f for f in table.fields if f != key]
    rows = {name: table.index[name] for name in doubtful if name in table.index}
    known = {
        name
        for name, row in rows.items()
        if any(table.frame[none_column(f)][row] or table.frame[f][row] is not None for f in others)
    }
    return frozenset(rows.keys() - known)
