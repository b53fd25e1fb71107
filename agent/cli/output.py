"""What commands print: a run as text or as the one JSON document, and problems as either."""

from __future__ import annotations

import json
import shutil
import sys
from typing import TYPE_CHECKING, Any

from agent import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agent.errors import Problem
    from agent.model.run import Run


def show(run: Run, *, as_json: bool, all_findings: bool = False) -> int:
    """Print a run and give its exit code."""
    from agent.report.document import exit_code, stream
    from agent.report.terminal import lines

    if as_json:
        sys.stdout.writelines(stream(run, all_findings=all_findings))
    else:
        width = shutil.get_terminal_size((100, 24)).columns
        for line in lines(run, width, all_findings=all_findings, screen=sys.stdout.isatty()):
            say(line)
    return exit_code(run)


def show_undo(run: Run, *, as_json: bool, done: bool) -> int:
    """Print what an undo did, or would do, and give its exit code."""
    from agent.report.document import document
    from agent.report.undo import exit_code, lines

    if as_json:
        print_json(document(run))
    else:
        for line in lines(run, width(), done=done):
            say(line)
    return exit_code(run, done=done)


def width() -> int:
    """Give how wide the terminal is; 80 columns where there is none."""
    return shutil.get_terminal_size((80, 24)).columns


def print_json(content: dict[str, Any]) -> None:
    """Print one JSON document; text that is no UTF-8 is escaped."""
    sys.stdout.write(json.dumps(content, indent=2, ensure_ascii=True) + "\n")


def print_problems(problems: Iterable[Problem], sentence: str) -> None:
    """Print an error as a JSON document of the same family."""
    listed = [
        {"file": p.place.file, "line": p.place.line, "column": p.place.column, "sentence": p.sentence} for p in problems
    ]
    print_json({"driftbell": __version__, "schema": 1, "error": sentence, "problems": listed})


def say(line: str = "") -> None:
    """Print one line for a person; what the terminal cannot show is escaped, never sent raw."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")


def note(line: str) -> None:
    """Print one line that is not part of the result."""
    sys.stdout.flush()
    sys.stderr.write(line + "\n")
