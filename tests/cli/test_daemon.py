"""The daemon as a process: it looks by itself, follows its policies, mails once, and ends and begins in good order."""

from __future__ import annotations

import operator
import signal
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from agent.ledger.store import open_ledger
from tests.cli.daemons import daemon
from tests.provenance.forge import DISTRICT, POLICY, Forge

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

    from agent.model.sweep import Sweep
    from tests.cli.fixtures import Driftbell, Mailbox

HOST = {"web1": {"ansible_connection": "local", "site": "east"}}
ALL_DAYS = {key: ["00:00-23:59"] for key in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
TODAY = datetime.now(UTC).date()
OFFICE = {
    "calendar": "office", "name": "Office", "bells": ALL_DAYS,
    "years": {"now": {"from": str(TODAY - timedelta(days=90)), "to": str(TODAY + timedelta(days=90))}},
}  # fmt: skip


@pytest.fixture
def local(driftbell: Driftbell, tmp_path: Path) -> Driftbell:
    """A district of one host, which is this machine, and a rule about one file of this test's own."""
    driftbell.hosts(HOST)
    (tmp_path / "motd").write_text("hello\n", encoding="utf-8")
    rule(driftbell, "hello")
    driftbell.settings(daemon={"poll": 1})
    return driftbell


def rule(driftbell: Driftbell, wanted: str, **changes: object) -> None:
    motd = driftbell.folder / "motd"
    expect = {f"file.{motd}.content": f"{wanted}\n"}
    driftbell.policy("HOST-01", expect=expect, mode="audit", check_every="1m", **changes)


def words(letter: EmailMessage) -> str:
    """Give the plain text of a letter, in one line."""
    plain = letter.get_body(("plain",))
    assert plain is not None
    return " ".join(plain.get_content().split())


def sweep_of(driftbell: Driftbell) -> Sweep | None:
    with open_ledger(driftbell.state / "ledger.db", read_only=True) as store:
        return store.last_sweep("host")


def test_it_looks_by_itself_and_says_how_it_is(local: Driftbell) -> None:
    without = local("status")
    assert "No daemon runs here" in without.out
    assert "Nothing was ever looked at" in without.out
    with daemon(local) as running:
        said = running.cycles(1)
        assert said["ills"] == {}
        assert list(said["next_looks"]) == ["hosts (hosts)"]
        text = local("status").out
        assert f"The daemon (process {running.process.pid}) has been up for" in text
        assert "1 in line, 0 out of line, 0 unknown" in text
        document = local("status", "--json").json
        assert document["sources"][0]["seen"] == 1
        assert document["daemon"]["cycles"] == 1
        assert running.end() == 0
    assert sweep_of(local) is not None  # what was seen is kept, for whoever asks why
    assert [e["event"] for e in running.events()][:3] == ["started", "policies", "cycle"]
    assert running.events()[-1]["event"] == "ended"
    assert "No daemon runs here" in local("status").out


def test_an_edited_rule_counts_at_once_and_a_broken_one_only_looks(local: Driftbell) -> None:
    with daemon(local) as running:
        running.cycles(1)
        seen_first = sweep_of(local)
        rule(local, "good morning")
        running.cycles(2)
        assert local("status", "--json").json["run"]["out_of_line"] == 1
        seen_then = sweep_of(local)
        assert seen_first is not None
        assert seen_then is not None
        assert seen_then.as_of > seen_first.as_of
        path = local.write("policies/hosts/HOST-01.yaml", "policy: [\n")
        said = running.until(operator.itemgetter("refused"))
        assert "The policies do not load" in said["refused"]
        assert "What loaded last only looks." in local("status").out
        path.unlink()
        rule(local, "hello")
        running.until(lambda s: not s["refused"] and not s["work"])
        assert running.end() == 0


def test_rules_that_never_loaded_are_waited_for(local: Driftbell) -> None:
    path = local.write("policies/hosts/HOST-01.yaml", "policy: [\n")
    with daemon(local) as running:
        said = running.until(operator.itemgetter("ills"))
        assert "HOST-01.yaml:" in said["ills"]["look"]
        path.unlink()
        rule(local, "hello")
        assert running.cycles(1)["ills"] == {}


def test_one_daemon_for_a_state_directory(local: Driftbell) -> None:
    with daemon(local) as running:
        running.cycles(1)
        second = local("daemon")
        assert second.code == 4
        assert f"Another daemon (process {running.process.pid}) works on" in second.err
        assert running.status() is not None
        assert running.end(signal.SIGKILL) == -signal.SIGKILL
    with daemon(local) as again:  # what a killed one left keeps nobody out
        again.cycles(1)
        assert again.end() == 0


def test_the_kill_switch_is_seen_at_once_and_can_be_thrown_at_the_door(local: Driftbell, mailbox: Mailbox) -> None:
    local.settings(mail=mailbox.settings(), daemon={"poll": 1})
    with daemon(local) as running:
        running.cycles(1)
        assert local("stop", "--why", "a drill").code == 0
        running.cycles(2)
        assert "STOPPED: " in local("status").out
        end = time.monotonic() + 30
        while not mailbox.messages() and time.monotonic() < end:
            time.sleep(0.05)
        (letter,) = mailbox.messages()
        assert "a drill" in words(letter)
        assert local("resume").code == 0
        running.cycles(3)
        assert running.end() == 0
    assert len(mailbox.messages()) == 1  # that it may go on is no alarm


def test_settings_are_read_again_and_wrong_ones_change_nothing(local: Driftbell) -> None:
    with daemon(local) as running:
        running.cycles(1)
        local.config.write_text("daemon: {poll: never}\n", encoding="utf-8")
        running.tell(signal.SIGHUP)
        running.until(lambda _s: any(e["event"] == "settings not read" for e in running.events()))
        local.settings(daemon={"poll": 2})
        running.tell(signal.SIGHUP)
        running.until(lambda _s: any(e["event"] == "settings read" for e in running.events()))
        assert running.end() == 0


def test_a_run_by_hand_beside_it_is_noticed(local: Driftbell) -> None:
    with daemon(local) as running:
        running.cycles(1)
        by_hand = local("run", "--mail", "never", "--json").json["run"]
        running.cycles(2)
        assert local("status", "--json").json["run"]["id"] != by_hand


def test_the_report_of_the_day_goes_out_once_with_all_that_came_since(local: Driftbell, mailbox: Mailbox) -> None:
    local.district(district={"name": "Riverton", "timezone": "UTC", "hours": {"staff": "office"}})
    local.write("policies/calendars/office.yaml", OFFICE)
    local.settings(mail=mailbox.settings(), daemon={"poll": 1, "report_at": "00:00"})
    rule(local, "good morning")
    assert local("run", "--mail", "never").code == 1  # a look by hand is nobody's report
    with daemon(local) as running:
        running.cycles(1)
        end = time.monotonic() + 30
        while not mailbox.messages() and time.monotonic() < end:
            time.sleep(0.05)
        rule(local, "good evening")
        running.cycles(2)
        assert running.end() == 0
    with daemon(local) as running:
        running.cycles(1)
        assert running.end(signal.SIGKILL) < 0
    (letter,) = mailbox.messages()
    assert "1 out of line" in str(letter["Subject"])


def test_a_refused_revision_is_told_once_to_its_author_and_the_director(
    driftbell: Driftbell, mailbox: Mailbox, tmp_path: Path
) -> None:
    forge = Forge.made(tmp_path / "forge")
    people = (
        "people:\n  director: {name: A. Example, email: director@riverton.example}\n"
        "  ada: {name: Ada Example, email: ada@riverton.example}\nreports: {drift: [director]}\n"
    )
    forge.write("policies/district.yaml", DISTRICT + people)
    driftbell.settings(mail=mailbox.settings(), daemon={"poll": 1}, signers={"amy": [forge.ssh_key("amy")]})
    forge.commit("one", ssh="amy")
    forge.push()
    with daemon(driftbell, "--repo", f"file://{forge.remote}") as running:
        running.cycles(1)
        forge.write("policies/hosts/HOST-01.yaml", POLICY.replace("severity: high", "severity: low"))
        bad = forge.commit("two")
        forge.push()
        running.until(lambda s: s["refused"] and not s["work"])
        end = time.monotonic() + 60
        while not mailbox.messages() and time.monotonic() < end:
            time.sleep(0.05)
        assert running.end() == 0
    with daemon(driftbell, "--repo", f"file://{forge.remote}") as running:
        running.until(lambda s: s["refused"] and not s["work"] and s["cycles"] > 0)
        assert running.end() == 0
    (letter,) = mailbox.messages()
    assert {a.addr_spec for a in letter["To"].addresses} == {"director@riverton.example", "ada@riverton.example"}
    assert f"Revision {bad[:12]} It is not signed." in words(letter)
