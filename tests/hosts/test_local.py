"""This machine itself (`ansible_connection: local`): the same script, without SSH."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from agent.model.reading import NONE, Unknown
from agent.settings import HostSettings
from agent.systems.host import local
from agent.systems.host.connection import Become, Target
from agent.systems.host.read import own_identity
from tests.hosts.conftest import a_host, reading, why
from tests.lab.commands import attempt, wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hosts.conftest import Observe

HERE = a_host("here", ansible_connection="local")


def test_files_of_this_machine(observe: Observe, tmp_path: Path) -> None:
    file = tmp_path / "a file"
    file.write_text("text\n\n", encoding="utf-8")
    file.chmod(0o640)
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "link").symlink_to(file)
    os.mkfifo(tmp_path / "fifo")
    expected = {
        f"file.{file}.content": "text\n\n", f"file.{file}.mode": "0640", f"file.{file}.type": "file",
        f"file.{tmp_path}/link.content": "text\n\n", f"file.{tmp_path}/link.type": "file",
        f"file.{tmp_path}/dangling.exists": False, f"file.{tmp_path}/dangling.type": "link",
        f"file.{tmp_path}/fifo.content": NONE, f"file.{tmp_path}/fifo.type": "fifo",
        f"file.{tmp_path}.content": NONE, f"file.{tmp_path}/none.owner": NONE,
    }  # fmt: skip
    sweep = observe([HERE], list(expected))
    assert {name: reading(sweep, "here", name) for name in expected} == expected
    assert sweep.identities == ({"host/here": own_identity()} if own_identity() else {})


def test_the_largest_content_that_is_read(observe: Observe, tmp_path: Path) -> None:
    (tmp_path / "fits").write_bytes(b"x" * 1024 * 1024)
    (tmp_path / "over").write_bytes(b"x" * (1024 * 1024 + 1))
    sweep = observe([HERE], [f"file.{tmp_path}/fits.content", f"file.{tmp_path}/over.content"])
    assert reading(sweep, "here", f"file.{tmp_path}/fits.content") == "x" * 1024 * 1024
    assert isinstance(reading(sweep, "here", f"file.{tmp_path}/over.content"), Unknown)


def test_names_that_no_command_can_take_are_unknown(observe: Observe) -> None:
    sweep = observe([HERE], ["file./a\0b.exists", "user.\0.exists", "sysctl.\0"])
    for name in ("file./a\0b.exists", "user.\0.exists", "sysctl.\0"):
        assert "cannot be given to a Linux command" in str(reading(sweep, "here", name))


def test_becoming_somebody_who_is_not_there(observe: Observe) -> None:
    host = a_host("here", ansible_connection="local", ansible_become=True, ansible_become_user="nobody-there")
    assert "does not exist there" in why(observe([host], ["hostname"]), "here")


def test_the_deadline_ends_the_whole_group() -> None:
    script = b"#go\nnonce=x\nexec 2>/dev/null; echo begun; sleep 987.5; echo never\n"
    begun = time.monotonic()
    answer = local.ask(Target(None), script, HostSettings(deadline=0.5))
    assert (answer.stdout, answer.cut) == (b"begun\n", "the look was cut off after 0.5 s")
    assert time.monotonic() - begun < 20
    wait_until(lambda: "sleep 987.5" not in attempt("ps", "-eo", "args").stdout, 10, "the child that hung is gone")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become somebody else without a password")
def test_reading_as_another_account() -> None:
    answer = local.ask(Target(None, become=Become("sudo", "nobody")), b"#go\nnonce=x\nid -un\n", HostSettings())
    assert answer.stdout == b"nobody\n", answer.stderr
