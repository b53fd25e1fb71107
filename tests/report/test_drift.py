"""The sections of the drift report: what each says, and in which words. Source: REPORTS.md."""

from __future__ import annotations

from dataclasses import replace

from agent.decide.verdict import CUT_OFF, NOT_BEGUN
from agent.model.action import Hold, Plan, Result
from agent.model.finding import Closed, Counts, Difference
from agent.model.kind import Effect
from agent.model.policy import Mode
from agent.model.run import Closing
from agent.report.drift import drift_report
from agent.report.html import html
from agent.report.text import text
from tests.report.reading import section, titles
from tests.report.runs import (
    AT,
    BANNER,
    KEYS,
    TELNET,
    TITLES,
    asks,
    batch,
    busy_morning,
    failed_repair,
    finding,
    notes,
    outcomes,
    run,
    tripwire,
    tripwire_held,
)


def test_a_decision_says_what_where_since_why_what_then_and_how() -> None:
    report = drift_report(busy_morning())
    found = section(report, "Needs your decision")
    assert found.lead == "Nothing changes without your yes."
    first = found.items[0]
    digest = busy_morning().plan.batches[0].digest
    assert first.title == "Only the people on the list have accounts that may become root"
    assert first.said == "Not so on 2 servers at east (files1, print1), since Oct 12."
    assert first.notes == ("A forgotten account is a way in.", "Runs playbooks/users.yml (may interrupt work).")
    assert first.detail == "HOST-06: group.sudo.members is [guest, ops], should be [ops]"
    assert first.command == f"driftbell approve {digest.removeprefix('sha256:')[:12]}"
    assert report.next_step == "driftbell plan"


def test_a_hold_says_what_was_wanted_the_limit_and_what_lifts_it() -> None:
    found = section(drift_report(tripwire_held()), "Held for safety").items[0]
    digest = tripwire_held().plan.batches[0].digest
    assert found.said == "Wanted to change 5 hosts. The limit for one run is 2, so none were changed."
    assert found.notes == ("What lifts it: checking why there are so many, then your yes.",)
    assert found.command == f"driftbell apply --plan {digest.removeprefix('sha256:')[:12]}"
    assert "sha256" not in text(tripwire_held())


def test_a_proposal_over_the_tripwire_is_one_decision_with_a_warning() -> None:
    out = [finding("HOST-01", f"host/web{n}", KEYS) for n in range(5)]
    wanted = batch("HOST-01", out)
    a_run = run(
        policies=notes(host_01=Mode.PROPOSE),
        counts=Counts(out_of_line=5),
        findings=tuple(out),
        plan=Plan((wanted,), (asks(wanted), tripwire(wanted, 2))),
    )
    assert titles(a_run) == ["Needs your decision"]
    notes_of = drift_report(a_run).sections[0].items[0].notes
    assert "Mind: Wanted to change 5 hosts. The limit for one run is 2, so none were changed." in notes_of
    assert drift_report(a_run).subject.startswith("1 needs you - ")


def test_a_yes_that_would_change_nothing_is_not_asked_for() -> None:
    out = [finding("HOST-01", f"host/web{n}", KEYS) for n in range(2)]
    wanted = batch("HOST-01", out)
    switch = Hold("kill switch", wanted.digest, (), "Everything is stopped: drill.", "`driftbell resume`")
    touch = Hold("never touch", wanted.digest, ("host/web0",), "web0 is never touched.", "nothing")
    base = run(policies=notes(host_01=Mode.PROPOSE), counts=Counts(out_of_line=2), findings=tuple(out))
    stopped = replace(base, plan=Plan((wanted,), (switch, asks(wanted))), stopped="drill")
    assert titles(stopped) == ["Held for safety"]
    partly = replace(base, plan=Plan((wanted,), (asks(wanted), touch)))
    assert titles(partly) == ["Needs your decision", "Held for safety"]
    assert drift_report(partly).sections[0].items[0].said == "Not so on server web1 at east."


def test_the_kill_switch_is_one_line_however_much_waits() -> None:
    batches = [batch(p, [finding(p, f"host/web{n}", KEYS) for n in range(3)]) for p in TITLES]
    holds = [Hold("kill switch", b.digest, (), f"Stopped. {n}", "`driftbell resume`") for n, b in enumerate(batches)]
    modes = {p.lower().replace("-", "_"): Mode.ENFORCE for p in TITLES}
    a_run = run(policies=notes(**modes), plan=Plan(tuple(batches), tuple(holds)), stopped="Somebody pulled the cord.")
    report = drift_report(a_run)
    assert report.verdict == "All changes are stopped: Somebody pulled the cord."
    assert report.subject.startswith("Stopped · 1 held - ")
    assert [i.said for i in section(report, "Held for safety").items] == [
        "Somebody pulled the cord. Changes to 3 servers under 8 rules wait."
    ]


def test_one_guard_on_a_hundred_resources_is_one_line() -> None:
    wanted = batch("HOST-01", [finding("HOST-01", f"host/web{n}", KEYS) for n in range(100)])
    holds = [
        Hold("retries", wanted.digest, (a.resource,), f"Tried {a.resource} 3 times, in vain.", "finding out why")
        for a in wanted.actions
    ]
    found = section(
        drift_report(run(policies=notes(host_01=Mode.ENFORCE), plan=Plan((wanted,), tuple(holds)))), "Held for safety"
    )
    assert [i.said for i in found.items] == ["Tried host/web0 3 times, in vain. The same for 99 more."]


def test_a_failure_shows_both_readings_and_what_the_playbook_claimed() -> None:
    report = drift_report(failed_repair())
    found = section(report, "Tried, but not fixed").items[0]
    assert found.said == "The repair did not work on server web1 at east."
    assert found.detail == "HOST-01: sshd.permitrootlogin was yes and is still yes, should be no"
    assert found.notes == ("The second look read the same value.", "The repair itself said: changed=1.")
    assert report.next_step == "driftbell explain HOST-01 host/web1"
    assert "success" not in text(failed_repair()).lower()


def test_what_the_kill_switch_ended_is_no_failure_and_says_what_was_cut_off_and_what_not_begun() -> None:
    done = failed_repair()
    cut, unbegun = (
        replace(done.outcomes[0], resource=f"host/web{n}", result=Result.STOPPED, why=why)
        for n, why in ((1, f"{CUT_OFF}; it is out of line"), (2, NOT_BEGUN))
    )
    report = drift_report(replace(done, outcomes=(cut, unbegun), stopped="a drill."))
    found = section(report, "Stopped").items
    assert [i.said for i in found] == ["Cut off on server web1 at east.", "Not begun on server web2."]
    assert report.verdict == "All changes are stopped: a drill."
    assert "did not work" not in report.lead


def test_a_failure_that_changed_something_else_says_so() -> None:
    done = failed_repair()
    other = replace(done.outcomes[0], after=(Difference(KEYS.field, "no", "prohibit-password"),))
    found = section(drift_report(replace(done, outcomes=(other,))), "Tried, but not fixed").items[0]
    assert found.detail == "HOST-01: sshd.permitrootlogin was yes and is prohibit-password, should be no"


def test_fixed_sent_and_told_are_never_mixed() -> None:
    one, two, three = (batch(p, [finding(p, "host/web1", KEYS)]) for p in ("HOST-01", "HOST-02", "HOST-03"))
    three = replace(three, effect=Effect.RAISES)
    a_run = run(
        plan=Plan((one, two, three)),
        outcomes=(*outcomes(one), *outcomes(two, Result.PENDING), *outcomes(three)),
    )
    report = drift_report(a_run)
    assert titles(a_run) == [
        "Fixed and confirmed", "Sent, waiting to be confirmed", "Reported onwards, and seen there",
    ]  # fmt: skip
    assert report.subject.startswith("1 fixed · 1 sent - ")
    assert (
        section(report, "Fixed and confirmed")
        .items[0]
        .detail.endswith("sshd.permitrootlogin: yes\N{NO-BREAK SPACE}→\N{NO-BREAK SPACE}no")
    )
    assert section(report, "Sent, waiting to be confirmed").items[0].said == "Sent to server web1 at east."


def test_what_came_right_by_itself_is_not_called_fixed() -> None:
    closed = (
        Closing("HOST-01", "host/web1", "east", Closed.ITSELF, AT),
        Closing("HOST-02", "host/web1", "east", Closed.ITSELF, AT),
        Closing("HOST-01", "host/web2", "east", Closed.GONE, AT),
    )
    report = drift_report(run(closed=closed))
    assert [(s.title, s.lead) for s in report.sections] == [
        ("In line again by itself", "2 faults on 1 server, which we did not touch.")
    ]
    assert "fixed" not in report.subject


def test_one_cause_is_one_line() -> None:
    same = [finding("HOST-01", f"host/web{n}", KEYS) for n in range(300)]
    other = finding("HOST-01", "host/old", KEYS, TELNET)
    found = section(drift_report(run(findings=(*same, other))), "Out of line, watched only")
    assert [i.said for i in found.items] == [
        "Not so on 300 servers at east (web0, web1, web10, web100, web101 and 295 more), and one other."
    ]
    assert found.items[0].detail == "HOST-01: sshd.permitrootlogin is yes, should be no (the others differ)"


def test_one_rule_broken_in_many_ways_is_one_line() -> None:
    ways = [finding("HOST-08", f"host/h{n}", Difference("updates.security_pending", "0", str(n))) for n in range(9)]
    found = section(drift_report(run(findings=tuple(ways))), "Out of line, watched only")
    assert len(found.items) == 1
    assert found.items[0].detail.endswith("updates.security_pending is 0, should be 0 (and 8 other ways)")


def test_known_findings_are_one_line_and_new_ones_are_named() -> None:
    known = [finding("HOST-07", f"host/old{n}", KEYS, days=14) for n in range(38)]
    new = finding("HOST-01", "host/web1", KEYS)
    report = drift_report(run(findings=(*known, new), opened=(("HOST-01", "host/web1"),)))
    found = section(report, "Out of line, watched only")
    assert found.lead == "38 known and unchanged, the oldest since Sep 30."
    assert [i.title for i in found.items] == ["Administrators reach our servers only with a key"]
    assert "old1" not in text(run(findings=(*known, new)))


def test_the_gravest_rule_comes_first() -> None:
    found = [finding(p, "host/web1", KEYS) for p in ("HOST-02", "HOST-05", "HOST-06", "HOST-01")]
    lines = section(drift_report(run(findings=tuple(found))), "Out of line, watched only").items
    assert [i.detail[:7] for i in lines] == ["HOST-06", "HOST-01", "HOST-05", "HOST-02"]


def test_what_the_next_run_will_fix_is_not_called_watched() -> None:
    out = finding("HOST-01", "host/web1", KEYS)
    a_run = run(
        policies=notes(host_01=Mode.ENFORCE),
        counts=Counts(in_line=7, out_of_line=1),
        findings=(out,),
        plan=Plan((batch("HOST-01", [out]),)),
    )
    assert titles(a_run) == ["Out of line, to be fixed next"]
    assert drift_report(a_run).verdict == "One thing is out of line and will be fixed by the next run."
    unplanned = replace(a_run, plan=Plan(()))
    assert titles(unplanned) == ["Out of line, no change planned"]


def test_values_are_short_and_texts_are_not_quoted() -> None:
    long = Difference("cron.root.lines", "[]", "[" + "x " * 200 + "]")
    out = (finding("HOST-02", "host/db1", BANNER), finding("HOST-07", "host/db1", long))
    shown = text(run(findings=out))
    assert "file./etc/issue.net.content differs from the standard text" in shown
    assert "Authorized" not in shown
    assert "x x x" not in shown


def test_none_and_converge_in_words() -> None:
    gone = finding("HOST-04", "host/a", Difference("user.ops.shell", "/bin/bash", "none"))
    task = finding("HOST-05", "host/a", Difference("converge", "ok", "Write the motd: changed"))
    shown = text(run(findings=(gone, task)))
    assert "user.ops.shell is not there, should be /bin/bash" in shown
    assert "a trial run of the playbook would change: Write the motd: changed" in " ".join(shown.split())


def test_sensitive_readings_are_nowhere_in_the_report() -> None:
    secret = Difference("user.root.hash", "wanted-hash", "stolen-hash", sensitive=True)
    out = replace(finding("HOST-06", "host/web1", secret), sentence="web1: stolen-hash.")
    wanted = batch("HOST-06", [out])
    conflict = Hold("conflict", wanted.digest, (), "One wants wanted-hash.", "agreeing")
    for a_run in (
        run(findings=(out,)),
        run(findings=(out,), plan=Plan((wanted,), (conflict,)), policies=notes(host_06=Mode.ENFORCE)),
        run(plan=Plan((wanted,), (asks(wanted),)), policies=notes(host_06=Mode.PROPOSE)),
        run(plan=Plan((wanted,)), outcomes=outcomes(wanted)),
        run(plan=Plan((wanted,)), outcomes=outcomes(wanted, Result.FAILED, why="is stolen-hash", said="wanted-hash")),
        run(plan=Plan((wanted,)), outcomes=outcomes(wanted, Result.PENDING)),
    ):
        assert "-hash" not in text(a_run) + html(a_run) + repr(drift_report(a_run))
        assert "user.root.hash" in text(a_run) or "Held" in str(titles(a_run))
