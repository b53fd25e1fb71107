"""`driftbell install-service`."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli import options
from agent.cli.output import say
from agent.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from agent.daemon.first_settings import Answers
    from agent.daemon.laid_files import Step

REPOSITORY = "The policy repository, such as ssh://git@git.riverton.example/policies.git"
SERVER = "The mail server, such as smtp://mail.riverton.example:587 (Enter: no mail yet)"
PEOPLE = "Who may say things here: LOGIN=PERSON of district.yaml, such as amy=director (Enter: add them later)"


def install_service(
    repo: options.Repo = None,
    mail_server: Annotated[
        str | None, typer.Option("--mail-server", metavar="URL", help="The mail server: smtp://HOST:PORT.")
    ] = None,
    mail_from: Annotated[
        str | None, typer.Option("--mail-from", metavar="ADDRESS", help="The address that its mail comes from.")
    ] = None,
    person: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LOGIN=PERSON", help="Who a login of this server is, by the name in district.yaml; once for each."
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing; what is not given has its default.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be done, and change nothing.")] = False,
    uninstall: Annotated[
        bool, typer.Option("--uninstall", help="Stop the service and remove its unit; state and settings stay.")
    ] = False,
) -> int:
    """Make this server run the daemon: its account, directories, settings, first SSH key and systemd unit.

    It can be run again: what is there stays, and a file that somebody edited is never written over.
    """
    from agent.daemon import installing

    if os.geteuid() != 0 and not dry_run:
        msg = (
            "This changes the accounts and services of this machine: run it as root (sudo). --dry-run changes nothing."
        )
        raise InputError(msg)
    if uninstall:
        _go(installing.uninstalling(), dry_run=dry_run)
        return 0
    program = installing.running_program()
    why = installing.hidden(program)
    if why and not dry_run:
        raise InputError(why)
    ask = not yes and sys.stdin.isatty() and sys.stdout.isatty()
    answers = _answers(repo, mail_server, mail_from, person, asking=ask)
    if why:
        say(f"! {why}")
    try:
        _go(installing.installing(answers, program), dry_run=dry_run)
    except PermissionError as error:
        msg = f"{error.filename} is seen by root alone: run this as root (sudo), also with --dry-run."
        raise InputError(msg) from error
    if not dry_run:
        for line in _closing(answers.repository if answers else ""):
            say(line)
    return 0


def _answers(
    repo: str | None, server: str | None, sender: str | None, person: list[str] | None, *, asking: bool
) -> Answers | None:
    """Give what the settings begin with; None where they are there and nothing was said about them."""
    from agent.cli.questions import Clerk
    from agent.daemon import first_settings, installing

    given = any(one is not None for one in (repo, server, sender, person))
    if os.path.lexists(installing.SETTINGS) and not given:
        return None
    ask = Clerk(asking=asking)
    where = ask.text(repo, REPOSITORY, "", first_settings.repository)
    post = ask.text(server, SERVER, "", first_settings.server)
    writer = (
        ask.text(sender, "The address that its mail comes from", first_settings.own_sender(), first_settings.sender)
        if post
        else ""
    )
    who = ask.several(person, PEOPLE, lambda said: tuple(first_settings.people(list(said)).items()))
    return first_settings.Answers(where, post, writer, dict(who))


def _go(steps: Iterable[Step], *, dry_run: bool) -> None:
    for step in steps:
        mark = " " if step.do is None else "?" if dry_run else "+"
        if step.do is not None and not dry_run:
            step.do()
        say(f"{mark} {step.said}")
        if dry_run:
            for line in step.text.splitlines():
                say(f"    | {line}")
    if dry_run:
        say("Nothing was changed: what is marked with ? would be done.")


def _closing(repository: str) -> Iterator[str]:
    """Say what comes next, as commands to be pasted."""
    from agent.daemon import installing

    program = installing.running_program()
    yield "Next:"
    yield "  1. Give this public key to the forge (to read only), and to the account on the hosts that Driftbell uses:"
    yield f"     {installing.public_key()}"
    yield "  2. Accept the keys of the git server and of the hosts, once you have compared their fingerprints:"
    if host := _git_host(repository):
        yield f"     sudo -u {installing.ACCOUNT} ssh -T {host}"
    yield f"     sudo -u {installing.ACCOUNT} {program} hosts trust"
    yield f"  3. See what is missing: sudo -u {installing.ACCOUNT} {program} doctor"
    yield "  4. Start it, and see how it is: sudo systemctl start driftbell; systemctl status driftbell"


def _git_host(repository: str) -> str:
    """Give what ssh calls the host of a repository, with its port; empty where it is not reached over ssh."""
    named = re.match(r"ssh://(?P<who>[^/:]+)(:(?P<port>[0-9]+))?/|(?P<short>[^/:]+):(?!//)", repository)
    if named is None:
        return ""
    port = f"-p {named['port']} " if named["port"] else ""
    return f"{port}{named['who'] or named['short']}"


COMMANDS = {"install-service": install_service}
