"""Field time.synced: whether the kernel's clock is being kept in step.

timedatectl tells what the kernel itself holds, whichever program steers the clock; chronyc is asked where there is
no systemd.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.model.reading import Unknown
from agent.systems.host.answer import first_line
from agent.systems.host.probe import Needs, Probe, Step

if TYPE_CHECKING:
    from agent.model.kind import FieldRef
    from agent.model.reading import Reading
    from agent.systems.host.answer import Heard

STEP = Step(
    "time",
    """
limit 10 timedatectl show --property=NTPSynchronized 2>/dev/null && return
limit 10 chronyc -n tracking || return 1
""",
)
_SAID = {"NTPSynchronized=yes": True, "NTPSynchronized=no": False}


def _needs(_ref: FieldRef) -> Needs:
    return {STEP: None}


def _read(heard: Heard, _ref: FieldRef) -> Reading:
    frame = heard.frame(STEP.name)
    if isinstance(frame, Unknown):
        return frame
    lines = [line.strip() for line in frame.text.splitlines()]
    known = next((_SAID[line] for line in lines if line in _SAID), None)
    leap = next((line.partition(":")[2].strip() for line in lines if line.startswith("Leap status")), "")
    if known is not None or leap:
        return known if known is not None else leap != "Not synchronised"
    return Unknown(f"neither timedatectl nor chronyc tells: {first_line(frame.text)}")


PROBE = Probe(_needs, _read)
