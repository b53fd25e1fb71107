"""Results that are kept between runs: read if whole, put in place in one step, never counted on to be there."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path


def recall(path: Path) -> object:
    """Give what was kept, or None where nothing whole is there."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None


def keep(path: Path, value: object, *, newest: int) -> None:
    """Keep a value, and of its folder's files of the same sort only the newest.

    A folder that takes nothing is no error: what is kept can always be worked out again.
    """
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, made = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(value, file)
            Path(made).replace(path)
        except BaseException:
            Path(made).unlink(missing_ok=True)
            raise
        _prune(path, newest)


def _prune(path: Path, newest: int) -> None:
    sort = path.name.partition("-")[0]
    kept = sorted(path.parent.glob(f"{sort}-*"), key=lambda p: p.stat().st_mtime, reverse=True)
    for old in kept[newest:]:
        old.unlink(missing_ok=True)
