"""Secrets that are planted to be looked for, and the looking: in texts, files, ledgers and processes."""

from __future__ import annotations

import base64
import json
import secrets
import sqlite3
import threading
import time
import urllib.parse
from collections import UserDict
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Self

from agent.ledger.packing import unpack
from agent.systems.ansible import guardian

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

SIGNS = "/+&%ä "  # each of them is written otherwise in one of the forms below


class Canaries(UserDict[str, str]):
    """A secret by the place that it is planted in."""

    def plant(self, place: str, *, plain: bool = False) -> str:
        """Give the secret of a place: two random words, with signs between that every encoding changes."""
        first, second = secrets.token_hex(6), secrets.token_hex(6)
        self[place] = first + second if plain else f"{first}{SIGNS.strip()}{second}"
        return self[place]

    def found_in(self, body: bytes) -> set[str]:
        """Give the places whose secret stands in some bytes, in whichever form."""
        return {place for place, secret in self.items() if any(form in body for form in forms(secret))}


def forms(secret: str) -> set[bytes]:
    """Give the forms in which a text may hold a secret."""
    plain = secret.encode()
    found = {plain, plain[:12], plain[-12:], plain.hex().encode(), secret.encode("utf-16-le")}
    found |= {urllib.parse.quote(secret, safe=safe).encode() for safe in ("", "/")}
    found.add(urllib.parse.quote_plus(secret).encode())
    found |= {json.dumps(secret, ensure_ascii=ascii_)[1:-1].encode() for ascii_ in (True, False)}
    for shift in range(3):  # where base64 of a longer text puts it
        coded = base64.b64encode(b"\0" * shift + plain)
        found.add(coded[(shift * 8 + 5) // 6 : len(coded) - 4])
    return found


def in_ledger(path: Path) -> Iterator[tuple[str, bytes]]:
    """Give every cell of a ledger, packed ones opened, with the table it stands in."""
    with closing(sqlite3.connect(path)) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {t: connection.execute(f'SELECT * FROM "{t}"').fetchall() for t in tables}  # ruff: ignore[hardcoded-sql-expression]
    for table, found in rows.items():
        for cell in (cell for row in found for cell in row):
            yield table, cell if isinstance(cell, bytes) else str(cell).encode()
            if isinstance(cell, bytes):
                yield table, _opened(cell)


def _opened(cell: bytes) -> bytes:
    try:
        return json.dumps(unpack(cell), ensure_ascii=False).encode()
    except ValueError:
        return cell


def in_files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Give every file below a folder."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield str(path.relative_to(folder)), path.read_bytes()


def children(pid: int) -> set[int]:
    """Give all that a process started, and what these started: without a look at every process of the machine."""
    found: set[int] = set()
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            own = {int(child) for child in thread.read_text("ascii").split()}
        except OSError:  # it has ended
            continue
        found |= own
        for child in own:
            found |= children(child)
    return found


class Watch:
    """Looks at the command lines and the environments of all that a process starts, as often as it can."""

    def __init__(self, pid: int, canaries: Canaries) -> None:
        self._pid, self._canaries = pid, canaries
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.seen: dict[str, set[str]] = {}  # what was found, by where
        self.children: set[int] = set()
        self.cores: set[str] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.is_set():
            below = children(self._pid)
            for pid in {self._pid, *below}:
                self._look_at(pid)
            self.children |= below
            time.sleep(0.01)

    def _look_at(self, pid: int) -> None:
        # What it was given, it was given; and so was a child of it that has not become another program yet.
        own = pid == self._pid or guardian._read(pid, "cmdline") == guardian._read(self._pid, "cmdline")
        places = ("cmdline",) if own else ("cmdline", "environ")
        for place in places:
            found = self._canaries.found_in(guardian._read(pid, place))
            if found:
                words = guardian._read(pid, "cmdline").replace(b"\0", b" ")[:80].decode(errors="replace")
                self.seen.setdefault(f"{place} of {words}", set()).update(found)
        if pid == self._pid:
            return
        limits = guardian._read(pid, "limits").decode(errors="replace")
        self.cores |= {line for line in limits.splitlines() if line.startswith("Max core file size")}


def standing(canaries: Canaries, texts: Iterable[tuple[str, bytes]]) -> Mapping[str, set[str]]:
    """Give which secrets stand where, for those places where any does."""
    found: dict[str, set[str]] = {}
    for where, body in texts:
        found.setdefault(where, set()).update(canaries.found_in(body))
    return {where: secrets_ for where, secrets_ in found.items() if secrets_}
