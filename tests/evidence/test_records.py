"""What is recorded of each change, in the transaction of the change itself; and what is never recorded."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from agent.model.action import Result
from agent.model.approval import Approval, Word
from agent.model.books import Reversal
from agent.model.capture import Capture, FileBefore, ServiceBefore
from agent.model.evidence import Grounds, PolicyText
from agent.model.finding import Difference
from agent.model.provenance import Belief
from agent.model.window import Override
from agent.secrets import MASK
from tests.evidence.deeds import GROUNDS, TEXT, bodies, by_hand, change, kinds, looked
from tests.ledger.nouns import HOUR, START, action, digest, outcome, run, said

if TYPE_CHECKING:
    from pathlib import Path

    from agent.ledger.store import LedgerStore


def test_a_change_says_by_what_right_it_is_made(ledger: LedgerStore) -> None:
    ledger.beliefs.keep(Belief("c0ffee", "/srv/policies", START, author="Ada <ada@x.example>", signed="amy"))
    until = START + 3 * HOUR
    yes = Approval(digest(), "director", Word.APPROVE, START, until, "it is right", "SHA256:abc", "s" * 64)
    assert ledger.approvals.add(yes)
    assert ledger.approvals.add(said(digest("b"), "somebody", START))
    intent = change(ledger)
    assert kinds(ledger) == ["begun", "revision", "approval", "approval", "policy", "intended", "outcome"]
    (one,) = bodies(ledger, "intended")
    assert one["run"] == "r1"
    assert one["rules"] == {
        "revision": "c0ffee", "source": "/srv/policies", "author": "Ada <ada@x.example>", "committed": "2026-10-01",
        "signer": "amy",
    }  # fmt: skip
    assert one["policies"] == {"HOST-01": {"digest": "d" * 64, "file": "policies/hosts/HOST-01.yaml", "record": 5}}
    (word,) = one["words"]  # of this batch alone
    assert (word["who"], word["word"], word["key"], word["statement"]) == (
        "director",
        "approve",
        "SHA256:abc",
        "s" * 64,
    )
    assert (word["at"], word["until"], word["why"]) == (START.isoformat(), until.isoformat(), "it is right")
    (deed,) = one["changes"]
    assert (deed["intent"], deed["batch"], deed["resource"], deed["verb"]) == (
        intent, digest(), "host/web1", "ansible.playbook"
    )  # fmt: skip
    assert deed["arguments"]["playbook"] == "playbooks/ssh.yml"
    assert deed["before"] == [{"field": "sshd.permitrootlogin", "expected": "no", "seen": "yes"}]


def test_the_text_of_a_policy_stands_once_a_year(ledger: LedgerStore) -> None:
    for days in (0, 1, 364, 366, 367):
        change(ledger, START + timedelta(days=days))
    texts = bodies(ledger, "policy")
    assert [t["text"] for t in texts] == [TEXT, TEXT]
    assert texts[0]["sha256"] == hashlib.sha256(TEXT.encode()).hexdigest()
    first, second = (r.number for r in ledger.evidence.records() if r.what == "policy")
    named = [b["policies"]["HOST-01"]["record"] for b in bodies(ledger, "intended")]
    assert named == [first, first, first, second, second]


def test_another_text_another_digest_or_another_file_is_another_record(ledger: LedgerStore) -> None:
    base = GROUNDS.texts["HOST-01"]
    for one in (base, replace(base, text="x"), replace(base, digest="e" * 64), replace(base, file="other.yaml")):
        change(ledger, grounds=replace(GROUNDS, texts={"HOST-01": one}))
    assert kinds(ledger).count("policy") == 4


def test_an_outcome_says_what_the_second_look_saw(ledger: LedgerStore) -> None:
    (intent,) = ledger.intend("r1", [(digest(), action())], START, GROUNDS)
    after = (Difference("sshd.permitrootlogin", "no", "maybe"),)
    failed = replace(outcome(action(), Result.FAILED), after=after, why="it is still out of line")
    ledger.settle([intent], [failed], START + HOUR)
    (one,) = bodies(ledger, "outcome")
    assert one["outcomes"] == [{
        "intent": intent, "policy": "HOST-01", "resource": "host/web1", "result": "failed", "said": "changed",
        "after": [{"field": "sshd.permitrootlogin", "expected": "no", "seen": "maybe"}],
        "why": "it is still out of line",
    }]  # fmt: skip


def test_what_was_there_is_recorded_by_hashes_and_never_by_contents(ledger: LedgerStore) -> None:
    (intent,) = ledger.intend("r1", [(digest(), action())], START, GROUNDS)
    public = FileBefore("/etc/motd", "file", "0644", "root", "root", b"hello sailor", digest="a" * 64)
    private = FileBefore("/etc/app.conf", "file", "0600", "root", "root", b"password=tiger", digest="b" * 64)
    fields = {"sshd.permitrootlogin": "the field's own"}
    there = Capture(
        "host/web1", START, fields, (public, private), services=(ServiceBefore("ssh", "enabled", running=True),)
    )
    ledger.captures.keep([intent], [there])
    ledger.captures.leave([intent], [replace(there, files=(replace(public, digest="c" * 64, content=None),))])
    before, after = bodies(ledger, "captured"), bodies(ledger, "left")
    (kept,) = before[0]["there"]
    assert [f.get("sha256") for f in kept["files"]] == ["a" * 64, None]  # a secret's own hash can be guessed at
    assert kept["services"] == [{"name": "ssh", "enabled": "enabled", "running": True}]
    assert after[0]["there"][0]["files"][0]["sha256"] == "c" * 64
    everything = str(bodies(ledger))
    assert "sailor" not in everything
    assert "tiger" not in everything


def test_nothing_secret_is_recorded(ledger: LedgerStore) -> None:
    hidden = Difference("var.access_token", "wanted-t0ken", "read-t0ken", sensitive=True)
    arguments = {"vars": {"db_password": "s3cret-s3cret", "list": ["read-t0ken"], "pin": 7}}
    one = replace(action(), arguments=arguments, differences=(hidden,))
    (intent,) = ledger.intend("r1", [(digest(), one)], START, GROUNDS)
    told = replace(outcome(one), before=(hidden,), after=(hidden,), why="it reads read-t0ken", said="wanted-t0ken!")
    ledger.settle([intent], [told], START)
    everything = str(bodies(ledger))
    assert [w for w in ("wanted-t0ken", "read-t0ken", "s3cret-s3cret") if w in everything] == []
    assert bodies(ledger, "intended")[0]["changes"][0]["arguments"]["vars"] == {
        "db_password": MASK, "list": [MASK], "pin": 7
    }  # fmt: skip


def test_what_people_say_is_recorded_once_each(ledger: LedgerStore) -> None:
    yes, no = said(digest(), "amy", START), replace(said(digest(), "bob", START), word=Word.DENY, why="not now")
    assert ledger.approvals.add(yes)
    assert not ledger.approvals.add(yes)
    assert ledger.approvals.add(no)
    freeze = Override("o1", ("east",), "amy", "the roof leaks", START, START + HOUR)
    ledger.overrides.keep(freeze)
    ledger.overrides.keep(replace(freeze, ended_by="bob", ended_at=START + HOUR / 2))
    intent = change(ledger)
    ledger.reversals.keep([Reversal(intent, "HOST-01", "host/web1", "d", "r2", "amy", START, action())])
    assert kinds(ledger) == [
        "begun", "approval", "denial", "override", "override", "policy", "intended", "outcome", "undo"
    ]  # fmt: skip
    assert bodies(ledger, "denial")[0] | {"salt": ""} == {
        "batch": digest(), "who": "bob", "word": "deny", "at": START.isoformat(), "why": "not now", "salt": ""
    }  # fmt: skip
    assert bodies(ledger, "override")[1]["ended_by"] == "bob"
    assert bodies(ledger, "undo")[0]["changes"] == [{"intent": intent, "policy": "HOST-01", "resource": "host/web1"}]


def test_a_revision_is_recorded_when_it_is_accepted_or_refused_and_not_at_every_look(ledger: LedgerStore) -> None:
    good = Belief("c1", "https://x", START, author="Ada", signed="amy")
    for one in (good, replace(good, at=START + HOUR), replace(good, commit="c2", why="it is not signed", signed="")):
        ledger.beliefs.keep(one)
    assert kinds(ledger) == ["begun", "revision", "refused"]
    assert bodies(ledger, "refused")[0]["why"] == "it is not signed"


def test_the_kill_switch_is_recorded_when_it_comes_on_and_when_it_goes_off(ledger: LedgerStore) -> None:
    for number, stopped in enumerate(["", "amy stopped everything.", "amy stopped everything.", "", ""]):
        ledger.begin(f"s{number}", "run", "c0ffee", START)
        ledger.finish(replace(run(f"s{number}"), stopped=stopped), 0)
    assert kinds(ledger) == ["begun", "stopped", "resumed"]
    assert bodies(ledger, "stopped")[0]["run"] == "s1"


def test_a_run_ends_whatever_somebody_put_into_the_record_of_the_switch(ledger: LedgerStore, path: Path) -> None:
    ledger.finish(replace(run("r1"), stopped="amy stopped everything."), 0)
    for number, body in enumerate(["'nonsense'", "'[]'", "NULL"]):
        by_hand(path, f"UPDATE evidence SET body = {body} WHERE what = 'stopped'")  # ruff: ignore[hardcoded-sql-expression] - a test's own
        ledger.begin(f"s{number}", "run", "c0ffee", START)
        ledger.finish(replace(run(f"s{number}"), stopped="amy stopped everything."), 0)
    assert kinds(ledger).count("stopped") == 4


def test_a_look_that_changes_nothing_records_nothing(ledger: LedgerStore) -> None:
    ledger.finish(run("r1"), 0)
    assert kinds(ledger) == []
    assert ledger.evidence.seal(START) is None


def test_an_older_ledger_begins_its_chain_with_what_was_there_before(ledger: LedgerStore, path: Path) -> None:
    change(ledger)
    with closing(sqlite3.connect(path)) as opened, opened:  # as before migration 0006
        opened.execute("DELETE FROM evidence")
    change(ledger)
    begun = bodies(ledger, "begun")[0]
    assert (begun["runs_before"], begun["last_intent_before"]) == (1, 1)


def test_journal_and_evidence_are_there_together_or_not_at_all(
    ledger: LedgerStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (intent,) = ledger.intend("r1", [(digest(), action())], START, GROUNDS)
    before = kinds(ledger)

    def cut(*_: object, **__: object) -> None:
        msg = "the power went"
        raise OSError(msg)

    with monkeypatch.context() as patched:
        patched.setattr("agent.ledger.evidence.chain._append", cut)
        for act in (
            lambda: ledger.intend("r1", [(digest(), action("host/web2"))], START, GROUNDS),
            lambda: ledger.settle([intent], [outcome(action())], START),
            lambda: ledger.approvals.add(said(digest(), "amy", START)),
            lambda: ledger.beliefs.keep(Belief("c1", "x", START)),
            lambda: ledger.captures.keep([intent], [Capture("host/web1", START)]),
            lambda: ledger.overrides.keep(Override("o1", (), "amy", "", START, START)),
            lambda: ledger.finish(replace(run("r1"), stopped="x"), 0),
        ):
            with pytest.raises(OSError, match="the power went"):
                act()
    assert [i.resource for i in ledger.unfinished()] == ["host/web1"]
    assert (ledger.approvals.of(digest()), ledger.captures.of(intent), ledger.overrides.all()) == ((), None, ())
    assert (ledger.beliefs.newest("x"), ledger.last_run()) == ((), None)
    assert kinds(ledger) == before
    # And the other way round: what the journal refuses leaves no evidence.
    with pytest.raises(ValueError, match="is not about"):
        ledger.settle([intent], [outcome(action("host/other"))], START)
    assert kinds(ledger) == before
    ledger.settle([intent], [outcome(action())], START)
    ledger.evidence.seal(START)
    assert looked(path).troubles == ()


def test_texts_of_any_sort_are_recorded_and_verify(ledger: LedgerStore, path: Path) -> None:
    odd = "host/\ud800\x00\u2028ä\x1a"
    texts = {"HOST-01": PolicyText("d", "policies/\udcff.yaml", "\ud800\x00 \u202e")}
    change(ledger, resource=odd, grounds=Grounds(GROUNDS.revision, texts))
    ledger.evidence.seal(START)
    assert looked(path).troubles == ()
    assert bodies(ledger, "intended")[0]["changes"][0]["resource"] == odd
