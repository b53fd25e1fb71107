"""A signed statement counts once, for what it says, by whoever signed it; everything else is refused with why."""

from __future__ import annotations

import operator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from agent.bootstrap.believing import port
from agent.decide import statements
from agent.errors import InputError, UnseenError
from agent.model.approval import Word
from agent.systems.ssh_signature.keys import fingerprint
from agent.systems.ssh_signature.program import readable, sign
from tests.approvals.ground import DIGEST, KINDS, NOW, Ground, key, public, statement

if TYPE_CHECKING:
    from agent.model.approval import Statement

REFUSED = yaml.safe_load(
    (Path(__file__).parents[1] / "cases" / "approvals" / "refused.yaml").read_text(encoding="utf-8")
)


def said(case: dict[str, Any]) -> Statement:
    changes: dict[str, Any] = {k: case[k] for k in ("by", "district") if k in case}
    changes |= {k: NOW + timedelta(hours=case[k]) for k in ("at", "until") if k in case}
    return statement(word=Word(case.get("word", "approve")), **changes)


def sent(server: Ground, case: dict[str, Any]) -> str:
    text = statements.written(said(case))
    armor = sign(text, server.folder / case.get("signed_by", "sam"), case.get("namespace", statements.NAMESPACE))
    whole = text if case.get("unsigned") else armor if case.get("only_signature") else text + armor
    before, after = case.get("edit", ("", ""))
    assert before in whole, "the case edits what is there"
    whole = "" if case.get("empty") else whole.replace(before, after, 1)
    return whole * (2 if case.get("twice") else 1) + case.get("behind", "")


@pytest.mark.parametrize("case", REFUSED, ids=operator.itemgetter("name"))
def test_what_is_not_right_is_refused_and_leaves_no_trace(server: Ground, case: dict[str, Any]) -> None:
    taken = server.take(sent(server, case))
    assert case["said"] in taken.refused
    assert taken.approval is None
    assert list(server.ledger.approvals.of(DIGEST)) == []


def test_as_it_should_be_it_is_taken_in(server: Ground) -> None:
    taken = server.take(sent(server, {}))
    assert not taken.refused
    (kept,) = server.ledger.approvals.of(DIGEST)
    assert kept == taken.approval
    assert (kept.who, kept.word, kept.why, kept.batch) == ("sam", Word.APPROVE, "all back", DIGEST)
    assert kept.key == fingerprint(public(server.folder / "sam"))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_key_signs(server: Ground, kind: str) -> None:
    taken = server.take(server.sent(statement(), f"sam-{kind}"))
    assert taken.approval is not None
    assert taken.approval.key == fingerprint(public(server.folder / f"sam-{kind}"))


def test_mail_may_write_its_lines_in_its_own_way(server: Ground) -> None:
    assert server.take(sent(server, {}).replace("\n", "\r\n") + "\r\n\r\n").approval is not None


def test_a_replay_is_refused_whatever_became_of_it_and_whichever_key_signs_it_anew(server: Ground) -> None:
    first = sent(server, {})
    assert server.take(first).approval is not None
    assert "was taken in before" in server.take(first).refused
    anew = server.sent(statement(), "sam-ecdsa")  # the same nine lines, signed once more
    assert "was taken in before" in server.take(anew).refused
    server.ledger.begin("run-7", "run", "c0ffee", NOW)
    server.ledger.approvals.use(DIGEST, "run-7")
    again = server.take(first)
    assert "the run run-7 used it up" in again.refused
    assert again.before is not None
    assert again.before.used_by == "run-7"
    assert len(server.ledger.approvals.of(DIGEST)) == 1
    assert server.take(server.sent(statement(nonce="1" * 32))).approval is not None, "a new one is another one"


def test_a_statement_ends_when_the_district_says(server: Ground) -> None:
    taken = server.take(server.sent(statement(until=NOW + timedelta(days=300))))
    assert taken.approval is not None
    assert taken.approval.until == NOW - timedelta(hours=1) + timedelta(days=3)


def test_where_no_keys_are_set_no_signature_proves_anything(server: Ground) -> None:
    without = replace(server, settings=replace(server.settings, approvers={}))
    assert "name no keys" in without.take(sent(server, {})).refused


def test_keys_that_count_are_those_that_are_not_revoked(server: Ground) -> None:
    assert fingerprint(public(server.folder / "lost")) not in port(server.settings).keys["sam"]
    assert len(port(server.settings).keys["sam"]) == 4


def test_without_ssh_keygen_nothing_is_taken_in(server: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    text = sent(server, {})
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(UnseenError, match="openssh-client"):
        server.take(text)


def test_a_key_with_a_passphrase_and_nobody_to_ask_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = key(tmp_path, "locked", passphrase="correct horse")
    monkeypatch.setenv("SSH_ASKPASS", "/bin/false")
    monkeypatch.setenv("SSH_ASKPASS_REQUIRE", "force")
    with pytest.raises(InputError, match="did not sign"):
        sign("x", path, statements.NAMESPACE)
    with pytest.raises(InputError, match="did not sign"):
        sign("x", tmp_path / "nowhere", statements.NAMESPACE)


def test_ssh_keygen_says_which_keys_it_can_read(server: Ground) -> None:
    good = public(server.folder / "sam-rsa")
    assert readable(good)
    assert not readable(f"{good[:60]} cut")
