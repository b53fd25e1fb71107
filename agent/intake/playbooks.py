"""The playbooks of the repository: whether one is there and is one, and the digest of everything they consist of."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from agent.errors import InputError, Place, Problem
from agent.intake import yaml
from agent.intake.wording import printable, problem, quote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.intake.nodes import Node
    from agent.intake.reach import Reach

FOLDER = "playbooks"
LEFT_OUT = frozenset({"__pycache__"})  # Python writes there when Ansible runs a plugin of the repository.


class Playbooks:
    """The folder playbooks/ of one checkout. Each file is read once, however many policies use it."""

    def __init__(self, root: Path) -> None:
        """Take the repository's root."""
        self.root = root
        self.folder = root / FOLDER
        self.reached: dict[Path, Reach] = {}  # by playbook, for many policies may use one
        self._read: dict[Path, tuple[Node | None, tuple[Problem, ...]]] = {}

    def name(self, path: Path) -> str:
        """Give a file's name as problems show it."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)

    def read(self, path: Path) -> tuple[Node | None, tuple[Problem, ...]]:
        """Give a file as Ansible's YAML, or nothing and what is wrong with it."""
        if path not in self._read:
            try:
                self._read[path] = yaml.read(path, self.name(path), foreign=True), ()
            except InputError as error:
                self._read[path] = None, error.problems
        return self._read[path]

    def holds(self, path: Path) -> bool:
        """Say whether a path, its links followed, is a file inside playbooks/."""
        return path.is_file() and path.resolve().is_relative_to(self.folder.resolve())

    def check(self, node: Node) -> list[Problem]:
        """Say why what a policy names is not a playbook of this repository, if it is not."""
        name = node.text() or ""
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or path.parts[:1] != (FOLDER,) or "\0" in name:
            return [problem(node.place, f"{quote(name)} is not a path below {FOLDER}/")]
        file = self.root / path
        if not file.is_file():
            return [problem(node.place, f"There is no playbook {quote(name)}", name, self.names())]
        if not self.holds(file):
            return [problem(node.place, f"{quote(name)} is a link that leads out of {FOLDER}/")]
        playbook, problems = self.read(file)
        return list(problems) if playbook is None else _plays(playbook)

    def names(self) -> list[str]:
        """Give the playbooks there are."""
        return sorted(self.name(p) for p in self.folder.glob("*.y*ml"))


def _plays(playbook: Node) -> list[Problem]:
    if not playbook.items():
        return [problem(playbook.place, "A playbook is a list of plays, each with `hosts`")]
    return [
        problem(play.place, "This is not a play: it has neither `hosts` nor `import_playbook`")
        for play in playbook.items()
        if not any(key.rpartition(".")[2] in {"hosts", "import_playbook"} for key, _ in play.pairs())
    ]


def digest(root: Path) -> tuple[str, list[Problem]]:
    """Give the sha256 over everything under playbooks/: each path, what it is, and its content; and what is wrong.

    A link may lead to another place inside playbooks/ only, or the digest would not cover what runs.
    """
    whole = hashlib.sha256()
    problems = []
    inside = (root / FOLDER).resolve()
    for path in _everything(root / FOLDER):
        name = path.relative_to(root).as_posix()
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            if not path.resolve().is_relative_to(inside):
                problems.append(Problem(Place(printable(name)), f"This link leads out of {FOLDER}/."))
            content = b"link " + os.fsencode(path.readlink())
        elif stat.S_ISREG(mode):
            content = (b"program " if mode & stat.S_IXUSR else b"file ") + _sha256(path)
        else:
            problems.append(Problem(Place(printable(name)), "This is neither a file nor a folder."))
            continue
        whole.update(os.fsencode(name) + b"\0" + content + b"\0")
    return whole.hexdigest(), problems


def _everything(folder: Path) -> Iterator[Path]:
    """Give every file and link below a folder, in an order that does not hang on the file system."""
    found: list[Path] = []
    for parent, folders, files in os.walk(folder):
        links = [f for f in folders if Path(parent, f).is_symlink()]
        folders[:] = [f for f in folders if f not in LEFT_OUT and f not in links]
        found += [Path(parent, name) for name in (*links, *files)]
    yield from sorted(found, key=os.fsencode)


def _sha256(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest().encode()
