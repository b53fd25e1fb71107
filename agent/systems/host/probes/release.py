"""Fields os.name and os.version, from os-release(5)."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from agent.model.reading import NONE, Unknown
from agent.systems.host.probe import Needs, Probe, Step

if TYPE_CHECKING:
    from agent.model.kind import FieldRef
    from agent.model.reading import Reading
    from agent.systems.host.answer import Heard

STEP = Step("os_release", "cat /etc/os-release 2>/dev/null || cat /usr/lib/os-release")
_KEYS = {"os.name": "ID", "os.version": "VERSION_ID"}


def _needs(_ref: FieldRef) -> Needs:
    return {STEP: None}


def _read(heard: Heard, ref: FieldRef) -> Reading:
    frame = heard.frame(STEP.name)
    if isinstance(frame, Unknown):
        return frame
    if frame.status:
        return Unknown("the host has no os-release file")
    lines = (line.partition("=") for line in frame.text.splitlines() if not line.startswith("#"))
    said = {name.strip(): _unquote(value.strip()) for name, _, value in lines}
    return said.get(_KEYS[ref.name]) or NONE


def _unquote(value: str) -> str:
    try:
        return "".join(shlex.split(value)[:1])
    except ValueError:  # a quote that never ends
        return value


PROBE = Probe(_needs, _read)
