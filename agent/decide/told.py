"""A column as it was reckoned, before it stands in a table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl


@dataclass(frozen=True, slots=True)
class Told:
    """A value a row: null and not none is unknown, and `why` says why, or is null.

    `beside` are columns that say more of the answers, by the end of their name.
    """

    values: pl.Series
    none: pl.Series
    why: pl.Series
    beside: Mapping[str, pl.Series] = field(default_factory=dict)
