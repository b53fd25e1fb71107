"""`driftbell fmt`."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.output import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from agent.errors import Problem
    from agent.intake.district_schema import Schema

INPUT = "-"
OTHERWISE = 1  # the exit code of --check where a file is not laid out like this


def fmt(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILE|DIR ...]",
            help="Files, folders, or - for the standard input. Default: every file that Driftbell reads here.",
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; name the files that would change, and leave with 1.")
    ] = False,
    stdout: Annotated[bool, typer.Option("--stdout", help="Print the result in place of writing it.")] = False,
) -> int:
    """Lay policy files out in the one way: keys in order, comments kept, nothing of their meaning changed."""
    from agent.bootstrap import catalog
    from agent.errors import InputError
    from agent.intake.schema import schema

    whole = schema(catalog())
    problems: list[Problem] = []
    changed = 0
    for path in list(_files(paths or ["."])):
        try:
            changed += _laid_out(path, whole, check=check, stdout=stdout)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return OTHERWISE if check and changed else 0


def _laid_out(path: str, whole: Schema, *, check: bool, stdout: bool) -> bool:
    """Lay one file out, and tell whether that changes it."""
    from agent.intake import yaml
    from agent.intake.formatting import laid_out

    data = sys.stdin.buffer.read(yaml.LARGEST + 1) if path == INPUT else yaml.contents(Path(path), path)
    text = laid_out(data, "standard input" if path == INPUT else path, whole)
    other = text.encode() != data
    if check:
        if other:
            say(f"{path} is not laid out like this yet.")
    elif stdout or path == INPUT:
        sys.stdout.write(text)
    elif other:
        _put(Path(path), text)
        say(f"{path}: laid out anew.")
    return other


def _files(paths: Iterable[str]) -> Iterator[str]:
    """Give the files that are meant, each once; a repository stands for what Driftbell reads of it.

    Raises:
        InputError: there is nothing at a path.
    """
    from agent.errors import InputError, Place, Problem
    from agent.intake.files import readable, yaml_files

    seen: set[Path] = set()
    for path in paths:
        found = [Path(path)]
        if Path(path).is_dir():
            whole = (Path(path) / "policies").is_dir()
            found = [one for one, _ in readable(Path(path))] if whole else list(yaml_files(Path(path)))
        elif path != INPUT and not Path(path).exists():
            raise InputError([Problem(Place(path), "There is no such file or folder.")])
        for one in found:
            if one not in seen:
                seen.add(one)
                yield str(one)


def _put(path: Path, text: str) -> None:
    """Put a file in the place of another at once, with its rights: nobody ever reads half of it.

    Raises:
        InputError: it cannot be written.
    """
    from agent.errors import InputError, Place, Problem

    place = path.resolve()  # a link stays a link
    new = ""
    try:
        handle, new = tempfile.mkstemp(dir=place.parent, prefix=".fmt-")
        _fill(handle, text)
        shutil.copymode(place, new)
        _give_away(new, place.stat())
        Path(new).replace(place)
    except OSError as error:
        with suppress(OSError):
            Path(new).unlink()
        raise InputError([Problem(Place(str(path)), f"This file cannot be written: {error.strerror}.")]) from error


def _fill(handle: int, text: str) -> None:
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _give_away(new: str, old: os.stat_result) -> None:
    """Let root's copy belong to whom the file belonged to."""
    if os.geteuid() == 0:
        os.chown(new, old.st_uid, old.st_gid)


COMMANDS = {"fmt": fmt}
