"""The kill switch: a file on the server, and a key in the repository. While either is set nothing is written."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from agent.errors import UnseenError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from agent.model.policy import District


def throw(file: Path, who: str, why: str, at: datetime) -> None:
    """Set the switch. The file appears whole or not at all.

    Raises:
        UnseenError: the file cannot be written; its text says where, and that nothing is stopped.
    """
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft.write_text(f"{who} stopped everything at {at:%Y-%m-%d %H:%M %Z}: {why}\n", encoding="utf-8")
        draft.replace(file)
    except OSError as error:
        msg = f"NOT STOPPED: {file} cannot be written ({error.strerror}). Make that file by hand, with any content."
        raise UnseenError(msg) from error


def release(file: Path) -> bool:
    """Take the switch's file away; False when there was none.

    Raises:
        UnseenError: the file cannot be removed.
    """
    try:
        file.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        msg = f"Still stopped: {file} cannot be removed ({error.strerror})."
        raise UnseenError(msg) from error
    return True


def reason(file: Path, district: District) -> str:
    """Give why everything is stopped, as a sentence, or an empty text. A file that cannot be read stops, too."""
    if district.stop:
        return f"policies/district.yaml says stop: {district.stop.rstrip('.')}."
    return thrown(file)


def thrown(file: Path) -> str:
    """Give why everything is stopped by the server's own file, as a sentence, or an empty text."""
    try:
        said = file.read_text(encoding="utf-8", errors="replace").strip()
    except FileNotFoundError:
        return f"{file} leads nowhere, so it counts as set." if file.is_symlink() else ""
    except OSError as error:
        return f"{file} cannot be read ({error.strerror}), so it counts as set."
    return f"{said.rstrip('.')}." if said else f"{file} is there."
