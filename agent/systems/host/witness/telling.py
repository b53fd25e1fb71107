"""What the answers tell: clauses for a person, the surest first. Pure; a host may have answered anything."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from agent.model.reading import Unknown
from agent.systems.host.answer import first_line
from agent.systems.host.witness import questions as ask

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agent.systems.host.answer import Heard

MOST = 6  # clauses that one question is told with
WIDTH = 60  # characters of a name that a host gives
OURS = ("BECOME-SUCCESS", "IFS= read -r d")  # what our own sessions, looking and writing, run
_LINE = re.compile(r"([0-9]{1,10})\.[0-9]+ \S+ (sudo|CRON|crond|systemd)\[[0-9]+\]: +(.*)")
_WRITTEN = re.compile(r"([0-9]{1,10}) (\S+)")
_SUDO = re.compile(r"(\S+) : (?:.*; )?USER=(\S+) ; (?:.*; )?COMMAND=(\S+)")
_CRON = re.compile(r"\((\S+)\) CMD \((\S*)")
_PLACE = re.compile(r"(/[^:]+):([0-9]{1,6}):(.*)")
_AUDIT = re.compile(r" (auid|uid|exe)=\"?([^ \"]+)")
_READERS = frozenset({"stat", "head", "sha256sum", "grep"})  # what our own look is seen as
_NAME = r"[\w./@-]"


def telling(heard: Heard, paths: Sequence[str], units: Sequence[str]) -> tuple[str, ...]:
    """Give what a host tells of who else writes these files, or starts and stops these units."""
    said = [clause for path in paths for clause in _file(heard, path)]
    said += [clause for unit in units for clause in _unit(heard, unit)]
    said += _agents(_text(heard, ask.AGENTS.name))
    return tuple(dict.fromkeys(said))[:MOST]


def _file(heard: Heard, path: str) -> Iterator[str]:
    yield from _audited(_text(heard, ask.AUDIT.name, path))
    yield from _places(_text(heard, ask.PLACES.name, path), path, _timers(_text(heard, ask.TIMERS.name)))
    yield from _sessions(_text(heard, ask.NAMING.name, path), path)
    yield from _sessions(_text(heard, ask.AROUND.name, path))
    written = _WRITTEN.fullmatch(_text(heard, ask.WRITTEN.name, path).strip())
    if written:
        yield f"{_shown(path)} was written last {_at(written[1])} and belongs to {_shown(written[2])}"


def _unit(heard: Heard, unit: str) -> Iterator[str]:
    yield from _sessions(_text(heard, ask.NAMING.name, short(unit)), short(unit))
    yield from _places(
        _text(heard, ask.PLACES.name, short(unit)), short(unit), {}, of=f"systemctl.*{re.escape(short(unit))}"
    )
    lines = [m for line in _text(heard, ask.UNIT.name, unit).splitlines() if (m := _LINE.match(line))]
    for match in lines[-1:]:
        yield f"systemd said last: {_shown(match[3])} ({_at(match[1])})"


def short(unit: str) -> str:
    """Give the name that a command line calls a unit by."""
    return unit.removesuffix(".service")


def _text(heard: Heard, step: str, key: str = "") -> str:
    frame = heard.frame(step, key)
    return "" if isinstance(frame, Unknown) else frame.text


def _sessions(text: str, naming: str = "") -> Iterator[str]:
    """Give who ran what with sudo, and which jobs cron ran: the program alone, never its arguments."""
    for line in reversed(text.splitlines()):
        match = _LINE.match(line)
        if match is None or any(word in line for word in OURS) or (naming and not _names(match[3], naming)):
            continue
        sudo, cron = _SUDO.match(match[3]), _CRON.match(match[3])
        if match[2] == "sudo" and sudo:
            yield f"{_shown(sudo[1])} ran {_shown(sudo[3])} as {_shown(sudo[2])} with sudo {_at(match[1])}"
        elif match[2] in {"CRON", "crond"} and cron:
            what = "a job" if "=" in cron[2] or not cron[2] else _shown(cron[2].rstrip(")"))
            yield f"cron ran {what} as {_shown(cron[1])} {_at(match[1])}"


def _names(text: str, what: str) -> bool:
    """Say whether a text names a path or a unit itself, not a longer one that begins with it."""
    return re.search(rf"(?<!{_NAME}){re.escape(what)}(\.service)?(?!{_NAME})", text) is not None


def _places(text: str, what: str, timers: dict[str, str], of: str = "") -> Iterator[str]:
    for line in text.splitlines():
        match = _PLACE.fullmatch(line)
        if match is None or match[3].lstrip().startswith("#") or not _names(match[3], what):
            continue
        if of and not re.search(of, match[3]):
            continue
        unit = match[1].rpartition("/")[2]
        timer = f", which {_shown(timers[unit])} starts" if unit in timers else ""
        yield f"line {match[2]} of {_shown(match[1])} names it{timer}"


def _timers(text: str) -> dict[str, str]:
    """Give the timer of each unit that has one: the last two words of each line."""
    pairs = (line.split()[-2:] for line in text.splitlines())
    return {p[1]: p[0] for p in pairs if len(p) == len(("timer", "unit")) and p[0].endswith(".timer")}


def _agents(text: str) -> Iterator[str]:
    for line in text.splitlines():
        how, _, rest = line.partition(" ")
        name, _, place = rest.partition(" ")
        if how == "running" and name:
            yield f"{_shown(name)} is running there"
        elif how == "scheduled" and place:
            yield f"{_shown(place)} starts {_shown(name)}"


def _audited(text: str) -> Iterator[str]:
    for line in reversed(text.splitlines()):
        said = dict(_AUDIT.findall(line))
        if said.get("exe") and said["exe"].rpartition("/")[2] not in _READERS:
            who = said.get("auid", "unset")
            by = said.get("uid", "") if who in {"unset", "4294967295", "-1"} else who
            yield f"the audit log has {_shown(said['exe'])}, run by {_shown(by) or 'somebody'}"


def _at(seconds: str) -> str:
    return f"at {datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%d %H:%M} UTC"


def _shown(text: str) -> str:
    return first_line(text, WIDTH)
