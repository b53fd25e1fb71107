"""What people of this machine ask of the daemon at its door: how everything stands, a yes, a no, and to stop.

Who asks is what the kernel says. A login's word counts here as at the command line, with one rule more: without
`people` in the settings nobody can be told from the daemon's own account, so nobody's word is taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from agent import switch
from agent.bootstrap import approving
from agent.bootstrap.registry import now
from agent.daemon.status import of_daemon, standing
from agent.errors import DriftbellError, HeldError, InputError
from agent.model.approval import Word

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.daemon.condition import Condition
    from agent.daemon.rounds import Rounds
    from agent.settings import Settings

LONGEST = 300  # characters of a reason


@dataclass(frozen=True, slots=True)
class Asked:
    """Answers questions. `settings` and `rounds` are those of the moment; `wake` ends the daemon's sleep."""

    settings: Callable[[], Settings]
    rounds: Callable[[], Rounds | None]
    condition: Condition
    wake: Callable[[], None]

    def answer(self, question: dict[str, Any], login: str) -> dict[str, Any]:
        """Answer somebody; an error is an answer, too."""
        try:
            return self._said(question, login)
        except DriftbellError as error:
            return {"error": str(error), "code": error.exit_code}

    def _said(self, question: dict[str, Any], login: str) -> dict[str, Any]:
        match question.get("do"):
            case "status":
                return of_daemon(self.condition, self.rounds())
            case "standing":
                return standing(self.settings(), of_daemon(self.condition, self.rounds()))
            case "stop":
                return self._stop(_text(question, "why"), login)
            case "approve" | "deny" as word:
                return self._word(Word(word), question, login)
            case other:
                return {"error": f"There is status, standing, stop, approve and deny, and no {other!r}.", "code": 2}

    def _stop(self, why: str, login: str) -> dict[str, Any]:
        file = self.settings().stop_file
        switch.throw(file, login, why, now())
        self.wake()
        return {"said": [f"Stopped: nothing is written to any system while {file} exists."]}

    def _word(self, word: Word, question: dict[str, Any], login: str) -> dict[str, Any]:
        settings, said = self.settings(), list[str]()
        if settings.approvers:
            msg = (
                f"The server's settings name keys (`approvers`), so a word has to be signed: driftbell {word} --print."
            )
            raise InputError(msg)
        if not settings.people:
            msg = "The server's settings name no `people`, so nobody's word is taken at this door."
            raise HeldError(msg)
        seconds = question.get("seconds")
        lasts = timedelta(seconds=seconds) if isinstance(seconds, (int, float)) and seconds > 0 else None
        wish = approving.Wish(word, _text(question, "digest"), _text(question, "why"), lasts=lasts, login=login)
        approving.give(settings, wish, now(), said.append)
        self.wake()
        return {"said": said}


def _text(question: dict[str, Any], key: str) -> str:
    return " ".join(str(question.get(key, "")).split())[:LONGEST]
