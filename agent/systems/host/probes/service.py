"""Family service: one `systemctl show` for all units.

What the states mean is said with the fields in agent/catalog/host.py. `enabled` follows the exit code of `systemctl
is-enabled`, and so what Ansible's `enabled: true` leaves behind, but for units that do not come up by themselves:
`enabled-runtime` ends with the next restart, `indirect` only enables other units, and a static or generated unit is
asked whether anything pulls it in.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agent.model.reading import Unknown
from agent.systems.host.answer import first_line
from agent.systems.host.probe import Needs, Probe, Step

if TYPE_CHECKING:
    from agent.model.kind import FieldRef
    from agent.model.reading import Reading
    from agent.systems.host.answer import Heard

STEP = Step(
    "service",
    "limit 20 systemctl show --no-pager "
    '--property=Id,Names,LoadState,ActiveState,UnitFileState,WantedBy,RequiredBy,TriggeredBy -- "$@"',
    tool="systemctl",
)
_UNIT = re.compile(r"[A-Za-z0-9:_.\\@-]{1,255}")
_TYPES = (
    ".service", ".socket", ".target", ".timer", ".path", ".mount",
    ".automount", ".swap", ".slice", ".scope", ".device",
)  # fmt: skip
_RUNNING = frozenset({"active", "reloading", "refreshing"})
_UNINSTALLED = frozenset({"static", "generated"})  # nothing to enable: it comes up where another unit pulls it in
_PULLED = ("WantedBy", "RequiredBy", "TriggeredBy")
_TEMPLATE = Unknown("a template has no state of its own: name an instance, such as getty@tty1")


def unit(key: str) -> str | None:
    """Give the unit's full name, or None for a text that no unit can have as its name.

    Nothing else is sent: systemctl would take wildcards, and turn a path into the name of a mount.
    """
    name = key if key.endswith(_TYPES) else f"{key}.service"
    return name if _UNIT.fullmatch(name) else None


def _needs(ref: FieldRef) -> Needs:
    name = unit(ref.key)
    return {STEP: name} if name and not _template(name) else {}


def _read(heard: Heard, ref: FieldRef) -> Reading:
    name = unit(ref.key)
    if name is None:
        return False
    if _template(name):
        return _TEMPLATE
    frame = heard.frame(STEP.name)
    if isinstance(frame, Unknown):
        return frame
    if frame.status:
        return Unknown(f"systemctl failed: {first_line(frame.text)}")
    return _judge(_block(frame.text, name), ref)


def _template(name: str) -> bool:
    return name.rpartition(".")[0].endswith("@")


def _block(text: str, name: str) -> dict[str, str]:
    for block in text.split("\n\n"):
        said = dict(line.partition("=")[::2] for line in block.splitlines())
        if name in {said.get("Id"), *said.get("Names", "").split()}:
            return said
    return {}


def _judge(said: dict[str, str], ref: FieldRef) -> Reading:
    if "ActiveState" not in said:
        return Unknown("systemctl said nothing about it")
    if ref.attribute == "running":
        return said["ActiveState"] in _RUNNING
    state = said.get("UnitFileState", "")
    return state == "enabled" or (state in _UNINSTALLED and any(said.get(name) for name in _PULLED))


PROBE = Probe(_needs, _read)
