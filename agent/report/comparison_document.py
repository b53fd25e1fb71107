"""What a change of the policies means, as one JSON document. It names everybody, and stays behind the login."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent import __version__
from agent.model.comparison import How
from agent.report.comparison import notes
from agent.report.document import SCHEMA, Json, looks
from agent.report.masks import masked_sentence
from agent.secrets import MASK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.model.comparison import Acted, Compared, Comparison, Edit, Shift
    from agent.model.finding import Difference
    from agent.model.policy import Revision


def document(told: Comparison) -> Json:
    """Give the document; sensitive values are masked."""
    return {
        "driftbell": __version__,
        "schema": SCHEMA,
        "older": _revision(told.older),
        "newer": _revision(told.newer),
        "at": told.at.isoformat(),
        "fresh": told.fresh,
        "seen": looks(told.seen),
        "counts": _counts(told),
        "broken": [
            {"file": p.place.file, "line": p.place.line, "column": p.place.column, "sentence": p.sentence}
            for p in told.broken
        ],
        "policies": [_policy(p) for p in told.policies],
        "unread": list(told.unread),
        "surroundings": _edits(told.surroundings),
        "actions": [_acted(a, known=not told.broken) for a in told.actions],
        "notes": notes(told),
    }


def _counts(told: Comparison) -> Json:
    """Count what changes; null where the older revision does not load, as nobody knows."""
    if told.broken:
        return dict.fromkeys(("same", "close", "open", "changed"))
    return {
        "same": told.same,
        "close": sum(s.vanishes for p in told.policies for s in p.shifts),
        "open": sum(s.appears for p in told.policies for s in p.shifts),
        "changed": told.shifted,
    }


def _revision(revision: Revision) -> Json:
    return {"id": revision.id, "author": revision.author, "at": revision.at}


def _policy(compared: Compared) -> Json:
    return {
        "policy": compared.id,
        "title": compared.title,
        "change": compared.how.value.replace(" ", "_"),
        "severity": compared.severity.value,
        "mode": compared.mode,
        "place": compared.place,
        "edits": _edits(compared.edits),
        "untold": list(compared.untold),
        "applies": _applies(compared),
        "findings": [_shift(s, known=compared.how is not How.ALONE) for s in compared.shifts],
    }


def _applies(compared: Compared) -> Json:
    """Give to how many resources of how many each revision's policy applies; null where that cannot be told."""
    was, now = compared.before, compared.after
    either = now or was
    return {
        "before": was.applies if was else None,
        "after": now.applies if now else None,
        "unsure": now.unsure if now else None,
        "of": either.of if either else None,
        "read_of_none": [{"field": b.field, "why": b.why} for b in now.blanks] if now else [],
    }


def _edits(edits: Sequence[Edit]) -> list[Json]:
    return [{"what": e.what, "before": e.before, "after": e.after} for e in edits]


def _shift(shift: Shift, *, known: bool) -> Json:
    """Give a finding that changes; how it stood is null where the older revision does not load."""
    found = shift.finding
    return {
        "resource": shift.resource,
        "site": shift.site,
        "before": shift.before.name.lower() if known else None,
        "after": shift.after.name.lower(),
        "differences": [_difference(d) for d in found.differences] if found else [],
        "why": found.why if found else "",
        "sentence": masked_sentence(found) if found else "",
    }


def _difference(difference: Difference) -> Json:
    hidden = difference.sensitive
    return {
        "field": difference.field,
        "expected": MASK if hidden else difference.expected,
        "observed": MASK if hidden else difference.observed,
    }


def _acted(acted: Acted, *, known: bool) -> Json:
    was, now = set(acted.before), set(acted.after)
    return {
        "policy": acted.policy,
        "step": acted.step,
        "deed": acted.deed,
        "before": len(was) if known else None,
        "after": len(now),
        "held": acted.held,
        "new": sorted(now - was) if known else None,
        "gone": sorted(was - now) if known else None,
        "differing": list(acted.differing),
        "holds": [{"guard": g, "sentence": said, "lifted_by": lifted} for g, said, lifted in acted.holds],
    }
