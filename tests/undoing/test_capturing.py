"""What is needed to undo is kept before anything is written; what cannot be read is not written to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from agent.enforce import Hands, enforce
from agent.ledger.books.captures import KEPT
from agent.ledger.store import open_ledger
from agent.model.action import Plan, Written
from agent.model.capture import Capture, FileBefore
from agent.model.ports import Clearance
from agent.model.reading import Unknown
from tests.decide.build import policy, repository
from tests.ledger import nouns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from agent.ledger.store import LedgerStore
    from agent.model.action import Action
    from agent.model.policy import Repository

NAMES = b"\0\xff"


@dataclass
class Writer:
    """Writes nothing; at each call it notes what the journal and the captures hold."""

    ledger: LedgerStore
    blind: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()  # whom nobody can read again afterwards
    calls: list[tuple[str, int, int]] = field(default_factory=list)
    wrote: list[str] = field(default_factory=list)

    def note(self, what: str) -> None:
        intents = [i.id for i in self.ledger.unfinished()]
        self.calls.append((what, len(intents), sum(self.ledger.captures.of(i) is not None for i in intents)))

    def capture(
        self, _repository: Repository, actions: Sequence[Action], _clearance: Clearance
    ) -> Mapping[str, Capture | Unknown]:
        self.note("capture")
        return {
            a.resource: Unknown("its disk is full") if a.resource in self.blind else there(a.resource) for a in actions
        }

    def reread(
        self, _repository: Repository, kept: Mapping[str, Capture], _clearance: Clearance
    ) -> Mapping[str, Capture | Unknown]:
        self.note("reread")
        return {r: Unknown("silent") if r in self.silent else replace(c, files=()) for r, c in kept.items()}

    def enforce(
        self, _repository: Repository, actions: Sequence[Action], _started: Callable[[int], None], _c: Clearance
    ) -> Mapping[str, Written]:
        self.note("write")
        self.wrote += [a.resource for a in actions]
        return {a.resource: Written(a.resource, "changed 1 task", ran=True) for a in actions}


def there(resource: str) -> Capture:
    return Capture(resource, nouns.START, files=(FileBefore("/\udcff", "file", content=NAMES, digest="d"),))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[LedgerStore]:
    with open_ledger(tmp_path / "ledger.db") as opened:
        opened.begin("r1", "run", "c0ffee", nouns.START)
        yield opened


def written(writer: Writer, moved: Sequence[str] = ("", "")) -> dict[str, Written]:
    answers = iter(moved)
    hands = Hands(
        {"ansible": writer}, writer.ledger, Clearance(lambda: ""), lambda: nouns.START, lambda _r: next(answers)
    )
    actions = tuple(nouns.action(f"host/{h}", "P-01") for h in ("a", "b"))
    plan = Plan((replace(nouns.batch("a", *actions), policy="P-01"),))
    attempts = enforce(hands, repository(policy()), "r1", plan)
    return {a.action.resource: a.written for a in attempts}


def test_it_is_journalled_then_kept_then_written_then_read_again(ledger: LedgerStore) -> None:
    writer = Writer(ledger)
    assert all(w.ran for w in written(writer).values())
    assert writer.calls == [("capture", 2, 0), ("write", 2, 2), ("reread", 2, 2)]
    first = ledger.unfinished()[0]
    kept = ledger.captures.of(first.id)
    assert kept is not None
    assert kept.files == there("host/a").files  # bytes and names that are no UTF-8 survive
    assert kept.fields == {d.field: d.observed for d in nouns.action().differences}
    assert ledger.captures.after(first.id) == replace(kept, files=())


def test_what_cannot_be_read_is_not_written_to_and_the_others_are(ledger: LedgerStore) -> None:
    writer = Writer(ledger, blind=frozenset({"host/a"}))
    told = written(writer)
    assert writer.wrote == ["host/b"]
    assert not told["host/a"].ran
    assert told["host/a"].said == "not written to: what is needed to undo it could not be read (its disk is full)"
    assert told["host/b"].ran


def test_what_nobody_can_read_again_is_written_and_its_after_is_not_known(ledger: LedgerStore) -> None:
    writer = Writer(ledger, silent=frozenset({"host/a"}))
    assert all(w.ran for w in written(writer).values())
    a, b = ledger.unfinished()
    assert ledger.captures.after(a.id) is None
    assert ledger.captures.after(b.id) is not None


def test_a_playbook_that_changed_while_it_was_rehearsed_is_not_run(ledger: LedgerStore) -> None:
    writer = Writer(ledger)
    told = written(writer, ("", "not run: the playbooks changed since they were loaded"))
    assert writer.wrote == []
    assert {w.said for w in told.values()} == {"not run: the playbooks changed since they were loaded"}


def test_no_run_writes_where_the_switch_was_thrown_while_it_was_rehearsed(ledger: LedgerStore) -> None:
    writer = Writer(ledger, blind=frozenset({"host/a", "host/b"}))  # what a stopped rehearsal gives
    written(writer)
    assert [what for what, *_ in writer.calls] == ["capture"]


def test_contents_of_files_are_not_kept_for_ever(ledger: LedgerStore) -> None:
    old, late = nouns.START, nouns.START + KEPT + timedelta(days=1)
    (first,) = ledger.intend("r1", [("sha256:a", nouns.action())], old)
    ledger.captures.keep([first], [there("host/a")])
    (second,) = ledger.intend("r1", [("sha256:b", nouns.action())], late)
    assert ledger.captures.of(first) is not None
    ledger.captures.keep([second], [replace(there("host/a"), at=late)])
    assert ledger.captures.of(first) is None
    assert ledger.captures.of(second) is not None
