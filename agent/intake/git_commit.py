"""Committing one file of a checkout for somebody who does not use git, and nothing else of it.

The commit is made beside the checkout: neither hooks nor filters run, what is staged stays staged, what is changed
stays changed. Source: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects ("Commit Objects")
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent.errors import HeldError, InputError, UnseenError
from agent.intake.git_program import git
from agent.intake.wording import ended, printable, quote

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

Entry = tuple[str, str]  # mode and object of a file, as git keeps them
ABSENT: Entry = ("", "")
FILE = "100644"
_UNDER_WAY = {
    "MERGE_HEAD": "a merge",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
}
# The programs that sign are the usual ones, or those that the caller's own settings name: never a repository's.
_SIGNERS = {"gpg.program": "gpg", "gpg.openpgp.program": "gpg", "gpg.ssh.program": "ssh-keygen"}
_IDENTIFIED = {"user.useConfigOnly": "true"}  # nobody is made up from a login and the machine's name
OTHERWISE = "or write the file without a commit: --no-commit"


@dataclass(frozen=True, slots=True)
class Desk:
    """A checkout on which one file can be committed by itself: on a branch, with nothing under way.

    Attributes:
        path: the file's path, from the top of the checkout.
        name: the same, from the folder.
        branch: the full name of the branch.
        parent: its newest commit, empty before the first.
        entry: the file as it is in that.
        author: name and address of whom git takes the caller for.
        settings: what git runs with: it knows who commits, and no filter of the repository's does anything.
    """

    folder: Path
    path: str
    name: str
    branch: str
    parent: str
    entry: Entry
    author: str
    settings: Mapping[str, str]

    @property
    def branch_name(self) -> str:
        """Give the name of the branch as people say it."""
        return self.branch.removeprefix("refs/heads/")


def prepare(folder: Path, name: str) -> Desk:
    """Look whether a file of a checkout can be committed by itself, before anything is written.

    Raises:
        InputError: it cannot, and why; with what to do.
        UnseenError: git is not there.
    """
    top = git("rev-parse", "--show-prefix", "--git-dir", "--is-inside-work-tree", cwd=folder)
    words = top.out.decode(errors="surrogateescape").split("\n")
    if top.code or words[2:3] != ["true"]:
        msg = f"{printable(str(folder))} is no git checkout, so nothing is committed there: `git init`, {OTHERWISE}."
        raise InputError(msg)
    path = words[0] + name
    _check_nothing_under_way(folder, folder / words[1])
    branch = _line("symbolic-ref", "--quiet", "HEAD", cwd=folder)
    if not branch:
        msg = (
            "HEAD is on no branch here (detached), where a commit would get lost. Check a branch out, as in "
            f"`git checkout main`, {OTHERWISE}."
        )
        raise InputError(msg)
    parent = _line("rev-parse", "--verify", "--quiet", branch, cwd=folder)
    entry = committed(folder, name) if parent else ABSENT
    _check_clean(folder, name, entry)
    return Desk(folder, path, name, branch, parent, entry, _author(folder), _IDENTIFIED | without_filters(folder))


def without_filters(folder: Path) -> dict[str, str]:
    """Give the settings under which git writes an index without running what `.gitattributes` names.

    It looks again at files that changed just before, through their filters. Source: convert.c of git ("passthru").
    """
    said = _line("config", "--null", "--name-only", "--get-regexp", r"^filter\.", cwd=folder)
    return {key: "false" if key.endswith(".required") else "" for key in said.split("\0") if key}


def _line(*arguments: str, cwd: Path) -> str:
    said = git(*arguments, cwd=cwd)
    return "" if said.code else said.out.decode(errors="surrogateescape").strip()


def _check_nothing_under_way(folder: Path, directory: Path) -> None:
    going = next((what for name, what in _UNDER_WAY.items() if (directory / name).exists()), "")
    if going:
        msg = f"In {printable(str(folder))} {going} is under way: finish it first, {OTHERWISE}."
        raise InputError(msg)


def committed(folder: Path, name: str) -> Entry:
    """Give a file as it is in the newest commit."""
    found = git("ls-tree", "-z", "HEAD", "--", name, cwd=folder).out.decode(errors="surrogateescape")
    words = found.partition("\t")[0].split()
    return (words[0], words[2]) if words else ABSENT


def _check_clean(folder: Path, name: str, entry: Entry) -> None:
    """Refuse a file with changes of somebody's: they would be committed along, under another sentence."""
    content = _content(folder, name)
    here = "" if content is None else written_object(folder, entry, content)
    if staged(folder, name) != entry or here != entry[1]:
        msg = f"{name} has changes that are not committed yet: commit them, or take them back, {OTHERWISE}."
        raise InputError(msg)
    if entry == ABSENT and not git("check-ignore", "--quiet", "--no-index", "--", name, cwd=folder).code:
        msg = f"git ignores {name} here (.gitignore), so it cannot be committed: take that out, {OTHERWISE}."
        raise InputError(msg)


def staged(folder: Path, name: str) -> Entry:
    """Give a file as it is in the checkout's index."""
    said = git("ls-files", "--stage", "-z", "--", name, cwd=folder).out.decode(errors="surrogateescape")
    words = said.partition("\t")[0].split()
    return (words[0], words[1]) if words else ABSENT


def _content(folder: Path, name: str) -> bytes | None:
    path = folder / name
    if not path.exists():
        return None
    if not path.is_file():
        msg = f"{name} is {'a folder' if path.is_dir() else 'no ordinary file'}, where a file has to be: move it."
        raise InputError(msg)
    try:
        return path.read_bytes()
    except OSError as error:
        msg = f"{name} cannot be read: {error.strerror}."
        raise UnseenError(msg) from error


def _author(folder: Path) -> str:
    said = git("var", "GIT_AUTHOR_IDENT", cwd=folder, configuration=_IDENTIFIED)
    if said.code:
        msg = (
            'git does not know who you are. Tell it once: `git config --global user.name "Your Name"` and '
            f"`git config --global user.email you@your.domain`, {OTHERWISE}."
        )
        raise InputError(msg)
    return said.out.decode(errors="replace").rpartition(">")[0] + ">"


def commit(desk: Desk, content: bytes, message: str) -> str:
    """Commit a file with this content, and nothing else; gives the commit. The file itself is written already.

    Raises:
        HeldError: git is at work there, or the branch moved on meanwhile.
        UnseenError: git could not do it.
    """
    mode = desk.entry[0] or FILE
    blob = written_object(desk.folder, desk.entry, content, write=True)
    with _index(desk) as index:
        _done(desk, "update-index", "--add", "--cacheinfo", f"{mode},{blob},{desk.path}", env=index)
        tree = _done(desk, "write-tree", env=index)
    parents = ("-p", desk.parent) if desk.parent else ()
    made = _done(desk, "commit-tree", *_signing(desk.folder), tree, *parents, "-m", message, own=True)
    _stage(desk, mode, blob)
    said = git(
        "update-ref", "-m", "driftbell waive", desk.branch, made, desk.parent or "0" * len(made), cwd=desk.folder
    )
    if said.code:
        _stage(desk, *desk.entry)
        msg = f"The branch {desk.branch_name} moved on meanwhile, so nothing was committed. Try again."
        raise HeldError(msg)
    return made


@contextmanager
def _index(desk: Desk) -> Generator[dict[str, str]]:
    """Give an index of our own, as the newest commit is: what is staged in the other one stays out of the commit."""
    with tempfile.TemporaryDirectory(prefix="driftbell-") as folder:
        env = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        _done(desk, "read-tree", *([desk.parent] if desk.parent else ["--empty"]), env=env)
        yield env


def _stage(desk: Desk, mode: str, blob: str) -> None:
    """Let the checkout's own index know the file as it is in the commit, and leave everything else in it alone."""
    how = ("--add", "--cacheinfo", f"{mode},{blob},{desk.path}") if blob else ("--force-remove", "--", desk.name)
    said = git("update-index", *how, cwd=desk.folder, configuration=desk.settings)
    if said.code:
        msg = f"git is at work in {printable(str(desk.folder))}, so nothing was committed: {_reason(said.err)}"
        raise HeldError(msg)


def written_object(folder: Path, entry: Entry, content: bytes, *, write: bool = False) -> str:
    """Give the object of a content; where the commit has lines without CR and the checkout has them, without."""
    before = entry[1] and b"\r\n" in content and git("cat-file", "blob", entry[1], cwd=folder).out
    if before and b"\r\n" not in before:
        content = content.replace(b"\r\n", b"\n")
    return _hash(folder, content, write=write)


def _hash(folder: Path, content: bytes, *, write: bool = False) -> str:
    with tempfile.NamedTemporaryFile(prefix="driftbell-") as file:
        file.write(content)
        file.flush()
        kept = ("-w",) if write else ()
        said = git("hash-object", *kept, "--no-filters", "--", file.name, cwd=folder)
    if said.code:
        msg = f"git cannot keep a file in {printable(str(folder))}: {_reason(said.err)}"
        raise UnseenError(msg)
    return said.out.decode().strip()


def _signing(folder: Path) -> tuple[str, ...]:
    return ("-S",) if _line("config", "--type=bool", "--get", "commit.gpgSign", cwd=folder) == "true" else ()


def _done(desk: Desk, *arguments: str, env: dict[str, str] | None = None, own: bool = False) -> str:
    """Run git, and give what it said; `own` is for what names the caller, and may sign in that name."""
    settings = dict(desk.settings)
    if own:
        mine = {key: _line("config", "--global", "--get", key, cwd=desk.folder) for key in _SIGNERS}
        settings |= {key: mine[key] or usual for key, usual in _SIGNERS.items()}
    said = git(*arguments, cwd=desk.folder, env=env, configuration=settings)
    if said.code or said.late:
        msg = f"git {quote(arguments[0])} did not work, so nothing was committed: {_reason(said.err)}"
        raise UnseenError(msg)
    return said.out.decode(errors="replace").strip()


def _reason(err: str) -> str:
    lines = [line for line in err.splitlines() if line.strip()]
    return ended(printable(lines[0].removeprefix("fatal: ").removeprefix("error: "))) if lines else "it said nothing."
