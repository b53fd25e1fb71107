"""What reports say of trust: who is asked, what goes out step by step, what is frozen, taken back, and in doubt."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from agent.model.action import Hold, Plan, Result
from agent.model.finding import Counts
from agent.model.kind import Risk
from agent.model.policy import Mode
from agent.model.rollout import Progress, Ring, RolloutNote
from agent.model.run import Answering
from agent.model.window import Freeze
from agent.report.document import document
from agent.report.drift import drift_report
from agent.report.html import html
from agent.report.terminal import lines
from agent.report.text import text
from tests.report.reading import Visible, section, titles
from tests.report.runs import AT, KEYS, asks, batch, busy_morning, finding, notes, outcomes, run, tripwire

if TYPE_CHECKING:
    from agent.model.run import Run

SITES = {"east": "East High", "west": "West High"}
ASKED = Answering(("A. Example", "B. Example for C. Example"), 72.0)


def answered(**changes: object) -> Run:
    return replace(calm_morning(), answering=replace(ASKED, **changes))  # type: ignore[arg-type]


def calm_morning() -> Run:
    """One decision, and nothing else."""
    found = (finding("HOST-06", "host/files1", KEYS, days=2),)
    wanted = batch("HOST-06", found)
    modes = notes(host_06=Mode.PROPOSE)
    return run(policies=modes, findings=found, plan=Plan((wanted,), (asks(wanted),)))


def lead(a_run: Run) -> str:
    return section(drift_report(a_run), "Needs your decision").lead


def test_a_decision_names_who_is_asked_and_for_how_long_a_yes_counts() -> None:
    said = lead(answered())
    assert "Asked: A. Example and B. Example for C. Example." in said
    assert "It counts for 3 days." in said
    assert "driftbell deny NUMBER --why REASON" in said
    assert "driftbell approve" in text(answered())
    assert "Asked: A, B and 2 others." in lead(answered(people=("A", "B", "C", "D")))
    assert "Nobody who may say yes is there today." in lead(answered(people=()))


def test_what_nobody_answers_for_three_staff_days_is_said_and_that_nothing_changed() -> None:
    assert "Nobody answered" not in lead(answered())
    asking = calm_morning().plan.batches[0].digest
    late = answered(late=(asking,))
    assert "Nobody answered one of these for over 3 staff days: nothing changed." in lead(late)
    assert "nothing changed" in " ".join(" ".join(lines(late, 200)).split())
    assert document(late)["answering"] == {
        "people": list(ASKED.people), "yes_lasts_hours": 72.0, "unanswered": [asking],
    }  # fmt: skip


def test_on_a_busy_day_too_it_says_who_is_asked_and_what_nobody_answered() -> None:
    asking = busy_morning().plan.batches[0].digest
    a_run = replace(busy_morning(), answering=replace(ASKED, late=(asking,)))
    assert "Asked: A. Example and B. Example for C. Example." in lead(a_run)
    assert "nothing changed" in lead(a_run)
    assert len(text(a_run).split()) <= 250


def test_the_terminal_and_the_document_have_the_three_answers() -> None:
    digest = busy_morning().plan.batches[0].digest.removeprefix("sha256:")[:12]
    shown = "\n".join(lines(busy_morning(), 100))
    for command in (f"approve {digest}", f"deny {digest} --why REASON", f"apply --plan {digest}"):
        assert f"      $ driftbell {command}\n" in shown
    found = document(busy_morning())["plan"]["batches"]  # type: ignore[index]
    assert found[0]["answers"]["yes"] == f"driftbell approve {digest}"
    assert "answers" not in found[-1], "nothing holds it"


def test_what_destroys_is_approved_and_never_carried_out_by_one_word() -> None:
    wanted = replace(batch("HOST-06", [finding("HOST-06", "host/files1", KEYS)]), risk=Risk.DESTRUCTIVE)
    modes = notes(host_06=Mode.PROPOSE)
    a_run = run(policies=modes, plan=Plan((wanted,), (asks(wanted),)))
    assert "apply --plan" not in "\n".join(line for line in lines(a_run, 100) if line.lstrip().startswith("$"))
    assert "at_once" not in document(a_run)["plan"]["batches"][0]["answers"]  # type: ignore[index]
    assert "driftbell approve" in text(a_run)


def rolled(progress: Progress, ring: Ring = Ring.SITE, **changes: object) -> Run:
    """Twenty hosts of which a rollout has changed four, at one school."""
    found = tuple(finding("HOST-01", f"host/web{n}", KEYS, site="east") for n in range(16))
    wanted = batch("HOST-01", found)
    said = "Wanted to change 16 hosts. Ring 2 of 3: only West High is changed, and 16 wait until that is confirmed."
    if progress is Progress.HALTED:
        said = "Wanted to change 16 hosts. Its rollout was halted in ring 2 of 3: 1 of 4 changes was not confirmed."
    hold = Hold("rings", wanted.digest, (), said, "time")
    note = RolloutNote(
        "HOST-01", "ansible.playbook", ring, progress, "host/db1", "west", 4, 16, AT + timedelta(hours=1)
    )
    return run(
        policies=notes(host_01=Mode.ENFORCE), counts=Counts(in_line=4, out_of_line=16), findings=found,
        plan=Plan((wanted,), (hold,)), rollouts=(replace(note, **changes),), sites=SITES,
    )  # type: ignore[arg-type]  # fmt: skip


def test_a_rollout_is_one_line_and_what_waits_for_its_turn_is_no_stop() -> None:
    found = drift_report(rolled(Progress.RUNNING))
    (item,) = section(found, "Step by step").items
    assert item.said == "Step 2 of 3 (trial school West High): 4 changed, 16 wait; watched until today 07:30."
    assert "Held for safety" not in titles(rolled(Progress.RUNNING))
    first = drift_report(rolled(Progress.RUNNING, Ring.ONE, until=None))
    assert section(first, "Step by step").items[0].said == "Step 1 of 3 (one first: db1): 4 changed, 16 wait."


def test_a_halted_rollout_stands_with_what_is_held_and_only_there() -> None:
    a_run = rolled(Progress.HALTED)
    assert "Step by step" not in titles(a_run)
    (item,) = section(drift_report(a_run), "Held for safety").items
    assert "halted in ring 2 of 3" in item.said
    assert "Halted in step 2 of 3 after 4 changes; 16 wait." in " ".join(" ".join(lines(a_run, 200)).split())


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress.PASSED, "Went through all 3 steps; from now on only its limits hold it."),
        (Progress.ABANDONED, "Given up by amy in step 2 of 3; nothing more is changed by it."),
    ],
)
def test_the_end_of_a_rollout_is_told_once(progress: Progress, words: str) -> None:
    (item,) = section(drift_report(rolled(progress, by="amy")), "Step by step").items
    assert item.said == words


def test_the_document_has_rollouts_and_freezes() -> None:
    freeze = Freeze("east", "Spring testing", AT.date(), AT.date(), "policies/calendars/east.yaml:9:5")
    found = document(replace(rolled(Progress.RUNNING), freezes=(freeze,)))
    (note,) = found["rollouts"]  # type: ignore[misc]
    assert (note["policy"], note["ring"], note["progress"], note["waiting"]) == ("HOST-01", "site", "running", 16)
    (told,) = found["freezes"]  # type: ignore[misc]
    assert (told["site"], told["first"], told["last"]) == ("east", "2025-10-14", "2025-10-14")


def test_days_without_changes_stand_at_the_foot() -> None:
    def foot(*freezes: Freeze) -> str:
        return " ".join(drift_report(run(freezes=freezes, sites=SITES)).footer)

    today = AT.date()
    coming = Freeze("east", "Spring testing", today + timedelta(days=5), today + timedelta(days=9))
    assert "Next days without changes: Oct 19 to Oct 23, Spring testing, at East High." in foot(coming)
    both = (coming, replace(coming, site="west"))
    assert "Spring testing, at 2 sites." in foot(*both)
    now = Freeze("", "The board meets", today, today + timedelta(days=1), everywhere=True)
    assert "No changes until Oct 15: The board meets, everywhere." in foot(coming, now)
    assert "without changes" not in foot()


def test_what_was_sent_says_by_when_it_is_to_be_confirmed() -> None:
    wanted = batch("HOST-01", [finding("HOST-01", "host/web1", KEYS)])
    sent = [replace(o, until=AT + timedelta(hours=3)) for o in outcomes(wanted, Result.PENDING)]
    a_run = run(policies=notes(host_01=Mode.ENFORCE), plan=Plan((wanted,)), outcomes=tuple(sent))
    (item,) = section(drift_report(a_run), "Sent, waiting to be confirmed").items
    assert item.said == "Sent to server web1 at east, to be confirmed by today 09:30."
    assert "success" not in (text(a_run) + html(a_run)).lower()


def test_what_was_taken_back_is_neither_fixed_nor_failed() -> None:
    wanted = batch("HOST-01", [finding("HOST-01", "host/web1", KEYS)])
    a_run = run(policies=notes(host_01=Mode.ENFORCE), plan=Plan((wanted,)), outcomes=outcomes(wanted, Result.REVERTED))
    assert section(drift_report(a_run), "Taken back").items[0].said == "As it was before, on server web1 at east."
    assert not {"Tried, but not fixed", "Fixed and confirmed"} & set(titles(a_run))


def test_a_test_that_fails_beside_a_confirmed_change_is_said() -> None:
    wanted = batch("HOST-01", [finding("HOST-01", "host/web1", KEYS)])
    done = [replace(o, opinion="test_login: no key works", opinion_failed=True) for o in outcomes(wanted)]
    a_run = run(policies=notes(host_01=Mode.ENFORCE), plan=Plan((wanted,)), outcomes=tuple(done))
    (item,) = section(drift_report(a_run), "Your own tests disagree").items
    assert item.said == "Fixed and confirmed on server web1, and yet a test fails."
    assert item.notes == ("test_login: no key works.",)
    assert "Your own tests say otherwise: test_login: no key works." in "\n".join(lines(a_run, 100))
    agreed = replace(a_run, outcomes=tuple(replace(o, opinion_failed=False) for o in done))
    assert "Your own tests disagree" not in titles(agreed)


def test_what_keeps_changing_back_is_one_question() -> None:
    found = tuple(finding("HOST-01", f"host/web{n}", KEYS) for n in range(3))
    wanted = batch("HOST-01", found)
    holds = tuple(
        Hold(
            "quarantine", wanted.digest, (f.resource,),
            f"{f.resource} keeps changing back: HOST-01 put it right 3 times since 2025-10-12 08:00, and each time "
            "somebody else changed it again. There: puppet (pid 411) as root wrote it last. "
            f"Who else sets sshd.permitrootlogin on {f.resource.partition('/')[2]}?",
            "ending one of the two or making them agree, then `driftbell resume HOST-01`",
        )
        for f in found
    )  # fmt: skip
    a_run = run(policies=notes(host_01=Mode.ENFORCE), findings=found, plan=Plan((wanted,), holds))
    (item,) = section(drift_report(a_run), "Held for safety").items
    assert "Who else sets sshd.permitrootlogin on web0?" in item.said
    assert "puppet" in item.said
    assert "The same for 2 more." in item.said


def test_all_of_it_at_once_fits_a_page() -> None:
    asking = batch("HOST-06", [finding("HOST-06", "host/files1", KEYS, days=9)])
    a_run = rolled(Progress.RUNNING)
    wanted = batch("HOST-08", [finding("HOST-08", f"host/lab{n}", KEYS) for n in range(9)])
    full = replace(
        a_run,
        policies=notes(host_01=Mode.ENFORCE, host_06=Mode.PROPOSE, host_08=Mode.ENFORCE),
        plan=Plan((*a_run.plan.batches, asking, wanted), (*a_run.plan.holds, asks(asking), tripwire(wanted, 5))),
        answering=replace(ASKED, late=(asking.digest,)),
        freezes=(Freeze("east", "Spring testing", AT.date(), AT.date()),),
    )
    assert "nothing changed" in lead(full).lower()
    assert len(text(full).split()) <= 250
    assert len(Visible(html(full)).words) <= 250
