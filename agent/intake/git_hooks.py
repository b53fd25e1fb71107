"""Which hooks of a repository a commit by hand would run: ours runs none, and says so where there are some."""

from __future__ import annotations

import os
from pathlib import Path

from agent.intake.git_program import git

_OF_A_COMMIT = ("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit")
_SCOPES = ("--worktree", "--local", "--global", "--system")  # the nearest first, as git takes them


def there(folder: Path) -> bool:
    """Whether there is a hook of a commit. Source: https://git-scm.com/docs/githooks ("Description")."""
    hooks = _folder(folder)
    return hooks is not None and any((hooks / n).is_file() and os.access(hooks / n, os.X_OK) for n in _OF_A_COMMIT)


def _folder(folder: Path) -> Path | None:
    """Give where the hooks are; git is asked scope by scope, as we ourselves switch them off for every call."""
    said = git("rev-parse", "--show-toplevel", "--git-common-dir", cwd=folder)
    if said.code:
        return None
    top, directory = said.out.decode(errors="surrogateescape").split("\n")[:2]
    for scope in _SCOPES:
        named = git("config", scope, "--type=path", "--get", "core.hooksPath", cwd=folder)
        if not named.code:
            return Path(top) / named.out.decode(errors="surrogateescape").strip("\n")
    return folder / directory / "hooks"
