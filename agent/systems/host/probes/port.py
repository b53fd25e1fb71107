"""Family port: what waits for connections, from the kernel's own tables, which need neither root nor `ss`."""

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

# The greps thin out a busy host's tables; the parser looks at the state's column itself.
TCP = Step("port_tcp", "grep -h -e ' 0A ' -e rem_address /proc/net/tcp; grep -h ' 0A ' /proc/net/tcp6 2>/dev/null; :")
UDP = Step("port_udp", "grep -h -e ' 07 ' -e rem_address /proc/net/udp; grep -h ' 07 ' /proc/net/udp6 2>/dev/null; :")
_LISTENING = {TCP: "0A", UDP: "07"}  # include/net/tcp_states.h; an unconnected UDP socket is in state 07
_KEY = re.compile(r"([0-9]{1,5})(/tcp|/udp)?")
_HIGHEST = 65535
_COLUMNS = 4  # number, local and remote address, state


def _needs(ref: FieldRef) -> Needs:
    asked = _asked(ref.key)
    return {asked[0]: None} if asked else {}


def _asked(key: str) -> tuple[Step, int] | None:
    match = _KEY.fullmatch(key)
    if match is None or not 0 < int(match[1]) <= _HIGHEST:
        return None
    return (UDP if match[2] == "/udp" else TCP), int(match[1])


def _read(heard: Heard, ref: FieldRef) -> Reading:
    asked = _asked(ref.key)
    if asked is None:
        return Unknown(f"{ref.key} is not a port: write a number from 1 to {_HIGHEST}, with /udp behind it for UDP")
    step, number = asked
    frame = heard.frame(step.name)
    if isinstance(frame, Unknown):
        return frame
    if "rem_address" not in frame.text:  # the head of the table, which is there even when nothing listens
        return Unknown(f"the kernel's table of ports cannot be read: {first_line(frame.text)}")
    rows = (line.split() for line in frame.text.splitlines())
    return any(len(row) >= _COLUMNS and row[3] == _LISTENING[step] and _port(row[1]) == number for row in rows)


def _port(address: str) -> int:
    return int(address.rpartition(":")[2], 16)


PROBE = Probe(_needs, _read)
