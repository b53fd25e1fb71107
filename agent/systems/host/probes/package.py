"""Family package: one dpkg-query for all names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agent.model.reading import NONE, Unknown
from agent.systems.host.answer import first_line
from agent.systems.host.probe import Needs, Probe, Step

if TYPE_CHECKING:
    from agent.model.kind import FieldRef
    from agent.model.reading import Reading
    from agent.systems.host.answer import Heard

STEP = Step(
    "package",
    "dpkg-query -W -f='${db:Status-Abbrev}|${Package}|${Architecture}|${Version}\\n' -- \"$@\"",
    tool="dpkg-query",
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9+.-]*(:[a-z0-9-]+)?")
_BARS = 3  # between the parts of a line
_ERROR = 2  # dpkg-query's exit code when it failed; 1 only says that some name is not there
_THERE = "itW"  # installed, or with triggers due
_GONE = "nc"  # not installed, or only its configuration left


def _needs(ref: FieldRef) -> Needs:
    # dpkg-query takes wildcards, and gives up at the first name that cannot be a package's: neither is sent.
    return {STEP: ref.key} if _NAME.fullmatch(ref.key) else {}


def _read(heard: Heard, ref: FieldRef) -> Reading:
    if not _NAME.fullmatch(ref.key):
        return _absent(ref)
    frame = heard.frame(STEP.name)
    if isinstance(frame, Unknown):
        return frame
    if frame.status >= _ERROR:
        return Unknown(f"dpkg-query failed: {first_line(frame.text)}")
    name, _, wanted = ref.key.partition(":")
    rows = [line.split("|") for line in frame.text.splitlines() if line.count("|") == _BARS]
    states = [(state, version) for state, package, arch, version in rows if package == name and wanted in {"", arch}]
    return _judge(ref, states)


def _judge(ref: FieldRef, states: list[tuple[str, str]]) -> Reading:
    for state, version in states:
        if state[1:2] in _THERE and not state[2:3].strip():
            return True if ref.attribute == "installed" else version
    broken = next((state.strip() for state, _ in states if state[1:2] not in _GONE), "")
    return Unknown(f"an installation of {ref.key} broke off (dpkg state {broken})") if broken else _absent(ref)


def _absent(ref: FieldRef) -> Reading:
    return False if ref.attribute == "installed" else NONE


PROBE = Probe(_needs, _read)
