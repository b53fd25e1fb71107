"""Which labs there are on this machine: one file a lab, with its owner and its addresses."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from ipaddress import IPv4Network
from pathlib import Path
from typing import TYPE_CHECKING

from tests.lab import network

if TYPE_CHECKING:
    from collections.abc import Generator

HOME = Path("/run/driftbell-lab")
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Record:
    """A lab: its id, its block of addresses, and the process it goes down with (0: it stays until taken down)."""

    id: str
    block: str
    boot: str
    owner: int
    born: str

    @property
    def abandoned(self) -> bool:
        """Tell whether the owner is gone, or the machine has been started again since."""
        return self.boot != _boot() or (self.owner != 0 and born(self.owner) != self.born)


@contextmanager
def locked() -> Generator[None]:
    """Keep other processes from choosing names and addresses, or from clearing up, at the same time."""
    HOME.mkdir(mode=0o755, parents=True, exist_ok=True)
    with (HOME / "lock").open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def records() -> list[Record]:
    """Return every lab that was registered and not yet taken down."""
    return [Record(**json.loads(path.read_text(encoding="utf-8"))) for path in sorted(HOME.glob("*.json"))]


def register() -> Record:
    """Choose a free name and free addresses for a lab of this process; to be called under `locked`."""
    there = records()
    identity = _unused({record.id for record in there})
    block = network.free_block([IPv4Network(record.block) for record in there])
    record = Record(identity, str(block), _boot(), os.getpid(), born(os.getpid()))
    write(record)
    return record


def write(record: Record) -> None:
    """Put a lab's record in place, whole or not at all."""
    draft = HOME / f"{record.id}.draft"
    draft.write_text(json.dumps(asdict(record)), encoding="utf-8")
    draft.rename(HOME / f"{record.id}.json")


def forget(identity: str) -> None:
    """Remove a lab's record; the last step of taking it down."""
    (HOME / f"{identity}.json").unlink(missing_ok=True)


def born(pid: int) -> str:
    """Return when a process started (clock ticks since boot): a pid is used again, the pair is not; "" where gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""
    state, *rest = stat.rpartition(")")[2].split()
    return "" if state in "ZX" else rest[18]


def _unused(taken: set[str]) -> str:
    while (identity := secrets.token_hex(3)) in taken:
        pass
    return identity


def _boot() -> str:
    return BOOT_ID.read_text(encoding="utf-8").strip()
