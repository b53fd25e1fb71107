"""A note in the git directory of what is about to be committed, so that a killed run is told from a person.

It is on the disk before the file is put in place, and gone once the commit stands or the file is back. Whoever comes
next and finds one finds a leftover of ours, and takes it back: no technician has to know git for that.
"""

from __future__ import annotations

import hashlib
import json
import os
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent.errors import HeldError, UnseenError
from agent.intake.git_commit import committed, staged, without_filters, written_object
from agent.intake.git_program import git
from agent.intake.wording import printable

if TYPE_CHECKING:
    from agent.intake.git_commit import Desk


@dataclass(frozen=True, slots=True)
class Intent:
    """What was about to be committed.

    Attributes:
        note: the file that says so.
        before: the file as it was, or None where there was none.
        digest: of the file as it was to be, and `blob` the object that git would have kept of it.
        message: of the commit.
    """

    note: Path
    before: bytes | None
    digest: str
    blob: str
    message: str

    def forget(self) -> None:
        """Take the note away: the commit stands, or all is as it was."""
        self.note.unlink(missing_ok=True)

    def wrote(self, content: bytes) -> bool:
        """Whether a file is what was about to be committed, to the letter."""
        return hashlib.sha256(content).hexdigest() == self.digest


def intend(desk: Desk, before: bytes | None, after: bytes, message: str) -> Intent:
    """Note down what is about to be committed.

    Raises:
        UnseenError: the git directory takes no file.
    """
    note = _note(desk.folder, desk.name)
    if note is None:
        msg = f"git says no longer where it keeps {printable(str(desk.folder))}. Nothing was written."
        raise UnseenError(msg)
    blob = written_object(desk.folder, desk.entry, after)
    intent = Intent(note, before, hashlib.sha256(after).hexdigest(), blob, message)
    known = {
        "before": None if before is None else b64encode(before).decode(),
        "digest": intent.digest,
        "blob": blob,
        "message": message,
    }
    try:
        with note.open("w", encoding="ascii") as file:
            file.write(json.dumps(known))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        msg = f"{printable(str(note.parent))} cannot be written: {error.strerror}. Nothing was written."
        raise UnseenError(msg) from error
    return intent


def intended(folder: Path, name: str) -> Intent | None:
    """Give what a run that was killed was about to commit, or None where there was none.

    A note that cannot be read was killed itself, before the file was touched: it says nothing.
    """
    note = _note(folder, name)
    if note is None or not note.is_file():
        return None
    try:
        known = json.loads(note.read_text(encoding="ascii"))
        before = None if known["before"] is None else b64decode(known["before"], validate=True)
        return Intent(note, before, str(known["digest"]), str(known["blob"]), str(known["message"]))
    except (OSError, ValueError, KeyError, TypeError):
        note.unlink(missing_ok=True)
        return None


def stands(folder: Path, name: str, intent: Intent) -> bool:
    """Whether the newest commit has it after all."""
    return committed(folder, name)[1] == intent.blob


def unstage(folder: Path, name: str, intent: Intent) -> bool:
    """Take it out of the checkout's index again, where it had got that far; everything else there stays.

    Raises:
        HeldError: git is at work there.
    """
    if staged(folder, name)[1] != intent.blob:
        return False
    mode, blob = committed(folder, name)
    prefix = git("rev-parse", "--show-prefix", cwd=folder).out.decode(errors="surrogateescape").strip("\n")
    how = ("--force-remove", "--", name) if not blob else ("--add", "--cacheinfo", f"{mode},{blob},{prefix}{name}")
    said = git("update-index", *how, cwd=folder, configuration=without_filters(folder))
    if said.code:
        msg = f"git is at work in {printable(str(folder))}, so what was left there is not taken back yet. Try again."
        raise HeldError(msg)
    return True


def _note(folder: Path, name: str) -> Path | None:
    """Give where the note is: in the git directory, one for each file, as a repository may hold several districts."""
    said = git("rev-parse", "--absolute-git-dir", "--show-prefix", cwd=folder)
    words = said.out.decode(errors="surrogateescape").split("\n")
    if said.code:  # no git, so nobody ever left a note
        return None
    which = hashlib.sha256((words[1] + name).encode(errors="surrogateescape")).hexdigest()[:12]
    return Path(words[0]) / f"driftbell-intent-{which}.json"
