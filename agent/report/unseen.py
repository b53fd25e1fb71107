"""What could not be checked: how much of each kind was seen, who was silent and why, which rules stayed open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.report import words
from agent.report.desk import rest, section
from agent.report.page import Item, Section, Tone
from agent.report.plain import clause, sentence
from agent.report.standing import blind, unknown, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.model.run import Run, Seen
    from agent.report.desk import Desk


def unchecked(run: Run) -> frozenset[str]:
    """Give every resource that was not checked in full."""
    return frozenset(f.resource for f in unknown(run)) | silent(run)


def silent(run: Run) -> frozenset[str]:
    """Give the resources that showed nothing at all."""
    return frozenset(u.resource for s in run.seen for u in s.unseen)


def unseen(at: Desk) -> Section | None:
    """Write the section; there is one whenever anything was not seen, even where no name is known."""
    if not blind(at.run):
        return None
    items = (*_silent(at), *_open_rules(at))
    shown = items[: at.room.items]
    lead = coverage([s for s in at.run.seen if not whole(s)], at.room.words)
    lead = lead or f"{words.counted(at.run.counts.unknown, 'check')} could not be made."
    more = rest(len(shown), len(items), "more reason", "more reasons") if shown else ""
    return section("Could not check", Tone.BLIND, shown, more, f"{lead} Nothing was changed there.")


def coverage(looks: Sequence[Seen], most: int = 12) -> str:
    """Give how much was seen (`Checked 5,112 of 5,140 servers.`), in one line for several kinds too.

    Where it is not proven that the list was whole, that follows, with the reason in at most so many words.
    """
    if not looks:
        return ""
    seen, expected = sum(s.seen for s in looks), sum(s.expected for s in looks)
    kinds = {s.kind for s in looks}
    what = words.kind_word(kinds.pop(), expected) if len(kinds) == 1 else "things"
    said = f"Checked {seen:,} of {expected:,} {what}."
    doubtful = next((s for s in looks if not s.proven), None)
    if doubtful is None:
        return said
    return f"{said} It is not proven that this is all of them ({clause(doubtful.membership, most, 90)})."


def _silent(at: Desk) -> list[Item]:
    reasons: dict[str, list[str]] = {}
    for look in at.run.seen:
        for one in look.unseen:
            reasons.setdefault(one.why, []).append(one.resource)
    ordered = sorted(reasons.items(), key=lambda r: (-len(r[1]), r[0]))
    return [_silence(at, sorted(found), why) for why, found in ordered]


def _silence(at: Desk, resources: list[str], why: str) -> Item:
    who = at.where(resources)
    return Item(who[0].upper() + who[1:], sentence(clause(why, at.room.words, 100)))


def _open_rules(at: Desk) -> list[Item]:
    """Give the rules that stayed open on resources that did answer."""
    mute = silent(at.run)
    reasons: dict[tuple[str, str], list[str]] = {}
    for finding in unknown(at.run):
        if finding.resource not in mute:
            reasons.setdefault((finding.policy, finding.why), []).append(finding.resource)
    ordered = sorted(reasons.items(), key=lambda r: (-len(r[1]), r[0]))
    return [
        Item(
            at.title(policy),
            f"Not known on {at.where(sorted(found))}.",
            f"{clause(policy, 2, 24)}: {clause(why, at.room.words, 100)}",
        )
        for (policy, why), found in ordered
    ]
