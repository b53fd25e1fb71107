"""Family mount: what is mounted where, and how full it is."""

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

MOUNTS = Step("mounts", "cat /proc/self/mounts")
DF = Step("df", 'df -kP -- "$1"', each=True, guarded=True)
_FIELDS = 6  # of a line of proc(5), mounts
_ESCAPE = re.compile(r"\\([0-7]{3})")  # fstab(5): blanks and backslashes in octal
_SIZES = re.compile(r" +(\d+) +(\d+) +(-?\d+) +(?:\d+%|-) ")  # df -P: total, used, available, share


def _path(key: str) -> str:
    return key.rstrip("/") or "/"


def _needs(ref: FieldRef) -> Needs:
    return {MOUNTS: None} | ({DF: _path(ref.key)} if ref.attribute == "used_percent" else {})


def _read(heard: Heard, ref: FieldRef) -> Reading:
    frame = heard.frame(MOUNTS.name)
    if isinstance(frame, Unknown):
        return frame
    if frame.status:
        return Unknown(f"the table of mounts cannot be read: {first_line(frame.text)}")
    rows = (line.split(" ") for line in frame.text.splitlines())
    there = [row for row in rows if len(row) >= _FIELDS and _decode(row[1]) == _path(ref.key)]
    if not there:
        return NONE
    return tuple(there[-1][3].split(",")) if ref.attribute == "options" else _used(heard, _path(ref.key))


def _decode(text: str) -> str:
    return _ESCAPE.sub(lambda match: chr(int(match[1], 8)), text)


def _used(heard: Heard, path: str) -> Reading:
    frame = heard.frame(DF.name, path)
    if isinstance(frame, Unknown):
        return frame
    sizes = None if frame.status else _SIZES.search(frame.text.partition("\n")[2])
    if sizes is None:
        return Unknown(f"df failed: {first_line(frame.text)}")
    _, used, free = map(int, sizes.groups())
    # As df does it: what only root may use counts as neither used nor free, and beyond full is full.
    return round(100 * used / (used + max(free, 0)), 1) if used + max(free, 0) else NONE


PROBE = Probe(_needs, _read)
