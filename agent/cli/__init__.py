"""The command line: one small module a command. Nothing here decides; heavy imports happen inside commands."""

from __future__ import annotations

INTERRUPTED = 130


def command(arguments: list[str]) -> int:
    """Run one command and give its exit code. Errors of the domain pass through."""
    from agent.cli.app import app

    try:
        app(arguments, prog_name="driftbell")
    except SystemExit as left:
        if left.code == INTERRUPTED:
            raise KeyboardInterrupt from None  # said in words by the entry, like every other end
        return left.code if isinstance(left.code, int) else int(left.code is not None)
    return 0
