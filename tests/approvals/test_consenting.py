"""What a cycle makes of people's words: which batches stand, what a no still names, and what is used up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from agent import consenting
from agent.bootstrap.believing import port
from agent.consenting import Carried
from agent.decide.consents import digest_of, divided
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
    return [s.batch.digest for s in consenting.standing(port(server.settings), server.ledger, there(server), NOW)]


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


def begin(server: Ground, of: Batch, *hosts: str, run: str = "run-1") -> None:
    """Journal what a run begins of a batch, as it does before it writes."""
    if not server.ledger.knows(run):
        server.ledger.begin(run, "run", "c0ffee", NOW)
    server.ledger.intend(run, [(of.digest, a) for a in of.actions if a.resource.partition("/")[2] in hosts], NOW)


def planned(server: Ground, *hosts: str) -> dict[str, list[str]]:
    """Give how a fresh plan for hosts is divided by what was approved, and of each part whether it is approved."""
    approving, now = port(server.settings), made(server, *hosts)
    standing = consenting.standing(approving, server.ledger, there(server), NOW)
    plan = divided(there(server), Plan((now,)), standing)
    said = consenting.consented(approving, server.ledger, there(server), plan, NOW)
    approved = {digest for digest, one in said.items() if one.approved}
    return {
        word: [a.resource.partition("/")[2] for b in plan.batches if (b.digest in approved) is yes for a in b.actions]
        for word, yes in (("yes", True), ("no", False))
    }


def test_an_approval_stands_for_each_row_until_it_was_begun_once(server: Ground) -> None:
    one = made(server, "a", "b", "c")
    say(server, one)
    assert planned(server, "a", "b", "c") == {"yes": ["a", "b", "c"], "no": []}
    begin(server, one, "b")
    assert planned(server, "a", "c") == {"yes": ["a", "c"], "no": []}  # it is done
    assert planned(server, "a", "b", "c") == {"yes": ["a", "c"], "no": ["b"]}  # it failed, or came back
    begin(server, one, "a", "c")
    assert planned(server, "a", "b", "c") == {"yes": [], "no": ["a", "b", "c"]}
    assert standing(server) == []
    consenting.close(server.ledger, Plan((one,)), "run-1")
    assert [w.used_by for w in server.ledger.approvals.of(one.digest)] == ["run-1"]


def test_while_rows_are_left_an_approval_is_not_used_up(server: Ground) -> None:
    one = made(server, "a", "b")
    say(server, one)
    begin(server, one, "a")
    consenting.use_up(server.ledger, Plan((one,)), "run-1")
    consenting.close(server.ledger, Plan((one,)), "run-1")
    assert [w.used_by for w in server.ledger.approvals.of(one.digest)] == [""]


def test_a_later_word_stands_for_what_was_begun_before_it(server: Ground) -> None:
    one = made(server, "a", "b")
    say(server, one)
    begin(server, one, "a", "b")
    say(server, one, who="dora")
    assert planned(server, "a", "b") == {"yes": ["a", "b"], "no": []}
    begin(server, one, "a", run="run-2")
    assert planned(server, "a", "b") == {"yes": ["b"], "no": ["a"]}


def test_what_another_batch_began_on_a_host_takes_nothing_off(server: Ground) -> None:
    one, other = made(server, "a", "b"), made(server, "a", "x")
    say(server, one)
    begin(server, other, "a")
    assert planned(server, "a", "b") == {"yes": ["a", "b"], "no": []}


def test_of_what_destroys_only_what_is_about_to_begin_is_used_up_and_at_once(server: Ground) -> None:
    begins, waits = made(server, "a", "c", risk=Risk.DESTRUCTIVE), made(server, "b", risk=Risk.DESTRUCTIVE)
    server.ledger.begin("run-1", "run", "c0ffee", NOW)
    for one in (begins, waits):
        say(server, one)
    freeze = Hold("freeze", waits.digest, (), "", "")
    later = Hold("rings", begins.digest, ("host/c",), "", "")
    consenting.use_up(server.ledger, Plan((begins, waits), (freeze, later)), "run-1")
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
