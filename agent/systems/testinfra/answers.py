"""What the tests said, put together for each host."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from agent.model.opinion import Opinion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Answer = dict[str, Any]  # one line of cell.py's Scribe
LONGEST = 200  # characters of what one test said


def parsed(text: str) -> list[Answer]:
    """Read the Scribe's lines; one that was cut off by a stop is left out."""
    found = []
    for line in text.splitlines():
        try:
            answer = json.loads(line)
        except ValueError:
            continue
        found += [answer] if isinstance(answer, dict) else []
    return found


def opinions(
    answers: Sequence[Answer], hosts: Iterable[str], cut: str, clean: Callable[[str], str]
) -> dict[str, Opinion]:
    """Give each host's opinion.

    Args:
        answers: of all tests.
        hosts: those that tests were run on.
        cut: why not every test was run, as a clause, or nothing.
        clean: takes out of a text what may not be shown.
    """
    broken = next((a for a in answers if a.get("outcome") == "broken"), None)
    if broken:
        why = f"could not run: {broken.get('module')} cannot be loaded: {clean(str(broken.get('line')))}"
        return {host: Opinion(why) for host in hosts}
    return {host: _of([a for a in answers if a.get("host") in {host, ""}], cut, clean) for host in hosts}


def _of(answers: Sequence[Answer], cut: str, clean: Callable[[str], str]) -> Opinion:
    by = {outcome: [a for a in answers if a.get("outcome") == outcome] for outcome in ("passed", "failed", "error")}
    if by["failed"]:
        said = "; ".join(f"{a.get('test')}: {clean(str(a.get('line')))}" for a in by["failed"][:2])
        more = len(by["failed"]) - 2
        return Opinion(f"failed {said}" + (f"; and {more} more" if more > 0 else ""), failed=True)
    if by["error"]:
        first = by["error"][0]
        return Opinion(f"could not run: {first.get('test')}: {clean(str(first.get('line')))}")
    if cut:
        return Opinion(f"could not run: {cut}")
    number = len(by["passed"])
    if not number:
        return Opinion("could not run: every test was skipped" if answers else "could not run: there is no test in it")
    return Opinion(f"passed {number} test{'s' * (number != 1)}")
