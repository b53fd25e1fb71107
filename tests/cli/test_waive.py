"""`driftbell waive` and `driftbell waivers` as a technician runs them, in a real git checkout."""

from __future__ import annotations

import os
import pty
import pwd
import subprocess
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.cli.printers import FILE, HEAD, OPTIONS, TODAY, committed, entries, git, head, waive

if TYPE_CHECKING:
    from tests.cli.fixtures import Driftbell


@pytest.fixture
def district(driftbell: Driftbell) -> Driftbell:
    """Give the printers' district, committed."""
    return committed(driftbell)


def test_it_is_written_committed_and_in_force(district: Driftbell) -> None:
    before = head(district)
    said = waive(district, "prn-01", "p-1", "printer/P-3", *OPTIONS)
    until = TODAY + timedelta(days=30)
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[:2] == [
        f"W-{TODAY.year}-001: PRN-01 leaves printer/P-1, printer/P-3 alone until {until}, that day included.",
        "2 findings are excepted: reported as such, and nothing is done. After that day this ends.",
    ]
    assert f"committed as {head(district)[:10]} on main" in said.out
    assert [str(e["until"]) for e in entries(district)] == [str(until)]
    assert git(district.repo, "log", "-1", "--format=%an %ae|%s|%P").strip() == (
        "T. Tech tech@riverton.example|"
        f"Waive PRN-01 for printer/P-1, printer/P-3 until {until} (vendor, ticket 4711)|{before}"
    )
    assert git(district.repo, "show", "--name-only", "--format=").split() == [FILE]
    assert not git(district.repo, "status", "--porcelain")
    git(district.repo, "fsck", "--strict")
    found = district("check", "--json").json
    assert found["counts"] == {"in_line": 1, "out_of_line": 1, "unknown": 0, "excepted": 2, "not_yet": 0}
    assert [f["waiver"] for f in found["findings"] if f["verdict"] == "excepted"] == [f"W-{TODAY.year}-001"] * 2


def test_the_next_one_has_the_next_number_and_leaves_the_file_as_it_was(district: Driftbell) -> None:
    (district.repo / FILE).write_bytes(HEAD.replace("\n", "\r\n").encode())
    git(district.repo, "add", "-A")
    git(district.repo, "commit", "-q", "-m", "Waivers")
    for name in ("P-1", "P, 4"):
        before = (district.repo / FILE).read_bytes()
        assert waive(district, "PRN-01", name, *OPTIONS).code == 0
        assert (district.repo / FILE).read_bytes().startswith(before)
    assert [e["waiver"] for e in entries(district)] == [f"W-{TODAY.year}-00{n}" for n in (1, 2)]
    assert [e["resources"] for e in entries(district)] == [["printer/P-1"], ["printer/P, 4"]]
    assert not git(district.repo, "status", "--porcelain")


def test_the_caller_answers_for_it_where_the_server_knows_who_that_is(district: Driftbell) -> None:
    district.settings(people={pwd.getpwuid(os.getuid()).pw_name: "director"})
    assert waive(district, "PRN-01", "P-1", *OPTIONS[:-2]).code == 0
    assert entries(district)[0]["owner"] == "director"


def test_everything_at_a_school(district: Driftbell) -> None:
    said = waive(district, "PRN-01", "--site", "east high", *OPTIONS)
    assert "leaves everything at East High alone" in said.out
    assert "3 findings are excepted" in said.out
    assert entries(district)[0]["sites"] == ["east"]


def test_other_changes_stay_as_they_were(district: Driftbell) -> None:
    """What is staged stays staged, what is changed stays changed, and none of it is in the commit."""
    district.write("staged.txt", "staged\n")
    git(district.repo, "add", "staged.txt")
    district.write("staged.txt", "staged, then changed\n")
    district.write("new.txt", "new\n")
    policy = district.repo / "policies/devices/PRN-01.yaml"
    policy.write_text(policy.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    before = git(district.repo, "status", "--porcelain")
    assert waive(district, "PRN-01", "P-1", *OPTIONS).code == 0
    assert git(district.repo, "status", "--porcelain") == before
    assert git(district.repo, "show", "--name-only", "--format=").split() == [FILE]
    assert git(district.repo, "show", ":staged.txt") == "staged\n"


def test_neither_hooks_nor_filters_run(district: Driftbell) -> None:
    hooks = district.repo / ".git" / "hooks"
    for name in ("pre-commit", "commit-msg", "post-commit", "reference-transaction", "post-index-change"):
        (hooks / name).write_text("#!/bin/sh\ntouch ran\nexit 1\n", encoding="utf-8")
        (hooks / name).chmod(0o755)
    git(district.repo, "config", "filter.evil.clean", "touch ran; cat")
    git(district.repo, "config", "core.fsmonitor", "touch ran")
    git(district.repo, "config", "gpg.program", "touch ran")
    (district.repo / ".git/info/attributes").write_text("* filter=evil\n", encoding="utf-8")
    assert waive(district, "PRN-01", "P-1", *OPTIONS).code == 0
    assert not list(district.repo.rglob("ran"))
    assert not (district.folder / "ran").exists()


def test_a_checkout_with_lines_of_windows_is_committed_as_git_does(district: Driftbell) -> None:
    (district.repo / FILE).write_bytes(HEAD.encode())
    git(district.repo, "add", "-A")
    git(district.repo, "commit", "-q", "-m", "Waivers")
    git(district.repo, "config", "core.autocrlf", "true")
    (district.repo / FILE).write_bytes(HEAD.replace("\n", "\r\n").encode())
    assert waive(district, "PRN-01", "P-1", *OPTIONS).code == 0
    assert "\r" not in git(district.repo, "show", f"HEAD:{FILE}")
    assert b"\n" not in (district.repo / FILE).read_bytes().replace(b"\r\n", b"")
    assert not git(district.repo, "status", "--porcelain")


def test_a_district_in_a_folder_of_a_repository(district: Driftbell) -> None:
    (district.repo / ".git").rename(district.folder / ".git")
    git(district.folder, "add", "district")
    git(district.folder, "commit", "-q", "-m", "Moved")
    assert waive(district, "PRN-01", "P-1", *OPTIONS).code == 0
    assert git(district.folder, "show", "--name-only", "--format=").split() == [f"district/{FILE}"]


def test_before_the_first_commit(district: Driftbell) -> None:
    git(district.repo, "checkout", "-q", "--orphan", "fresh")
    assert waive(district, "PRN-01", "P-1", *OPTIONS).code == 0
    assert git(district.repo, "log", "--format=%s", "--name-only").split("\n")[2] == FILE


def test_without_a_commit_the_file_alone_is_written(district: Driftbell) -> None:
    before = head(district)
    said = waive(district, "PRN-01", "P-1", *OPTIONS, "--no-commit", yes=False)
    assert (said.code, said.out.splitlines()[-1]) == (0, f"W-{TODAY.year}-001 stands in {FILE}. It is not committed.")
    assert head(district) == before
    assert git(district.repo, "status", "--porcelain") == f"?? {FILE}\n"


def test_a_waiver_ends_today_and_the_rest_stays(district: Driftbell) -> None:
    for name in ("P-1", "P-3"):
        assert waive(district, "PRN-01", name, *OPTIONS).code == 0
    name = f"W-{TODAY.year}-001"
    before = (district.repo / FILE).read_text(encoding="utf-8")
    said = waive(district, "--end", name)
    assert said.out.splitlines()[:2] == [
        f"{name} ends with today, {TODAY}, in place of {TODAY + timedelta(days=30)}.",
        "One finding is out of line from tomorrow on.",
    ]
    assert (district.repo / FILE).read_text(encoding="utf-8") == before.replace(
        str(TODAY + timedelta(days=30)), str(TODAY), 1
    )
    assert git(district.repo, "log", "-1", "--format=%s").strip() == f"End the waiver {name} on {TODAY}"
    assert district("check", "--json").json["counts"]["excepted"] == 2  # its last day belongs to it
    again = waive(district, "--end", name)
    assert (again.code, f"{name} ends today anyway" in again.err) == (2, True)
    near = waive(district, "--end", f"W-{TODAY.year}-01")
    assert "did you mean" in near.err


def test_the_listing(district: Driftbell) -> None:
    assert district("waivers").out.strip() == "There are no waivers. `driftbell waive` writes one."
    assert waive(district, "PRN-01", "P-1", *OPTIONS).code == 0
    assert waive(district, "PRN-01", "P-2", *OPTIONS, "--until", "14 days").code == 0
    said = district("waivers")
    rows = [line.split() for line in said.out.splitlines()]
    year = TODAY.year
    assert rows == [
        ["waiver", "until", "reason", "ticket", "state", "policies"],
        [f"W-{year}-002", str(TODAY + timedelta(days=14)), "vendor", "4711", "unused", "PRN-01"],
        [f"W-{year}-001", str(TODAY + timedelta(days=30)), "vendor", "4711", "used", "(1)", "PRN-01"],
        [],
        ["2", "of", "2", "run,", "and", "except", "1", "finding."],
    ]
    assert max(map(len, said.out.splitlines())) <= 80
    document = district("waivers", "--json").json
    assert [(w["waiver"], w["state"], w["findings"]) for w in document["waivers"]] == [
        (f"W-{year}-002", "unused", 0), (f"W-{year}-001", "used", 1),
    ]  # fmt: skip


def test_at_a_terminal_what_is_missing_is_asked_for(district: Driftbell) -> None:
    parent, child = pty.openpty()
    answers = "boss\ndirector\nvendor\nINC-7\n10 days\ny\n"
    process = subprocess.Popen(
        district.arguments("waive", "PRN-01", "P-1"), env=district.environment(), stdin=child,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=district.folder,
    )  # fmt: skip
    os.close(child)
    os.write(parent, answers.encode())
    out, err = process.communicate(timeout=120)
    os.close(parent)
    assert process.returncode == 0, out + err
    assert "There is no 'boss' among `people`" in err
    assert entries(district)[0]["ticket"] == "INC-7"


def test_a_commit_is_signed_where_the_caller_signs(district: Driftbell) -> None:
    key = district.folder / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    for name, value in (("commit.gpgSign", "true"), ("gpg.format", "ssh"), ("user.signingKey", str(key))):
        git(district.repo, "config", name, value)
    assert waive(district, "PRN-01", "P-1", *OPTIONS).code == 0
    assert "-----BEGIN SSH SIGNATURE-----" in git(district.repo, "cat-file", "commit", "HEAD")


def test_the_document_of_a_run_has_the_waivers(district: Driftbell) -> None:
    assert waive(district, "PRN-01", "P-1", *OPTIONS).code == 0
    (one,) = district("check", "--json").json["waivers"]
    assert one == {
        "waiver": f"W-{TODAY.year}-001", "policies": ["PRN-01"], "resources": ["printer/P-1"], "sites": [],
        "owner": "director", "reason": "vendor", "ticket": "4711", "until": str(TODAY + timedelta(days=30)),
        "days_left": 30, "state": "used", "ending": False, "findings": 1, "oldest": None, "place": f"{FILE}:3:5",
    }  # fmt: skip
