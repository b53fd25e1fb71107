"""The JSON document and the exit code. Source: DESIGN.md, "What other programs may rely on"."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from agent import __version__
from agent.model.action import Hold, Plan, Result
from agent.model.finding import Counts, Difference, Verdict
from agent.model.policy import Mode
from agent.model.sweep import Unseen
from agent.report.document import document, exit_code, stream
from tests.report.riverton import DAYS, dues, first_look, looked, person, tuesday
from tests.report.runs import (
    KEYS,
    all_unknown,
    asks,
    batch,
    busy_morning,
    failed_repair,
    finding,
    hostile,
    notes,
    outcomes,
    quiet_day,
    run,
    seen,
    three_fixed,
    tripwire,
    tripwire_held,
    unread,
)

if TYPE_CHECKING:
    from agent.model.run import Run


def read(a_run: Run, **options: bool) -> dict[str, Any]:
    """Give the document as another program gets it."""
    return cast("dict[str, Any]", json.loads(json.dumps(document(a_run, **options))))


@pytest.mark.parametrize("morning", DAYS)
def test_the_keys_are_those_of_the_design_on_every_day(morning: str) -> None:
    found = read(DAYS[morning]())
    assert list(found) == [
        "driftbell", "schema", "run", "revision", "at", "seen", "counts", "findings", "unknown", "plan", "outcomes",
        "due", "measures", "waiting", "waivers", "policies", "rollouts", "freezes", "answering",
    ]  # fmt: skip
    assert (found["driftbell"], found["schema"]) == (__version__, 1)
    assert set(found["counts"]) == {"in_line", "out_of_line", "unknown", "excepted", "not_yet"}
    assert set(found["plan"]) == {"batches", "actions", "holds"}
    for each in found["findings"]:
        assert set(each) >= {"policy", "resource", "site", "verdict", "differences", "since", "sentence"}
        assert each["verdict"] in {"out_of_line", "excepted"}
    for each in found["plan"]["batches"]:
        assert set(each) >= {"digest", "policy", "actions", "holds"}
    for each in found["outcomes"]:
        assert set(each) >= {"action", "resource", "outcome"}


def test_a_busy_day_in_full() -> None:
    found = read(busy_morning())
    assert found["at"] == "2025-10-14T11:30:00+00:00"
    assert found["seen"]["host"]["expected"] == 40
    assert found["seen"]["host"]["seen"] == 39
    assert found["seen"]["host"]["membership"] == "proven"
    assert found["counts"] == {"in_line": 298, "out_of_line": 14, "unknown": 8, "excepted": 0, "not_yet": 0}
    assert len(found["findings"]) == 14
    assert {u["resource"] for u in found["unknown"]} == {"host/backup1"}
    assert len(found["unknown"]) == 8
    assert len(found["plan"]["batches"]) == 6
    assert len(found["plan"]["actions"]) == sum(len(b["actions"]) for b in found["plan"]["batches"]) == 26
    assert [h["guard"] for h in found["plan"]["holds"]] == ["mode", "mode", "tripwire"]
    assert found["plan"]["batches"][0]["holds"] == found["plan"]["holds"][:1]
    assert {a["held"] for a in found["plan"]["batches"][0]["actions"]} == {True}
    assert {a["held"] for a in found["plan"]["batches"][3]["actions"]} == {False}
    assert {o["outcome"] for o in found["outcomes"]} == {"confirmed"}
    first = found["findings"][0]
    assert (first["policy"], first["resource"]) == ("HOST-03", "host/cafe-pos")
    assert first["differences"] == [{"field": "package.telnetd.installed", "expected": "false", "observed": "true"}]
    assert first["since"] == "2025-10-13T11:30:00+00:00"


def test_what_is_in_line_is_listed_only_when_asked_for() -> None:
    fine = replace(finding("HOST-01", "host/web9"), verdict=Verdict.IN_LINE, sentence="web9: as it should be.")
    a_run = run(in_line=(fine,))
    assert read(a_run)["findings"] == []
    assert [f["verdict"] for f in read(a_run, all_findings=True)["findings"]] == ["in_line"]


def test_a_finding_not_in_the_ledger_has_no_since() -> None:
    assert read(tripwire_held())["findings"][0]["since"] is None


def test_two_systems_of_one_kind_keep_their_names() -> None:
    both = (seen(3), replace(seen(4), system="winrm", proven=False, membership="the list broke off"))
    found = read(run(seen=both))["seen"]
    assert set(found) == {"host@ssh", "host@winrm"}
    assert found["host@winrm"]["membership"] == "not proven"


def test_one_outcome_per_resource_and_batch_and_the_worse_one_counts() -> None:
    done = three_fixed()
    failed = outcomes(done.plan.batches[0], Result.FAILED)
    twice = replace(done, outcomes=(*failed, *done.outcomes, *failed))
    found = read(twice)["outcomes"]
    assert len(found) == len(done.outcomes)
    assert [o["outcome"] for o in found].count("failed") == len(failed)


def test_sensitive_readings_are_nowhere_in_the_document() -> None:
    secret = Difference("user.root.hash", "$6$wanted$abc", "$6$stolen$xyz", sensitive=True)
    short = Difference("user.root.pin", "12", "34", sensitive=True)
    out = replace(finding("HOST-06", "host/web1", secret, short), sentence="web1: $6$stolen$xyz, 34.")
    wanted = batch("HOST-06", [out])
    action = replace(
        wanted.actions[0], arguments={"vars": {"hash": "$6$wanted$abc", "pin": 34, "list": ["$6$stolen$xyz"], "n": 7}}
    )
    wanted = replace(wanted, actions=(action,))
    hold = Hold("conflict", wanted.digest, (), "One wants $6$wanted$abc.", "agreeing")
    a_run = run(
        findings=(out,),
        plan=Plan((wanted,), (hold,)),
        outcomes=outcomes(wanted, Result.FAILED, why="still $6$stolen$xyz", said="set $6$wanted$abc"),
    )
    text = json.dumps(document(a_run, all_findings=True))
    assert "$6$" not in text
    assert '"34"' not in text
    assert ": 34" not in text
    assert '"n": 7' in text
    found = read(a_run)["findings"][0]
    assert found["differences"][0] == {"field": "user.root.hash", "expected": "********", "observed": "********"}
    assert "user.root.hash" in found["sentence"]


def test_hostile_text_stays_text() -> None:
    found = json.dumps(document(hostile()))
    assert found.isascii()
    assert "\x1b" not in found
    assert json.loads(found)["findings"][0]["policy"] == "HOST-01"


def proposed() -> Run:
    out = (finding("HOST-01", "host/web1", KEYS),)
    wanted = batch("HOST-01", out)
    return run(
        policies=notes(host_01=Mode.PROPOSE),
        counts=Counts(in_line=159, out_of_line=1),
        findings=out,
        plan=Plan((wanted,), (asks(wanted),)),
    )


def in_audit() -> Run:
    """A plan that only looks: were it not in audit, the tripwire would have held it."""
    held = tripwire_held()
    return replace(held, policies=notes())


def only_of_another() -> Run:
    """A hold that names a resource which the batch no longer has stops nothing."""
    held = tripwire_held()
    wanted = held.plan.batches[0]
    return replace(held, plan=Plan((wanted,), (Hold("never touch", wanted.digest, ("host/gone",), "x", "y"),)))


@pytest.mark.parametrize(
    ("a_run", "code"),
    [
        (quiet_day(), 0),
        (three_fixed(), 0),
        (tripwire_held(), 4),
        (proposed(), 4),
        (in_audit(), 1),
        (only_of_another(), 1),
        (failed_repair(), 1),
        (all_unknown(), 3),
        (busy_morning(), 4),
        (run(counts=Counts(in_line=1, excepted=3)), 0),
        (run(counts=Counts(out_of_line=1)), 1),
        (run(counts=Counts(unknown=1)), 3),
        (run(counts=Counts(out_of_line=9), findings=(unread("HOST-01", "host/web1", "x"),)), 3),
        (run(seen=(seen(20, [Unseen("host/web1", "x")]),)), 3),
        (run(seen=(replace(seen(20), proven=False),)), 3),
        (replace(three_fixed(), outcomes=outcomes(three_fixed().plan.batches[0], Result.PENDING)), 1),
        (replace(three_fixed(), outcomes=outcomes(three_fixed().plan.batches[0], Result.REVERTED)), 0),
        (run(plan=Plan((), (Hold("conflict", "", ("host/web1",), "x", "y"),))), 4),
        (run(stopped="Somebody said stop."), 0),
    ],
)
def test_exit_codes_in_the_order_of_the_design(a_run: Run, code: int) -> None:
    assert exit_code(a_run) == code


def test_a_hold_on_a_proposal_beside_something_unseen_is_still_a_hold() -> None:
    assert exit_code(replace(proposed(), counts=Counts(unknown=3, out_of_line=1))) == 4
    assert exit_code(replace(proposed(), plan=Plan((), ()))) == 1


def test_a_tripwire_is_one_hold_of_the_batch_it_names() -> None:
    wanted = tripwire_held().plan.batches[0]
    other = batch("HOST-02", [finding("HOST-02", "host/web1", KEYS)])
    found = read(replace(tripwire_held(), plan=Plan((wanted, other), (tripwire(wanted, 2),))))
    assert [len(b["holds"]) for b in found["plan"]["batches"]] == [1, 0]


@pytest.mark.parametrize("morning", DAYS)
@pytest.mark.parametrize("everything", [True, False])
def test_the_document_comes_piece_by_piece_too(morning: str, *, everything: bool) -> None:
    a_run = DAYS[morning]()
    pieces = list(stream(a_run, all_findings=everything))
    assert json.loads("".join(pieces)) == read(a_run, all_findings=everything)
    assert all(piece.isascii() for piece in pieces)


def test_a_long_document_is_never_one_piece() -> None:
    pieces = list(stream(first_look(20_000)))
    assert len(pieces) > 2_000
    assert max(map(len, pieces[20:2_000])) < 1_000


def test_what_is_due_measured_old_and_missing_is_in_the_document() -> None:
    found = read(tuesday())
    assert found["due"][0] == {
        "policy": "TIX-01", "resource": "ticket/4711", "site": "east", "at": "2025-10-14T19:30:00+00:00",
    }  # fmt: skip
    assert len(found["due"]) == len(dues())
    assert found["measures"][0] == {
        "name": "out of line",
        "now": 212,
        "before": 198,
        "since": "2025-10-06T11:30:00+00:00",
    }
    first = read(first_look())
    assert first["waiting"] == ["printer"]
    assert (first["seen"]["asset"]["stale"], first["seen"]["ticket"]["trouble"]) == (True, "it was not imported yet")
    assert first["measures"][0]["before"] is None
    noted = run(seen=(looked("asset", "assets", 3, notes=("Two rows were set aside.",)),))
    assert read(noted)["seen"]["asset"]["notes"] == ["Two rows were set aside."]


def test_the_document_is_the_full_list_and_names_everybody() -> None:
    assert person(0) in {f["resource"] for f in read(first_look())["findings"]}


@pytest.mark.parametrize(
    "a_run",
    [
        run(seen=(looked("asset", "assets", 3, stale=True),)),
        run(seen=(looked("asset", "assets", 0, trouble="it was not imported yet"),)),
        run(waiting=("printer",)),
    ],
)
def test_an_old_a_missing_and_an_idle_list_are_something_unseen(a_run: Run) -> None:
    assert exit_code(a_run) == 3
