"""Which records a bundle shows: those of a time, of policies, and what they rest on."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agent.model.evidence import CHAIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from agent.model.evidence import Record

EVERYWHERE = frozenset({"revision", "refused", "stopped", "resumed", "override"})  # what is about no one policy


@dataclass(frozen=True, slots=True)
class Choice:
    """What is asked for: microseconds since 1970 from and until, and policies; None is no limit.

    `batches` says which policy a batch is of, for words on batches that never began.
    """

    since: int | None = None
    until: int | None = None
    policies: frozenset[str] | None = None
    batches: Mapping[str, str] = field(default_factory=dict)


def chosen(records: Sequence[Record], choice: Choice) -> frozenset[int]:
    """Give the numbers of the records to show; whatever is shown has what it rests on beside it."""
    said = {r.number: _said(r) for r in records}
    about = _About(choice, _owners(said.values()))
    found = {r.number for r in records if r.kept == CHAIN or (_timely(r, choice) and about.fits(r, said[r.number]))}
    for number in tuple(found):
        found.update(n for one in _items(said[number].get("policies")) if isinstance(n := one.get("record"), int))
    return frozenset(found)


def _timely(record: Record, choice: Choice) -> bool:
    after = choice.since is None or record.at >= choice.since
    return after and (choice.until is None or record.at < choice.until)


@dataclass(frozen=True, slots=True)
class _About:
    choice: Choice
    owners: Mapping[int, str]  # the policy of each intent

    def fits(self, record: Record, said: Mapping[str, object]) -> bool:
        """Say whether a record is about a policy that is asked for."""
        wanted = self.choice.policies
        if wanted is None or record.what in EVERYWHERE:
            return True
        if record.what in {"approval", "denial"}:
            return self.choice.batches.get(str(said.get("batch"))) in wanted
        if record.what == "policy":
            return str(said.get("policy")) in wanted
        parts = [p for key in ("changes", "outcomes", "there") for p in _items(said.get(key))]
        return any(self._policy(p) in wanted for p in parts)

    def _policy(self, part: Mapping[str, object]) -> str:
        intent = part.get("intent")
        return str(part.get("policy") or self.owners.get(intent if isinstance(intent, int) else 0, ""))


def _owners(said: Iterable[Mapping[str, object]]) -> dict[int, str]:
    changes = [c for one in said for c in _items(one.get("changes"))]
    return {i: str(c.get("policy")) for c in changes if isinstance(i := c.get("intent"), int)}


def _items(value: object) -> list[Mapping[str, object]]:
    listed = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [one for one in listed if isinstance(one, dict)]


def _said(record: Record) -> dict[str, object]:
    try:
        said = json.loads(record.body or b"{}")
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def intents(records: Iterable[Record]) -> tuple[int, frozenset[int], frozenset[int]]:
    """Give the last intent before the chain began, those that were recorded, and those with an outcome."""
    first, begun, ended = 0, set[int](), set[int]()
    for record in records:
        said = _said(record)
        before = said.get("last_intent_before")
        first = before if record.what == "begun" and isinstance(before, int) else first
        if record.what == "intended":
            begun |= _owners([said]).keys()
        ended |= {i for o in _items(said.get("outcomes")) if isinstance(i := o.get("intent"), int)}
    return first, frozenset(begun), frozenset(ended)


def texts(records: Iterable[Record]) -> list[tuple[str, str]]:
    """Give the policies whose texts are kept, each with one of its texts."""
    said = [_said(r) for r in records if r.what == "policy"]
    return [(str(one.get("policy")), str(one.get("text"))) for one in said if "text" in one]


def batches(records: Iterable[Record]) -> tuple[dict[str, str], frozenset[str]]:
    """Give the policy of each batch that began, and the batches that people only spoke of."""
    known: dict[str, str] = {}
    spoken = set()
    for record in records:
        said = _said(record)
        known |= {str(c["batch"]): str(c.get("policy")) for c in _items(said.get("changes")) if "batch" in c}
        if record.what in {"approval", "denial"}:
            spoken.add(str(said.get("batch")))
    return known, frozenset(spoken - known.keys())
