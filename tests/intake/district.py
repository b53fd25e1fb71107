"""A policy repository in a directory, to be written and loaded by tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.errors import InputError
from agent.intake.git_program import Checkout
from agent.intake.repository import load
from agent.model.policy import Repository, Revision

if TYPE_CHECKING:
    from pathlib import Path

    from agent.model.kind import Catalog


@dataclass(frozen=True, slots=True)
class District:
    """A repository below `root`, read with `catalog`."""

    root: Path
    catalog: Catalog
    cache: Path

    def write(self, name: str, content: str | bytes) -> Path:
        """Write one of its files."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def load(self) -> Repository:
        """Read it as intake does."""
        return load(Checkout(self.root, Revision("test", str(self.root))), self.catalog, self.cache)

    def problems(self) -> list[str]:
        """Give what is wrong with it, a sentence a problem."""
        try:
            self.load()
        except InputError as error:
            return [str(problem) for problem in error.problems] or [str(error)]
        return []
