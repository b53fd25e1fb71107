"""Capturing and putting back on this machine, through the real run: what is kept, and what is refused."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import stat
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agent.decide.reverting import unlike
from agent.model.action import Action
from agent.model.capture import Capture, FileBefore, Restoration
from agent.model.ports import Clearance
from agent.model.reading import Unknown
from agent.settings import AnsibleSettings, Settings
from agent.systems.ansible import errands, hearing, keeping, places, runner
from agent.systems.ansible.job import End
from agent.systems.ansible.spec import PLAYBOOK, RESTORE
from agent.systems.ansible.write import PlaybookWriter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.model.action import Written
    from agent.systems.ansible.folder import Folder
    from agent.systems.ansible.job import Job, JobResult
    from tests.ansible.district import Place

FREE = Clearance(lambda: "")
NOW = datetime(2026, 10, 14, tzinfo=UTC)
OLD, OURS = (hashlib.sha256(text).hexdigest() for text in (b"old", b"ours"))
MEBIBYTE = 1024 * 1024
TASKS = """
- ansible.builtin.copy: {content: new, dest: "{{ out }}/small", mode: "0600"}
- ansible.builtin.copy: {content: new, dest: "{{ out }}/large", mode: "0600"}
- ansible.builtin.copy: {content: new, dest: "{{ out }}/link", mode: "0600"}
- ansible.builtin.copy: {content: new, dest: "{{ out }}/fresh", mode: "0600"}
- ansible.builtin.file: {path: "{{ out }}/full", state: absent}
- {name: own, ansible.builtin.command: "true"}
"""


def writer(place: Place, **more: object) -> PlaybookWriter:
    settings = Settings("", place.state, ansible=AnsibleSettings(timeout=120))
    return PlaybookWriter(settings, ("inventory/hosts",), **more)  # type: ignore[arg-type]


def captured(place: Place, *names: str, tasks: str = TASKS, stopped: str = "") -> Mapping[str, Capture | Unknown]:
    wanted = [Action("P", f"host/{n}", "", PLAYBOOK, {"playbook": place.tasks(tasks)}, (), ()) for n in names]
    return writer(place).capture(place.repository(), wanted, Clearance(lambda: stopped))


def test_what_would_be_touched_is_kept_as_it_is_and_nothing_is_written(place: Place) -> None:
    place.hosts("one")
    (place.out / "small").write_bytes(b"\0\xff")
    (place.out / "small").chmod(0o4711)
    (place.out / "large").write_bytes(b"x" * (MEBIBYTE + 1))
    (place.out / "target").write_text("aim")
    (place.out / "link").symlink_to(place.out / "target")
    (place.out / "full").mkdir()
    (place.out / "full" / "in").touch()
    kept = captured(place, "one", "stranger")
    one = kept["host/one"]
    assert isinstance(one, Capture)
    found = {f.path.rpartition("/")[2]: f for f in one.files}
    assert (found["small"].content, found["small"].mode, found["small"].kind) == (b"\0\xff", "4711", "file")
    assert (found["link"].kind, found["link"].target) == ("link", str(place.out / "target"))
    assert found["target"].content == b"aim"
    assert found["fresh"].kind == "absent"
    assert set(found) == {"small", "link", "target", "fresh"}
    assert sum(word in " ".join(one.left) for word in ("larger than 1 MiB", "with something in it", "own (")) == 3
    assert kept["host/stranger"] == Unknown("the inventory has no such host")
    assert (place.out / "full" / "in").exists()
    assert (place.out / "small").read_bytes() == b"\0\xff"


def test_what_cannot_be_read_or_is_stopped_is_unknown(place: Place) -> None:
    place.hosts("gone", ansible_connection="ssh", ansible_host="127.0.0.1", ansible_port=9)
    kept = captured(place, "gone")["host/gone"]
    assert isinstance(kept, Unknown)
    assert kept.why.startswith("unreachable: ")
    assert captured(place, "gone", stopped="a drill") == {"host/gone": Unknown("stopped: a drill")}


def test_a_playbook_that_check_mode_cannot_finish_is_kept_as_far_as_it_went(place: Place) -> None:
    place.hosts("one")
    tasks = '- ansible.builtin.copy: {content: x, dest: "{{ out }}/a", mode: "0600"}\n- ansible.builtin.fail: {msg: no}'
    one = captured(place, "one", tasks=tasks)["host/one"]
    assert isinstance(one, Capture)
    assert [f.kind for f in one.files] == ["absent"]
    assert "check mode ended early" in one.left[0]


def put_back(place: Place, one: Restoration) -> str:
    made = writer(place, restoration=lambda _action: one)
    action = Action("P", "host/one", "", RESTORE, {"undo": "r"}, (), ())
    groups: list[int] = []
    written = made.enforce(place.repository(), [action], groups.append, FREE)["host/one"]
    now = made.reread(place.repository(), {"host/one": one.wanted}, FREE)["host/one"]
    assert isinstance(now, Capture)
    assert groups
    return f"{written.said}|{unlike(one.wanted, now)}"


def test_putting_back_is_all_or_nothing_where_somebody_else_wrote(place: Place) -> None:
    place.hosts("one")
    path, other = place.out / "a", place.out / "b"
    path.write_text("theirs")
    other.write_text("ours")
    owner = {"owner": "root", "group": "root"} if os.geteuid() == 0 else {}
    before = [
        FileBefore(str(p), "file", f"{stat.S_IMODE(p.stat().st_mode):04o}", content=c, digest=d, **owner)
        for p, c, d in ((path, b"old", OLD), (other, b"old", OLD))
    ]
    wanted = Capture("host/one", NOW, files=tuple(before))
    left = tuple(replace(f, digest=OURS, content=None) for f in before)
    said = put_back(place, Restoration(wanted, left))
    assert "no longer as our change left it" in said
    assert str(path) in said
    assert (path.read_text(), other.read_text()) == ("theirs", "ours")
    assert put_back(place, Restoration(wanted, left, overrides=True)) == "put back 2 things|"
    assert (path.read_text(), other.read_text()) == ("old", "old")
    assert sorted(p.name for p in place.out.iterdir()) == ["a", "b"]


def test_what_somebody_else_set_meanwhile_is_seen_by_the_host_itself(place: Place) -> None:
    place.hosts("one")
    path = place.out / "a"
    path.write_text("ours")
    gone = Capture("host/one", NOW, files=(FileBefore(str(path), "absent"),), sysctls={"kernel.ostype": "old"})
    said = put_back(place, Restoration(gone, (), sysctls={"kernel.ostype": "ours"}))
    assert said.startswith("failed: kernel.ostype is no longer as our change left it: nothing was put back")
    assert path.read_text() == "ours"


PLAIN = '- ansible.builtin.copy: {content: x, dest: "{{ out }}/a", mode: "0600"}'
FACTS = f"- ansible.builtin.set_fact: {{colour: green}}\n{PLAIN}"
ALONE, BEHIND = False, True


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[bool | None]:
    """Note of each run of Ansible whether our errand was behind the playbook, alone, or not there at all."""
    noted: list[bool | None] = []
    run = runner.run_playbook

    def counted(job: Job) -> JobResult:
        noted.append(job.errand.behind if job.errand else None)
        return run(job)

    monkeypatch.setattr(runner, "run_playbook", counted)
    return noted


def changed(place: Place, tasks: str, *names: str) -> tuple[Mapping[str, Written], PlaybookWriter]:
    made, playbook = writer(place), place.tasks(tasks)
    wanted = [Action("P", f"host/{n}", "", PLAYBOOK, {"playbook": playbook}, (), ()) for n in names]
    kept = made.capture(place.repository(), wanted, FREE)
    assert all(isinstance(one, Capture) for one in kept.values())
    return made.enforce(place.repository(), wanted, lambda _group: None, FREE), made


def test_what_is_there_is_read_behind_the_playbook_in_the_same_process(place: Place, runs: list[bool | None]) -> None:
    place.hosts("one", "other")
    (place.out / "a").write_text("old")
    done, made = changed(place, PLAIN, "one", "other")
    assert runs == [BEHIND, BEHIND]
    assert not made.known
    now = done["host/one"].now
    assert now is not None
    assert [(f.digest, f.content) for f in now.files] == [(hashlib.sha256(b"x").hexdigest(), None)]


@pytest.mark.parametrize("tasks", [FACTS, f'{PLAIN}\n- ansible.builtin.fail: {{msg: "no"}}'])
def test_what_may_lead_an_errand_astray_or_fails_has_it_run_alone(
    place: Place, runs: list[bool | None], tasks: str
) -> None:
    place.hosts("one")
    done, _ = changed(place, tasks, "one")
    assert runs == [BEHIND, ALONE, BEHIND]
    assert (done["host/one"].ran, done["host/one"].now) == (True, None)


def test_a_switch_that_is_thrown_behind_the_playbook_ends_the_reading_and_not_what_is_said_of_the_write(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.hosts("one")
    asked: list[float] = []
    monkeypatch.setattr(errands, "ask", lambda _asked, _folder: asked.append(time.monotonic()))  # so it waits
    kept = {"one": Capture("host/one", NOW, files=(FileBefore(str(place.out / "a"), "absent"),))}
    job = place.job(place.tasks(PLAIN), "one", stopped=lambda: "a drill" if asked else "")
    done, now = keeping.written(job, kept)
    assert time.monotonic() - asked[0] < 3  # a second on an idle machine
    assert (done.hosts["one"].end, done.hosts["one"].changes, now) == (End.DONE, 1, {})


def test_an_errand_that_fails_behind_the_playbook_says_nothing_of_the_write(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.hosts("one")
    ask = errands.ask
    monkeypatch.setattr(errands, "ask", lambda asked, folder: ask(dict.fromkeys(asked, "no base64"), folder))
    kept = {"one": Capture("host/one", NOW, files=(FileBefore(str(place.out / "a"), "absent"),))}
    done, now = keeping.written(place.job(place.tasks(PLAIN), "one"), kept)
    one = done.hosts["one"]
    assert (one.end, one.changes, len(one.steps), now) == (End.DONE, 1, 1, {})


def test_an_errand_that_looks_cannot_write(place: Place) -> None:
    place.hosts("one")
    (place.out / "a").write_text("new")
    old = FileBefore(str(place.out / "a"), "file", "0644", "0", "0", content=b"old", digest=OLD)
    request = places._request(Restoration(Capture("host/one", NOW, files=(old,)), None))
    answer = places.look(place.job("", "one"), {"one": request})["one"]
    assert isinstance(answer, Unknown)
    assert "it was to look and is asked to write" in answer.why
    assert (place.out / "a").read_text() == "new"


def encoded(content: str) -> list[str]:
    """A content as it is, and in base64 wherever it may begin in a longer text."""
    shifted = (base64.b64encode(b"\0" * n + content.encode())[4:-4].decode() for n in range(3))
    return [content, *shifted]


def test_no_content_is_in_an_output_an_argument_or_an_event_but_as_the_answer(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.hosts("one")
    content = "a-content-that-nobody-else-writes-0123456789"
    (place.out / "a").write_text(content)
    seen: list[str] = []
    answers: list[str] = []
    requests: list[str] = []
    take, ask = hearing.Hearing.take, errands.ask

    def heard(self: hearing.Hearing, event: Mapping[str, object]) -> None:
        answer = errands.answer_of(event)
        text = json.dumps(event)
        if answer:
            answers.append(answer[1])
            text = text.replace(answer[1], "", 1)
        seen.append(text)
        seen.extend(path.read_text(errors="replace") for path in Path("/proc").glob("[0-9]*/cmdline"))
        take(self, event)

    def asking(asked: Mapping[str, str], folder: Folder) -> None:
        requests.extend(asked.values())
        ask(asked, folder)

    monkeypatch.setattr(hearing.Hearing, "take", heard)
    monkeypatch.setattr(errands, "ask", asking)
    tasks = '- ansible.builtin.file: {path: "{{ out }}/a", state: absent}'
    kept = captured(place, "one", tasks=tasks)["host/one"]
    assert isinstance(kept, Capture)
    assert kept.files[0].content == content.encode()
    (place.out / "a").unlink()
    assert put_back(place, Restoration(kept, None)) == "put back 1 thing|"
    assert len(answers) == len(requests) == 3
    for text in [*encoded(content), *answers, *requests]:
        assert not any(text in one for one in seen), text
