"""`driftbell approve` and `driftbell deny`: a person's word on one planned batch, signed by their own SSH key."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli import complete, options
from agent.cli.door import ask_daemon, kept_out
from agent.cli.output import note, print_json, say
from agent.errors import InputError
from agent.model.approval import Approval, Word

if TYPE_CHECKING:
    from agent.bootstrap.approving import Wish
    from agent.settings import Settings

Digest = Annotated[
    str,
    typer.Argument(
        metavar="DIGEST", help="The plan number that `driftbell plan` showed.", autocompletion=complete.digests
    ),
]
Key = Annotated[
    Path | None,
    typer.Option(
        "--key", metavar="FILE", help="The SSH key to sign with. Default: yours in ~/.ssh, or your ssh-agent's."
    ),
]
By = Annotated[
    str,
    typer.Option("--by", metavar="PERSON", help="Who says it, as district.yaml names them. Default: whose key it is."),
]
Print = Annotated[
    bool, typer.Option("--print", help="Print the statement, to sign it on another machine; nothing is recorded.")
]
File = Annotated[
    str, typer.Option("--file", metavar="FILE", help="Take in a statement that was signed elsewhere; - reads it here.")
]


def approve(
    digest: Digest = "",
    why: Annotated[str, typer.Option("--why", help="A reason, which is recorded with it.")] = "",
    key: Key = None,
    by: By = "",
    until: Annotated[
        str,
        typer.Option(
            "--until", metavar="SPAN", help="How long it counts, such as 4h; never longer than the district allows."
        ),
    ] = "",
    print_only: Print = False,
    file: File = "",
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> int:
    """Approve one planned batch, signed with your SSH key. The next run carries it out, as far as nothing changed."""
    from agent.bootstrap.approving import Wish

    wish = Wish(Word.APPROVE, digest, " ".join(why.split()), key, by, _span(until))
    return _say(wish, options.settings(repo, state, config), file, print_only=print_only, as_json=as_json)


def deny(
    digest: Digest = "",
    why: Annotated[str, typer.Option("--why", help="The reason, which every report will say.")] = "",
    key: Key = None,
    by: By = "",
    print_only: Print = False,
    file: File = "",
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> int:
    """Say no to one planned batch, signed with your SSH key: it stays held, whoever else approves it."""
    from agent.bootstrap.approving import Wish

    if not why.strip() and not file:
        msg = "A no needs its reason: --why TEXT."
        raise InputError(msg)
    wish = Wish(Word.DENY, digest, " ".join(why.split()), key, by)
    return _say(wish, options.settings(repo, state, config), file, print_only=print_only, as_json=as_json)


def _say(wish: Wish, settings: Settings, file: str, *, print_only: bool, as_json: bool) -> int:
    from agent.bootstrap import approving

    if not wish.digest and not file:
        msg = "Name the plan by its number, as `driftbell plan` shows it."
        raise InputError(msg)
    if kept_out(settings) and not (print_only or file or wish.key or wish.by):
        seconds = wish.lasts.total_seconds() if wish.lasts else None
        ask_daemon(settings, {"do": wish.word.value, "digest": wish.digest, "why": wish.why, "seconds": seconds})
        return 0
    at, tell = datetime.now(UTC), note if as_json or print_only else say
    if print_only:
        text = approving.to_sign(settings, wish, at, tell)
        sys.stdout.write(text)
        for line in _how(wish):
            note(line)
        return 0
    if file:
        done = approving.take_in(settings, wish.word, _sent(file), wish.digest, at, tell)
    else:
        done = approving.give(settings, wish, at, tell)
    if as_json:
        print_json(_document(done))
    return 0


def _how(wish: Wish) -> list[str]:
    from agent.decide.statements import NAMESPACE

    key = wish.key or "~/.ssh/id_ed25519"
    return [
        "Keep these nine lines as they are, in statement.txt. Where your key is:",
        f"  ssh-keygen -Y sign -n {NAMESPACE} -f {key} statement.txt",
        "  cat statement.txt statement.txt.sig > approval.txt",
        f"Then here: driftbell {wish.word} --file approval.txt. Or commit approval.txt below approvals/.",
    ]


def _sent(file: str) -> str:
    from agent.decide.statements import MOST

    try:
        if file == "-":
            content = sys.stdin.buffer.read(MOST + 1)
        else:
            with Path(file).open("rb") as opened:
                content = opened.read(MOST + 1)
    except OSError as error:
        msg = f"{file} cannot be read: {error.strerror}."
        raise InputError(msg) from error
    if len(content) > MOST:
        msg = f"{file} is larger than {MOST:,} bytes, which no signed statement is."
        raise InputError(msg)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        msg = f"{file} is no text, so it is no signed statement."
        raise InputError(msg) from None


def _span(text: str) -> timedelta | None:
    from agent.intake.values import duration

    if not text:
        return None
    try:
        span = duration(text)
    except ValueError as error:
        msg = f"--until: {error}."
        raise InputError(msg) from None
    if span <= timedelta():
        msg = "--until takes a length of time above nothing, such as 4h."
        raise InputError(msg)
    return span


def _document(made: Approval) -> dict[str, object]:
    from agent import __version__

    return {
        "driftbell": __version__,
        "schema": 1,
        "word": made.word.value,
        "digest": made.batch,
        "by": made.who,
        "at": made.at.isoformat(),
        "until": made.until.isoformat() if made.until else None,
        "key": made.key,
        "why": made.why,
    }


COMMANDS = {"approve": approve, "deny": deny}
