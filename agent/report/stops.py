"""What was held for safety: what was wanted, the limit, the likely cause, and what lifts it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agent.report import asking, words
from agent.report.desk import rest, section
from agent.report.masks import masked
from agent.report.page import Item, Section, Tone
from agent.report.plain import brief, clause, ended

if TYPE_CHECKING:
    from agent.report.desk import Desk
    from agent.report.standing import Held, Standing

FLAPPING = "quarantine"  # the guard of what keeps changing back
SWITCH = "kill switch"  # this guard stops every batch alike, so that all of its holds are one line
_APPROVE = re.compile(r"`?driftbell (?:apply --plan|approve) [^\s`]+`?")

Stop = tuple["Held", ...]


def causes_of_stops(standing: Standing) -> tuple[Stop, ...]:
    """Gather holds: one guard on one policy is one line, on one resource or on a thousand."""
    found: dict[tuple[str, str], list[Held]] = {}
    for held in standing.held:
        key = (held.hold.guard, "" if held.hold.guard == SWITCH else held.policy or held.hold.batch)
        found.setdefault(key, []).append(held)
    return tuple(tuple(same) for same in found.values())


def stops(at: Desk) -> Section | None:
    """Write the section."""
    found = causes_of_stops(at.standing)
    shown = found[: at.room.held]
    items = tuple(_item(at, s) for s in shown)
    return section("Held for safety", Tone.HELD, items, rest(len(shown), len(found), "more", "more"))


def _item(at: Desk, stop: Stop) -> Item:
    hold = stop[0].hold
    if hold.guard == SWITCH and at.run.stopped:
        return _switch(at, stop)
    sentence = masked(hold.sentence, at.gathered.secrets)
    said = _question(at, sentence) if hold.guard == FLAPPING else at.quote(sentence)
    others = f" The same for {len(stop) - 1:,} more." if len(stop) > 1 else ""
    return Item(
        at.title(stop[0].policy or "A change"),
        said + others,
        "",
        (f"What lifts it: {lifted_by(at.veiled(hold.lifted_by), at.room.words + 6)}",),
        asking.commands(stop[0].batch, hold.batch)[-1] if hold.approvable and len(stop) == 1 else "",
    )


def _question(at: Desk, sentence: str) -> str:
    """Give what keeps changing back as its first words and the question at its end, with what was found in between.

    The whole of it is longer than a mail has room for, and the question is what has to be read.
    """
    told, *found, question = re.split(r"(?<=[.?]) ", at.veiled(sentence)) if "?" in sentence else [sentence, ""]
    first = clause(told.partition(",")[0], at.room.words, 110)
    others = ended(clause(" ".join(found), at.room.words, 110)) if found and at.room.reasons else ""
    return " ".join(s for s in (ended(first), others, brief(question, at.room.words, 140)) if s)


def lifted_by(text: str, most: int) -> str:
    """Give what lifts a hold, with the command that stands below it named, not repeated."""
    return f"{clause(_APPROVE.sub('your yes', text).replace('`', ''), most, 140)}."


def _switch(at: Desk, stop: Stop) -> Item:
    rules = words.counted(len({h.policy for h in stop}), "rule")
    targets = sorted({r for h in stop for r in h.resources})
    reason = ended(clause(at.veiled(at.run.stopped), at.room.words, 140))
    return Item(
        "Everything is stopped",
        f"{reason} Changes to {words.things(targets)} under {rules} wait.",
        "",
        (f"What lifts it: {lifted_by(stop[0].hold.lifted_by, at.room.words + 6)}",),
    )
