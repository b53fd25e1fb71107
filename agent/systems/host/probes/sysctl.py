"""Family sysctl: kernel parameters, read from /proc/sys as sysctl(8) itself does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.model.reading import NONE, Unknown
from agent.systems.host.probe import Needs, Probe, Step

if TYPE_CHECKING:
    from agent.model.kind import FieldRef
    from agent.model.reading import Reading
    from agent.systems.host.answer import Heard

# One grep for all of them: with /dev/null behind, it puts the file's name before every line.
STEP = Step("sysctl", "grep '' -- \"$@\" /dev/null")
_ABSENT = ("No such file or directory", "Not a directory", "Is a directory")


def path(name: str) -> str | None:
    """Give the file of a parameter, or None for a text that cannot be the name of one.

    As in sysctl(8) dots separate, and a slash stands for a dot inside a part: net.ipv4.conf.eth0/1.rp_filter; where
    a slash comes first, it is the other way round.
    """
    dot, slash = name.find("."), name.find("/")
    swap = slash < 0 or 0 <= dot < slash
    parts = (name.translate(str.maketrans("./", "/.")) if swap else name).split("/")
    bad = "\n" in name or any(part in {"", ".", ".."} for part in parts)
    return None if bad else "/proc/sys/" + "/".join(parts)


def _needs(ref: FieldRef) -> Needs:
    file = path(ref.key)
    return {} if file is None else {STEP: file}


def _read(heard: Heard, ref: FieldRef) -> Reading:
    file = path(ref.key)
    if file is None:
        return NONE
    frame = heard.frame(STEP.name)
    if isinstance(frame, Unknown):
        return frame
    lines = frame.text.splitlines()
    error = next((line for line in lines if line.startswith("grep: ") and f"{file}: " in line), "")
    if error:
        why = error.rpartition(": ")[2]
        return NONE if why in _ABSENT else Unknown(f"{file}: {why.lower()}")
    values = [line[len(file) + 1 :] for line in lines if line.startswith(f"{file}:")]
    return "\n".join(" ".join(value.split()) for value in values)


PROBE = Probe(_needs, _read)
