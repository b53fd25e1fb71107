"""What several changes of one resource come to together, and whether it is as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.decide import reverting
from agent.model.action import Action, Hold, Plan, Result, Written
from agent.model.capture import Capture, FileBefore, ServiceBefore
from agent.model.finding import Difference
from agent.model.kind import Undo
from agent.model.ports import Deed, Intent
from tests.decide.build import ROOT, table
from tests.ledger import nouns

AT = datetime(2026, 10, 14, 12, tzinfo=UTC)
HERE = "host/web1"


def file(path: str = "/etc/motd", digest: str = "old", **more: Any) -> FileBefore:
    return FileBefore(path, "file", "0644", "root", "root", digest.encode(), digest=digest, **more)


def kept(*files: FileBefore, **more: Any) -> Capture:
    return Capture(HERE, AT, files=files, **more)


GONE = FileBefore("/etc/motd", "absent")


@pytest.mark.parametrize(
    ("wanted", "undo"),
    [
        (kept(file()), Undo.EXACT),
        (kept(services=(ServiceBefore("ssh", "enabled", running=True),)), Undo.EXACT),
        (kept(file(), left=("a command",)), Undo.PARTIAL),
        (kept(left=("a command",)), Undo.NONE),
        (kept(), Undo.NONE),
    ],
)
def test_how_exactly_it_can_be_taken_back(wanted: Capture, undo: Undo) -> None:
    assert reverting.exactness(wanted) is undo


def test_of_two_changes_what_the_first_found_goes_back_and_what_the_second_left_is_expected() -> None:
    first, second = kept(file(digest="a"), left=("x",), fields={"f": "1"}), kept(file(digest="b"), fields={"f": "2"})
    one = reverting.restoration([(first, second), (second, kept(file(digest="c")))], overrides=False)
    assert one.wanted.files == (file(digest="a"),)
    assert one.wanted.fields == {"f": "1"}
    assert one.wanted.left == ("x",)
    assert one.left_by_us == (file(digest="c"),)


def test_what_nobody_looked_at_afterwards_is_not_known() -> None:
    assert reverting.restoration([(kept(file()), None)], overrides=False).left_by_us is None


@pytest.mark.parametrize(
    ("now", "moved"),
    [
        (file(digest="new"), ()),  # as our change left it
        (file(digest="old"), ()),  # somebody put it back before us
        (file(digest="theirs"), ("/etc/motd",)),
        (replace(file(digest="new"), mode="0600"), ("/etc/motd",)),
        (replace(file(digest="new"), owner="admin"), ("/etc/motd",)),
        (GONE, ("/etc/motd",)),
    ],
)
def test_what_somebody_else_changed_since(now: FileBefore, moved: tuple[str, ...]) -> None:
    one = reverting.restoration([(kept(file()), kept(file(digest="new")))], overrides=False)
    assert reverting.moved_since(one, kept(now)) == moved


@pytest.mark.parametrize(
    ("now", "odd"),
    [
        (kept(file(), services=(ServiceBefore("ssh", "enabled", running=True),), sysctls={"a": "1"}), ""),
        (kept(file("/etc/motd", "new"), services=(ServiceBefore("ssh", "enabled", running=True),), sysctls={"a": "1"}),
         "/etc/motd"),
        (kept(file(), services=(ServiceBefore("ssh", "enabled", running=False),), sysctls={"a": "1"}), "ssh"),
        (kept(file(), services=(ServiceBefore("ssh", "disabled", running=True),), sysctls={"a": "0"}), "ssh, a"),
        (kept(), "/etc/motd, ssh, a"),
    ],
)  # fmt: skip
def test_what_is_not_as_it_was(now: Capture, odd: str) -> None:
    wanted = kept(file(), services=(ServiceBefore("ssh", "enabled", running=True),), sysctls={"a": "1"})
    assert reverting.unlike(wanted, now) == odd


def test_a_links_own_mode_and_a_path_that_steers_a_terminal_are_no_trouble() -> None:
    link = FileBefore("/l", "link", "0777", "root", "root", target="/a")
    assert not reverting.unlike(kept(link), kept(replace(link, mode="0755", owner="admin")))
    assert reverting.named(["/a\x1b[2J\n", "/b", "/c", "/d"]) == "/a\\x1b[2J\\n, /b, /c and 1 more"


BACK = Action("P", HERE, "", "ansible.restore", {"undo": "r1"}, (Difference(ROOT, "yes", "no"),), (ROOT,))


@pytest.mark.parametrize(
    ("reading", "unlike", "result"),
    [
        ("yes", "", Result.REVERTED),
        ("yes", "/etc/motd", Result.FAILED),
        ("yes", None, Result.PENDING),
        ("no", "", Result.FAILED),
    ],
)
def test_taken_back_is_what_reads_as_it_did_in_fields_and_files(
    reading: str, unlike: str | None, result: Result
) -> None:
    written = Written(HERE, "put back 1 thing", ran=True, unlike=unlike)
    assert reverting.judge(BACK, written, table({"web1": {ROOT: reading}}))[0] is result


def deed(number: int, run: str, verb: str = "ansible.playbook", undo: str = "", result: Result | None = None) -> Deed:
    intent = Intent(number, run, "b", "P", HERE, verb, AT, 0)
    return Deed(intent, Action("P", HERE, "", verb, {"undo": undo} if undo else {}, (), ()), result)


CHANGE = deed(1, "r1", result=Result.CONFIRMED)
UNDONE = deed(2, "r2", "ansible.restore", "r1", Result.REVERTED)
REDONE = deed(3, "r3", "ansible.restore", "r2/2", Result.REVERTED)


@pytest.mark.parametrize(
    ("later", "by"),
    [
        ([], None),
        ([CHANGE, UNDONE], UNDONE),
        ([CHANGE, UNDONE, REDONE], None),  # taken back, and that taken back
        ([UNDONE, REDONE, deed(4, "r4", "ansible.restore", "r3", Result.REVERTED)], UNDONE),
        ([deed(2, "r2", "ansible.restore", "r1", Result.FAILED)], None),
        ([deed(2, "r2", "ansible.restore", "r1")], None),
        ([deed(2, "r2", "ansible.restore", "r0", Result.REVERTED)], None),
    ],
)
def test_what_was_taken_back_already(later: list[Deed], by: Deed | None) -> None:
    assert reverting.undone_by(CHANGE, later) == by


def test_a_host_goes_back_whole_or_not_at_all() -> None:
    first, second = (replace(nouns.batch(d, nouns.action("host/a"), nouns.action("host/b"))) for d in ("1", "2"))
    free = reverting.together(Plan((first, second)), "r1")
    assert free.holds == ()
    stop = Hold("window", first.digest, ("host/a",), "Not now.", "tomorrow")
    held = reverting.together(Plan((first, second), (stop,)), "r1")
    assert [(h.guard, h.batch, h.resources) for h in held.holds[1:]] == [("together", second.digest, ("host/a",))]
    assert [a.resource for a in held.free(second)] == ["host/b"]
