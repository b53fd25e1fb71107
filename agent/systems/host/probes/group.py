"""Family group: groups as the host's name service knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.model.reading import NONE, Unknown
from agent.systems.host.answer import first_line
from agent.systems.host.probe import Needs, Probe, Step

if TYPE_CHECKING:
    from agent.model.kind import FieldRef
    from agent.model.reading import Reading
    from agent.systems.host.answer import Heard

GROUP = Step("group", 'limit 10 getent group -- "$@"', tool="getent")
EVERYONE = Step("everyone", "limit 10 getent passwd", tool="getent")
_GROUP_FIELDS, _PASSWD_FIELDS = 4, 7  # group(5), passwd(5)
_NOT_FOUND = 2  # getent's exit code when a name was not there


def _needs(ref: FieldRef) -> Needs:
    # A user whose primary group it is stands in no member list, and is a member all the same.
    return {GROUP: ref.key} | ({EVERYONE: None} if ref.attribute == "members" else {})


def _read(heard: Heard, ref: FieldRef) -> Reading:
    frame = heard.frame(GROUP.name)
    if isinstance(frame, Unknown):
        return frame
    if frame.status not in {0, _NOT_FOUND}:
        return Unknown(f"getent failed: {first_line(frame.text)}")
    rows = (line.split(":") for line in frame.text.splitlines())
    entry = next((row for row in rows if row[0] == ref.key and len(row) == _GROUP_FIELDS), None)
    if entry is None:
        return False if ref.attribute == "exists" else NONE
    return True if ref.attribute == "exists" else _members(heard, entry)


def _members(heard: Heard, entry: list[str]) -> Reading:
    frame = heard.frame(EVERYONE.name)
    if isinstance(frame, Unknown):
        return frame
    if frame.status:
        return Unknown(f"getent failed: {first_line(frame.text)}")
    rows = (line.split(":") for line in frame.text.splitlines())
    primary = {row[0] for row in rows if len(row) == _PASSWD_FIELDS and row[3] == entry[2]}
    return tuple(sorted(primary | {name for name in entry[3].split(",") if name}))


PROBE = Probe(_needs, _read)
