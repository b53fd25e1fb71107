"""Riverton Unified: an invented district, generated from a seed, as the exports of the products that it would use.

What is out of line in it was put there on purpose, and truth.json beside the exports says so. Nothing in this package
may evaluate a policy: a test lays the two side by side.
"""

from __future__ import annotations

from agent.example.riverton.generate import DEFAULT_AT, SEED, generate
from agent.example.riverton.truth import Truth

__all__ = ["DEFAULT_AT", "SEED", "Truth", "generate"]
