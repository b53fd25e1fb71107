"""`driftbell evidence`: the records of what was changed, for whoever audits them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent import __version__
from agent.cli import options
from agent.cli.output import print_json, say
from agent.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agent.bootstrap.evidence import Verified
    from agent.decide.evidence.chain import Told

SHOWN = 20  # troubles


def evidence() -> None:
    """Records of each change, chained and signed: by what right, what was there, and what came of it."""


def verify(
    since: Annotated[
        str | None, typer.Option("--since", metavar="TIME", help="Look at contents from this time on; at links always.")
    ] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="TIME", help="And before this one.")] = None,
    key: Annotated[
        list[str] | None,
        typer.Option("--key", metavar="HASH", help="A key that you trust, as noted elsewhere.", show_default=False),
    ] = None,
    anchor: Annotated[
        list[str] | None,
        typer.Option(
            "--anchor", metavar="NUMBER:HASH", help="A record as a mailed report names it.", show_default=False
        ),
    ] = None,
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> int:
    """Look whether any record was changed, removed, put in or put elsewhere since it was written."""
    from agent.bootstrap.evidence import Trusted
    from agent.bootstrap.evidence import verify as verified

    trusted = Trusted(tuple(map(_key, key or ())), tuple(map(_anchor, anchor or ())))
    times = (options.moment(since, "--since"), options.moment(until, "--until"))
    found = verified(options.settings(repo, state, config), trusted, *times)
    if as_json:
        print_json(_document(found))
    else:
        for line in _lines(found):
            say(line)
    return 0 if found.good else 1


def export(
    target: Annotated[Path, typer.Argument(metavar="FOLDER_OR_ZIP", help="What to make; it must not be there yet.")],
    since: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="Show what was recorded from this time on.")
    ] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="TIME", help="And before this one.")] = None,
    policy: Annotated[
        list[str] | None, typer.Option("--policy", metavar="ID", help="Show this policy alone.", show_default=False)
    ] = None,
    control: Annotated[
        list[str] | None,
        typer.Option(
            "--control",
            metavar="FRAMEWORK:ID",
            help="Show the policies that serve a safeguard, such as cis_v8:4.1.",
            show_default=False,
        ),
    ] = None,
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
) -> int:
    """Write a bundle that verifies itself, on any machine that has Python: `python3 -I verify.py`."""
    from agent.bootstrap.evidence import Wanted
    from agent.bootstrap.evidence import export as exported

    times = (options.moment(since, "--from"), options.moment(until, "--to"))
    wanted = Wanted(*times, tuple(policy or ()), tuple(control or ()))
    shown, records, told = exported(options.settings(repo, state, config), target, wanted)
    say(f"{target} shows {shown:,} of {records:,} records; the others stand in it as hashes.")
    say("It names machines, policies and people who approved: give it to whoever may read that, and to nobody else.")
    for line in _troubles(told):
        say(line)
    return 1 if told.troubles else 0


def prune(repo: options.Repo = None, state: options.State = None, config: options.Config = None) -> None:
    """Forget what records hold that are older than the settings say; their hashes stay, and the chain verifies."""
    from agent.bootstrap.evidence import prune as pruned

    number = pruned(options.settings(repo, state, config))
    say(f"The contents of {number:,} records were too old and are gone." if number else "Nothing is too old.")


def key(
    new: Annotated[bool, typer.Option("--new", help="Make another key; the one before it vouches for it.")] = False,
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """Show the public key that seals the evidence: note its hash outside of this server."""
    from agent.bootstrap.evidence import key as shown
    from agent.decide.evidence.chain import digest

    public = shown(options.settings(repo, state, config), new=new)
    name = digest(bytes.fromhex(public))
    if as_json:
        print_json({"driftbell": __version__, "schema": 1, "key": name, "public": public})
        return
    say(f"Key     {name}")
    say(f"Public  {public}")


def _key(text: str) -> str:
    from agent.decide.evidence.chain import SHORT

    if len(text) < SHORT or not set(text.lower()) <= set("0123456789abcdef"):
        msg = f"--key {text!r} is no hash of a key: give {SHORT} or more of the digits that `evidence key` shows."
        raise InputError(msg)
    return text


def _anchor(text: str) -> tuple[int, str]:
    from agent.decide.evidence.chain import SHORT

    number, _, start = text.replace(",", "").partition(":")
    start = start.strip()
    if not number.isdecimal() or len(start) < SHORT or not set(start.lower()) <= set("0123456789abcdef"):
        msg = f"--anchor {text!r}: write it as a report does, NUMBER:HASH with {SHORT} or more digits of the hash."
        raise InputError(msg)
    return int(number), start


def _document(found: Verified) -> dict[str, object]:
    told = found.told
    seal = told.seal
    return {
        "driftbell": __version__,
        "schema": 1,
        "good": found.good,
        "troubles": [{"record": t.number, "sentence": t.sentence} for t in told.troubles],
        "journal": list(found.journal),
        "records": told.records,
        "pruned": told.pruned,
        "proven": [list(span) for span in told.proven],
        "seal": {"record": seal.number, "hash": seal.own, "at_us": seal.at, "key": seal.key} if seal else None,
        "unsealed": told.unsealed,
    }


def _lines(found: Verified) -> Iterator[str]:
    from agent.decide.evidence.chain import when
    from agent.report.plain import plain

    told = found.told
    yield from _troubles(told)
    yield from map(plain, found.journal)
    if not told.records:
        yield "There is no evidence yet: it begins with the first change."
        return
    ranges = ", ".join(f"{a:,}" if a == b else f"{a:,} to {b:,}" for a, b in told.proven)
    yield f"Proven to stand as they were written: records {ranges or 'none'} of {told.records:,}."
    if told.pruned:
        yield f"The contents of {told.pruned:,} were pruned when they were too old; their hashes stand."
    if told.seal is not None:
        yield f"Newest good seal: record {told.seal.number:,}, {when(told.seal.at)}, hash {told.seal.own[:16]}."
        yield f"Made with the key {told.seal.key[:16]}: compare it with the one that you noted outside of this server."
    if told.unsealed:
        yield f"{told.unsealed:,} behind it are not sealed yet: the next run does that."
    if found.good:
        yield "Nothing is wrong."


def _troubles(told: Told) -> Iterator[str]:
    from agent.report.plain import plain

    for trouble in told.troubles[:SHOWN]:
        yield plain(trouble.sentence)
    if len(told.troubles) > SHOWN:
        yield f"And {len(told.troubles) - SHOWN:,} more."


COMMANDS: dict[str, Callable[..., int | None]] = {"verify": verify, "export": export, "prune": prune, "key": key}
