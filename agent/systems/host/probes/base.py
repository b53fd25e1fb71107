"""Who the machine is: asked in every look, of builtins and one `id`, so that it costs next to nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.model.reading import Unknown
from agent.systems.host.probe import Needs, Probe, Step

if TYPE_CHECKING:
    from agent.model.kind import FieldRef
    from agent.model.reading import Reading
    from agent.systems.host.answer import Heard

BASE = Step(
    "base",
    """
m=; h=; r=
read -r m </etc/machine-id; read -r h </proc/sys/kernel/hostname; read -r r </proc/sys/kernel/osrelease
printf 'machine %s\\nhostname %s\\nkernel %s\\nuid %s\\n' "$m" "$h" "$r" "$u"
""",
)
_MACHINE_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Identity:
    """What the machine says of itself; texts are empty where it does not say."""

    machine_id: str
    hostname: str
    kernel: str


def identity(heard: Heard) -> Identity | None:
    """Give who the machine is, or None when not even that was answered."""
    frame = heard.frame(BASE.name)
    if isinstance(frame, Unknown):
        return None
    said = dict(line.partition(" ")[::2] for line in frame.text.splitlines())
    machine_id = said.get("machine", "")
    known = machine_id if _MACHINE_ID.fullmatch(machine_id) else ""
    return Identity(known, said.get("hostname", ""), said.get("kernel", ""))


def _needs(_ref: FieldRef) -> Needs:
    return {BASE: None}


def _read(heard: Heard, ref: FieldRef) -> Reading:
    said = identity(heard)
    value = "" if said is None else {"hostname": said.hostname, "os.kernel": said.kernel}[ref.name]
    return value or Unknown("the host does not say it in /proc/sys/kernel")


PROBE = Probe(_needs, _read)
