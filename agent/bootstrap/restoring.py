"""A ledger that is damaged: set aside, and a whole copy put in its place. Nothing is changed until a person says so.

What was changed since the copy was made is not known any more: caps would count it as never done. So everything is
stopped, as by `driftbell stop`, and `driftbell resume` is a person's word that somebody looked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent import switch
from agent.bootstrap.housekeeping import copies, taken_at
from agent.bootstrap.registry import now
from agent.errors import DriftbellError, InputError, UnseenError
from agent.ledger import versions
from agent.ledger.trouble import DamagedLedgerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from agent.settings import Settings

LEDGER = "ledger.db"
_PARTS = ("", "-wal", "-shm")


def mend(settings: Settings) -> list[str]:
    """Look whether the ledger is whole, and restore it where it is damaged; a sentence for each thing done.

    Raises:
        UnseenError: it cannot be read, or not be set aside.
        InputError: a newer program wrote it.
    """
    ledger = settings.state / LEDGER
    if not ledger.exists():
        return []
    try:
        versions.examine(ledger)
    except DamagedLedgerError as error:
        return [str(error), *restore(settings, None)]
    return []


def restore(settings: Settings, chosen: Path | None) -> list[str]:
    """Set the ledger aside, and put a copy in its place: the one that is named, or the newest whole one.

    Raises:
        InputError: what is named is no ledger, or a newer program wrote it.
        UnseenError: it is damaged, or cannot be read, or nothing can be written.
    """
    source, said = _whole(settings, chosen)
    at = now()
    said += _set_aside(settings.state / LEDGER, at)
    if source is None:
        since, what = "", "a new ledger is begun: what is out of line counts as found today"
    else:
        versions.copy(source, settings.state / LEDGER)
        since = f" since {taken_at(source):%Y-%m-%d %H:%M} UTC" if source in copies(settings) else ""
        what = f"{source} took its place"
    why = f"the ledger was lost, and {what}: what was changed{since} is not known here. Look at it, then resume"
    switch.throw(settings.stop_file, "driftbell", why, at)
    return [
        *said,
        f"{what[0].upper()}{what[1:]}.",
        f"Everything is stopped: what was changed{since} is not known. `driftbell resume` allows changes again.",
    ]


def _whole(settings: Settings, chosen: Path | None) -> tuple[Path | None, list[str]]:
    if chosen is not None:
        if not chosen.is_file():
            msg = f"There is no file {chosen}. `driftbell restore --list` shows the copies."
            raise InputError(msg)
        versions.examine(chosen)
        return chosen, []
    said = []
    for copy in reversed(copies(settings)):
        try:
            versions.examine(copy)
        except DriftbellError as error:
            said.append(f"The copy {copy} cannot be used: {error}")
        else:
            return copy, said
    return None, [*said, f"There is no whole copy in {settings.backups}."]


def _set_aside(ledger: Path, at: datetime) -> Iterator[str]:
    aside = ledger.with_name(f"{ledger.name}.aside-{at:%Y%m%dT%H%M%SZ}")
    for part in _PARTS:
        old = ledger.with_name(f"{ledger.name}{part}")
        try:
            old.rename(aside.with_name(f"{aside.name}{part}"))
        except FileNotFoundError:
            continue
        except OSError as error:
            msg = f"{old} cannot be set aside: {error.strerror}. Nothing was restored."
            raise UnseenError(msg) from error
        if not part:
            yield f"The ledger was set aside: {aside}."
