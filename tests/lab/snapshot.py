"""What a host has written to its disk since it was made, seen from outside the host."""

from __future__ import annotations

import hashlib
import os
import stat
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# What a running host writes by itself, or at any login. (/run and /proc are not on its disk.)
VOLATILE = (
    "/run/*",
    "/*tmp/systemd-private-*",  # in /tmp and /var/tmp
    "/var/log/*",
    "/var/lib/systemd/timers/*",
    "/var/lib/systemd/random-seed",
)


class Entry(NamedTuple):
    """One file, folder or link; a deleted file of the base is a character device, as overlayfs keeps it."""

    mode: str
    owner: tuple[int, int]
    mtime_ns: int
    size: int
    content: str  # SHA-256 of a file, target of a link


def take(upper: Path, ignore: Sequence[str] = ()) -> dict[str, Entry]:
    """Return every entry of an upper layer by its path on the host, without VOLATILE and `ignore` (glob patterns)."""
    patterns = (*VOLATILE, *ignore)
    return {path: _entry(found, path, patterns) for path, found in _walk(upper, "", patterns)}


def _walk(folder: Path, above: str, patterns: Sequence[str]) -> Iterator[tuple[str, os.DirEntry[str]]]:
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            path = f"{above}/{entry.name}"
            if any(fnmatchcase(path, pattern) for pattern in patterns):
                continue
            yield path, entry
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(Path(entry.path), path, patterns)


def _entry(entry: os.DirEntry[str], path: str, patterns: Sequence[str]) -> Entry:
    seen = os.lstat(entry.path)
    folder = stat.S_ISDIR(seen.st_mode)
    # A folder's time tells of files that came and went; not where what comes and goes is left out.
    busy = folder and any(fnmatchcase(path, pattern.rpartition("/")[0]) for pattern in patterns)
    return Entry(
        stat.filemode(seen.st_mode), (seen.st_uid, seen.st_gid), 0 if busy else seen.st_mtime_ns,
        0 if folder else seen.st_size, _content(entry),
    )  # fmt: skip


def _content(entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return str(Path(entry.path).readlink())
    if entry.is_file(follow_symlinks=False):
        return hashlib.sha256(Path(entry.path).read_bytes()).hexdigest()
    return ""
