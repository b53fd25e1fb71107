"""What a person at a terminal reads."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.model.action import Hold, Plan, Result
from agent.model.finding import Difference, Verdict
from agent.model.policy import Mode
from agent.report.terminal import STYLES, lines, styled
from tests.report.reading import unsafe
from tests.report.riverton import DAYS
from tests.report.runs import (
    KEYS,
    batch,
    busy_morning,
    failed_repair,
    finding,
    hostile,
    many,
    notes,
    outcomes,
    run,
    three_fixed,
    tripwire_held,
)


def shown(*arguments: object, **options: object) -> str:
    return "\n".join(lines(*arguments, **options))  # type: ignore[arg-type]


@pytest.mark.parametrize("morning", DAYS)
@pytest.mark.parametrize("width", [20, 80, 132])
def test_every_line_fits_and_is_plain(morning: str, width: int) -> None:
    found = styled(DAYS[morning](), width)
    assert {line.style for line in found} <= set(STYLES)
    for line in found:
        assert not unsafe(line.text)
        assert "\n" not in line.text
        assert len(line.text) <= max(width, 40) or line.text.lstrip().startswith("$ ")


def test_findings_stand_under_their_rule_with_its_place_and_since() -> None:
    text = shown(busy_morning(), 120)
    assert "HOST-06  Only the people on the list have accounts that may become root." in text
    assert "    critical · ask first · policies/hosts/host-06.yaml:1:1" in text
    assert "  ✗ files1: group.sudo.members is [guest, ops] and should be [ops], since Oct 12." in text
    assert text.index("HOST-06  Only") < text.index("HOST-03  Software") < text.index("HOST-07  Servers")


def test_what_could_not_be_checked_is_one_line_for_each_reason() -> None:
    text = shown(busy_morning(), 200)
    assert "  ? backup1: timed out (HOST-01, HOST-02, HOST-03, HOST-04, HOST-05, HOST-06, HOST-07, HOST-08)." in text


def test_the_plan_names_digest_number_risk_holds_and_what_lifts_them() -> None:
    wanted = tripwire_held().plan.batches[0]
    digest = wanted.digest.removeprefix("sha256:")[:12]
    text = shown(tripwire_held(), 120)
    assert f"  {digest}  HOST-01 runs playbooks/ssh.yml on 5 servers (web1, web2, web3, web4, web5): may" in text
    assert "Held (tripwire): Wanted to change 5 hosts. The limit for one run is 2, so none were changed." in text
    assert "What lifts it: checking why there are so many, then your yes." in text
    assert f"      $ driftbell apply --plan {digest}" in text
    assert text.endswith("Checked 5 of 5 servers. 35 in line, 5 out of line, 5 changes held.")


def test_a_batch_that_is_partly_held_says_how_much_can_run() -> None:
    wanted = tripwire_held().plan.batches[0]
    touch = Hold("never touch", wanted.digest, ("host/web1",), "web1 is never touched.", "nothing")
    assert "4 of 5 changes can run." in shown(replace(tripwire_held(), plan=Plan((wanted,), (touch,))))


def test_in_audit_a_hold_is_not_shown_as_one() -> None:
    text = shown(replace(tripwire_held(), policies=notes()))
    assert "Held" not in text
    assert "held" not in text


def test_outcomes_say_what_was_read_before_and_after() -> None:
    text = shown(three_fixed(), 200)
    assert "web1  HOST-07: fixed and confirmed (sysctl.net.ipv4.ip_forward: 1\xa0→\xa00)." in text
    text = shown(failed_repair(), 200)
    assert "  web1  HOST-01: not fixed." in text
    assert "      sshd.permitrootlogin was yes and is still yes, should be no" in text
    assert "      the repair itself said: changed=1." in text


def test_what_is_in_line_is_listed_only_when_asked_for() -> None:
    fine = replace(finding("HOST-01", "host/web9"), verdict=Verdict.IN_LINE, sentence="web9: as it should be.")
    assert "web9" not in shown(run(in_line=(fine,)))
    assert "  ✓ web9: as it should be." in shown(run(in_line=(fine,)), all_findings=True)


def test_an_exception_is_no_finding() -> None:
    shielded = replace(finding("HOST-01", "host/web9", KEYS), verdict=Verdict.EXCEPTED)
    assert "  ~ web9: sshd.permitrootlogin is yes and should be no. There is an exception." in shown(
        run(findings=(shielded,)), 120
    )


def test_every_finding_is_listed_however_many() -> None:
    assert sum("✗" in line for line in lines(many(5000), 200)) == 5000


def test_warnings_and_the_kill_switch_are_said() -> None:
    text = shown(run(warnings=("A value expires.",), stopped="fire drill"))
    assert "Warning: A value expires." in text
    assert "All changes are stopped: fire drill." in text


def test_sensitive_readings_are_not_shown() -> None:
    secret = Difference("user.root.hash", "wanted-hash", "stolen-hash", sensitive=True)
    out = replace(finding("HOST-06", "host/web1", secret), sentence="web1: stolen-hash.")
    wanted = batch("HOST-06", [out])
    conflict = Hold("conflict", wanted.digest, (), "One wants wanted-hash.", "agreeing")
    for result in Result:
        a_run = run(
            policies=notes(host_06=Mode.ENFORCE),
            findings=(out,),
            plan=Plan((wanted,), (conflict,)),
            outcomes=outcomes(wanted, result, why="is stolen-hash", said="wanted-hash"),
        )
        text = shown(a_run, all_findings=True)
        assert "-hash" not in text
        assert "user.root.hash" in text


def test_hostile_names_are_written_out() -> None:
    text = shown(hostile(), 200)
    assert "\\x1b[31mred\\x1b[0m" in text
    assert "web\\nBcc: everyone@riverton.example" in text
    assert "<script>alert(1)</script>" in text
