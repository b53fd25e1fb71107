"""What a host said: raw bytes, then frames, one for each question that was answered to its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agent.model.reading import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

LIMIT = 16 * 1024 * 1024  # bytes that one host may say in one look

# Exit codes that the script and its questions agree on; the first two are those of `timeout`.
TIMED_OUT = frozenset({124, 137})
NEEDS_ROOT = 77
NO_TOOL = 127


class SilentError(Exception):
    """A host that shows nothing. Its text is the reason, a phrase for a person, without a final stop."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that came back from one session; `cut` says why it ends early, or is empty."""

    stdout: bytes
    stderr: bytes = b""
    cut: str = ""
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """The answer to one question: what it printed, byte for byte, and its exit code."""

    body: bytes
    status: int

    @property
    def text(self) -> str:
        """Give the body as text; bytes that are not UTF-8 are shown as escapes."""
        return self.body.decode("utf-8", errors="backslashreplace")


@dataclass(frozen=True, slots=True)
class Heard:
    """One host's answers by (step, key); the key is empty for a step that asks about all keys at once."""

    frames: Mapping[tuple[str, str], Frame]
    tools: Mapping[str, str] = field(default_factory=dict)  # step name to the command that it needs
    cut: str = ""

    def frame(self, step: str, key: str = "") -> Frame | Unknown:
        """Give a complete answer, or why there is none."""
        frame = self.frames.get((step, key))
        if frame is None:
            return Unknown(self.cut or "the host gave no answer to this")
        if frame.status in TIMED_OUT:
            return Unknown("no answer in time: a file system or a service of the host may hang")
        if frame.status == NEEDS_ROOT:
            return Unknown("reading it needs root, and the reading account is not root here")
        if frame.status == NO_TOOL:
            return Unknown(f"the host has no {self.tools.get(step, '') or 'such command'}")
        return frame


def first_line(text: str, limit: int = 160) -> str:
    """Give the first line of a message that says something, printable and short enough for a reason."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)
    return shown if len(shown) <= limit else f"{shown[: limit - 1]}\N{HORIZONTAL ELLIPSIS}"
