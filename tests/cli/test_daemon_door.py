"""The daemon's door as people use it: their word counts as at the command line, and nobody can be somebody else."""

from __future__ import annotations

import json
import os
import pwd
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from agent.daemon.doors import ask
from agent.ledger.store import open_ledger
from tests.cli.daemons import daemon

if TYPE_CHECKING:
    from tests.cli.fixtures import Driftbell

ME = pwd.getpwuid(os.getuid()).pw_name
KEY = f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{'A' * 43}"
ASKING = """\
import json, os, socket, sys
path, question = sys.argv[1:3]
door = socket.socket(socket.AF_UNIX)
os.setresuid(65534, 65534, 65534)
door.connect(path)
door.sendall(question.encode() + b"\\n")
print(door.makefile().readline())
"""
PLAYBOOK = """\
- name: Greet
  hosts: all
  tasks:
    - name: Write it
      ansible.builtin.copy: {content: "hello\\n", dest: /nonexistent/motd, mode: "0644"}
"""


@pytest.fixture
def asking(driftbell: Driftbell) -> Driftbell:
    """A district whose one rule asks first."""
    driftbell.hosts({"web1": {"ansible_connection": "local"}})
    driftbell.write("playbooks/motd.yml", PLAYBOOK)
    remedy = {"do": "ansible.playbook", "with": {"playbook": "playbooks/motd.yml"}}
    driftbell.policy("MOTD-01", expect={"file./nonexistent/motd.content": "hello\n"}, mode="propose", remedy=[remedy])
    return driftbell


def digest(driftbell: Driftbell) -> str:
    return str(driftbell("plan", "--json").json["plan"]["batches"][0]["digest"])


def words(driftbell: Driftbell, batch: str) -> list[tuple[str, str]]:
    with open_ledger(driftbell.state / "ledger.db", read_only=True) as store:
        return [(a.who, a.word.value) for a in store.approvals.of(batch)]


def test_a_yes_and_a_no_are_those_of_the_login_that_the_kernel_names(asking: Driftbell) -> None:
    asking.settings(people={ME: "director"}, daemon={"poll": 3600})
    with daemon(asking) as running:
        running.cycles(1)
        batch = digest(asking)
        said = ask(running.socket, {"do": "approve", "digest": batch, "why": "looks right", "login": "nobody"})
        assert said is not None
        assert "error" not in said, said
        assert any("director" in line or "A. Example" in line for line in said["said"]), said
        assert words(asking, batch) == [("director", "approve")]
        ask(running.socket, {"do": "deny", "digest": batch, "why": "after all not"})
        assert words(asking, batch)[-1] == ("director", "deny")
        assert running.end() == 0


def as_nobody(path: str, question: dict[str, Any]) -> dict[str, Any]:
    """Ask as a process of another user; the kernel tells who connected, so it changes its user before that."""
    done = subprocess.run(
        [sys.executable, "-c", ASKING, path, json.dumps(question)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return dict(json.loads(done.stdout))


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be somebody else")
def test_somebody_whom_the_settings_do_not_know_may_not(asking: Driftbell) -> None:
    asking.settings(people={ME: "director"}, daemon={"poll": 3600})
    with daemon(asking) as running:
        running.cycles(1)
        batch = digest(asking)
        for folder in running.socket.parents:
            if folder.stat().st_mode & 0o077 == 0:  # in a real district the door is not in the private state
                folder.chmod(0o711)
        said = as_nobody(str(running.socket), {"do": "approve", "digest": batch})
        assert said["code"] == 4
        assert "The login 'nobody' is nobody in `people`" in said["error"]
        assert words(asking, batch) == []
        assert running.end() == 0


@pytest.mark.parametrize(
    ("settings", "code", "why"),
    [
        ({}, 4, "name no `people`"),
        ({"people": {ME: "director"}, "approvers": {"director": [KEY]}}, 2, "has to be signed"),
    ],
)
def test_no_word_is_taken_that_nobody_can_vouch_for(
    asking: Driftbell, settings: dict[str, Any], code: int, why: str
) -> None:
    asking.settings(daemon={"poll": 3600}, **settings)
    with daemon(asking) as running:
        running.cycles(1)
        batch = digest(asking)
        said = ask(running.socket, {"do": "approve", "digest": batch})
        assert said is not None
        assert (said["code"], why in said["error"]) == (code, True), said
        assert words(asking, batch) == []
        assert running.end() == 0


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ({"do": "approve", "digest": f"sha256:{'0' * 64}"}, "is known here"),
        ({"do": "approve"}, ""),
        ({"do": "dance"}, "There is status, standing, stop, approve and deny"),
        ({}, "and no None"),
    ],
)
def test_what_cannot_be_answered_is_a_sentence(asking: Driftbell, question: dict[str, Any], said: str) -> None:
    asking.settings(people={ME: "director"}, daemon={"poll": 3600})
    with daemon(asking) as running:
        running.cycles(1)
        answer = ask(running.socket, question)
        assert answer is not None
        assert said in answer["error"]
        assert answer["code"] == 2
        assert running.end() == 0
