"""The command's entry, and the one place where errors become sentences and exit codes."""

from __future__ import annotations

import gc
import json
import os
import sys
import tempfile
import traceback
from pathlib import Path

from agent.errors import DriftbellError, InputError
from agent.secrets import keep_out_of_dumps

BUG, INTERRUPTED = 70, 130
# New objects after which Python looks for those that only hold each other. Imports alone make some 100,000 that stay:
# looking through them at every 700th, which is the default, is a tenth of what a short command costs.
MANY = 20_000


def main() -> None:
    """Run the command line and leave with its exit code."""
    keep_out_of_dumps()
    gc.set_threshold(MANY)
    sys.exit(_guarded(sys.argv[1:]))


def _guarded(arguments: list[str]) -> int:
    """Run one command; an expected error is a sentence, anything else a bug with a report in a file."""
    from agent.cli import command  # ruff: ignore[import-outside-top-level] - so that a fault in an import is reported like any other

    try:
        return command(arguments)
    except DriftbellError as error:
        _tell(error, as_json="--json" in arguments)
        return error.exit_code
    except KeyboardInterrupt:
        print("Stopped from the keyboard.", file=sys.stderr)  # ruff: ignore[print]
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader of our output went away
        return 0
    except Exception:  # ruff: ignore[blind-except] - the one place where exceptions are caught
        _report_bug(arguments)
        return BUG


def _tell(error: DriftbellError, *, as_json: bool) -> None:
    if not as_json:
        print(error, file=sys.stderr)  # ruff: ignore[print]
        return
    from agent.cli.output import print_problems  # ruff: ignore[import-outside-top-level]

    print_problems(error.problems if isinstance(error, InputError) else (), str(error))


def _report_bug(arguments: list[str]) -> None:
    if os.environ.get("JOURNAL_STREAM"):  # a service's temporary files go when it ends: the journal keeps it
        print(json.dumps({"event": "bug", "words": arguments, "where": traceback.format_exc()}), file=sys.stderr)  # ruff: ignore[print]
        return
    handle, name = tempfile.mkstemp(prefix="driftbell-bug-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(f"driftbell {' '.join(arguments)}\n\n{traceback.format_exc()}")
    print(  # ruff: ignore[print]
        f"This is a bug in Driftbell, not in what you did. What happened stands in {Path(name)}; please send it.",
        file=sys.stderr,
    )


if __name__ == "__main__":
    main()
