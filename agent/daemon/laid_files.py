"""Files that are laid down on this machine: what somebody edited is never written over.

The first line of each holds a digest of the rest. Where that does not fit any more, somebody edited the file, and what
would have been written goes beside it, with `.new` at its end.
"""

from __future__ import annotations

import grp
import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_WORDS = "# Written by driftbell install-service, which never writes over an edited file:"
_STAMP = re.compile(rf"{_WORDS} ([0-9a-f]{{64}})\n")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that has to be so: what is said of it, what makes it so where it is not, and a file's new text."""

    said: str
    do: Callable[[], object] | None = None
    text: str = ""


def laid(path: Path, body: str, mode: int, group: str) -> Iterator[Step]:
    """Give what lays a file of ours down, beside it where somebody edited it."""
    text = _stamped(body)
    if not path.exists():
        yield Step(f"{path} is written ({mode:04o} root:{group})", lambda: _write(path, text, mode, group), text)
    elif _text(path) == text:
        yield Step(f"{path} is as it should be")
    elif untouched(path):
        yield Step(f"{path} is brought up to date", lambda: _write(path, text, mode, group), text)
    else:
        beside = path.with_name(f"{path.name}.new")
        said = f"{path} was edited, and stays as it is"
        if _text(beside) == text:
            yield Step(f"{said}; what would stand there is in {beside}")
        else:
            yield Step(
                f"{said}; what would stand there goes to {beside}", lambda: _write(beside, text, mode, group), text
            )


def _stamped(body: str) -> str:
    return f"{_WORDS} {_digest(body)}\n{body}"


def untouched(path: Path) -> bool:
    """Say whether a file is as we wrote it once."""
    text = _text(path)
    stamp = _STAMP.match(text)
    return stamp is not None and stamp[1] == _digest(text[stamp.end() :])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _write(path: Path, text: str, mode: int, group: str) -> None:
    handle, made = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        os.fchmod(file.fileno(), mode)
        os.fchown(file.fileno(), 0, grp.getgrnam(group).gr_gid)
        file.flush()
        os.fsync(file.fileno())
    Path(made).replace(path)
