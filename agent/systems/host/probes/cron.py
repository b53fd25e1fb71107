"""Family cron: users' crontabs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.model.reading import NONE, Unknown
from agent.systems.host.answer import first_line
from agent.systems.host.probe import Needs, Probe, Step
from agent.systems.host.probes.user import PASSWD, account

if TYPE_CHECKING:
    from agent.model.kind import FieldRef
    from agent.model.reading import Reading
    from agent.systems.host.answer import Heard

STEP = Step(
    "crontab",
    """
if [ "$u" = 0 ]; then crontab -l -u "$1"
elif [ "$1" = "$(id -un)" ]; then crontab -l
else return 77; fi
""",
    tool="crontab",
    each=True,
)


def _needs(ref: FieldRef) -> Needs:
    return {PASSWD: ref.key, STEP: ref.key}


def _read(heard: Heard, ref: FieldRef) -> Reading:
    entry = account(heard, ref.key)
    if not isinstance(entry, list):
        return NONE if entry is None else entry
    frame = heard.frame(STEP.name, ref.key)
    if isinstance(frame, Unknown):
        return frame
    if frame.status:
        return () if "no crontab for" in frame.text else Unknown(f"crontab failed: {first_line(frame.text)}")
    lines = (line.strip() for line in frame.text.splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


PROBE = Probe(_needs, _read)
