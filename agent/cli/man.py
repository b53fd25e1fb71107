"""`driftbell man`: the manual pages, made from the table of commands, so that they cannot say anything else.

Format: man(7), the macros of groff's `man` package. Source: https://man7.org/linux/man-pages/man7/man.7.html
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent import __version__
from agent.cli.output import say
from agent.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typer.core import TyperCommand, TyperGroup

EXIT_CODES = {
    "0": "in line, or done",
    "1": "something is out of line, or a repair failed",
    "3": "something could not be seen",
    "4": "something is held",
    "2": "the input is wrong",
    "70": "a bug in Driftbell; a file with what happened is named",
}
FILES = {
    "/etc/driftbell/driftbell.yaml": "the server's settings",
    "/var/lib/driftbell": "the state directory: ledger, exports, checkouts, known hosts, mail that waits",
    "~/.local/share/driftbell": "the same, where Driftbell does not run as root",
}
ENVIRONMENT = {
    "DRIFTBELL_CONFIG, DRIFTBELL_REPO, DRIFTBELL_STATE": "the defaults of --config, --repo and --state",
    "DRIFTBELL_MAIL_SERVER, ...": "every other setting, its names joined by _",
    "NO_COLOR": "no colours",
}


def man(folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the pages go.")]) -> None:
    """Write the manual pages, one for each command."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in pages().items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        msg = f"{error.filename or folder} cannot be written: {error.strerror}."
        raise InputError(msg) from error
    say(f"The pages are in {folder}; read one with: man -l {folder}/driftbell.1")


def pages() -> dict[str, str]:
    """Give every page by its file's name."""
    from agent.cli.app import app

    group = typer.main.get_command(app)
    found = dict(_pages(group, "driftbell"))  # type: ignore[arg-type]
    return {f"{name.replace(' ', '-')}.1": text for name, text in found.items()}


def _pages(command: TyperCommand | TyperGroup, name: str) -> Iterator[tuple[str, str]]:
    yield name, "\n".join(_page(command, name)) + "\n"
    for word, below in getattr(command, "commands", {}).items():
        if not below.hidden:
            yield from _pages(below, f"{name} {word}")


def _page(command: TyperCommand | TyperGroup, name: str) -> Iterator[str]:
    short, _, more = (command.help or "").strip().partition(". ")
    yield f'.TH "{name.upper().replace(" ", "-")}" "1" "" "driftbell {__version__}" "Driftbell"'
    yield from (".SH NAME", f"{_text(name.replace(' ', '-'))} \\- {_text(short.rstrip('.'))}")
    with command.make_context(name, [], resilient_parsing=True) as context:
        words = " ".join(command.collect_usage_pieces(context)).replace("{", "").replace("}", "")
        yield from (".SH SYNOPSIS", f".B {_text(name)}", _line(words))
        yield from (".SH DESCRIPTION", _line(f"{short}. {more}" if more else short))
        records = [r for p in command.get_params(context) if (r := p.get_help_record(context))]
    if records:
        yield ".SH OPTIONS"
        yield from _terms(records)
    below = [(w, c) for w, c in getattr(command, "commands", {}).items() if not c.hidden]
    if below:
        yield ".SH COMMANDS"
        yield from _terms([(f"{name} {w}", c.help or "") for w, c in below])
    if name == "driftbell":
        yield from _common()
    else:
        yield from (".SH SEE ALSO", ".BR driftbell (1)")


def _common() -> Iterator[str]:
    for title, terms in (("EXIT STATUS", EXIT_CODES), ("FILES", FILES), ("ENVIRONMENT", ENVIRONMENT)):
        yield f".SH {title}"
        yield from _terms(list(terms.items()))


def _terms(terms: list[tuple[str, str]]) -> Iterator[str]:
    for term, said in terms:
        yield from (".TP", f".B {_text(term)}", _line(" ".join(said.split())))


def _line(text: str) -> str:
    """Give a text as a line of its own: one that begins with a dot or a quote would be taken for a request."""
    return re.sub(r"^([.'])", r"\\&\1", _text(text))


def _text(text: str) -> str:
    return text.replace("\\", "\\(rs").replace("-", "\\-")


COMMANDS = {"man": man}
