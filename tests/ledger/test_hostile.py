"""Whatever a host, a key or a person writes comes back as the same text, and nothing else happens."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import inspect

from agent.model.finding import Verdict
from agent.model.policy import Revision
from tests.ledger import strategies
from tests.ledger.nouns import (
    HOUR,
    NOTHING_FIXED,
    START,
    action,
    batch,
    difference,
    digest,
    finding,
    judged,
    letter,
    outcome,
    run,
    said,
    spent,
    sweep,
)

if TYPE_CHECKING:
    from agent.ledger.store import LedgerStore

TEXTS = {
    "sql": "'; DROP TABLE finding; --",
    "shell": "$(reboot)",
    "jinja": "{{ 7*7 }}",
    "html": "<script>alert(1)</script>",
    "newline": "a\r\nBcc: everyone",
    "nul": "a\x00b",
    "surrogate": "caf\udce9",
    "pair of surrogates": "\ud83d\ude00",
    "mark": "\x1a0000 \x1a",
    "percent": "%_%",
    "long": "x" * 1_000_000,
    "empty": "",
    "bidi": "\u202etxt.exe",
}
every = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)


@every
def test_in_findings(ledger: LedgerStore, text: str) -> None:
    found = replace(finding("P", text, site=text), policy=text, differences=(replace(difference(text), expected=text),))
    changes = ledger.record_findings("r1", START, [judged(text, found)], NOTHING_FIXED)
    assert changes.opened == ((text, text),)
    assert ledger.record_findings("r1", START + HOUR, [judged(text, found)], NOTHING_FIXED).opened == ()
    silent = finding(text, text, text or "-", Verdict.UNKNOWN, site=text)
    ledger.record_findings("r1", START + HOUR, [judged(text, silent)], NOTHING_FIXED)
    (opened,) = ledger.open_findings(text, text)
    assert (opened.differences, opened.suspended, opened.since) == (found.differences, text or "-", START)
    (closing,) = ledger.record_findings("r1", START, [judged(text, also=frozenset([text]))], NOTHING_FIXED).closed
    assert (closing.policy, closing.resource, closing.site) == (text, text, text)
    _whole(ledger)


@every
def test_in_plans_and_intents(ledger: LedgerStore, text: str) -> None:
    asked = replace(action(text, policy=text), verb=text, arguments={text: [text]})
    ledger.store_batches([batch("a", asked)], START)
    assert ledger.batch(digest("a")) == batch("a", asked)
    ledger.approvals.add(said(digest("a"), text, START))
    assert ledger.approvals.of(digest("a"))[0].who == text
    ids = ledger.intend("r1", [(digest(), asked)], START)
    (intent,) = ledger.unfinished()
    assert (intent.policy, intent.resource, intent.verb) == (text, text, text)
    assert ledger.asked(ids[0]) == asked
    assert spent(ledger, text, START) == 1
    came = replace(outcome(asked, said=text), why=text, after=(difference(text, field=text),))
    ledger.settle(ids, [came], START)
    assert ledger.outcomes(text, text) == ((START, came),)
    _whole(ledger)


@every
def test_in_runs_letters_and_identities(ledger: LedgerStore, text: str) -> None:
    name = f"run {text}"
    ledger.begin(name, text, text, START)
    told = replace(run(name), district=text, stopped=text, warnings=(text,), revision=Revision(text, text))
    ledger.finish(told, 0)
    assert ledger.last_run(name) == ledger.last_run() == told
    sent = replace(letter(text), subject=text, recipients=(text,))
    assert ledger.spool.put(sent)
    assert not ledger.spool.put(sent)
    ledger.spool.postponed(text, text, START)
    assert ledger.spool.waiting() == (replace(sent, attempts=1, next_attempt=START, last_error=text),)
    ledger.spool.delivered(text, START)
    assert ledger.spool.waiting() == ()
    ledger.remember_identities({text: text}, START)
    assert ledger.identities() == {text: text}
    _whole(ledger)


@every
def test_in_sweeps(ledger: LedgerStore, text: str) -> None:
    look = sweep({"host/a": {"os.name": text}}, unseen={text: text})
    ledger.record_sweep("r1", replace(look, membership=text, identities={text: text}), ())
    last = ledger.last_sweep("host")
    assert last is not None
    assert (last.unseen, last.membership, last.identities) == (look.unseen, text, {text: text})
    assert last.table.reading("host/a", "os.name") == look.table.reading("host/a", "os.name")
    _whole(ledger)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(strategies.text, strategies.text)
def test_two_texts_are_one_only_if_they_are_the_same(ledger: LedgerStore, one: str, other: str) -> None:
    ledger.record_findings("r1", START, [], NOTHING_FIXED)
    pair = [judged(one, finding(one, "a"))] + ([judged(other, finding(other, "a"))] if one != other else [])
    ledger.record_findings("r1", START, pair, NOTHING_FIXED)
    assert {o.policy for o in ledger.open_findings()} == {one, other}
    assert [o.policy for o in ledger.open_findings(other)] == [other]


def _whole(ledger: LedgerStore) -> None:
    with ledger._database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert inspect(connection).has_table("finding")
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
