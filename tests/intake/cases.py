"""The cases of tests/cases/intake: a document, and beside it what is wrong with it, a line a problem."""

from __future__ import annotations

from pathlib import Path

CASES = Path(__file__).parent.parent / "cases" / "intake"


def documents(folder: str) -> list[Path]:
    """Give the documents of a folder of cases."""
    found = sorted((CASES / folder).glob("*.yaml"))
    assert found, f"no cases in {folder}"
    return found


def name(path: Path) -> str:
    """Give the name of a case, for pytest."""
    return f"{path.parent.name}/{path.stem}"


def expected(path: Path) -> list[str]:
    """Give the problems that a case expects."""
    return path.with_suffix(".txt").read_text(encoding="utf-8").splitlines()
