"""The sections of a drift report, in the order of REPORTS.md. An empty one is None; none grows with the fleet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.model.action import Result
from agent.model.finding import Closed
from agent.model.policy import Mode
from agent.report import words
from agent.report.cause import Case, Cause, case, causes
from agent.report.desk import ALL, OPEN, URGENT, rest, section
from agent.report.masks import masked, private
from agent.report.page import Item, Section, Tone
from agent.report.plain import clause, ended, sentence
from agent.report.stops import stops
from agent.report.unseen import unseen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agent.model.action import Outcome
    from agent.report.desk import Desk
    from agent.report.standing import Decision


def sections(at: Desk) -> tuple[Section, ...]:
    """Give every section that has something to say."""
    written = (
        _decisions(at),
        stops(at),
        _failed(at),
        _fixed(at),
        _sent(at),
        _told(at),
        _coming(at),
        _watched(at),
        _by_itself(at),
        unseen(at),
    )
    return tuple(s for s in written if s)


def _decisions(at: Desk) -> Section | None:
    asked = at.standing.decisions
    if not asked:
        return None
    shown = asked[: at.room.decisions]
    return Section(
        "Needs your decision",
        Tone.DECIDE,
        tuple(_decision(at, d) for d in shown),
        lead="Nothing changes without your yes.",
        more=rest(len(shown), len(asked), "more decision", "more decisions"),
    )


def _decision(at: Desk, decision: Decision) -> Item:
    batch = decision.batch
    opened = {f.resource: f.since for f in at.run.findings if f.policy == batch.policy}
    asked = set(decision.resources)
    cases = [
        Case(a.policy, a.resource, a.site, a.differences, since=opened.get(a.resource))
        for a in batch.actions
        if a.resource in asked
    ]
    first, *others = causes(at.run, cases)
    every = Cause(first.policy, first.differences, (), tuple(cases), first.ways + len(others))
    note = at.notes.get(batch.policy)
    why = (ended(clause(note.why, 10, 80)),) if note and note.why and at.room.reasons else ()
    mind = tuple(f"Mind: {at.quote(c)}" for c in decision.cautions[:1])
    act = sentence(f"{words.deed(batch)} ({words.RISKS[batch.risk]})")
    return Item(
        at.title(batch.policy),
        f"Not so on {at.where(every.resources, every.site)}{at.since(every.since)}.",
        at.detail(every, URGENT),
        (*why, *mind, act),
        f"driftbell apply --plan {words.short_digest(batch.digest)}",
    )


def _failed(at: Desk) -> Section | None:
    found = causes(at.run, _tried(at, at.standing.failed))
    said = {(o.policy, o.resource): o for o in at.standing.failed}
    shown = found[: at.room.items]
    items = tuple(_failure(at, c, said[c.policy, c.cases[0].resource]) for c in shown)
    return section("Tried, but not fixed", Tone.FAILED, items, rest(len(shown), len(found), "more", "more"))


def _failure(at: Desk, cause: Cause, outcome: Outcome) -> Item:
    after = {d.field: d for d in cause.after}
    shown = [words.still(d, after.get(d.field)) for d in cause.differences[:2]]
    detail = f"{clause(cause.policy, 2, 24)}: {'; '.join(shown)}" if shown and at.room.details else ""
    happened = "was taken back" if outcome.result is Result.REVERTED else "did not work"
    where = at.where(cause.resources, cause.site)
    return Item(at.title(cause.policy), f"The repair {happened} on {where}.", detail, _said(at, outcome))


def _said(at: Desk, outcome: Outcome) -> tuple[str, ...]:
    """Give why it failed, and what the writing system claimed: the two are worth reading side by side."""
    if not at.room.reasons:
        return ()
    secrets = private((*outcome.before, *outcome.after))
    why = ended(clause(masked(outcome.why, secrets), at.room.words, 110))
    said = clause(masked(outcome.said, secrets), at.room.words // 2 + 2, 80)
    return tuple(t for t in (why, f"The repair itself said: {said}." if said else "") if t)


def _fixed(at: Desk) -> Section | None:
    return _done(at, "Fixed and confirmed", "Fixed on", at.standing.fixed)


def _sent(at: Desk) -> Section | None:
    return _done(at, "Sent, waiting to be confirmed", "Sent to", at.standing.sent)


def _told(at: Desk) -> Section | None:
    return _done(at, "Reported onwards, and seen there", "Reported for", at.standing.told)


def _done(at: Desk, title: str, verb: str, done: Sequence[Outcome]) -> Section | None:
    found = causes(at.run, _tried(at, done))
    shown = found[: at.room.done]
    fixed = done is at.standing.fixed
    tone = Tone.FIXED if fixed else Tone.SENT
    if done and not shown:
        places = words.things(sorted({o.resource for o in done}))
        lead = f"{words.counted(len(done), 'thing')} on {places}, under {words.counted(len(found), 'rule')}."
        return section(title, tone, (), "", lead)
    say = words.mended if fixed else words.difference
    items = tuple(
        Item(at.title(c.policy), f"{verb} {at.where(c.resources, c.site)}.", at.detail(c, ALL, say)) for c in shown
    )
    return section(title, tone, items, rest(len(shown), len(found), "more", "more"))


def _tried(at: Desk, outcomes: Iterable[Outcome]) -> list[Case]:
    sites = {(b.digest, a.resource): a.site for b in at.run.plan.batches for a in b.actions}
    return [Case(o.policy, o.resource, sites.get((o.batch, o.resource), ""), o.before, o.after) for o in outcomes]


def _coming(at: Desk) -> Section | None:
    found = causes(at.run, map(case, at.standing.coming))
    return _listed(at, "Out of line, to be fixed next", found, "")


def _watched(at: Desk) -> Section | None:
    """List what is new; what was known before is one line, however much it is."""
    new = set(at.run.opened)
    fresh = [f for f in at.standing.watched if f.since is None or (f.policy, f.resource) in new]
    known = [f for f in at.standing.watched if f.since is not None and (f.policy, f.resource) not in new]
    lead = ""
    if known:
        oldest = words.since(min(f.since for f in known if f.since), at.zone, at.run.at)
        rules = words.counted(len({f.policy for f in known}), "rule")
        lead = f"{len(known):,} known and unchanged under {rules}, the oldest since {oldest}."
    only = {n.id for n in at.run.policies if n.mode is Mode.AUDIT}
    watch = all(f.policy in only for f in at.standing.watched)
    title = "Out of line, watched only" if watch else "Out of line, no change planned"
    return _listed(at, title, causes(at.run, map(case, fresh)), lead)


def _listed(at: Desk, title: str, found: Sequence[Cause], lead: str) -> Section | None:
    shown = found[: at.room.items]
    items = tuple(
        Item(
            at.title(c.policy),
            f"Not so on {at.where(c.resources, c.site)}{at.since(c.since)}.",
            at.detail(c, OPEN),
        )
        for c in shown
    )
    return section(title, Tone.OUT, items, rest(len(shown), len(found), "more rule", "more rules"), lead)


def _by_itself(at: Desk) -> Section | None:
    came = sum(c.how is Closed.ITSELF for c in at.run.closed)
    lead = f"{words.counted(came, 'thing')} that we did not touch." if came else ""
    return section("In line again by itself", Tone.FIXED, (), "", lead)
