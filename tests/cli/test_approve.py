"""`approve` and `deny` as people use them: signed by their own key, here or elsewhere, and what a run makes of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.approvals.ground import key, public
from tests.cli.committed import District
from tests.cli.test_approval import wanting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.fixtures import Driftbell, Said

MAY = ["approve"]
PEOPLE = {
    "ada": {"name": "Ada Example", "email": "ada@riverton.example", "may": MAY, "deputy": "bo"},  # who commits
    "bo": {"name": "Bo Example", "email": "bo@riverton.example", "may": MAY, "deputy": "ada"},
    "esc": {"name": "Region 9", "email": "desk@region9.example", "may": MAY, "deputy": "bo"},
    "cy": {"name": "Cy Example", "email": "cy@riverton.example"},
}
NAMESPACE = "driftbell-approval"


class Approvers:
    """A district whose approvers have keys, and one policy that asks first."""

    def __init__(self, driftbell: Driftbell, **settings: Any) -> None:
        self.driftbell = driftbell
        self.keys = driftbell.folder / "keys"
        self.keys.mkdir()
        for name in PEOPLE:
            key(self.keys, name)
        approvers = {name: [public(self.keys / name)] for name in PEOPLE if name != "cy"}
        driftbell.district(people=PEOPLE, reports={"drift": ["ada"]})
        driftbell.settings(approvers=approvers, **settings)
        self.path = wanting(driftbell, "ASK-01", "wanted", mode="propose")
        self.district = District(driftbell)
        self.district.commit("The policy")

    def planned(self) -> str:
        (batch,) = self.driftbell("plan", "--json").json["plan"]["batches"]
        return batch["digest"]

    def approve(self, digest: str, by: str = "bo", *words: str) -> Said:
        return self.driftbell("approve", digest, "--key", str(self.keys / by), *words)

    def deny(self, digest: str, by: str = "bo", why: str = "not before the exams") -> Said:
        return self.driftbell("deny", digest, "--key", str(self.keys / by), "--why", why)

    def elsewhere(self, digest: str, by: str = "bo", word: str = "approve", *words: str) -> str:
        """Sign a printed statement as somebody does on their own machine, and give what they send."""
        printed = self.driftbell(word, digest, "--print", "--by", by, *words)
        assert printed.code == 0, printed.err
        command = ["ssh-keygen", "-Y", "sign", "-n", NAMESPACE, "-f", str(self.keys / by)]
        assert " ".join(command[:6]) in printed.err
        done = subprocess.run(command, input=printed.out, capture_output=True, text=True, check=True)
        return printed.out + done.stdout

    def run(self) -> dict[str, Any]:
        return self.driftbell("run", "--mail", "never", "--json").json

    def holds(self) -> list[str]:
        return [h["guard"] for h in self.run()["plan"]["holds"]]


@pytest.fixture
def approvers(driftbell: Driftbell) -> Approvers:
    return Approvers(driftbell)


def test_a_signed_approval_is_shown_recorded_carried_out_once_and_used_up(approvers: Approvers) -> None:
    digest = approvers.planned()
    said = approvers.approve(digest.removeprefix("sha256:")[:12], "bo", "--why", "the tablets are back")
    assert said.code == 0, said.err
    for words in ("ASK-01: Title of ASK-01.", "here: file.", "-> ", "may interrupt work", "part of it can be undone"):
        assert words in said.out
    assert "An approval lifts (mode)" in said.out
    assert "Bo Example (bo) approves (signed by SHA256:" in said.out
    ran = approvers.run()
    assert [o["outcome"] for o in ran["outcomes"]] == ["confirmed"]
    approvers.path.unlink()
    assert approvers.holds() == ["mode"], "the same drift under the same digest is asked anew"
    assert not approvers.path.exists()


def test_an_approval_that_something_else_holds_waits_for_it(approvers: Approvers) -> None:
    approvers.approve(approvers.planned())
    approvers.driftbell("stop", "--why", "a drill")
    assert approvers.holds() == ["kill switch"]
    assert not approvers.path.exists()
    approvers.driftbell("resume")
    assert [o["outcome"] for o in approvers.run()["outcomes"]] == ["confirmed"]


def test_what_joins_an_approved_batch_waits_for_its_own_approval(approvers: Approvers) -> None:
    digest = approvers.planned()
    approvers.approve(digest)
    local = {"ansible_connection": "local", "site": "east", "driftbell_only_under": str(approvers.path.parent)}
    approvers.driftbell.hosts({"here": local, "there": local})
    ran = approvers.run()
    assert {o["resource"]: o["outcome"] for o in ran["outcomes"]} == {"host/here": "confirmed"}
    rows = {b["digest"]: [a["resource"] for a in b["actions"]] for b in ran["plan"]["batches"]}
    assert rows.pop(digest) == ["host/here"]
    assert list(rows.values()) == [["host/there"]]
    assert [h["guard"] for h in ran["plan"]["holds"]] == ["mode"]


def test_signed_elsewhere_and_sent(approvers: Approvers) -> None:
    digest = approvers.planned()
    sent = approvers.elsewhere(digest, "bo", "approve", "--until", "4h")
    replay = approvers.driftbell.folder / "approval.txt"
    replay.write_text(sent, encoding="utf-8")
    assert approvers.driftbell("approve", "--file", "-", stdin=sent).code == 0
    again = approvers.driftbell("approve", "--file", str(replay))
    assert again.code == 4
    assert "taken in before" in again.err
    assert approvers.run()["outcomes"] != []
    again = approvers.driftbell("approve", "--file", str(replay))
    assert "used it up" in again.err
    wrong = approvers.driftbell("deny", "--file", str(replay))
    assert wrong.code == 2
    assert "driftbell approve --file" in wrong.err


def test_an_approval_travels_by_commit_and_wrong_ones_are_warnings(approvers: Approvers) -> None:
    digest, driftbell = approvers.planned(), approvers.driftbell
    driftbell.write("approvals/2026/ask.txt", approvers.elsewhere(digest))
    driftbell.write("approvals/README.md", "Signed approvals go here.")
    driftbell.write("approvals/.gitkeep", "")
    driftbell.write("approvals/large.txt", "x" * 10_000_000)
    driftbell.write("approvals/changed.txt", approvers.elsewhere(digest).replace("why:", "why: all"))
    (driftbell.repo / "approvals" / "binary").write_bytes(b"\xff\xfe\x00")
    (driftbell.repo / "approvals" / "link.txt").symlink_to("/etc/passwd")
    os.mkfifo(driftbell.repo / "approvals" / "pipe")
    approvers.district.git("add", "--all", ":!approvals/pipe")
    approvers.district.git("commit", "--quiet", "--message=Bo says yes")
    said = " ".join(driftbell("plan").out.split())
    for words in (
        "approvals/large.txt counts for nothing",
        "does not fit its text",
        "approvals/binary",
        "links are not followed",
    ):
        assert words in said
    assert "approvals/pipe" in said
    assert "ask.txt" not in said
    assert "README" not in said
    ran = approvers.run()
    assert [o["outcome"] for o in ran["outcomes"]] == ["confirmed"]
    approvers.path.unlink()
    assert approvers.holds() == ["mode"], "the file is still there, and counts no more"


def test_a_no_holds_until_whoever_said_it_takes_it_back(approvers: Approvers) -> None:
    digest = approvers.planned()
    assert approvers.approve(digest, "ada").code == 0
    no = approvers.deny(digest)
    assert no.code == 0
    assert "says no" in no.out
    assert "It stays held all the same: Bo Example (bo) said no" in approvers.approve(digest, "esc").out
    planned = approvers.driftbell("plan")
    assert "not before the exams" in " ".join(planned.out.split())
    assert approvers.holds() == ["denied"]
    assert approvers.driftbell("apply", "--plan", digest).code == 4
    assert not approvers.path.exists()
    assert approvers.holds() == ["denied"], "what apply says does not use a no up"
    assert approvers.approve(digest, "bo").code == 0
    assert [o["outcome"] for o in approvers.run()["outcomes"]] == ["confirmed"]


def test_who_may_not_is_told_before_anything_is_signed(approvers: Approvers) -> None:
    digest = approvers.planned()
    assert "`may: [approve]` is missing" in approvers.approve(digest, "cy", "--by", "cy").err
    stranger = key(approvers.keys, "stranger")
    nobody = approvers.driftbell("approve", digest, "--key", str(stranger))
    assert (nobody.code, "is nobody's" in nobody.err) == (2, True)
    other = approvers.approve(digest, "bo", "--by", "ada")
    assert (other.code, "is signed by the key" in other.err) == (4, True)
    assert approvers.driftbell("approve", "sha256:" + "0" * 64, "--key", str(approvers.keys / "bo")).code == 2
    assert approvers.driftbell("deny", digest, "--key", str(approvers.keys / "bo")).code == 2
    assert approvers.holds() == ["mode"]


def test_an_approval_expires_and_the_run_says_so(approvers: Approvers) -> None:
    digest = approvers.planned()
    until = datetime.fromisoformat(approvers.approve(digest, "bo", "--until", "1s", "--json").json["until"])
    while datetime.now(UTC) <= until:
        time.sleep(0.05)
    ran = approvers.driftbell("run", "--mail", "never")
    assert ran.code == 4
    assert "the approval by Bo Example (bo) does not count: it expired" in " ".join(ran.out.split())


def test_a_key_that_is_revoked_afterwards_counts_no_more(approvers: Approvers) -> None:
    approvers.approve(approvers.planned())
    gone = public(approvers.keys / "bo")
    keys = {name: [public(approvers.keys / name)] for name in ("ada", "bo", "esc")}
    approvers.driftbell.settings(approvers=keys, revoked_keys=[gone])
    assert approvers.holds() == ["mode"]
    assert not approvers.path.exists()


def test_a_changed_policy_is_not_what_was_approved(approvers: Approvers) -> None:
    digest = approvers.planned()
    approvers.approve(digest)
    wanting(approvers.driftbell, "ASK-01", "something else", mode="propose")
    assert approvers.holds() == ["mode"]
    late = approvers.approve(digest)
    assert late.code == 4
    assert "Make a new plan" in late.err


def test_by_login_where_no_keys_are_set(driftbell: Driftbell) -> None:
    path = wanting(driftbell, "ASK-01", "wanted", mode="propose")
    digest = driftbell("plan", "--json").json["plan"]["batches"][0]["digest"]
    said = driftbell("approve", digest)
    assert said.code == 0
    assert "by login, not signed" in said.out
    assert "said that already" in driftbell("approve", digest).out
    assert driftbell("approve", digest, "--print").code == 2
    assert driftbell("deny", digest, "--why", "wait").code == 0
    assert driftbell("run", "--mail", "never").code == 4
    assert driftbell("approve", digest).code == 0
    assert [o["outcome"] for o in driftbell("run", "--mail", "never", "--json").json["outcomes"]] == ["confirmed"]
    assert path.read_text(encoding="utf-8") == "wanted"


def test_apply_asks_whether_this_person_may(approvers: Approvers) -> None:
    digest = approvers.planned()
    keys = {name: [public(approvers.keys / name)] for name in ("ada", "bo")}
    login = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
    approvers.driftbell.settings(approvers=keys, people={login: "cy"})
    refused = approvers.driftbell("apply", "--plan", digest)
    assert refused.code == 4
    assert "`may: [approve]` is missing" in refused.err
    assert not approvers.path.exists()
    approvers.driftbell.settings(approvers=keys, people={login: "bo"})
    assert approvers.driftbell("apply", "--plan", digest).code == 0
    assert approvers.path.exists()


# What destroys


def destroying(driftbell: Driftbell, **settings: Any) -> Approvers:
    made = Approvers(driftbell, **settings)
    policy = driftbell.repo / "policies" / "hosts" / "ASK-01.yaml"
    text = policy.read_text(encoding="utf-8").replace("mode: propose", "mode: enforce")
    policy.write_text(
        text.replace("- do: ansible.playbook\n", "- do: ansible.playbook\n  risk: destructive\n"), "utf-8"
    )
    made.district.commit("It destroys")
    return made


def test_two_people_who_did_not_write_it_approve_what_destroys(driftbell: Driftbell) -> None:
    made = destroying(driftbell, destructive=["ansible.playbook"])
    digest = made.planned()
    assert made.holds() == ["risk"]
    assert "ada wrote it" in made.approve(digest, "ada").out
    assert "so far bo did" in made.approve(digest, "bo").out
    assert "so far bo did" in made.approve(digest, "bo").out, "the same person twice is one"
    assert driftbell("apply", "--plan", digest).code == 4
    assert made.holds() == ["risk"]
    assert not made.path.exists()
    assert "carries out" in made.approve(digest, "esc").out
    assert [o["outcome"] for o in made.run()["outcomes"]] == ["confirmed"]


def test_what_destroys_stays_off_where_the_settings_do_not_name_its_verb(driftbell: Driftbell) -> None:
    made = destroying(driftbell)
    digest = made.planned()
    made.approve(digest, "bo")
    assert "are off on this server" in made.approve(digest, "esc").out
    assert made.holds() == ["risk"]
    assert not made.path.exists()


def test_what_destroys_and_is_not_committed_waits(driftbell: Driftbell) -> None:
    made = destroying(driftbell, destructive=["ansible.playbook"])
    path = driftbell.repo / "policies" / "hosts" / "ASK-01.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "# nobody's\n", encoding="utf-8")
    digest = made.planned()
    made.approve(digest, "bo")
    assert "nobody can tell who wrote" in made.approve(digest, "esc").out
    assert made.holds() == ["risk"]


def test_a_verb_that_there_is_not_cannot_be_enabled(driftbell: Driftbell) -> None:
    driftbell.settings(destructive=["ansible.playbok"])
    said = driftbell("check")
    assert said.code == 2
    assert "did you mean 'ansible.playbook'?" in said.err


# Keys of one's own


@pytest.fixture
def agent(approvers: Approvers) -> Iterator[str]:
    """Give the socket of an ssh-agent that holds bo's key alone, and take the file away."""
    socket = str(approvers.driftbell.folder / "agent.sock")
    process = subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        added = ["ssh-add", "-q", str(approvers.keys / "bo")]
        deadline = time.monotonic() + 30
        while subprocess.run(added, env={**os.environ, "SSH_AUTH_SOCK": socket}, check=False).returncode:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        (approvers.keys / "bo").unlink()
        yield socket
    finally:
        process.terminate()
        process.wait(30)


def test_a_key_of_an_agent_and_one_in_the_home_are_found(
    approvers: Approvers, agent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = approvers.driftbell.folder / "home"
    (home / ".ssh").mkdir(parents=True, mode=0o700)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    digest = approvers.planned()
    none = approvers.driftbell("approve", digest)
    assert (none.code, "sign elsewhere: --print" in none.err) == (2, True)
    monkeypatch.setenv("SSH_AUTH_SOCK", agent)
    assert "Bo Example (bo) approves" in approvers.driftbell("approve", digest).out
    for name in ("ada", "ada.pub"):
        shutil.copy(approvers.keys / name, home / ".ssh" / name)
    assert "Ada Example (ada) approves" in approvers.driftbell("approve", digest).out
    assert "Bo Example (bo) approves" in approvers.driftbell("approve", digest, "--by", "bo").out


def test_the_document_of_an_approval(approvers: Approvers) -> None:
    digest = approvers.planned()
    made = approvers.approve(digest, "bo", "--json").json
    assert (made["word"], made["digest"], made["by"]) == ("approve", digest, "bo")
    assert made["key"].startswith("SHA256:")


def test_the_shell_completes_plan_numbers(approvers: Approvers) -> None:
    from tests.cli.test_completion import completed

    number = approvers.planned().removeprefix("sha256:")[:12]
    assert completed(approvers.driftbell, "driftbell approve ") == [number]
    assert completed(approvers.driftbell, f"driftbell deny {number[:3]}") == [number]
    assert completed(approvers.driftbell, "driftbell apply --plan ") == [number]
    assert completed(approvers.driftbell, "driftbell approve zz") == []
