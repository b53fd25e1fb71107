"""The door: the kernel says who asks, a line asks and a line answers, and nobody can hold it shut."""

from __future__ import annotations

import os
import pwd
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from agent.daemon.doors import AT_ONCE, LONGEST, Door, ask
from agent.errors import UnseenError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ME = pwd.getpwuid(os.getuid()).pw_name


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    where = tmp_path / "door.sock"
    door = Door(where, lambda asked, login: {"asked": asked, "login": login})
    yield where
    door.close()


def raw(path: Path, said: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as caller:
        caller.settimeout(30)
        caller.connect(str(path))
        caller.sendall(said)
        caller.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: caller.recv(4096), b""))


def test_who_asks_is_what_the_kernel_says(path: Path) -> None:
    assert ask(path, {"do": "status", "login": "root2"}) == {"asked": {"do": "status", "login": "root2"}, "login": ME}


@pytest.mark.parametrize("said", [b"", b"\n", b"hello\n", b"[1]\n", b"\xff\n", b"{" * 100 + b"\n"])
def test_what_is_no_question_is_told_so(path: Path, said: bytes) -> None:
    assert b'"code": 2' in raw(path, said)


def test_too_long_a_question_is_not_read(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as caller:
        caller.settimeout(30)
        caller.connect(str(path))
        try:
            caller.sendall(b'"' + b"x" * (4 * LONGEST))
            said = caller.recv(4096)
        except OSError:
            said = b""
    assert said == b"" or b'"code": 2' in said
    assert ask(path, {}) is not None


def test_callers_who_say_nothing_are_sent_away(path: Path) -> None:
    mute = [socket.socket(socket.AF_UNIX) for _ in range(AT_ONCE)]
    for one in mute:
        one.connect(str(path))
    end = time.monotonic() + 30
    answer: dict[str, Any] | None = None
    while answer is None and time.monotonic() < end:  # their time runs out
        with suppress(UnseenError):
            answer = ask(path, {"do": "x"})
    assert answer is not None
    assert answer["login"] == ME
    for one in mute:
        one.close()


def test_nobody_behind_it_is_no_error(tmp_path: Path) -> None:
    assert ask(tmp_path / "none.sock", {}) is None
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(tmp_path / "left.sock"))
    left.close()
    assert ask(tmp_path / "left.sock", {}) is None


def test_a_path_may_be_as_long_as_it_likes(tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 100) / ("b" * 100)
    deep.mkdir(parents=True)
    door = Door(deep / "door.sock", lambda _asked, login: {"login": login})
    assert ask(deep / "door.sock", {}) == {"login": ME}
    door.close()
    assert not (deep / "door.sock").exists()


def test_a_door_takes_the_place_of_one_that_was_killed(tmp_path: Path) -> None:
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(tmp_path / "door.sock"))
    left.close()
    door = Door(tmp_path / "door.sock", lambda _asked, _login: {"new": True})
    assert ask(tmp_path / "door.sock", {}) == {"new": True}
    door.close()


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnseenError, match="cannot be made"):
        Door(tmp_path / "none" / "door.sock", lambda _asked, _login: {})
