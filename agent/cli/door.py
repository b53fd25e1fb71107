"""The daemon's door, for people who may not read its state directory: the daemon does what they ask, and says so."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from agent.cli.output import say
from agent.errors import DriftbellError, HeldError, InputError, UnseenError

if TYPE_CHECKING:
    from agent.settings import Settings

_SORTS: dict[int, type[DriftbellError]] = {2: InputError, 3: UnseenError, 4: HeldError}


def kept_out(settings: Settings) -> bool:
    """Say whether the caller may not write in the state directory."""
    return settings.state.exists() and not os.access(settings.state, os.W_OK | os.X_OK)


def ask_daemon(settings: Settings, question: dict[str, Any]) -> None:
    """Have the daemon do something, and say what it says.

    Raises:
        UnseenError: no daemon runs, or it does not answer.
        InputError, HeldError: it refuses.
    """
    from agent.daemon.doors import ask

    said = ask(settings.socket, question)
    if said is None:
        msg = f"{settings.state} is not yours to write in, and no daemon answers at {settings.socket}."
        raise UnseenError(msg)
    refuse_if_refused(said)
    for line in said.get("said", ()):
        say(str(line))


def refuse_if_refused(said: dict[str, Any]) -> None:
    """Raise what the daemon answers in place of what was asked."""
    if "error" in said:
        raise _SORTS.get(int(said.get("code", 3)), UnseenError)(str(said["error"]))
