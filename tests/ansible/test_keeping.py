"""Capturing and putting back on this machine, through the real run: what is kept, and what is refused."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from agent.decide.reverting import unlike
from agent.model.action import Action
from agent.model.capture import Capture, FileBefore, Restoration
from agent.model.ports import Clearance
from agent.model.reading import Unknown
from agent.settings import AnsibleSettings, Settings
from agent.systems.ansible.spec import PLAYBOOK, RESTORE
from agent.systems.ansible.write import PlaybookWriter

if TYPE_CHECKING:
    from collections.abc import Mapping

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
