"""The life of findings in a real ledger: cases in tests/cases/ledger/findings.yaml, and what they cost."""

from __future__ import annotations

from itertools import starmap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from sqlalchemy import func, select

from agent.ledger.tables import metadata
from agent.model.finding import Closed, Verdict
from agent.model.ports import Judged
from tests.ledger.nouns import HOUR, NOTHING_FIXED, START, difference, finding, judged, run, sweep

if TYPE_CHECKING:
    from agent.ledger.store import LedgerStore
    from agent.model.ports import Changes

CASES = yaml.safe_load((Path(__file__).parents[1] / "cases" / "ledger" / "findings.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[c["name"] for c in CASES])
def test_the_life_of_a_finding(ledger: LedgerStore, case: dict[str, Any]) -> None:
    for number, look in enumerate(case["looks"], start=1):
        fixed = frozenset(_pair(text) for text in look.get("fixed", ()))
        words = list(starmap(_judged, look["policies"].items()))
        changes = ledger.record_findings("r1", START + number * HOUR, words, fixed)
        _compare(ledger, look, changes)


def _compare(ledger: LedgerStore, look: dict[str, Any], changes: Changes) -> None:
    if "opened" in look:
        assert sorted(changes.opened) == sorted(_pair(t) for t in look["opened"])
    if "closed" in look:
        assert {(c.policy, c.resource): c.how.value for c in changes.closed} == _by_pair(look["closed"])
    if "open" in look:
        wanted = {pair: {"suspended": "", **what} for pair, what in _by_pair(look["open"]).items()}
        assert _open(ledger) == wanted


def _judged(policy: str, said: dict[str, Any]) -> Judged:
    verdicts = {"out": Verdict.OUT_OF_LINE, "excepted": Verdict.EXCEPTED, "unknown": Verdict.UNKNOWN}
    found = [
        finding(policy, resource, what, verdict)
        for word, verdict in verdicts.items()
        for resource, what in said.get(word, {}).items()
    ]
    scope = frozenset(f.resource for f in found) | frozenset(said.get("in_line", ()))
    known = scope | frozenset(said.get("elsewhere", ()))
    return Judged(policy, tuple(found), scope, known, said.get("proven", True))


def _open(ledger: LedgerStore) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (o.policy, o.resource): {
            "since": (o.since - START) // HOUR,
            "observed": o.differences[0].observed,
            "suspended": o.suspended,
        }
        for o in ledger.open_findings()
    }


def _pair(text: str) -> tuple[str, str]:
    policy, resource = text.split()
    return policy, resource


def _by_pair(texts: dict[str, Any]) -> dict[tuple[str, str], Any]:
    return {_pair(text): what for text, what in texts.items()}


def test_two_systems_of_one_kind_are_one_policy(ledger: LedgerStore) -> None:
    both = [judged("P", finding("P", "a")), judged("P", finding("P", "b"))]
    assert len(ledger.record_findings("r1", START, both, NOTHING_FIXED).opened) == 2
    assert ledger.record_findings("r1", START + HOUR, both, NOTHING_FIXED).closed == ()

    half = [judged("P", proven=False), judged("P", finding("P", "a"))]
    for hours, words in enumerate((half, half[::-1]), start=2):
        assert ledger.record_findings("r1", START + hours * HOUR, words, NOTHING_FIXED).closed == ()
        assert [bool(o.suspended) for o in ledger.open_findings()] == [False, True]


def test_a_closing_tells_site_and_since(ledger: LedgerStore) -> None:
    ledger.record_findings("r1", START, [judged("P", finding("P", "a", site="west"))], NOTHING_FIXED)
    ledger.record_findings("r1", START + HOUR, [judged("P", finding("P", "a", site="north"))], NOTHING_FIXED)
    (closing,) = ledger.record_findings("r1", START + 2 * HOUR, [], NOTHING_FIXED).closed
    assert (closing.site, closing.since, closing.how) == ("north", START, Closed.POLICY_REMOVED)


def test_open_findings_are_oldest_first_and_can_be_narrowed(ledger: LedgerStore) -> None:
    ledger.record_findings("r1", START, [judged("P", finding("P", "b"))], NOTHING_FIXED)
    later = [judged("P", finding("P", "b"), finding("P", "a")), judged("O", finding("O", "b"))]
    ledger.record_findings("r1", START + HOUR, later, NOTHING_FIXED)
    assert [(o.policy, o.resource) for o in ledger.open_findings()] == [("P", "b"), ("O", "b"), ("P", "a")]
    assert [o.resource for o in ledger.open_findings("P")] == ["b", "a"]
    assert [o.policy for o in ledger.open_findings(resource="b")] == ["P", "O"]
    assert [(o.policy, o.resource) for o in ledger.open_findings("O", "b")] == [("O", "b")]
    assert ledger.open_findings("nobody") == ()


def test_the_history_tells_every_opening_and_what_changed(ledger: LedgerStore) -> None:
    steps = [
        finding("P", "a", "yes"),
        finding("P", "a", "maybe"),
        finding("P", "a", "no answer", Verdict.UNKNOWN),
        finding("P", "a", "still no answer", Verdict.UNKNOWN),
        finding("P", "a", "maybe"),
    ]
    for number, step in enumerate(steps):
        ledger.record_findings("r1", START + number * HOUR, [judged("P", step)], NOTHING_FIXED)
    end = START + 5 * HOUR
    ledger.record_findings("r1", end, [judged("P", also=frozenset("a"))], frozenset({("P", "a")}))
    ledger.record_findings("r1", end + HOUR, [judged("P", finding("P", "a", "again"))], NOTHING_FIXED)

    second, first = ledger.past.episodes("P", "a")
    assert (first.opened.since, first.closed, first.how) == (START, end, Closed.FIXED)
    assert [(s.until - START, s.differences[0].observed, s.suspended) for s in first.stances] == [
        (HOUR, "yes", ""),
        (2 * HOUR, "maybe", ""),
        (4 * HOUR, "maybe", "still no answer"),
    ]
    assert (second.opened.since, second.closed, second.how, second.stances) == (end + HOUR, None, None, ())
    assert second.opened.differences == (difference("again"),)
    assert ledger.past.episodes("P", "b") == ()


def test_an_unchanged_run_costs_one_row_and_in_line_costs_none(ledger: LedgerStore) -> None:
    everyone = frozenset(f"host/{n}" for n in range(500))
    found = [finding("P", f"host/{n}") for n in range(5)] + [finding("P", "host/9", "silent", Verdict.UNKNOWN)]
    look = sweep({resource: {"os.name": "Debian"} for resource in sorted(everyone)})
    counted = []
    for number in range(2, 5):
        name, at = f"r{number}", START + number * HOUR
        ledger.begin(name, "run", "c0ffee", at)
        ledger.record_sweep(name, look, ())
        ledger.remember_identities(look.identities, at)
        ledger.accept_population("host", 500, at)
        ledger.record_findings(name, at, [judged("P", *found, also=everyone)], NOTHING_FIXED)
        ledger.finish(run(name, at), 1)
        counted.append(_rows(ledger))
    assert counted[0]["finding"] == 5
    assert counted[1] == {**counted[0], "run": counted[0]["run"] + 1}
    assert counted[2] == {**counted[1], "run": counted[1]["run"] + 1}


def _rows(ledger: LedgerStore) -> dict[str, int]:
    with ledger._database.reading() as connection:
        return {
            t.name: connection.execute(select(func.count()).select_from(t)).scalar_one() for t in metadata.sorted_tables
        }


def test_a_run_that_was_never_begun_is_a_bug(ledger: LedgerStore) -> None:
    with pytest.raises(LookupError, match="never begun"):
        ledger.record_findings("r9", START, [judged("P", finding("P", "a"))], NOTHING_FIXED)
    assert ledger.open_findings() == ()
