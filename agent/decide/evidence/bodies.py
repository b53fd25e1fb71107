"""What a record says: nouns as JSON values, without what is secret and without the contents of files."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import TYPE_CHECKING

from agent.decide.reverting import printable
from agent.secrets import MASK, says_secret, scrub
from agent.secrets import Secret as Hidden

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from agent.model.action import Action, Outcome
    from agent.model.approval import Approval
    from agent.model.books import Reversal
    from agent.model.capture import Capture, FileBefore
    from agent.model.evidence import Grounds
    from agent.model.finding import Difference
    from agent.model.provenance import Belief
    from agent.model.window import Override

Json = dict[str, object]
OTHERS = tuple("4567")  # the last digit of the mode of a file that everybody on its machine may read


def change(intent: int, batch: str, action: Action) -> Json:
    """Give one change that is about to be made, and what was seen before it."""
    hidden = _hidden(action.differences)
    return _filled({
        "intent": intent,
        "batch": batch,
        "policy": action.policy,
        "resource": action.resource,
        "site": action.site,
        "verb": action.verb,
        "arguments": plain(action.arguments, hidden),
        "before": seen(action.differences),
        "variables": action.variables_digest,
    })  # fmt: skip


def rules(grounds: Grounds, belief: Belief | None) -> Json:
    """Give the revision that changes stand on: its author, and who signed it where that was asked."""
    revision = grounds.revision
    if revision is None:
        return {}
    return _filled({
        "revision": revision.id,
        "source": revision.source,
        "author": (belief.author if belief else "") or revision.author,
        "committed": revision.at,
        "signed": "" if revision.signed is None else ("no", "yes")[revision.signed],
        "signer": belief.signed if belief else "",
        "accepted_by": belief.by if belief else "",
    })  # fmt: skip


def word(approval: Approval) -> Json:
    """Give a person's word on a batch: who, when, by which key, and the hash of what was signed."""
    return _filled({
        "batch": approval.batch,
        "who": approval.who,
        "word": approval.word.value,
        "at": _time(approval.at),
        "until": _time(approval.until),
        "why": approval.why,
        "key": approval.key,
        "statement": approval.statement,
        "used_by": approval.used_by,
    })  # fmt: skip


def outcome(intent: int, one: Outcome) -> Json:
    """Give what came of a change: the second look's word, and what the writing system said of itself."""
    hidden = _hidden((*one.before, *one.after))
    return _filled({
        "intent": intent,
        "policy": one.policy,
        "resource": one.resource,
        "result": one.result.value,
        "after": seen(one.after),
        "why": scrub(one.why, hidden),
        "said": scrub(one.said, hidden),
        "opinion": scrub(one.opinion, hidden),
        "opinion_failed": one.opinion_failed,
        "until": _time(one.until),
    })  # fmt: skip


def seen(differences: Iterable[Difference]) -> list[Json]:
    """Give what was wanted and what was read; of what is sensitive only the field."""
    return [
        {
            "field": d.field,
            "expected": MASK if d.sensitive else d.expected,
            "seen": MASK if d.sensitive else d.observed,
        }
        for d in differences
    ]


def capture(intent: int, one: Capture) -> Json:
    """Give what was there: files by their hashes, never their contents; none of what not everybody may read."""
    return _filled({
        "intent": intent,
        "resource": one.resource,
        "at": _time(one.at),
        "files": [_file(f) for f in one.files],
        "services": [{"name": s.name, "enabled": s.enabled, "running": s.running} for s in one.services],
        "sysctls": plain(one.sysctls, ()),
        "left": list(one.left),
    })  # fmt: skip


def undone(reversals: Sequence[Reversal]) -> Json:
    """Give what a person took back."""
    first = reversals[0]
    listed = [{"intent": r.intent, "policy": r.policy, "resource": r.resource} for r in reversals]
    return {"by": first.by, "run": first.run, "at": _time(first.at), "changes": listed}


def belief(one: Belief) -> Json:
    """Give what was decided of a revision of the rules."""
    return _filled({
        "revision": one.commit,
        "source": one.source,
        "author": one.author,
        "signer": one.signed,
        "accepted_by": one.by,
        "why": one.why,
    })  # fmt: skip


def override(one: Override) -> Json:
    """Give a person's word against a freeze."""
    return _filled({
        "id": one.id,
        "by": one.by,
        "why": one.why,
        "at": _time(one.at),
        "until": _time(one.until),
        "sites": list(one.sites),
        "ended_by": one.ended_by,
        "ended_at": _time(one.ended_at),
    })  # fmt: skip


def plain(value: object, hidden: Sequence[Hidden]) -> object:
    """Give an argument as JSON has it, without what its name calls a secret and without sensitive readings."""
    if isinstance(value, Mapping):
        return {str(k): MASK if says_secret(str(k)) else plain(v, hidden) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(v, hidden) for v in value]
    if value is None or isinstance(value, (bool, int)) or (isinstance(value, float) and isfinite(value)):
        return MASK if any(str(value) == h.reveal() for h in hidden) else value
    return MASK if any(str(value) == h.reveal() for h in hidden) else scrub(str(value), hidden)


def _hidden(differences: Iterable[Difference]) -> tuple[Hidden, ...]:
    values = {v for d in differences if d.sensitive for v in (d.expected, d.observed)}
    return tuple(Hidden(v) for v in sorted(values))


def _file(one: FileBefore) -> Json:
    open_to_all = one.mode[-1:] in OTHERS
    return _filled({
        "path": printable(one.path),
        "kind": one.kind,
        "mode": one.mode,
        "owner": one.owner,
        "group": one.group,
        "target": printable(one.target),
        "sha256": one.digest if open_to_all else "",
    })  # fmt: skip


def _filled(body: Json) -> Json:
    """Leave out what is not there: a record costs what it says."""
    return {key: value for key, value in body.items() if value not in ("", None, [], {}, False)}


def _time(at: datetime | None) -> str:
    return at.isoformat() if at else ""
