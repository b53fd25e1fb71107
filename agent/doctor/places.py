"""The places that Driftbell keeps things in: whether it may write there, who else may read, how much room is left."""

from __future__ import annotations

import os
import shlex
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from agent.doctor.word import broken, look, ok, some
from agent.errors import InputError
from agent.secrets import read_secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agent.doctor.word import Word

MIB = 1024 * 1024
TIGHT, FULL = 1024 * MIB, 64 * MIB  # a ledger of a large district grows by less than 200 MB a year
OTHERS = stat.S_IRWXG | stat.S_IRWXO
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
OTHERS_ENTER = stat.S_IXGRP | stat.S_IXOTH


def state(folder: Path) -> Sequence[Word]:
    """Say whether the state directory can be written, and only by us."""
    here = shlex.quote(str(folder))
    try:
        about = folder.stat()
    except FileNotFoundError:
        return _to_be_made(folder)
    except OSError as error:
        return broken("state", f"{folder} cannot be looked at: {error.strerror}.", "Name another with --state DIR")
    if not stat.S_ISDIR(about.st_mode):
        return broken("state", f"{folder} is not a folder.", "Name another with --state DIR")
    if about.st_uid != os.geteuid():
        return broken("state", f"{folder} belongs to another user.", f"sudo chown -R $(id -un) {here}")
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return broken("state", f"Nothing can be written in {folder}: {error.strerror}.", f"chmod 700 {here}")
    if about.st_mode & OTHERS:
        return look("state", f"{folder} holds people's data, and others may look into it.", f"chmod 700 {here}")
    return ok("state", f"{folder} is ours alone, and can be written.")


def _to_be_made(folder: Path) -> Sequence[Word]:
    above = next((p for p in folder.absolute().parents if p.exists()), Path("/"))
    if os.access(above, os.W_OK | os.X_OK):
        return ok("state", f"{folder} is not there yet; the first run makes it.")
    here = shlex.quote(str(folder))
    mend = f"sudo install -d -m 700 -o $(id -un) {here}    (or name a folder of yours with --state DIR)"
    return broken("state", f"{folder} is not there, and cannot be made.", mend)


def disk(folder: Path) -> Sequence[Word]:
    """Say how much room is left where the state directory is."""
    at = next(p for p in (folder.absolute(), *folder.absolute().parents) if p.exists())
    room = os.statvfs(at)
    free = room.f_bavail * room.f_frsize
    said = f"{_size(free)} free at {at}."
    mend = f"Make room, or move the state directory with --state DIR    (df -h {shlex.quote(str(at))})"
    if free < FULL or (room.f_files and not room.f_favail):
        return broken("disk", f"{said} The ledger cannot record a run on a full disk.", mend)
    return look("disk", said, mend) if free < TIGHT else ok("disk", said)


def _size(number: int) -> str:
    return f"{number / MIB / 1024:.1f} GiB" if number >= 1024 * MIB else f"{number / MIB:.0f} MiB"


def private(ledger: Path, secrets: Iterable[Path], settings: Path, exports: Path) -> Sequence[Word]:
    """Say which files others may read or change that are ours alone.

    Args:
        ledger: the ledger, with its companions beside it (`ledger.db-wal`).
        secrets: the files that hold one.
        settings: the settings file, which others may read and not change.
        exports: the folder of the lists about people.
    """
    words: list[Word] = []
    if _mode(settings) & OTHERS_WRITE:
        said = f"Others may change {settings}, and send reports elsewhere."
        words += broken("permissions", said, f"chmod go-w {_quoted([settings])}")
    if _open_to_others(ledger):
        words += broken("permissions", f"Others may read {ledger}.", f"chmod 600 {_quoted([ledger])}*")
    if bare := [p for p in secrets if _open_to_others(p)]:
        words += broken("permissions", f"Others may read {some(bare)}.", f"chmod 600 {_quoted(bare)}")
    if lists := [p for p in sorted(exports.glob("*")) if p.is_file() and _open_to_others(p)]:
        said = f"Others may read {some(lists)}, which may hold data about people."
        words += look("permissions", said, f"chmod 600 {_quoted(lists)}")
    return words or ok("permissions", "What holds secrets or people's data is readable by us alone.")


def trusted_keys(file: Path) -> Sequence[Word]:
    """Say whether others may add to the host keys that are trusted."""
    if _mode(file) & OTHERS_WRITE:
        return broken("known hosts", f"Others may change {file}: which machines are trusted.", f"chmod 600 {file}")
    return ()


def secret(setting: str, reference: str, vault: str = "") -> Sequence[Word]:
    """Say whether the secret that a setting names is there and can be read; `vault` opens `vault:` references."""
    try:
        read_secret(reference, vault)
    except InputError as error:
        why, _, mend = str(error).removesuffix(".").partition(": set the environment variable ")
        return broken("secrets", f"{setting}: {why}.", f"export {mend}=..." if mend else "Mend that, or name another")
    return ok("secrets", f"{setting}: {reference} is there.")


def secret_file(setting: str, path: Path) -> Sequence[Word]:
    """Say whether a file that holds a secret is there and can be read."""
    try:
        empty = not path.read_bytes().strip()
    except OSError as error:
        why = f"{setting}: {path} cannot be read: {error.strerror}."
        return broken("secrets", why, f"Put the secret into {path}, readable by you alone (chmod 600)")
    if empty:
        return broken("secrets", f"{setting}: {path} is empty.", f"Put the secret into {path}")
    return ok("secrets", f"{setting}: {path} is there.")


def _open_to_others(path: Path) -> bool:
    """Say whether others may do anything with a file: they may not where its folder, or that one's, keeps them out."""
    return bool(_mode(path) & OTHERS) and all(_mode(p) & OTHERS_ENTER for p in path.absolute().parents[:2])


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except OSError:
        return 0


def _quoted(paths: Sequence[Path]) -> str:
    return " ".join(shlex.quote(str(p)) for p in paths)
