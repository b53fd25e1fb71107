"""Approvals that travel by commit: the files below approvals/ of the policy repository, as texts.

Whoever may commit may put anything there: nothing is followed, nothing large is read, and nothing here stops a run.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from agent.intake.wording import LONGEST, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = "approvals"
MOST_FILES = 2_000  # that one run reads: old ones are to be taken out
_LINK = "it is a link, and links are not followed"
_NOTES = ("readme", ".")  # what such names begin with is for people, or for git


def carried(root: Path, most: int) -> Iterator[tuple[str, str, str]]:
    """Give each file's name and its text, or why it was not read, as a clause; `most` is in bytes."""
    top = root / FOLDER
    if top.is_symlink():
        yield FOLDER, "", _LINK
        return
    paths = _files(top)
    for path in paths[:MOST_FILES]:
        name = printable(str(path.relative_to(root)))[:LONGEST]
        try:
            yield name, _content(path, most), ""
        except (OSError, ValueError) as error:
            yield name, "", (error.strerror if isinstance(error, OSError) else str(error)) or "it cannot be read"
    if len(paths) > MOST_FILES:
        yield FOLDER, "", f"it holds {len(paths):,} files and only {MOST_FILES:,} are read: take old ones out"


def _files(top: Path) -> list[Path]:
    found = [Path(parent, name) for parent, _, names in os.walk(top) for name in names]
    return sorted(path for path in found if not path.name.lower().startswith(_NOTES))


def _content(path: Path, most: int) -> str:
    """Give a file's text.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no such file; with a clause.
    """
    if path.is_symlink():  # and O_NOFOLLOW, should it become one just now
        raise ValueError(_LINK)
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            msg = "it is no ordinary file"
            raise ValueError(msg)
        content = file.read(most + 1)
    if len(content) > most:
        msg = f"it is larger than {most:,} bytes, which no signed statement is"
        raise ValueError(msg)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        msg = "it is no text"
        raise ValueError(msg) from None
