"""Writing policies/waivers.yaml: proven to load, committed by itself, and as it was before where either fails."""

from __future__ import annotations

import fcntl
import os
import re
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from agent.errors import HeldError, InputError, UnseenError
from agent.intake.files import WAIVERS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from agent.intake.git_intent import Intent
    from agent.model.policy import Repository
    from agent.settings import Settings

_NEW = ".waivers.yaml.new"  # beside the file, so that putting it in place is one step


def checkout(settings: Settings) -> Path:
    """Give the directory that the policies are read from, where something can be written.

    Raises:
        InputError: they are fetched from elsewhere, or nobody said where they are.
    """
    root = Path(settings.repository).resolve()
    if settings.repository and (root / "policies").is_dir():
        return root
    if not settings.repository or not ("://" in settings.repository or (root / "HEAD").is_file()):
        from agent.intake.git import sync

        sync(settings.repository, settings.state / "checkouts")  # which says what is wrong with it
    source = re.sub(r"//[^/@]*@", "//", settings.repository)
    msg = (
        f"The policies are fetched from {source}, where nothing can be written from here. "
        "Clone it (`git clone`), run this command in the clone, then `git push`."
    )
    raise InputError(msg)


def written(root: Path) -> bytes | None:
    """Give the file as it is, or None where there is none yet.

    Raises:
        InputError: it is no ordinary file.
    """
    from agent.intake import yaml

    path = root / WAIVERS
    if path.is_symlink():
        msg = f"{WAIVERS} is a link, which would be replaced by a file: write to what it leads to by hand."
        raise InputError(msg)
    return yaml.contents(path, WAIVERS) if path.exists() else None


def keep(
    settings: Settings,
    root: Path,
    before: bytes | None,
    after: bytes,
    prove: Callable[[Repository], bool],
    message: str,
) -> str:
    """Put the file in place, load the whole repository with it, and commit it; gives the commit.

    Args:
        settings: which repository it is.
        root: its directory.
        before: the file as the change was made from, or None where there was none.
        after: the file as it is to be.
        prove: says of the repository that was loaded whether what was meant is there.
        message: of the commit; empty for none.

    Raises:
        InputError: the repository does not load with it, or nothing can be committed there; nothing was written.
        HeldError: somebody else changed the file or the branch meanwhile; nothing was written.
        UnseenError: git or the disk could not do it; nothing was written.
    """
    from agent.intake import git_commit, git_intent

    with _alone(root):
        desk = git_commit.prepare(root, WAIVERS) if message else None
        if written(root) != before:
            msg = f"{WAIVERS} was changed meanwhile, so nothing was written. Try again."
            raise HeldError(msg)
        intent = git_intent.intend(desk, before, after, message) if desk else None
        mode = _replace(root, after)
        try:
            _prove(settings, prove)
            made = git_commit.commit(desk, after, message) if desk else ""
        except BaseException:
            _take_back(root, before, after, mode, intent)
            raise
        if intent is not None:
            intent.forget()
        return made


def recovered(root: Path) -> str:
    """Take back what a run that was killed before its commit left here; gives the sentence, empty for nothing.

    Raises:
        HeldError: git is at work there.
        UnseenError: the disk takes nothing.
    """
    from agent.intake import git_intent

    with _alone(root):
        intent = git_intent.intended(root, WAIVERS)
        if intent is None:
            return ""
        if git_intent.stands(root, WAIVERS, intent):
            intent.forget()
            return f'The last `driftbell waive` here was cut off behind its commit, which stands: "{intent.message}".'
        path = root / WAIVERS
        path.with_name(_NEW).unlink(missing_ok=True)
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        left = intent.wrote(content)
        if left:
            _restore(root, intent.before, content, path.stat().st_mode & 0o777)
        left = git_intent.unstage(root, WAIVERS, intent) or left
        intent.forget()
    if not left:
        return ""
    return f'The last `driftbell waive` here was cut off before its commit, and is taken back: "{intent.message}".'


def _take_back(root: Path, before: bytes | None, after: bytes, mode: int, intent: Intent | None) -> None:
    """Put everything back as it was, unless the commit stands already."""
    from agent.intake import git_intent

    if intent is None:
        _restore(root, before, after, mode)
        return
    if not git_intent.stands(root, WAIVERS, intent):
        _restore(root, before, after, mode)
        git_intent.unstage(root, WAIVERS, intent)
    intent.forget()


def branch(root: Path) -> str:
    """Give the branch that a commit would go to, and make sure that it can.

    Raises:
        InputError: it cannot.
    """
    from agent.intake import git_commit

    return git_commit.prepare(root, WAIVERS).branch_name


def hooks(root: Path) -> bool:
    """Whether the repository has hooks that a commit by hand would run, and ours does not."""
    from agent.intake import git_hooks

    return git_hooks.there(root)


def _prove(settings: Settings, prove: Callable[[Repository], bool]) -> None:
    from agent.bootstrap import load

    try:
        repository = load(settings)
    except InputError as error:
        msg = f"With this waiver the repository does not load, so nothing was written:\n{error}"
        raise InputError(msg) from error
    if not prove(repository):
        msg = f"{WAIVERS} was changed meanwhile, so nothing was written. Try again."
        raise HeldError(msg)


@contextmanager
def _alone(root: Path) -> Generator[None]:
    """Keep out whoever else writes a waiver here. The lock is on the folder, so that no file stays behind."""
    handle = os.open(root / "policies", os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _replace(root: Path, content: bytes) -> int:
    """Put content in place in one step, on the disk before anybody sees it; gives the mode that the file had."""
    path = root / WAIVERS
    new = path.with_name(_NEW)
    try:
        mode = path.stat().st_mode & 0o777 if path.exists() else 0
        _write(new, content, mode)
        new.replace(path)
    except OSError as error:
        with suppress(OSError):
            new.unlink()
        msg = f"{WAIVERS} cannot be written: {error.strerror}."
        raise UnseenError(msg) from error
    return mode


def _write(path: Path, content: bytes, mode: int) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if mode:
        path.chmod(mode)


def _restore(root: Path, before: bytes | None, after: bytes, mode: int) -> None:
    """Put the file back as it was, unless somebody else has changed it since."""
    path = root / WAIVERS
    if not path.exists() or path.read_bytes() != after:
        return
    if before is None:
        path.unlink()
        return
    _replace(root, before)
    path.chmod(mode)
