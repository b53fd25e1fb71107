"""Family sshd: what the SSH server would do now, going by its configuration files and defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.model.reading import NONE, Unknown
from agent.systems.host.answer import first_line
from agent.systems.host.probe import Needs, Probe, Step

if TYPE_CHECKING:
    from agent.model.kind import FieldRef
    from agent.model.reading import Reading
    from agent.systems.host.answer import Heard

STEP = Step("sshd", '[ "$u" = 0 ] || return 77\nsshd -T', tool="sshd")

# Lists that `sshd -T` leaves out while nothing is in them. Any other option that is missing is one that the host's
# sshd does not know.
_LEFT_OUT = frozenset({
    "acceptenv", "allowgroups", "allowusers", "denygroups", "denyusers",
    "hostcertificate", "hostkey", "logverbose", "setenv", "subsystem",
})  # fmt: skip


def _needs(_ref: FieldRef) -> Needs:
    return {STEP: None}


def _read(heard: Heard, ref: FieldRef) -> Reading:
    frame = heard.frame(STEP.name)
    if isinstance(frame, Unknown):
        return frame
    if frame.status:
        return Unknown(f"`sshd -T` failed: {first_line(frame.text)}")
    lines = (line.partition(" ") for line in frame.text.splitlines())
    values = [value.strip() for keyword, _, value in lines if keyword == ref.key]
    if values:
        return " ".join(values)
    return NONE if ref.key in _LEFT_OUT else Unknown(f"the sshd of this host does not know {ref.key}")


PROBE = Probe(_needs, _read)
