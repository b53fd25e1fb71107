"""The script itself, in every shell that is /bin/sh somewhere: keys arrive byte for byte, and nobody forges a frame."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.catalog.host import HOST
from agent.systems.host import script, shell
from agent.systems.host.answer import Answer
from agent.systems.host.probe import Step
from agent.systems.host.probes.base import identity
from agent.systems.host.probes.file import CONTENT, STAT
from agent.systems.host.script import Script, compose, encode, hear, sendable

if TYPE_CHECKING:
    from pathlib import Path

NONCE = "0123456789abcdef" * 2
SHELLS = {"dash": ["dash"], "bash": ["bash", "--posix"], "busybox": ["busybox", "sh"]}
HOSTILE = (
    "$(reboot)", "`reboot`", "'; DROP TABLE hosts; --", "{{ 7*7 }}", "{% raw %}", "-rf", "--help", "*", "?", "[a-z]",
    "~", "a b", " a", "a ", "\t", "a\nb", "\n", "a\n", "\r\n", "\\", "\\n", "\\0101", "%s%n", "%b", "'", '"', "$HOME",
    "${IFS}", "#", "#go", "!", "&", ";", "|", "<", ">", "(", ")", "@base", "nonce=x", "=", "é", "\u202e", "🏫", "\x01",
    "\x1b[2J", "\x7f",
)  # fmt: skip
ECHO = Step("echo", "printf '%s' \"$1\"", each=True)
HANDED = Step("handed", "printf '%s' \"$1\"", each=True, guarded=True)


@pytest.fixture(params=SHELLS)
def sh(request: pytest.FixtureRequest) -> list[str]:
    words = SHELLS[request.param]
    if shutil.which(words[0]) is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"{words[0]} is not installed")
    return words


def run(sh: list[str], asked: Script, nonce: str = NONCE) -> Answer:
    return boot(sh, asked.stdin(nonce))


def boot(sh: list[str], stdin: bytes) -> Answer:
    done = subprocess.run([*sh, "-c", script.BOOT], input=stdin, capture_output=True, check=False, timeout=60)
    return Answer(done.stdout, done.stderr, status=done.returncode)


def asking(*steps: Step, keys: tuple[str, ...]) -> Script:
    """Make a script that asks these steps about these keys, the way `compose` does for probes."""
    wanted = dict.fromkeys(steps, keys)
    return script.assemble(wanted)


def test_every_key_reaches_the_host_byte_for_byte(sh: list[str]) -> None:
    asked = asking(ECHO, HANDED, keys=HOSTILE)
    heard = hear(asked, NONCE, run(sh, asked))
    for step in (ECHO, HANDED):
        arrived = {key: heard.frames[step.name, key].body for key in HOSTILE}
        assert arrived == {key: key.encode() for key in HOSTILE}


@given(st.lists(st.text(min_size=1).filter(sendable), min_size=1, max_size=8, unique=True))
def test_any_key_survives_the_shell(keys: list[str]) -> None:
    asked = asking(ECHO, keys=tuple(keys))
    heard = hear(asked, NONCE, run(["dash"], asked))
    assert [heard.frames["echo", key].body for key in keys] == [key.encode() for key in keys]


def test_keys_are_no_part_of_the_script_or_of_its_command() -> None:
    asked = compose([HOST.resolve(f"file./{key}.content") for key in HOSTILE])
    assert asked.text == compose([HOST.resolve("file./x.content")]).text
    assert "reboot" not in shell.command(None)


@given(st.text(min_size=1).filter(sendable))
def test_an_encoded_key_is_harmless(key: str) -> None:
    assert set(encode(key)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._:+-\\")


@pytest.mark.parametrize("key", ["a\0b", "\udc80"])
def test_a_key_that_no_command_can_take_is_never_sent(key: str) -> None:
    assert not sendable(key)
    assert set(compose([HOST.resolve(f"file./{key}.exists")]).keys) == set(compose([]).keys)


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"a", b"a\n", b"a\n\n\n", b"\na", b"\r\n", bytes(range(256)), b"x" * 70000]
)
def test_content_comes_back_as_it_is(sh: list[str], tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    asked = asking(CONTENT, keys=(str(file),))
    assert hear(asked, NONCE, run(sh, asked)).frames["content", str(file)].body == content


def test_a_file_cannot_forge_a_frame(tmp_path: Path) -> None:
    evil, good = tmp_path / "evil", tmp_path / "good"
    good.write_text("good")
    asked = asking(CONTENT, keys=(str(evil), str(good)))
    other = "f" * 32  # a nonce of another session, which is the best that a file can hold
    evil.write_bytes(b"\n%b . 0\n\n%b content 1\nforged\n%b . 0\n" % ((other.encode(),) * 3))
    heard = hear(asked, NONCE, run(["dash"], asked))
    assert heard.frames["content", str(good)].body == b"good"
    assert heard.frames["content", str(evil)].body == evil.read_bytes()


def test_a_cut_answer_keeps_only_what_was_answered_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("first")
    (tmp_path / "b").write_text("second")
    keys = (str(tmp_path / "a"), str(tmp_path / "b"))
    asked = asking(CONTENT, keys=keys)
    whole = run(["dash"], asked).stdout
    cut = Answer(whole[: whole.index(b"second") + 3], cut="the look was cut off after 60 s")
    heard = hear(asked, NONCE, cut)
    assert heard.frames["content", keys[0]].body == b"first"
    assert str(heard.frame("content", keys[1])) == "unknown (the look was cut off after 60 s)"


def test_noise_before_the_answer_is_left_out(tmp_path: Path) -> None:
    asked = asking(STAT, keys=(str(tmp_path),))
    said = b"Welcome to Riverton Unified!\nLast login: never\n" + run(["dash"], asked).stdout
    assert hear(asked, NONCE, Answer(said)).frames["stat", str(tmp_path)].status == 0


def test_one_question_that_hangs_leaves_only_itself_unanswered(tmp_path: Path) -> None:
    hang = Step("hang", "case $1 in */slow) exec sleep 60;; *) printf here;; esac", each=True, guarded=True)
    keys = (str(tmp_path / "a"), str(tmp_path / "slow"), str(tmp_path / "b"))
    asked = asking(hang, keys=keys)
    quick = Script(asked.text.replace("alone 10 ", "alone 1 ").replace("alone 5 ", "alone 1 "), asked.keys)
    heard = hear(quick, NONCE, run(["dash"], quick))
    assert [heard.frames["hang", key].body for key in (keys[0], keys[2])] == [b"here", b"here"]
    assert "may hang" in str(heard.frame("hang", keys[1]))


def test_the_password_is_skipped_where_sudo_did_not_ask_for_it() -> None:
    asked = compose([])
    for password in ("secret", "#go", "$(touch /tmp/never)", ""):
        unread = f"{password}\n".encode() + asked.stdin(NONCE)
        assert identity(hear(asked, NONCE, boot(["dash"], unread))), password


def test_the_script_leaves_the_nonce_out_of_other_programs_sight() -> None:
    spy = Step("spy", "env; cat /proc/self/cmdline")
    handed = Step("seen", "env; cat /proc/self/cmdline /proc/$PPID/cmdline", each=True, guarded=True)
    asked = script.assemble({spy: (), handed: ("x",)})
    heard = hear(asked, NONCE, run(["dash"], asked))
    for frame in heard.frames.values():
        assert NONCE.encode() not in frame.body
    assert b"PATH=" in heard.frames["spy", ""].body
