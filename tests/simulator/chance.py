"""Dice that fall alike whenever the same things are asked of them."""

from __future__ import annotations

import random


def dice(*about: object) -> random.Random:
    """Give dice for one purpose."""
    return random.Random(" ".join(map(str, about)))  # ruff: ignore[suspicious-non-cryptographic-random-usage] - a seed, no secret
