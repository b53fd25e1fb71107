"""A declared way of writing times, such as `%d/%m/%Y %H:%M`; several may stand side by side, a bar between them."""

from __future__ import annotations

import re
from datetime import datetime


def parse(text: str, written: str) -> datetime | None:
    """Read a text exactly as one of the patterns says; None where it is written otherwise."""
    bare = " ".join(text.split())
    for pattern in written.split("|"):
        try:
            return datetime.strptime(bare, pattern.strip())  # ruff: ignore[call-datetime-strptime-without-zone] - the caller knows it
        except (ValueError, OverflowError, re.error):
            continue
    return None
