"""Nouns as JSON values and back, without loading what does that until it is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.ledger.records import Noun


def to_json(noun: Noun) -> object:
    """Give a noun as a JSON value."""
    from agent.ledger import records  # ruff: ignore[import-outside-top-level] - cattrs costs 30 ms, which no reading command should pay

    return records.to_json(noun)


def from_json(kind: type[Noun], value: object) -> Noun:
    """Read back what `to_json` gave."""
    from agent.ledger import records  # ruff: ignore[import-outside-top-level] - as above

    return records.from_json(kind, value)
