"""The daemon's log: lines for a person at a terminal, JSON for the journal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable


def journal() -> Callable[..., None]:
    """Give what takes an event and what belongs to it."""
    watched = sys.stderr.isatty()
    last = structlog.dev.ConsoleRenderer() if watched else structlog.processors.JSONRenderer()
    logger = structlog.wrap_logger(
        structlog.PrintLogger(sys.stderr),
        processors=[
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _error,
            structlog.processors.UnicodeDecoder(),
            last,
        ],
    )

    def tell(event: str, **about: object) -> None:
        logger.msg(event, **about)

    return tell


def _error(_logger: object, _method: str, about: Any) -> Any:  # ruff: ignore[any-type] - as structlog has it
    """Put the story of a fault of ours beside it, for whoever has to mend it."""
    import traceback  # ruff: ignore[import-outside-top-level] - for faults alone

    error = about.pop("error", None)
    if isinstance(error, BaseException):
        about["fault"] = f"{type(error).__name__}: {error}"
        about["where"] = "".join(traceback.format_tb(error.__traceback__)[-6:])
    return about
