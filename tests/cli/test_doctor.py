"""The doctor says what is missing and how to mend it, with real programs, files, a mail server and a full disk."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from agent.doctor.approvers import look_at
from agent.doctor.word import State
from agent.model.policy import Caps, District, Person
from agent.settings import Settings
from tests.approvals.ground import key, public
from tests.cli.fixtures import Said
from tests.cli.forking import started
from tests.fakes.smtp import MailServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.fixtures import Driftbell, Mailbox

LOCAL = {"here": {"ansible_connection": "local", "site": "east"}}
LISTS = {
    "google": {"type": "csv", "kind": "device", "path": "google.csv", "preset": "google_devices", "fresh_for": "8 days"}
}
GONE = "/nonexistent"
MAY = {"email": "it@riverton.example", "may": ["approve"]}
APPROVERS = {
    "director": {**MAY, "name": "A", "deputy": "systems"},
    "systems": {**MAY, "name": "B", "deputy": "director"},
}


def doctor(driftbell: Driftbell, *words: str, **environment: str) -> Said:
    arguments, given = driftbell.arguments("doctor", *words), {**driftbell.environment(), **environment}
    done = started(arguments[3:], given, driftbell.folder, 120, None) or subprocess.run(
        arguments, env=given, capture_output=True, text=True, timeout=120, check=False, cwd=driftbell.folder,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    assert done.returncode != 70, done.stderr
    return Said(done.returncode, done.stdout, done.stderr)


def words(driftbell: Driftbell, **environment: str) -> dict[str, list[dict[str, Any]]]:
    """What the doctor says, by what it is about."""
    found: dict[str, list[dict[str, Any]]] = {}
    for word in doctor(driftbell, "--json", **environment).json["checks"]:
        found.setdefault(word["check"], []).append(word)
    return found


def only(found: dict[str, list[dict[str, Any]]], about: str) -> dict[str, Any]:
    (word,) = found[about]
    return word


@pytest.fixture
def healthy(driftbell: Driftbell, mailbox: Mailbox) -> Driftbell:
    """Give a district in which nothing is wrong."""
    driftbell.hosts(LOCAL)
    driftbell.district(people=APPROVERS)
    driftbell.settings(mail=mailbox.settings())
    mailbox.password.chmod(0o600)
    driftbell.state.mkdir(mode=0o700)
    return driftbell


def test_of_a_healthy_district_everything_but_the_machines_clock_is_ok(healthy: Driftbell, mailbox: Mailbox) -> None:
    found = words(healthy)
    assert {about for about, said in found.items() if any(w["state"] != "ok" for w in said)} <= {"clock"}
    expected = {"repository", "python", "letters", "git", "ssh", "ansible", "state", "disk", "permissions", "secrets"}
    assert expected | {"known hosts", "collections", "ledger", "mail", "kill switch", "clock", "approvers"} == set(
        found
    )
    assert mailbox.messages() == []


def test_every_word_of_trouble_says_how_to_mend_it(driftbell: Driftbell) -> None:
    said = doctor(driftbell, "--json", "--repo", str(driftbell.folder / "none"), PATH=GONE).json["checks"]
    assert len([w for w in said if w["state"] in {"look_here", "broken"}]) > 2
    assert all(w["mend"] for w in said if w["state"] in {"look_here", "broken"})


def test_as_text_each_line_begins_with_how_it_stands(healthy: Driftbell) -> None:
    (healthy.state / "STOP").write_text("somebody stopped it\n")
    said = doctor(healthy)
    assert said.code == 1
    line = next(line for line in said.out.splitlines() if "kill switch" in line)
    assert line.startswith("look here")
    assert "-> driftbell resume" in said.out
    assert said.out.rstrip().splitlines()[-1].endswith("a look.")


def test_programs_that_are_not_on_the_path_are_named_with_their_package(driftbell: Driftbell) -> None:
    found = words(driftbell, PATH=GONE)
    assert only(found, "git")["state"] == "broken"
    assert "apt install git" in only(found, "git")["mend"]
    assert "openssh-client" in only(found, "ssh")["mend"]
    assert only(found, "ansible")["state"] == "ok"  # it stands beside our own interpreter


def test_a_mail_server_is_logged_in_to_and_sent_nothing(healthy: Driftbell, mailbox: Mailbox) -> None:
    assert "nothing was sent" in only(words(healthy), "mail")["said"]
    assert mailbox.messages() == []


def test_a_wrong_mail_password_is_told_and_never_shown(healthy: Driftbell, mailbox: Mailbox) -> None:
    mailbox.password.write_text("battery staple", encoding="utf-8")
    said = doctor(healthy, "--json")
    (word,) = (w for w in said.json["checks"] if w["check"] == "mail")
    assert word["state"] == "broken"
    assert "535" in word["said"]
    assert "battery staple" not in said.out


def test_a_mail_server_that_is_down_or_offers_no_encryption(
    healthy: Driftbell, mailbox: Mailbox, tmp_path: Path
) -> None:
    with MailServer(tmp_path / "plain") as plain:
        healthy.settings(mail={"server": plain.url, "from": "bell@riverton.example"})
        assert "STARTTLS" in only(words(healthy), "mail")["said"]
    mailbox.server.__exit__(None, None, None)
    healthy.settings(mail=mailbox.settings())
    assert only(words(healthy), "mail")["state"] == "broken"


@pytest.fixture
def silent() -> Iterator[int]:
    """Give the port of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_mail_server_that_never_answers_costs_bounded_time(healthy: Driftbell, silent: int) -> None:
    healthy.settings(mail={"server": f"smtp://127.0.0.1:{silent}", "from": "bell@riverton.example", "timeout": 600})
    began = time.monotonic()
    found = words(healthy)
    assert time.monotonic() - began < 45
    assert "no answer in time" in only(found, "mail")["said"]
    assert only(found, "kill switch")["state"] == "ok"


def test_without_a_mail_server_it_says_which_setting(driftbell: Driftbell) -> None:
    assert "server: smtp://" in only(words(driftbell), "mail")["mend"]


@pytest.mark.parametrize(
    ("name", "mode", "state"),
    [("", 0o755, "look_here"), ("ledger.db", 0o644, "broken"), ("exports/google.csv", 0o644, "look_here")],
)  # fmt: skip
def test_what_others_may_read_is_told_with_the_command_that_mends_it(
    healthy: Driftbell, name: str, mode: int, state: str
) -> None:
    healthy("run", "--mail", "never")
    path = healthy.state / name
    path.parent.mkdir(exist_ok=True)
    for folder in (healthy.folder, healthy.state, path.parent):
        folder.chmod(0o755)
    if not path.exists():
        path.write_text("x")
    path.chmod(mode)
    word = only(words(healthy), "permissions" if name else "state")
    assert word["state"] == state
    subprocess.run(["sh", "-c", word["mend"]], check=True)
    assert only(words(healthy), "permissions" if name else "state")["state"] == "ok"


def test_what_a_folder_keeps_from_others_they_cannot_read(healthy: Driftbell) -> None:
    (healthy.state / "exports").mkdir()
    (healthy.state / "exports/google.csv").write_text("x")
    assert only(words(healthy), "permissions")["state"] == "ok"
    (healthy.state / "exports/google.csv").chmod(0o644)
    healthy.folder.chmod(0o755)
    assert only(words(healthy), "permissions")["state"] == "ok"
    healthy.state.chmod(0o711)
    assert only(words(healthy), "permissions")["state"] == "look_here"


def test_settings_and_trusted_keys_that_others_may_change_and_a_secret_that_is_gone(
    healthy: Driftbell, mailbox: Mailbox
) -> None:
    healthy.config.chmod(0o666)  # such settings are not read at all, so nothing that hangs on them is known
    refused = [w for told in words(healthy).values() for w in told if str(healthy.config) in w["said"]]
    assert {w["state"] for w in refused} == {"broken"}
    healthy.config.chmod(0o640)
    (healthy.state / "known_hosts").write_text("")
    (healthy.state / "known_hosts").chmod(0o666)
    mailbox.password.unlink()
    found = words(healthy)
    assert {w["state"] for w in found["known hosts"]} == {"broken", "ok"}
    assert str(mailbox.password) in only(found, "secrets")["said"]


def test_a_state_directory_that_is_a_file_and_one_that_cannot_be_made(driftbell: Driftbell) -> None:
    driftbell.state.write_text("")
    assert only(words(driftbell), "state")["state"] == "broken"
    found = words(driftbell, DRIFTBELL_STATE=str(driftbell.state / "below"))
    assert only(found, "state")["state"] == "broken"
    assert "--state" in only(found, "state")["mend"]


def test_a_full_disk_is_told(driftbell: Driftbell) -> None:
    driftbell.state.mkdir(mode=0o700)
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m,mode=700", "tmpfs", str(driftbell.state)]
    mounted = subprocess.run(mount, check=False, capture_output=True, text=True)
    if mounted.returncode:
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI must run this, and a tmpfs cannot be mounted: {mounted.stderr}")
        pytest.skip(f"a tmpfs cannot be mounted here (it takes root): {mounted.stderr.strip()}")
    try:
        word = only(words(driftbell), "disk")
    finally:
        subprocess.run(["umount", "-l", str(driftbell.state)], check=True)
    assert word["state"] == "broken"
    assert "2 MiB free" in word["said"]


def test_a_repository_with_mistakes_is_told_and_the_rest_is_looked_at(driftbell: Driftbell) -> None:
    driftbell.policy("BAD-01", expect={"os.nam": "debian"})
    found = words(driftbell)
    assert "policies/hosts/BAD-01.yaml" in only(found, "repository")["said"]
    assert "driftbell validate" in only(found, "repository")["mend"]
    assert only(found, "collections")["state"] == "could_not_tell"
    assert only(found, "ledger")["state"] == "ok"
    assert doctor(driftbell).code == 3


def test_broken_settings_are_told_and_the_rest_is_looked_at(driftbell: Driftbell) -> None:
    driftbell.config.write_text("mial: {server: x}\n", encoding="utf-8")
    found = words(driftbell)
    assert "driftbell.yaml:1:1" in only(found, "settings")["said"]
    assert only(found, "git")["state"] == "ok"


def test_without_a_repository_it_says_how_to_get_one(driftbell: Driftbell) -> None:
    found = words(driftbell, DRIFTBELL_REPO="")
    assert "driftbell init" in only(found, "repository")["mend"]
    assert "lists" not in found


def test_a_collection_that_a_playbook_uses_and_that_is_missing_is_named(driftbell: Driftbell) -> None:
    driftbell.write(
        "playbooks/wall.yml",
        """\
- name: Wall
  hosts: all
  vars: {settings: {net.ipv4.ip_forward: "0"}}
  tasks:
    - name: In a block
      block:
        - name: Open one door
          nowhere.atall.wall: {rule: allow}
    - name: Built in
      ansible.builtin.debug: {msg: "{{ x.y.z }}"}
""",
    )
    word = only(words(driftbell), "collections")
    assert word["state"] == "broken"
    assert word["mend"] == "ansible-galaxy collection install nowhere.atall"


def test_hosts_whose_keys_nobody_accepted_are_named_without_being_spoken_to(driftbell: Driftbell) -> None:
    driftbell.hosts({"web1": {"ansible_host": "192.0.2.10", "site": "east"}, **LOCAL})
    word = only(words(driftbell), "known hosts")
    assert word["state"] == "look_here"
    assert "web1" in word["said"]
    assert word["mend"] == "driftbell hosts trust"


def test_lists_that_are_missing_or_old_are_told_and_a_fresh_one_is_ok(driftbell: Driftbell) -> None:
    driftbell.write("inventory/systems.yaml", {"systems": LISTS})
    missing = only(words(driftbell), "list google")
    assert missing["state"] == "broken"
    assert "driftbell import FILE --as google" in missing["mend"]
    header = "Device ID,Serial Number,Last Sync,Org Unit Path"
    driftbell.state.joinpath("exports").mkdir(parents=True, mode=0o700)
    export = driftbell.state / "exports" / "google.csv"
    today = datetime.now(UTC)
    export.write_text(f"{header}\nd-1,5CD0001AAA,{today - timedelta(hours=2):%Y-%m-%dT%H:%M:%SZ},/Students\n")
    fresh = only(words(driftbell), "list google")
    assert fresh["said"].startswith("1 row")
    assert fresh["state"] == "ok"
    export.write_text(f"{header}\nd-1,5CD0001AAA,{today - timedelta(days=30):%Y-%m-%dT%H:%M:%SZ},/Students\n")
    assert "30 days" in only(words(driftbell), "list google")["said"], "written now, and its newest time is old"


def test_a_ledger_that_is_none_and_one_of_a_newer_driftbell(healthy: Driftbell) -> None:
    ledger = healthy.state / "ledger.db"
    ledger.write_text("this is no database, and long enough for one " * 50)
    assert only(words(healthy), "ledger")["state"] in {"broken", "could_not_tell"}
    ledger.unlink()
    assert "There is none yet" in only(words(healthy), "ledger")["said"]
    healthy("run", "--mail", "never")
    assert "It opens" in only(words(healthy), "ledger")["said"]
    with closing(sqlite3.connect(ledger)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    word = only(words(healthy), "ledger")
    assert word["state"] == "broken"
    assert "newer Driftbell" in word["said"]


def test_mail_that_waits_is_counted(healthy: Driftbell, mailbox: Mailbox) -> None:
    healthy.policy("NEVER-01", expect={"file./no/such/file.exists": True})
    mailbox.server.__exit__(None, None, None)
    healthy("run")
    waiting = [w for w in words(healthy)["mail"] if "wait" in w["said"]]
    assert [w["mend"] for w in waiting] == ["driftbell report --send"]


# Approvers


def test_what_stands_in_the_way_of_an_approval(driftbell: Driftbell, tmp_path: Path) -> None:
    good = public(key(tmp_path, "good"))
    lost = public(key(tmp_path, "lost"))
    people = {"director": {**MAY, "name": "A"}, "systems": {**MAY, "name": "B", "deputy": "director"}}
    driftbell.district(people=people)
    driftbell.settings(
        approvers={"director": [good, "ssh-ed25519 AAAA cut"], "sytems": [lost]},
        revoked_keys=[lost],
        people={"x": "zoe"},
    )
    said = {w["said"]: w["state"] for w in words(driftbell)["approvers"]}
    for part, state in (
        ("`approvers` in the settings names sytems", "look_here"),
        ("`people` in the settings names zoe", "look_here"),
        ("cannot read 1 of the keys of director", "broken"),
        ("Every key of sytems is revoked", "look_here"),
        ("No key of systems is set", "look_here"),
        ("Nobody stands in for director", "look_here"),
    ):
        assert [state] == [s for text, s in said.items() if part in text], said
    assert len(said) == 6


def test_nobody_who_may_approve_is_told(driftbell: Driftbell) -> None:
    driftbell.district(people={"director": {"name": "A", "email": "a@riverton.example"}})
    assert "Nobody may approve" in only(words(driftbell), "approvers")["said"]


def test_without_ssh_keygen_no_signature_is_believed(tmp_path: Path) -> None:
    dora = Person("dora", "D", "d@riverton.example", frozenset({"approve"}), "sam")
    land = District("R", "UTC", {}, {"dora": dora}, (), Caps(), frozenset())
    asked = Settings("", tmp_path, approvers={"dora": ("ssh-ed25519 AAAA",)})
    (word,) = look_at(asked, land, lambda _name: "", lambda _key: False)
    assert (word.state, word.mend) == (State.BROKEN, "sudo apt install openssh-client")
