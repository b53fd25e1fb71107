"""The evidence as a person and an auditor use it: a real change on a host, verified, given away, tampered with."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from agent.ledger.store import open_ledger
from tests.cli.test_loop import district_on
from tests.evidence.deeds import by_hand, lived
from tests.ledger.nouns import HOUR, START

if TYPE_CHECKING:
    from tests.cli.fixtures import Driftbell, Mailbox
    from tests.lab.lab import Lab


@pytest.fixture
def kept(driftbell: Driftbell) -> Driftbell:
    """Give the command on a state directory with nine records."""
    driftbell.state.mkdir(mode=0o700, exist_ok=True)
    lived(driftbell.state / "ledger.db")
    return driftbell


def test_a_change_on_a_host_is_proven_from_its_policy_to_its_second_look(
    driftbell: Driftbell, lab_pool: Lab, lab_hosts: Any, mailbox: Mailbox
) -> None:
    hosts = lab_hosts(["web1"])
    district_on(driftbell, lab_pool, hosts)
    driftbell.settings(mail=mailbox.settings())
    driftbell.write(
        "playbooks/motd.yml",
        "- hosts: all\n  gather_facts: false\n  tasks:\n"
        '    - ansible.builtin.copy: {dest: /etc/motd, content: "welcome\\n", mode: "0644"}\n',
    )
    path = driftbell.policy(
        "MOTD-01", mode="enforce", expect={"file./etc/motd.content": "welcome\n"},
        remedy=[{"do": "ansible.playbook", "with": {"playbook": "playbooks/motd.yml"}}],
    )  # fmt: skip
    run = driftbell("run", "--json")
    assert [o["outcome"] for o in run.json["outcomes"]] == ["confirmed"], run.err
    anchor = run.json["evidence"]
    mailed = " ".join(str(mailbox.messages()[0].get_body(("plain",))).split())
    assert f"Evidence {anchor['number']}: {anchor['hash'][:16]}." in mailed
    good = driftbell("evidence", "verify", "--anchor", f"{anchor['number']}:{anchor['hash'][:16]}")
    assert (good.code, "Nothing is wrong." in good.out) == (0, True), good.out

    bundle = driftbell.folder / "bundle"
    assert driftbell("evidence", "export", str(bundle), "--policy", "MOTD-01").code == 0
    done = subprocess.run(
        [sys.executable, "-I", str(bundle / "verify.py")], capture_output=True, text=True, check=False, env={}
    )
    assert (done.returncode, "Nothing is wrong." in done.stdout) == (0, True), done.stdout
    records = [json.loads(line) for line in (bundle / "records.jsonl").read_text().splitlines()]
    said = {r["what"]: r["body"] for r in records if "body" in r}
    assert list(said) == ["begun", "policy", "intended", "captured", "left", "outcome", "key"]
    assert said["policy"]["text"] == path.read_text("utf-8")
    assert said["intended"]["changes"][0]["resource"] == "host/web1"
    assert said["intended"]["rules"]["revision"] == run.json["revision"]
    (before,), (after,) = (said[w]["there"][0]["files"] for w in ("captured", "left"))
    assert (before["path"], after["path"]) == ("/etc/motd", "/etc/motd")
    assert before.get("sha256") != after["sha256"]
    assert said["outcome"]["outcomes"][0]["result"] == "confirmed"

    by_hand(
        driftbell.state / "ledger.db",
        "UPDATE intent SET result = 'failed'",
        "DELETE FROM evidence WHERE what = 'outcome'",
    )
    bad = driftbell("evidence", "verify")
    assert (bad.code, "was removed" in bad.out) == (1, True), bad.out


def test_a_look_alone_makes_no_evidence(driftbell: Driftbell) -> None:
    assert driftbell("run").code == 0
    said = driftbell("evidence", "verify")
    assert (said.code, said.out) == (0, "There is no evidence yet: it begins with the first change.\n")
    assert driftbell("evidence", "export", str(driftbell.folder / "b")).code == 2
    assert driftbell("evidence", "key").code == 2


def test_the_first_thing_that_is_wrong_is_named_first(kept: Driftbell) -> None:
    assert driftbell_says(kept) == (0, "Proven to stand as they were written: records 1 to 9 of 9.")
    by_hand(kept.state / "ledger.db", "DELETE FROM evidence WHERE number IN (3, 8)")
    code, first = driftbell_says(kept)
    assert (code, first) == (1, "Record 3 was removed.")
    told = kept("evidence", "verify", "--json").json
    assert (told["good"], told["troubles"][0]["record"], told["proven"]) == (False, 3, [[4, 7], [9, 9]])


def driftbell_says(command: Driftbell) -> tuple[int, str]:
    said = command("evidence", "verify")
    return said.code, said.out.splitlines()[0]


def test_a_journal_that_says_otherwise_is_found(kept: Driftbell) -> None:
    by_hand(
        kept.state / "ledger.db",
        "INSERT INTO intent SELECT 77, run, batch, policy, resource, verb, asked, at, 0, NULL, NULL, NULL, NULL "
        "FROM intent WHERE id = 1",
        "DELETE FROM intent WHERE id = 2",
    )
    said = kept("evidence", "verify")
    assert said.code == 1
    assert "The journal has change 77, of which there is no evidence." in said.out
    assert "There is evidence of change 2, which the journal does not have." in said.out


def test_a_key_of_its_own_is_asked_for(kept: Driftbell) -> None:
    first = kept("evidence", "key", "--json").json["key"]
    assert kept("evidence", "key", "--new").code == 0
    second = kept("evidence", "key", "--json").json["key"]
    assert first != second
    assert kept("evidence", "verify", "--key", second).code == 0
    untrusted = kept("evidence", "verify", "--key", first)
    assert (untrusted.code, "is not one that you trust" in untrusted.out) == (1, True)
    (kept.state / "evidence.key").unlink()
    assert kept("evidence", "key").code == 2


def test_a_key_that_did_not_make_the_seals_is_found(kept: Driftbell) -> None:
    subprocess.run(
        ["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(kept.state / "evidence.key")], check=True
    )
    (kept.state / "evidence.key").chmod(0o600)
    said = kept("evidence", "verify")
    assert (said.code, "and this server's is" in said.out) == (1, True)


@pytest.mark.parametrize(
    "words",
    [
        ("verify", "--key", "abc"),
        ("verify", "--key", "z" * 64),
        ("verify", "--anchor", "9"),
        ("verify", "--anchor", "x:" + "0" * 16),
        ("verify", "--anchor", "9:abc"),
        ("verify", "--since", "yesterday"),
        ("export", "/nonexistent/place/bundle"),
        ("export", ".", "--policy", "X"),
    ],
)
def test_wrong_words_are_sentences(kept: Driftbell, words: tuple[str, ...]) -> None:
    said = kept("evidence", *words)
    assert said.code in {2, 3}
    assert said.err


def test_records_are_kept_as_long_as_the_settings_say(kept: Driftbell) -> None:
    assert kept("evidence", "prune").out == "Nothing is too old.\n"
    kept.settings(evidence={"keep": {"changes": "1d"}})
    assert kept("evidence", "prune").out == "The contents of 6 records were too old and are gone.\n"
    assert kept("evidence", "verify").code == 0


def test_a_pruned_ledger_is_compared_with_its_journal_as_far_as_that_goes(kept: Driftbell) -> None:
    with open_ledger(kept.state / "ledger.db") as ledger:
        assert ledger.evidence.prune({"changes": HOUR}, START + 2.5 * HOUR) == 4
    assert kept("evidence", "verify").code == 0
    by_hand(kept.state / "ledger.db", "DELETE FROM intent WHERE id = 3")
    said = kept("evidence", "verify")
    assert "There is evidence of change 3, which the journal does not have." in said.out


@pytest.mark.parametrize(
    ("evidence", "told"),
    [
        ({"keep": {"changes": "10"}}, "`changes` takes days or years"),
        ({"keep": {"changes": "0d"}}, "`changes` takes days or years"),
        ({"keep": {"changes": "101y"}}, "`changes` takes days or years"),
        ({"keep": {"looks": "1y"}}, "There is no class 'looks' of evidence"),
        ({"keep": {"chain": "1d"}}, "There is no class 'chain' of evidence"),
        ({"keep": 5}, "`evidence` is {keep: {"),
        ({"key": "x"}, "`evidence` is {keep: {"),
        ("10y", "`evidence` is {keep: {"),
    ],
)
def test_settings_that_make_no_sense_are_refused(kept: Driftbell, evidence: object, told: str) -> None:
    kept.settings(evidence=evidence)
    said = kept("evidence", "verify")
    assert (said.code, told in said.err) == (2, True), said.err


def test_a_seal_that_cannot_be_made_is_a_warning_and_what_was_done_stands(kept: Driftbell) -> None:
    (kept.state / "evidence.key").chmod(0o644)
    by_hand(kept.state / "ledger.db", "DELETE FROM seal WHERE number = 9")
    run = kept("run")
    assert run.code == 0
    assert "The evidence is not sealed" in " ".join(run.out.split())
