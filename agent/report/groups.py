"""Groups in reports: what a policy that measures finds is a school, a model or the whole district, and no device.

A group of schools goes by the school's name; one that was made of something else by what that is called.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agent.catalog import KINDS
from agent.report.plain import brief

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agent.model.finding import Difference
    from agent.model.run import Run

SITE, DISTRICT = "site", "district"
NUMBERS = frozenset({"share", "count"})  # what a group differs in
_ODD = {"(none)": "no", "(unknown)": "an unknown"}
_WORDS, _CHARACTERS = 5, 40
_NUMBER = re.compile(r"[0-9][0-9,]*(\.[0-9]+)?")


def is_group(kind: str) -> bool:
    """Say whether what stands before the stroke of a resource's id is no kind of thing but what groups are made by."""
    return kind == SITE or (bool(kind) and kind not in KINDS)


def word(kind: str) -> str:
    """Give the word for what groups are made by: `model` for `asset.model`."""
    return kind.rpartition(".")[2].replace("_", " ")


def called(resource: str, sites: Mapping[str, str]) -> str:
    """Give what people call a group: `East High`, `Chromebook 11`, `the whole district`, `no model`."""
    kind, _, own = resource.partition("/")
    if kind == DISTRICT:
        return "the whole district"
    if own in _ODD:
        return f"{_ODD[own]} {word(kind)}"
    return brief(sites.get(own, own) if kind == SITE else own, _WORDS, _CHARACTERS)


def alone(resource: str, sites: Mapping[str, str]) -> str:
    """Give one group as a sentence names it: `East High`, `model Chromebook 11`."""
    kind, _, own = resource.partition("/")
    name = called(resource, sites)
    return name if kind in {SITE, DISTRICT} or own in _ODD else f"{word(kind)} {name}"


def shown(run: Run, resource: str) -> str:
    """Give a resource's id with the name of its group in place of its key, for lists of names."""
    kind = resource.partition("/")[0]
    return f"{kind}/{called(resource, run.sites)}" if is_group(kind) else resource


def summed(same: Sequence[Difference]) -> str:
    """Give the numbers of groups as a clause: `10% (3 of 30) to 97% (29 of 30), should be at least 98%`."""
    numbers = sorted({d.observed for d in same}, key=_leading)
    ends = numbers if len(numbers) == 1 else [numbers[0], numbers[-1]]
    return f"{' to '.join(brief(n, 9, 60) for n in ends)}, should be {brief(same[0].expected, 8, 60)}"


def _leading(number: str) -> float:
    found = _NUMBER.match(number)
    return float(found[0].replace(",", "")) if found else 0.0
