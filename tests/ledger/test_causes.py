"""Causes in a real ledger: kept with every turn, short, and given back as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.model.cause import Because, Cause, Edition, Moved
from agent.model.comparison import Stand
from agent.model.finding import Difference, Finding, Verdict
from agent.secrets import MASK
from tests.ledger.nouns import HOUR, NOTHING_FIXED, START, finding, judged, run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from agent.ledger.store import LedgerStore
    from agent.model.cause import Turn

FIELD = "sshd.permitrootlogin"
REALITY = Cause(Because.REALITY, Stand.IN_LINE, (Moved(FIELD, "no", "yes"),))


def always(cause: Cause) -> Callable[[Sequence[Turn]], Mapping[tuple[str, str], Cause]]:
    return lambda turns: {(t.policy, t.resource): cause for t in turns}


def test_each_turn_keeps_its_cause(ledger: LedgerStore) -> None:
    asked: list[Turn] = []

    def note(turns: Sequence[Turn]) -> Mapping[tuple[str, str], Cause]:
        asked.extend(turns)
        return always(REALITY)(turns)

    ledger.record_findings("r1", START, [judged("P", finding("P", "a"))], NOTHING_FIXED, why=note)
    changed = Cause(Because.POLICY, Stand.OUT_OF_LINE)
    ledger.record_findings(
        "r1", START + HOUR, [judged("P", finding("P", "a", "maybe"))], NOTHING_FIXED, why=always(changed)
    )
    ended = Cause(Because.REALITY, Stand.OUT_OF_LINE, (Moved(FIELD, "maybe", "no"),))
    ledger.record_findings("r1", START + 2 * HOUR, [judged("P", also=frozenset("a"))], NOTHING_FIXED, why=always(ended))
    (episode,) = ledger.past.episodes("P", "a")
    assert (episode.cause, [s.cause for s in episode.stances], episode.ended) == (REALITY, [changed], ended)
    assert [(t.before, t.after is not None) for t in asked] == [(None, True)]


def test_a_turn_whose_cause_nobody_found_has_none(ledger: LedgerStore) -> None:
    ledger.record_findings("r1", START, [judged("P", finding("P", "a"))], NOTHING_FIXED)
    ledger.record_findings("r1", START + HOUR, [], NOTHING_FIXED)
    (episode,) = ledger.past.episodes("P", None)
    assert (episode.cause, episode.ended) == (None, None)


def test_what_is_sensitive_stays_masked_and_long_texts_are_cut(ledger: LedgerStore) -> None:
    secret = Difference("var.owner", "sha256:1", "sha256:2", sensitive=True)
    found = Finding("P", "a", "", Verdict.OUT_OF_LINE, (secret,), "")
    moved = (Moved("var.owner", MASK, MASK), Moved("file.content", "x" * 5000, "y"))
    why = always(Cause(Because.REALITY, Stand.IN_LINE, moved))
    ledger.record_findings("r1", START, [judged("P", found)], NOTHING_FIXED, why=why)
    (episode,) = ledger.past.episodes("P", "a")
    assert episode.cause is not None
    masked, long = episode.cause.moved
    assert masked == Moved("var.owner", MASK, MASK)
    assert len(long.before) == 80


def test_waivers_are_part_of_how_a_finding_stands(ledger: LedgerStore) -> None:
    plain = finding("P", "a")
    shielded = Finding("P", "a", "east", Verdict.EXCEPTED, plain.differences, "", waiver="W-1")
    for hours, one in enumerate((plain, shielded, shielded, plain)):
        ledger.record_findings("r1", START + hours * HOUR, [judged("P", one)], NOTHING_FIXED)
    (episode,) = ledger.past.episodes("P", "a")
    assert [(s.until - START, s.waiver) for s in episode.stances] == [(HOUR, ""), (3 * HOUR, "W-1")]
    assert not episode.opened.waiver


def test_versions_of_policies_cost_nothing_while_they_stay(ledger: LedgerStore) -> None:
    one, two = Edition("P", "1", "p.yaml"), Edition("P", "2", "p.yaml")
    other = Edition("Q", "1", "q.yaml")
    assert ledger.memory() is None
    for number, now in enumerate(([one, other], [one, other], [two, other], [two]), start=2):
        ledger.begin(f"r{number}", "run", f"rev{number}", START + number * HOUR)
        ledger.record_editions(f"r{number}", now)
        ledger.finish(run(f"r{number}", START + number * HOUR), 0)
    assert [(at - START, e.digest) for at, e in ledger.past.editions("P")] == [(2 * HOUR, "1"), (4 * HOUR, "2")]
    assert [(at - START, e.digest) for at, e in ledger.past.editions("Q")] == [(2 * HOUR, "1"), (5 * HOUR, "")]
    memory = ledger.memory()
    assert memory is not None
    assert (memory.run, memory.revision, memory.editions) == ("r5", "rev5", {"P": two})
    assert ledger.past.kept_since() == START + 2 * HOUR
