"""A probe: shell questions for one family of fields, and a pure function from their answers to a reading."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.model.kind import FieldRef
    from agent.model.reading import Reading
    from agent.systems.host.answer import Heard


@dataclass(frozen=True, slots=True)
class Step:
    """One question, in POSIX sh that dash and busybox ash understand. It must not write anything on the host.

    Attributes:
        name: lower-case letters and underscores; the name of its frames.
        body: the body of a shell function. It finds its keys as arguments, prints its answer, returns its status;
            what goes to stderr becomes part of the answer. `$u` is the user id, and `limit SECONDS COMMAND...` runs
            a command with a time limit.
        tool: the command without which the question cannot be asked.
        each: asked once a key, with the key as `$1`; else once, with all the keys as `$@`.
        guarded: run in a shell of its own under a time limit, because even looking may hang there (a dead NFS
            mount); `each` only, and without `$u` and `limit`.
        slow: asked when all the others have answered, because it may take seconds.
    """

    name: str
    body: str
    tool: str = ""
    each: bool = False
    guarded: bool = False
    slow: bool = False


Needs = Mapping[Step, str | None]  # each question that a field rests on, and the key it asks about, if any


@dataclass(frozen=True, slots=True)
class Probe:
    """How one family is read. Both functions are pure; `read` never raises for what a host may answer."""

    needs: Callable[[FieldRef], Needs]
    read: Callable[[Heard, FieldRef], Reading]
