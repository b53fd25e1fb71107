"""The archive itself: which files it has and says it has, with limits on what it may blow up to."""

from __future__ import annotations

import csv
import io
import lzma
import re
import struct
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO

from agent.systems.csv.content import UnreadableError
from agent.systems.oneroster.spec import VERSIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from pathlib import Path
    from zoneinfo import ZoneInfo

LARGEST = 2_000_000_000  # bytes of all files together, unpacked
DENSEST = 400  # how many times smaller than itself a file may be in the archive; a plain list reaches 30
SMALL = 10_000_000  # bytes of a file that may be as dense as it likes
MOST = 1_000  # files
_VERSION = re.compile(r"\d+(\.\d+){0,3}", re.ASCII)
FEWEST_YEARS = 2000  # an archive that says an older year says nothing


@dataclass(frozen=True, slots=True)
class Archive:
    """An open archive.

    Attributes:
        members: the CSV files of the archive by what they hold: `users`, `orgs`.
        states: what the manifest says of each: `bulk`, `delta` or `absent`.
        version: `1.1` or `1.2`.
        notes: what is odd about it, a sentence each.
    """

    file: zipfile.ZipFile
    members: Mapping[str, zipfile.ZipInfo]
    states: Mapping[str, str]
    version: str
    notes: tuple[str, ...]

    def has(self, name: str) -> bool:
        """Say whether a file is there and meant to be."""
        return name in self.members and self.states.get(name) != "absent"

    def opener(self, name: str) -> Callable[[], BinaryIO]:
        """Give what opens one of its files at the beginning.

        Raises:
            UnreadableError: the archive does not hold it.
        """
        if not self.has(name):
            msg = f"holds no {name}.csv"
            raise UnreadableError(msg)
        return lambda: _opened(self.file, self.members[name])

    def written(self, zone: ZoneInfo) -> datetime | None:
        """Give when the newest of its files was written, as the archive says; None where it says nothing."""
        times = [i.date_time for i in self.members.values() if i.date_time[0] >= FEWEST_YEARS]
        try:
            return datetime(*max(times), tzinfo=zone) if times else None
        except ValueError:
            return None


@contextmanager
def opened(path: Path) -> Generator[Archive, None, None]:
    """Open an archive, after a look at everything in it that could do harm.

    Raises:
        UnreadableError: it is no archive, is too large inside, is locked, damaged, or of a version that is not known.
    """
    try:
        with zipfile.ZipFile(path) as file:
            members = _members(file)
            states, version, notes = _manifest(file, members)
            yield Archive(file, members, states, version, notes)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, NotImplementedError, EOFError) as error:
        msg = f"is no archive that can be read ({error})"
        raise UnreadableError(msg) from error


def _members(file: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Give the CSV files by their bare names; a folder around all of them is no matter."""
    listed = file.infolist()
    if len(listed) > MOST or sum(i.file_size for i in listed) > LARGEST:
        msg = f"holds more than a roster does ({len(listed):,} files); it was not read"
        raise UnreadableError(msg)
    found: dict[str, zipfile.ZipInfo] = {}
    for info in listed:
        bare = info.filename.replace("\\", "/").rpartition("/")[2]
        name = bare.lower().removesuffix(".csv")
        if info.is_dir() or name == bare.lower() or bare.startswith("."):
            continue
        if info.flag_bits & 1:
            msg = "is locked with a password"
            raise UnreadableError(msg)
        if info.file_size > max(SMALL, info.compress_size * DENSEST):
            msg = f"holds a {name}.csv that is too large for its packed size; it was not read"
            raise UnreadableError(msg)
        if name in found:
            msg = f"holds two files {name}.csv"
            raise UnreadableError(msg)
        found[name] = info
    return found


def _manifest(
    file: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo]
) -> tuple[dict[str, str], str, tuple[str, ...]]:
    if "manifest" not in members:
        version = "1.2" if "roles" in members else "1.1"
        return {}, version, (f"The archive has no manifest.csv; it was read as OneRoster {version}.",)
    with _opened(file, members["manifest"]) as raw:
        text = io.StringIO(raw.read(1 << 20).decode("utf-8-sig", "replace"), newline="")
    said = {row[0].strip(): row[1].strip() for row in _rows(text) if len(row) > 1}
    version = said.get("oneroster.version", "")
    if version not in VERSIONS:
        plain = version if _VERSION.fullmatch(version) else "of no version"
        msg = f"says that it is OneRoster {plain}, and 1.1 and 1.2 can be read"
        raise UnreadableError(msg)
    return {k.removeprefix("file."): v.lower() for k, v in said.items() if k.startswith("file.")}, version, ()


def _rows(text: io.StringIO) -> list[list[str]]:
    try:
        return list(csv.reader(text))
    except csv.Error:
        return []


def _opened(file: zipfile.ZipFile, info: zipfile.ZipInfo) -> BinaryIO:
    try:
        return file.open(info)  # type: ignore[return-value]  # it reads as one
    except RuntimeError as error:  # a password
        msg = f"is no archive that can be read ({error})"
        raise UnreadableError(msg) from error
