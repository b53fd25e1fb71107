"""What is kept before something is changed, so that it can be put back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class FileBefore:
    """A file, a directory or a link as it was. `content` is None for what was not there, or is no regular file.

    `kind` is `file`, `directory`, `link` or `absent`; `mode` is text, "0644"; `target` is where a link led. `digest`
    is the content's sha256, which stands without the content too. Bytes of a path that are no UTF-8 are surrogates.
    """

    path: str
    kind: str
    mode: str = ""
    owner: str = ""
    group: str = ""
    content: bytes | None = None
    target: str = ""
    digest: str = ""

    @property
    def state(self) -> tuple[str, ...]:
        """Give all that two readings of one path are compared by; a link's own mode says nothing."""
        held = () if self.kind in {"link", "absent"} else (self.mode, self.owner, self.group)
        return (self.path, self.kind, self.target, self.digest, *held)


@dataclass(frozen=True, slots=True)
class ServiceBefore:
    """A systemd unit as it was: `enabled` in systemctl's word (`enabled`, `masked`, `static`), and whether it ran."""

    name: str
    enabled: str
    running: bool


@dataclass(frozen=True, slots=True)
class Capture:
    """What was there just before one resource was changed.

    Attributes:
        resource: its id.
        at: when it was read.
        fields: the fields that the change sets, as findings word what they read.
        files: what check mode said would be changed, as it was.
        units: systemd units that the change restarts or reloads, which are told again when files go back.
        left: what cannot be put back, a sentence each: tasks that check mode could not simulate, for one.
        services: units that the change starts, stops, enables or restarts, as they were.
        sysctls: values of the running kernel that the change sets.
        reaches: where the change was seen to reach: every path with links followed, and in words what is no file.
    """

    resource: str
    at: datetime
    fields: Mapping[str, str] = field(default_factory=dict)
    files: tuple[FileBefore, ...] = ()
    units: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    services: tuple[ServiceBefore, ...] = ()
    sysctls: Mapping[str, str] = field(default_factory=dict)
    reaches: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Say whether there is nothing on the machine that could be put back."""
        return not (self.files or self.services or self.sysctls)


@dataclass(frozen=True, slots=True)
class Restoration:
    """What is to be put back on one resource, and what is expected there before that.

    Attributes:
        wanted: what was there before the changes that are taken back.
        left_by_us: the same files as our last change left them; None where nobody looked, as it was cut short.
        overrides: whether things may go back that are no longer as our change left them.
        services: the same units as our last change left them.
        sysctls: the same kernel values as our last change left them.
    """

    wanted: Capture
    left_by_us: tuple[FileBefore, ...] | None
    overrides: bool = False
    services: tuple[ServiceBefore, ...] = ()
    sysctls: Mapping[str, str] = field(default_factory=dict)
