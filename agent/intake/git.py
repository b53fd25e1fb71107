"""Bringing the policy repository to a revision: a directory as it stands, or a git URL's newest commit."""

from __future__ import annotations

import re
from pathlib import Path

from agent.errors import InputError
from agent.intake import git_directory, git_remote, git_revisions
from agent.intake.git_program import Checkout
from agent.intake.git_revisions import Past
from agent.intake.wording import quote

_URL = re.compile(r"(?:https|ssh)://(?!-)(?:[^/@\s]*@)?(?!-)[^/@\s]+/\S+\Z|file:///\S+\Z")
_SCP = re.compile(r"(?:[A-Za-z0-9_.][\w.-]*@)?[A-Za-z0-9][\w.-]*:(?!:|//|-)\S+\Z")
_BRANCH = re.compile(r"(?!-)(?!.*(?:\.\.|@\{|//))[\w./+-]+(?<![./])\Z")

__all__ = ["Checkout", "Past", "past", "sync"]


def sync(source: str, checkouts: Path) -> Checkout:
    """Bring a source to a revision that can be read. What is fetched is kept under `checkouts`.

    Raises:
        InputError: the source is neither a directory nor a URL that may be fetched.
        UnseenError: it cannot be fetched, and never was.
    """
    folder = _folder(source)
    return git_directory.read(folder) if folder else git_remote.read(_remote(source), checkouts)


def past(source: str, checkouts: Path, *, fetched: bool = False) -> Past:
    """Give what can be asked for older revisions of a source. What is fetched is kept under `checkouts`.

    With `fetched` nothing is fetched anew: what was read before is here.

    Raises:
        InputError: the source is neither a directory with commits nor a URL that may be fetched.
        UnseenError: it cannot be fetched, and never was.
    """
    folder = _folder(source)
    if folder:
        return git_revisions.of_directory(folder, checkouts)
    return git_revisions.of_remote(_remote(source), checkouts, fetched=fetched)


def is_directory(source: str) -> bool:
    """Say whether a source is a directory that is read as it stands, and nothing that is fetched.

    Raises:
        InputError: no source is named.
    """
    return _folder(source) is not None


def shown(source: str) -> str:
    """Give a source as people may see it, without credentials: as its revisions name it.

    Raises:
        InputError: the source is neither a directory nor a URL that may be fetched.
    """
    folder = _folder(source)
    return str(folder) if folder else _remote(source).shown


def _folder(source: str) -> Path | None:
    """Give the directory that a source is, or nothing where it is to be fetched."""
    if not source:
        msg = "No policy repository is named: go where policies/ is, give --repo, or set `repo` in the settings."
        raise InputError(msg)
    folder = Path(source)
    return folder.resolve() if folder.is_dir() and not _is_bare(folder) else None


def _remote(source: str) -> git_remote.Remote:
    url, _, branch = source.partition("#")
    if url and Path(url).is_dir() and _is_bare(Path(url)):
        url = str(Path(url).resolve())
    elif not _URL.match(url) and not _SCP.match(url):
        raise InputError(_refusal(source))
    if branch and not _BRANCH.match(branch):
        msg = f"{quote(branch)} is not the name of a branch."
        raise InputError(msg)
    return git_remote.Remote(url, branch)


def _is_bare(folder: Path) -> bool:
    """Say whether a directory is a repository without files, which is fetched from like a URL."""
    return (folder / "HEAD").is_file() and (folder / "objects").is_dir() and not (folder / "policies").exists()


def _refusal(source: str) -> str:
    if "://" in source or "::" in source:
        shown = quote(re.sub(r"//[^/@]*@", "//", source))
        return f"{shown} is not a git URL that may be fetched: write ssh://, https://, file:/// or user@host:path."
    return f"There is no directory {quote(source)}, and it is not a git URL either."
