"""The sections of a drift report, in the order of REPORTS.md. An empty one is None; none grows with the fleet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.model.finding import Closed
from agent.model.rollout import Progress
from agent.report import asking, rollouts, words
from agent.report.desk import ALL, OPEN, URGENT, rest, section
from agent.report.differences import difference, mended, still
from agent.report.due import due
from agent.report.lists import in_doubt
from agent.report.masks import masked, private
from agent.report.page import Item, Section, Tone
from agent.report.plain import clause, ended, sentence
from agent.report.stops import stops
from agent.report.trend import trend
from agent.report.unseen import unseen
from agent.report.waivers import exceptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.model.action import Outcome
    from agent.report.cause import Cause, Causes
    from agent.report.desk import Desk
    from agent.report.standing import Decision


_UNITS = {"fixed": "fault", "sent": "change", "told": "report"}


def sections(at: Desk) -> tuple[Section, ...]:
    """Give every section that has something to say."""
    written = (
        _decisions(at),
        stops(at),
        _rollouts(at),
        _failed(at),
        _ended(at),
        _opinions(at),
        due(at),
        _done(at, "Fixed and confirmed", "Fixed on", "fixed", at.gathered.fixed),
        _done(at, "Sent, waiting to be confirmed", "Sent to", "sent", at.gathered.sent),
        _undone(at),
        _done(at, "Reported onwards, and seen there", "Reported for", "told", at.gathered.told),
        _coming(at),
        _watched(at),
        _by_itself(at),
        exceptions(at),
        trend(at),
        unseen(at),
    )
    return tuple(s for s in written if s)


def _decisions(at: Desk) -> Section | None:
    asked = at.standing.decisions
    if not asked:
        return None
    found = list(zip(asked, at.gathered.asked, strict=False))
    shown = found[: at.room.decisions]
    return Section(
        "Needs your decision",
        Tone.DECIDE,
        tuple(_decision(at, d, c) for d, c in shown),
        lead=asking.lead(at.run, asked, at.room.answers),
        more=rest(len(shown), len(asked), "more decision", "more decisions"),
    )


def _decision(at: Desk, decision: Decision, cause: Cause) -> Item:
    batch = decision.batch
    note = at.notes.get(batch.policy)
    why = (ended(clause(at.veiled(note.why), 10, 80)),) if note and note.why and at.room.reasons else ()
    mind = tuple(f"Mind: {at.quote(c)}" for c in decision.cautions[:1])
    act = sentence(f"{words.deed(batch)} ({words.RISKS[batch.risk]})")
    return Item(
        at.title(batch.policy),
        at.not_so(cause),
        at.detail(cause, URGENT),
        (*why, *mind, act),
        asking.yes(batch.digest),
    )


def _rollouts(at: Desk) -> Section | None:
    """Write a line a rollout. One that was halted stands among what is held, with its reason."""
    told = [n for n in at.run.rollouts if n.progress is not Progress.HALTED]
    shown = told[: at.room.items]
    items = tuple(Item(at.title(n.policy), at.quote(rollouts.said(at.run, n))) for n in shown)
    return section("Step by step", Tone.SENT, items, rest(len(shown), len(told), "more", "more"))


def _failed(at: Desk) -> Section | None:
    found = at.gathered.failed
    said = {(o.policy, o.resource): o for o in at.standing.failed}
    shown = found.told[: at.room.items]
    items = tuple(_failure(at, c, said[c.policy, c.main.resources[0]]) for c in shown)
    return section("Tried, but not fixed", Tone.FAILED, items, rest(len(shown), len(found), "more", "more"))


def _failure(at: Desk, cause: Cause, outcome: Outcome) -> Item:
    tongue = at.tongue(cause.main.kind)
    after = {d.field: d for d in cause.main.after}
    shown = [still(d, after.get(d.field), tongue) for d in cause.main.differences[:2]]
    detail = f"{clause(cause.policy, 2, 24)}: {'; '.join(shown)}" if shown and at.room.details else ""
    on = "on" if cause.main.kind == "host" else "for"
    return Item(at.title(cause.policy), f"The repair did not work {on} {at.spread(cause)}.", detail, _said(at, outcome))


def _said(at: Desk, outcome: Outcome) -> tuple[str, ...]:
    """Give why it failed, and what the writing system claimed: the two are worth reading side by side."""
    if not at.room.reasons:
        return ()
    secrets = private((*outcome.before, *outcome.after))
    why = ended(clause(at.veiled(masked(outcome.why, secrets)), at.room.words, 110))
    said = clause(at.veiled(masked(outcome.said, secrets)), at.room.words // 2 + 2, 80)
    return tuple(t for t in (why, f"The repair itself said: {said}." if said else "") if t)


def _ended(at: Desk) -> Section | None:
    """Write what the kill switch ended: what was cut off in the middle, and what was not begun."""
    cut, unbegun = at.gathered.cut, at.gathered.unbegun
    found = [*(("Cut off", c) for c in cut.told), *(("Not begun", c) for c in unbegun.told)]
    shown = found[: at.room.items]
    items = tuple(
        Item(at.title(c.policy), f"{how} {'on' if c.main.kind == 'host' else 'for'} {at.spread(c)}.")
        for how, c in shown
    )
    number = len(at.standing.cut) + len(at.standing.unbegun)
    if number and not shown:
        return section("Stopped", Tone.HELD, (), f"{words.counted(number, 'change')}.")
    return section("Stopped", Tone.HELD, items, rest(len(shown), len(cut) + len(unbegun), "more", "more"))


def _opinions(at: Desk) -> Section | None:
    """Write what the district's own tests say otherwise than the second look. It decides nothing; a person does."""
    odd: dict[str, list[Outcome]] = {}
    for outcome in at.standing.fixed:
        if outcome.opinion_failed:
            odd.setdefault(outcome.policy, []).append(outcome)
    shown = list(odd.items())[: at.room.items]
    items = tuple(_opinion(at, policy, found) for policy, found in shown)
    return section("Your own tests disagree", Tone.FAILED, items, rest(len(shown), len(odd), "more", "more"))


def _opinion(at: Desk, policy: str, found: Sequence[Outcome]) -> Item:
    secrets = private(d for o in found for d in (*o.before, *o.after))
    said = ended(clause(at.veiled(masked(found[0].opinion, secrets)), at.room.words, 110))
    where = at.where(list(dict.fromkeys(o.resource for o in found)))
    return Item(at.title(policy), f"Fixed and confirmed on {where}, and yet a test fails.", "", (said,))


def _undone(at: Desk) -> Section | None:
    found = at.gathered.undone
    shown = found.told[: at.room.done]
    items = tuple(Item(at.title(c.policy), f"As it was before, on {at.spread(c)}.") for c in shown)
    return section("Taken back", Tone.SENT, items, rest(len(shown), len(found), "more", "more"))


def _deadline(at: Desk, cause: Cause) -> str:
    """Give `, to be confirmed by today 14:30`, or nothing where no time is set."""
    by = max((o.until for o in at.standing.sent if o.policy == cause.policy and o.until), default=None)
    return f", to be confirmed by {words.promised(by, at.zone, at.run.at)}" if by else ""


def _done(at: Desk, title: str, verb: str, name: str, found: Causes) -> Section | None:
    shown = found.told[: at.room.done]
    tone = Tone.FIXED if name == "fixed" else Tone.SENT
    if found.cases and not shown:
        done = at.gathered.done[name]
        number = words.counted(done.faults, _UNITS[name])
        lead = f"{number} on {words.things(done.resources)}, under {words.counted(len(found), 'rule')}."
        return section(title, tone, (), "", lead)
    say = mended if name == "fixed" else difference
    by = (_deadline(at, c) if name == "sent" else "" for c in shown)
    items = tuple(
        Item(at.title(c.policy), f"{verb} {at.spread(c)}{when}.", at.detail(c, ALL, say))
        for c, when in zip(shown, by, strict=True)
    )
    return section(title, tone, items, rest(len(shown), len(found), "more", "more"))


def _coming(at: Desk) -> Section | None:
    found = at.gathered.coming
    return section("Out of line, to be fixed next", Tone.OUT, *_listed(at, found, at.room.items))


def _watched(at: Desk) -> Section | None:
    """List what is new; what was known before is one line, however much it is."""
    fresh, room = at.gathered.fresh, at.room.watched
    title = "Out of line, watched only" if at.gathered.audit_only else "Out of line, no change planned"
    known = _known(at)
    rules = words.counted(len(fresh), "rule")
    if not room and fresh.cases:
        return section(
            title, Tone.OUT, (), "", f"{words.counted(fresh.things, 'new thing')} under {rules}. {known}".strip()
        )
    if not known and len(fresh) > room:
        known = f"{words.number(len(fresh))} rules found something, {words.counted(fresh.things, 'thing')} in all."
    return section(title, Tone.OUT, *_listed(at, fresh, room), known)


def _known(at: Desk) -> str:
    known = at.gathered.known
    if known.oldest is None:
        return ""
    long = "" if at.run.measures or not at.room.watched else " (open for over 30 days)"  # the measures say it too
    parts = [f"{known.count:,} known and unchanged"] * bool(known.count)
    parts += [f"{known.overdue:,} overdue{long}"] * bool(known.overdue)
    if not parts:  # each of them has something new
        return ""
    oldest = f", the oldest since {words.since(known.oldest, at.zone, at.run.at)}" if at.room.watched else ""
    return f"{', '.join(parts)}{oldest}."


def _listed(at: Desk, found: Causes, most: int) -> tuple[tuple[Item, ...], str]:
    shown = found.told[:most]
    items = tuple(
        Item(at.title(c.policy), at.not_so(c), at.detail(c, OPEN), at.observation(c.shared, c.main.count))
        for c in shown
    )
    return items, rest(len(shown), len(found), "more rule", "more rules")


def _by_itself(at: Desk) -> Section | None:
    """Count what ended without us. Of a list that may not be whole nobody can say that."""
    odd = {s.kind for s in in_doubt(at.run.seen)}
    came = {
        (c.policy, c.resource)
        for c in at.run.closed
        if c.how is Closed.ITSELF and c.resource.partition("/")[0] not in odd
    }
    where = words.things(sorted({resource for _, resource in came}))
    lead = f"{words.counted(len(came), 'fault')} on {where}, which we did not touch." if came else ""
    return section("In line again by itself", Tone.FIXED, (), "", lead)
