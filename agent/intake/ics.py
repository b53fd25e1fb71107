"""Closures from iCalendar files: read by a process of its own, once for each content, and kept.

Source of the format: https://www.rfc-editor.org/rfc/rfc5545
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.errors import InputError, Place, Problem
from agent.intake import programs, yaml
from agent.intake.ics_reading import SECONDS
from agent.intake.keeping import keep, recall
from agent.intake.wording import ended, printable, problem, quote
from agent.model.calendar import Days, Kept

if TYPE_CHECKING:
    from agent.intake.nodes import Node
    from agent.model.calendar import Calendar

KEPT = 16  # files whose closures stay
_VERSION = "2"  # of what is kept
_TOO_LONG = "what it repeats takes too long to work out"
_SAID = 200  # characters of what the library says


def closures(
    item: Node, calendar: Calendar, folder: Path, cache: Path, problems: list[Problem], warnings: list[str]
) -> tuple[Days, ...]:
    """Give what the .ics file that a calendar names closes in its years; what is wrong goes to `problems`."""
    name = item.text() or ""
    path = folder / name
    shown = printable(f"policies/calendars/{name}")
    if not path.resolve().is_relative_to(folder.parent.parent.resolve()):
        problems.append(problem(item.place, f"{quote(name)} leads out of the repository"))
        return ()
    if not path.exists():
        there = [p.name for p in sorted(folder.glob("*.ics"))]
        problems.append(problem(item.place, f"There is no file {quote(name)} beside this one", name, there))
        return ()
    try:
        data = yaml.contents(path, shown)
    except InputError as error:
        problems += error.problems
        return ()
    said = _read(path, data, calendar, cache)
    if "error" in said:
        what = printable(str(said["error"]))[:_SAID]
        problems.append(Problem(Place(shown), ended(f"This is no calendar that can be read: {what}")))
        return ()
    if not said["closed"]:
        warnings.append(f"{shown}: Nothing in it closes a day in the years of the calendar {quote(calendar.id)}.")
    if number := said["free"]:
        many = "events are marked as free (TRANSP:TRANSPARENT) and close nothing"
        told = (
            "1 event is marked as free (TRANSP:TRANSPARENT) and closes nothing" if number == 1 else f"{number} {many}"
        )
        warnings.append(
            f"{shown}: {told}. If they are days without school, mark them as busy, or list them under `closed`."
        )
    return tuple(_days(one, shown) for one in said["closed"])


def _days(one: Any, shown: str) -> Days:  # ruff: ignore[any-type] - checked JSON
    name, first, last, start, stop = one
    what, spans = (Kept.CLOSED, ()) if start is None else (Kept.BREAK, ((start, stop),))
    return Days(what, name, date.fromisoformat(first), date.fromisoformat(last), spans=spans, source=shown)


def _read(path: Path, data: bytes, calendar: Calendar, cache: Path) -> dict[str, Any]:
    """Read a file, or recall what was read of the same content for the same years and zone."""
    first = min(first for _, first, _ in calendar.years)
    last = max(last for _, _, last in calendar.years)
    about = f"{_VERSION}\0{first}\0{last}\0{calendar.timezone}\0".encode()
    kept = cache / f"ics-{hashlib.sha256(about + data).hexdigest()}"
    known = recall(kept)
    if isinstance(known, dict) and ("error" in known or {"closed", "free"} <= known.keys()):
        return known
    said = _asked(path, first, last, calendar.timezone)
    if said.get("error") != _TOO_LONG:  # on a machine with less to do it might be read
        keep(kept, said, newest=KEPT)
    return said


def _asked(path: Path, first: date, last: date, zone: str) -> dict[str, Any]:
    here = str(Path(__file__).parent.parent.parent)
    command = [sys.executable, "-m", "agent.intake.ics_reading", str(path), str(first), str(last), zone]
    env = {"PYTHONPATH": os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH", ""))))}
    done = programs.run(command, env=env, cwd=path.parent, seconds=SECONDS * 3)
    if done.code < 0 or done.late:
        return {"error": _TOO_LONG}
    try:
        said = json.loads(done.out)
    except ValueError:
        return {"error": "its reading broke off: " + (done.err.strip().splitlines() or ["no reason given"])[-1]}
    return said if isinstance(said, dict) else {"error": "its reading gave nothing"}
