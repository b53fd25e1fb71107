"""The kill switch, a killed agent, and one process at a time."""

from __future__ import annotations

import os
import pwd
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.cli.playbooks import SLOW, WRITE

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from tests.cli.fixtures import Driftbell

DEADLINE = 120.0


def slow_district(driftbell: Driftbell, playbook: str = SLOW) -> Path:
    """Give a district whose one repair begins and does not end, and the file that shows that it began."""
    folder = driftbell.folder / "only"
    folder.mkdir()
    driftbell.hosts({"here": {"ansible_connection": "local", "site": "east", "driftbell_only_under": str(folder)}})
    driftbell.write("playbooks/slow.yml", playbook)
    path = f"{folder}/file"
    driftbell.policy(
        "SLOW-01",
        expect={f"file.{path}.content": "done\n"},
        mode="enforce",
        remedy=[{"do": "ansible.playbook", "with": {"playbook": "playbooks/slow.yml", "vars": {
            "path": path, "text": "done\n"}}}],
    )  # fmt: skip
    return Path(f"{path}.began")


def wait_until(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + DEADLINE
    while not holds():
        assert time.monotonic() < end, f"not in time: {what}"
        time.sleep(0.05)


def sleepers(folder: Path) -> list[int]:
    """Give the processes that carry out this test's playbook: those whose environment or words name its folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in words and b"ansible" in words and int(process.name) != os.getpid():
            found.append(int(process.name))
    return found


def finished(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=DEADLINE)
    assert "Traceback" not in out + err, err
    return process.returncode, out, err


def test_stop_ends_what_runs_and_keeps_everything_from_starting(driftbell: Driftbell) -> None:
    began = slow_district(driftbell)
    running = driftbell.start("run", "--json")
    wait_until(began.exists, "the playbook began")
    stopped = driftbell("stop", "--why", "a drill")
    assert stopped.code == 0
    assert "SLOW-01" in stopped.out  # what is in flight
    code, out, err = finished(running)
    assert "a drill" in out, out + err
    assert code in {1, 4}
    assert sleepers(driftbell.state) == []
    began.unlink()
    again = driftbell("run", "--json")
    assert again.code == 4
    assert "a drill" in str(again.json["plan"]["holds"])
    assert not began.exists()
    assert driftbell("resume").out.startswith("Changes are allowed again")
    assert driftbell("resume").out.startswith("Nothing was stopped")


def test_a_killed_agent_leaves_no_orphan_and_the_next_run_settles_what_it_began(driftbell: Driftbell) -> None:
    began = slow_district(driftbell)
    running = driftbell.start("run")
    wait_until(began.exists, "the playbook began")
    assert sleepers(driftbell.state)  # so that finding none below means something
    running.send_signal(signal.SIGKILL)
    running.wait()
    wait_until(lambda: sleepers(driftbell.state) == [], "its Ansible is gone")
    driftbell.write("playbooks/slow.yml", WRITE)
    after = driftbell("run", "--json")
    outcomes = [o["outcome"] for o in after.json["outcomes"]]
    assert "confirmed" in outcomes or "failed" in outcomes
    assert Path(str(began).removesuffix(".began")).read_text(encoding="utf-8") == "done\n"
    assert driftbell("run", "--json").json["outcomes"] == []


def test_only_one_process_at_a_time_changes_anything_and_looking_goes_on(driftbell: Driftbell) -> None:
    began = slow_district(driftbell)
    running = driftbell.start("run", "--json")
    wait_until(began.exists, "the playbook began")
    second = driftbell("run")
    assert second.code == 4
    assert "at work" in second.err
    assert driftbell("check", "--json").code == 1
    driftbell("stop", "--why", "enough")
    finished(running)


def test_the_repository_itself_can_stop_everything(driftbell: Driftbell) -> None:
    began = slow_district(driftbell)
    driftbell.district(stop="the director said so")
    ran = driftbell("run", "--json")
    assert ran.code == 4
    assert "the director said so" in str(ran.json["plan"]["holds"])
    assert not began.exists()


def test_interrupting_from_the_keyboard_stops_the_playbook_too(driftbell: Driftbell) -> None:
    began = slow_district(driftbell)
    running = driftbell.start("run")
    wait_until(began.exists, "the playbook began")
    running.send_signal(signal.SIGINT)
    code, _, err = finished(running)
    assert code == 130
    assert "keyboard" in err
    wait_until(lambda: sleepers(driftbell.state) == [], "its Ansible is gone")


def test_whoever_is_there_may_stop_and_only_who_may_stop_by_the_districts_word_may_go_on(driftbell: Driftbell) -> None:
    driftbell.hosts({})
    driftbell.district(
        people={
            "desk": {"name": "D. Example", "email": "desk@riverton.example", "may": ["calendar"]},
            "systems": {"name": "B. Example", "email": "systems@riverton.example", "may": ["stop"]},
        },
        reports={},
    )
    driftbell("check")
    login = pwd.getpwuid(os.getuid()).pw_name
    driftbell.settings(people={login: "desk"})
    driftbell("stop", "--why", "smoke in the server room")
    refused = driftbell("resume")
    assert refused.code == 4
    assert "D. Example (desk) may not: `may: [stop]` is missing" in refused.err
    assert "smoke in the server room" in " ".join(driftbell("check").out.split())
    driftbell.settings(people={login: "systems"})
    assert driftbell("resume").out.startswith("Changes are allowed again, says systems.")


def test_a_district_that_cannot_be_read_keeps_nobody_from_allowing_changes_again(driftbell: Driftbell) -> None:
    driftbell.settings(people={"somebody": "else"})
    driftbell.write("policies/district.yaml", "district: [")
    driftbell("stop", "--why", "a drill")
    said = driftbell("resume")
    assert said.out.startswith("Changes are allowed again"), said.err
    assert "The policies cannot be read, so the district's word on who may was not asked." in said.out
