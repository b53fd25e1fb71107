"""What a person at a terminal reads."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.model.action import Hold, Plan, Result
from agent.model.finding import Difference, Verdict
from agent.model.policy import Mode
from agent.report.listing import MOST_LISTED, MOST_REASONS
from agent.report.terminal import STYLES, lines, styled
from tests.report.reading import unsafe
from tests.report.riverton import DAYS
from tests.report.runs import (
    KEYS,
    TITLES,
    batch,
    busy_morning,
    failed_repair,
    finding,
    hostile,
    many,
    notes,
    outcomes,
    run,
    seen,
    three_fixed,
    tripwire_held,
    unread,
)

SHRANK = "The list of devices (google) shrank from 4740 to 2370 since the last good look."
INVENTORY = "There is no inventory/hosts.yml, so no hosts are looked at."


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
    assert text.endswith("Checked 5 of 5 servers. 35 checks in line, 5 out of line on 5 servers, 5 changes held.")


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


def test_thousands_of_findings_are_capped_under_each_rule_and_the_rest_is_counted() -> None:
    shown = lines(many(5000), 200)
    assert sum("✗" in line for line in shown) == 5 * MOST_LISTED
    assert sum("    and 990 more (--all lists them)" in line for line in shown) == 5
    assert len(shown) < 100
    planned = lines(replace(many(5000), command="plan"), 200)
    assert sum("    and 990 more (`driftbell check --all` lists them)" in line for line in planned) == 5


def test_one_more_than_the_cap_is_listed_and_all_when_asked_for() -> None:
    for count, listed in ((MOST_LISTED, MOST_LISTED), (MOST_LISTED + 1, MOST_LISTED + 1), (40, MOST_LISTED)):
        a_run = run(findings=tuple(finding("HOST-01", f"host/web{n}", KEYS) for n in range(count)))
        assert sum("✗" in line for line in lines(a_run)) == listed
        assert sum("✗" in line for line in lines(a_run, all_findings=True)) == count
    assert sum("✗" in line for line in lines(many(5000), 200, all_findings=True)) == 5000


def test_thousands_that_could_not_be_checked_are_a_line_for_each_reason() -> None:
    silent = tuple(unread(p, f"host/h{n:04d}", f"h{n:04d} is silent") for p in TITLES for n in range(1000))
    other = tuple(unread("HOST-01", f"host/x{n:04d}", "needs root") for n in range(3))
    marked = [line for line in lines(run(findings=silent + other), 200) if "?" in line]
    assert marked == [
        f"  ? 1,000 servers (h0000, h0001, h0002, h0003, h0004 and 995 more): it is silent ({', '.join(TITLES)}).",
        "  ? 3 servers (x0000, x0001, x0002): needs root (HOST-01).",
    ]
    assert "h0999" in shown(run(findings=silent), 200, all_findings=True)


def test_reasons_that_all_differ_are_capped_too() -> None:
    odd = tuple(unread("HOST-01", f"host/h{n}", f"line {n} is odd") for n in range(3000))
    text = shown(run(findings=odd), 200)
    assert text.count("  ? ") == MOST_REASONS
    assert f"    and {3000 - MOST_REASONS:,} more reasons (--all lists them)" in text
    assert shown(run(findings=odd), 200, all_findings=True).count("  ? ") == 3000


def test_what_a_reason_quotes_is_told_on_a_screen_alone() -> None:
    why = 'the cell says "ask Zoe in room 12" and z@riverton.example'
    a_run = run(
        findings=(unread("HOST-01", "host/web1", why),),
        seen=(replace(seen(), notes=(f"The note: {why}",)), replace(seen(), trouble=why)),
        warnings=("A value expires.",),
    )
    mailed, screen = shown(a_run, 200), shown(a_run, 200, screen=True)
    assert "Zoe" not in mailed
    assert "z@" not in mailed
    assert "  ? web1: the cell says (not shown) and (not shown) (HOST-01)." in mailed
    assert '  ? web1: the cell says "ask Zoe in room 12" and z@riverton.example (HOST-01).' in screen


def test_the_last_line_counts_checks_and_things_and_is_green_only_where_all_was_seen() -> None:
    last = styled(many(5000), 200)[-1]
    assert last.text.endswith("15,000 checks in line, 5,000 out of line on 1,000 servers.")
    assert styled(run())[-1].style == "good"
    assert styled(run(seen=(replace(seen(), proven=False),)))[-1].style == "title"


def test_the_gravest_warning_stands_first() -> None:
    found = [line for line in lines(run(warnings=(INVENTORY, SHRANK))) if line.startswith("Warning")]
    assert found[0].startswith("Warning: The list of devices")
    assert len(found) == 2


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
