"""Which tests a person means by policies and files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from agent.errors import InputError
from agent.model.kind import nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from agent.model.policy import Policy
    from agent.model.trial import Trial


def chosen(
    trials: Sequence[Trial], policies: Sequence[Policy], names: Sequence[str]
) -> tuple[tuple[Trial, ...], tuple[Policy, ...]]:
    """Give the files and the policies that these names mean, all where there are none.

    A policy means every case that tests it; a file means its own cases, and the policies that they test.

    Raises:
        InputError: a name is neither.
    """
    if not names:
        return tuple(trials), tuple(policies)
    ids = {p.id.lower(): p.id for p in policies}
    wanted, files = set[str](), set[str]()
    for name in names:
        file = _file(trials, name)
        if name.lower() in ids:
            wanted.add(ids[name.lower()])
        elif file is not None:
            files.add(file.file)
        else:
            hint = nearest(name, _words(trials, policies))
            msg = f"There is no policy and no file of policy tests {name!r}{hint or '.'}"
            raise InputError(msg)
    picked = tuple(_of(t, wanted, whole=t.file in files) for t in trials)
    about = wanted | {policy for t in picked if t.file in files for c in t.cases for policy in c.policies}
    return tuple(t for t in picked if t.cases), tuple(p for p in policies if p.id in about)


def means(file: str, policies: Collection[str], names: Sequence[str]) -> bool:
    """Tell whether these names mean a file that cannot be read whole: it names these policies, as far as it was read.

    No names mean every file.
    """
    of = {policy.lower() for policy in (*policies, PurePosixPath(file).stem)}
    return not names or any(name.lower() in of or _is(file, name) for name in names)


def _of(trial: Trial, wanted: set[str], *, whole: bool) -> Trial:
    return trial if whole else replace(trial, cases=tuple(c for c in trial.cases if wanted & set(c.policies)))


def _file(trials: Sequence[Trial], name: str) -> Trial | None:
    """Find a file by its path, or the end of one: `DEV-04.yaml`."""
    return next((t for t in trials if _is(t.file, name)), None)


def _is(file: str, name: str) -> bool:
    bare = name.removeprefix("./")
    return bare == file or file.endswith(f"/{bare}") or bare.endswith(f"/{file}")


def _words(trials: Sequence[Trial], policies: Sequence[Policy]) -> list[str]:
    return [*(p.id for p in policies), *(t.file.rpartition("/")[2] for t in trials), *(t.file for t in trials)]
