"""The exports, column by column as the products write them: one writer for all of them, a copy at a time."""

from __future__ import annotations

import csv
import hashlib
import json
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Self

from agent.example.riverton import columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType

    from agent.example.riverton.block import Block
    from agent.example.riverton.columns import Table

FILES: Mapping[str, Table] = {
    "google_devices.csv": columns.GOOGLE_DEVICES,
    "intune.csv": columns.INTUNE,
    "google_users.csv": columns.GOOGLE_USERS,
    "assets.csv": columns.SNIPE_IT,
    "tickets.csv": columns.INCIDENT_IQ,
    "printers.csv": columns.PRINTERS,
}


class Exports:
    """The open files of a folder, to be used as a context: their headers are there from the start."""

    def __init__(self, folder: Path, at: datetime) -> None:
        """Take the folder, which is there, and the time at which all of them were taken out of their products."""
        self._folder = folder
        self._at = at
        self._stack = ExitStack()
        self._writers: dict[str, Any] = {}

    def __enter__(self) -> Self:
        """Open every file and write its header."""
        for name, table in FILES.items():
            file = self._stack.enter_context((self._folder / name).open("w", encoding="utf-8", newline=""))
            self._writers[name] = csv.writer(file, lineterminator="\r\n")
            self._writers[name].writerow(table)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every file, and note when it is from."""
        self._stack.close()
        for name in FILES if error is None else ():
            note(self._folder / name, self._at)

    def write(self, block: Block) -> None:
        """Write what one copy of the district has."""
        mobile = {id(device) for device in block.mobile}
        devices = (item.device for item in block.items if item.device)
        self._rows("google_devices.csv", (device for device in devices if id(device) not in mobile))
        self._rows("intune.csv", block.mobile)
        self._rows("google_users.csv", block.people)
        self._rows("assets.csv", (item.asset for item in block.items if item.asset))
        self._rows("tickets.csv", block.tickets)
        self._rows("printers.csv", block.printers)

    def _rows(self, name: str, records: Iterable[object]) -> None:
        cells = tuple(FILES[name].values())
        self._writers[name].writerows([cell(record) for cell in cells] for record in records)


def note(path: Path, at: datetime) -> None:
    """Write beside an export when it was taken, as `driftbell import` does: nothing in these files says so."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    with path.open("rb") as file:
        rows = sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b"")) - 1
    noted = {
        "original": path.name,
        "as_of": at.isoformat(),
        "how": "it was generated so",
        "sha256": digest,
        "rows": rows,
        "imported": at.isoformat(),
    }
    path.with_name(path.name + ".taken.json").write_text(json.dumps(noted, indent=1) + "\n", encoding="utf-8")
