"""`driftbell doctor`."""

from __future__ import annotations

import shutil
import textwrap
from typing import TYPE_CHECKING

from agent import __version__
from agent.cli import options
from agent.cli.output import print_json, say
from agent.report.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agent.doctor.word import Word

NARROWEST = 60


def doctor(
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> int:
    """Say what is missing or wrong on this machine, and how to mend it. Nothing is changed, no mail is sent."""
    from agent.bootstrap.doctor import look
    from agent.doctor.word import exit_code

    words = list(look(lambda: options.settings(repo, state, config), repo, state, config))
    if as_json:
        checks = [{"check": w.about, "state": w.state.value, "said": w.said, "mend": w.mend} for w in words]
        print_json({"driftbell": __version__, "schema": 1, "checks": checks})
    else:
        for line in _lines(words, max(shutil.get_terminal_size((100, 24)).columns, NARROWEST)):
            say(line)
    return exit_code(words)


def _lines(words: Sequence[Word], width: int) -> Iterator[str]:
    """Give a line for each word: how it stands, what it is about, what was found, and below it how to mend it."""
    from agent.doctor.word import State

    left = max(len(s.words) for s in State) + 2
    about = max(len(w.about) for w in words) + 2
    indent = " " * (left + about)
    for word in words:
        head = f"{word.state.words:{left}}{plain(word.about):{about}}"
        yield textwrap.fill(
            plain(word.said), width, initial_indent=head, subsequent_indent=indent,
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip
        if word.mend:
            yield f"{indent}-> {plain(word.mend)}"
    yield ""
    yield _summary(words)


def _summary(words: Sequence[Word]) -> str:
    from agent.doctor.word import State

    mend = sum(w.state in {State.LOOK, State.BROKEN} for w in words)
    untold = sum(w.state is State.UNKNOWN for w in words)
    said = [f"{mend} {'thing deserves' if mend == 1 else 'things deserve'} a look."] if mend else []
    said += [f"{untold} could not be told."] if untold else []
    return " ".join(said) or "Everything is as it should be."


COMMANDS = {"doctor": doctor}
