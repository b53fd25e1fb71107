"""What a cycle makes of people's words: which batches stand, what a no still names, and what is used up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from agent import consenting
from agent.bootstrap.believing import port
from agent.consenting import Carried
from agent.decide.consents import digest_of
from agent.model.action import Batch, Hold, Plan
from agent.model.approval import Approval, Word
from agent.model.kind import Risk
from agent.systems.ssh_signature.keys import fingerprint
from tests.approvals.ground import DIGEST, NOW, Ground, public, statement
from tests.guards.build import action, batch, policy

if TYPE_CHECKING:
    import pytest

    from agent.model.finding import Difference
    from agent.model.policy import Repository


def there(server: Ground) -> Repository:
    return replace(server.repository, policies=(policy(),))


def made(server: Ground, *hosts: str, risk: Risk = Risk.REVERSIBLE) -> Batch:
    """Give a batch with the digest that it has, kept by the ledger."""
    plain = batch(*(action(h) for h in hosts), risk=risk)
    real = replace(plain, digest=digest_of(there(server), plain, plain.actions))
    server.ledger.store_batches([real], NOW)
    return real


def say(server: Ground, of: Batch, word: Word = Word.APPROVE, who: str = "sam", **changes: Any) -> None:
    key = fingerprint(public(server.folder / who))
    said = Approval(of.digest, who, word, NOW - timedelta(hours=1), NOW + timedelta(days=1), "no", key)
    assert server.ledger.approvals.add(replace(said, statement=f"{who}{word}{of.digest}", **changes))


def standing(server: Ground) -> list[str]:
    return [b.digest for b in consenting.standing(port(server.settings), server.ledger, there(server), NOW)]


def test_what_stands_is_approved_by_a_word_that_counts_and_nobody_is_against(server: Ground) -> None:
    good, bad, denied = made(server, "a"), made(server, "b"), made(server, "c")
    say(server, good)
    say(server, bad, until=NOW)
    say(server, denied)
    say(server, denied, Word.DENY, "dora")
    assert standing(server) == [good.digest]


def test_what_was_said_no_to_stays_so_when_another_row_joins(server: Ground) -> None:
    before, now = made(server, "a", "b"), made(server, "a", "b", "new")
    say(server, before, Word.DENY)
    said = consenting.consented(port(server.settings), server.ledger, there(server), Plan((now,)), NOW)
    (refused,) = said[now.digest].refused
    assert refused.resources == ("host/a", "host/b")
    assert refused.digest == before.digest
    assert "Sam Example (sam) said no" in refused.why


def test_a_no_outlives_another_playbook_and_another_reading_and_ends_where_something_else_is_wanted(
    server: Ground,
) -> None:
    before = made(server, "a", "b")
    say(server, before, Word.DENY)
    edited = replace(there(server), policies=(policy(digest="other"),), playbooks_digest="other")

    def refused(*differences: Difference) -> tuple[str, ...]:
        now = replace(
            before, digest="sha256:new", actions=tuple(replace(a, differences=differences) for a in before.actions)
        )
        said = consenting.consented(port(server.settings), server.ledger, edited, Plan((now,)), NOW)
        return said[now.digest].refused[0].resources if said else ()

    (same,) = before.actions[0].differences
    assert refused(replace(same, observed="something else")) == ("host/a", "host/b")
    assert refused(replace(same, expected="something else")) == ()


def test_what_destroys_is_not_approved_any_more_when_a_row_has_gone(server: Ground) -> None:
    whole = made(server, "a", "b", risk=Risk.DESTRUCTIVE)
    say(server, whole)
    say(server, whole, who="dora")

    def approved(plan: Plan) -> set[str]:
        said = consenting.consented(port(server.settings), server.ledger, there(server), plan, NOW)
        return set(said[whole.digest].approved)

    assert approved(Plan((whole,))) == {"sam", "dora"}
    assert approved(Plan((replace(whole, actions=whole.actions[:1]),))) == set()


def test_only_what_is_about_to_begin_is_used_up(server: Ground) -> None:
    begins, waits = made(server, "a"), made(server, "b")
    server.ledger.begin("run-1", "run", "c0ffee", NOW)
    for one in (begins, waits):
        say(server, one)
    freeze = Hold("freeze", waits.digest, (), "", "")
    consenting.use_up(server.ledger, Plan((begins, waits), (freeze,)), "run-1")
    assert standing(server) == [waits.digest]


def test_an_approval_that_does_not_count_is_told_once_for_its_plan(server: Ground) -> None:
    one = made(server, "a")
    say(server, one, until=NOW)
    approving = port(server.settings)
    (told,) = consenting.unheeded(approving, server.ledger, there(server), Plan((one,)), NOW)
    assert "(HOST-01) the approval by Sam Example (sam) does not count: it expired" in told
    assert consenting.unheeded(approving, server.ledger, there(server), Plan((made(server, "z"),)), NOW) == ()


def test_what_is_committed_is_taken_in_once_and_never_stops_a_run(
    server: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [Carried("approvals/a", server.sent(statement())), Carried("approvals/b", "", "it is no text")]
    approving = replace(port(server.settings), carried=lambda _r: files)

    def taken() -> tuple[str, ...]:
        return consenting.take_carried(approving, server.ledger, server.repository, NOW)

    monkeypatch.setenv("PATH", "/nonexistent")
    without = taken()
    assert "approvals/a counts for nothing: The program ssh-keygen is not installed" in without[0]
    assert not server.ledger.approvals.of(DIGEST)
    monkeypatch.undo()
    assert taken() == ("approvals/b counts for nothing: it is no text.",)
    assert taken() == ("approvals/b counts for nothing: it is no text.",)
    assert len(server.ledger.approvals.of(DIGEST)) == 1
