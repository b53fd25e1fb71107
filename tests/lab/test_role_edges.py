"""Where the example's roles stop, and what they leave alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from agent.systems.ansible.job import End
from tests.lab import plays
from tests.lab.plays import changed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lab.host import Host
    from tests.lab.lab import Lab
    from tests.lab.plays import Play

CLOCK = "systemd-timesyncd"
OWN_CLOCK = {"time_own_clock": True, "time_wait": 0}
PENDING = "apt-get install -y --allow-downgrades lab-agent=1.0-1"
HOSTILE = """{{ 7*7 }} {% raw %} $(reboot) `id` '"; DROP TABLE <b> caf\u00e9 \\n %s\n\n"""


@pytest.fixture
def play(lab_pool: Lab, lab_host: Host, tmp_path: Path) -> Play:
    return plays.new(tmp_path, lab_pool, lab_host)


@pytest.mark.parametrize("keys", ["", "# ssh-ed25519 AAAAC3Nza nobody\n"], ids=["no key", "only a comment"])
def test_nobody_is_locked_out(play: Play, keys: str) -> None:
    play.host.path("/home/admin/.ssh/authorized_keys").write_text(keys, encoding="utf-8")
    play.login(ansible_user="root")
    before = play.written()
    for result in (play.check("HOST-01"), play.run("HOST-01")):
        assert result.end is End.FAILED
        assert "no account that may become root there has a key (looked at admin)" in result.why
        assert result.changes == 0
    assert play.written() == before
    assert play.lab.ssh(play.host, "true", user="root").returncode == 0
    kept = {"PermitRootLogin": "prohibit-password", "PasswordAuthentication": "no"}
    assert play.run("HOST-01", ssh_options=kept).end is End.DONE  # root's own key is a door, then
    assert play.lab.ssh(play.host, "true", user="root").returncode == 0


def test_a_named_administrator_is_a_door(play: Play) -> None:
    play.host.exec("echo 'User_Alias STAFF = admin\nSTAFF ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/admin")
    play.host.exec("gpasswd -d admin sudo")
    assert "no account that may become root" in play.check("HOST-01").why
    assert play.check("HOST-01", ssh_admin_accounts=["admin"]).end is End.DONE
    assert play.check("HOST-01", ssh_check_doors=False).end is End.DONE


def test_sshd_never_gets_what_it_refuses(play: Play) -> None:
    before = play.written()
    ran = play.run("HOST-01", ssh_options={"NoSuchOption": "yes"})
    assert ran.end is End.FAILED
    assert "failed to validate" in ran.why
    assert play.written() == before


@pytest.mark.parametrize(
    ("policy", "variables", "said"),
    [
        ("HOST-01", {"ssh_options": {"PermitRootLogin": False}}, "quoted text"),
        ("HOST-01", {"ssh_options": {"Match": "User root"}}, "cannot be set here"),
        ("HOST-01", {"ssh_options": {"Banner": "none\nPermitRootLogin yes"}}, "on one line"),
        ("HOST-02", {"banner_text": "\n"}, "banner_text is empty"),
        ("HOST-03", {"packages_absent": ["telnet*"]}, "exact package names"),
        ("HOST-04", {"services_running": ["nosuch"]}, "is not-found, so it cannot be started"),
        ("HOST-06", {"users_allowed": ["$(reboot)"]}, "list of account names"),
        ("HOST-06", {}, "nobody is on the list, so the group sudo would be empty"),
        ("HOST-07", {"sysctl_values": {"net.ipv4.ip_forward": 0}}, "quoted text"),
        ("HOST-07", {"sysctl_values": {"net.ipv4.nosuch": "0"}}, "/proc/sys/net/ipv4/nosuch"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_both_modes(
    play: Play, policy: str, variables: dict[str, Any], said: str
) -> None:
    before = play.written()
    for result in (play.check(policy, **variables), play.run(policy, **variables)):
        assert (result.end, result.changes) == (End.FAILED, 0)
        assert said in result.why
    assert play.written() == before


def test_a_text_arrives_as_it_stands(play: Play) -> None:
    assert play.run("HOST-02", banner_text=HOSTILE).end is End.DONE
    assert play.host.path("/etc/issue.net").read_text(encoding="utf-8") == HOSTILE
    assert play.check("HOST-02", banner_text=HOSTILE).changes == 0


def test_a_masked_service_is_left_to_people(play: Play) -> None:
    play.host.exec("systemctl mask --now cron")
    for result in (play.check("HOST-04"), play.run("HOST-04")):
        assert (result.end, result.changes) == (End.FAILED, 0)
        assert "cron on host1 is masked" in result.why
    assert not play.eyes.service("cron").is_running


def test_running_and_enabled_may_be_different_units(play: Play) -> None:
    """As for postfix: one unit is enabled, another one is what runs."""
    unit = "[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n"
    for name in ("postfix", "postfix@-", "dovecot"):
        play.host.path(f"/etc/systemd/system/{name}.service").write_text(unit, encoding="utf-8")
    play.host.exec("systemctl daemon-reload")
    looked, ran = play.check("HOST-04-MAIL"), play.run("HOST-04-MAIL")
    assert changed(looked) == changed(ran) != set()
    running = {name: play.eyes.service(name).is_running for name in ("postfix", "postfix@-", "dovecot")}
    assert running == {"postfix": False, "postfix@-": True, "dovecot": True}
    assert play.run("HOST-04-MAIL").changes == 0


def test_a_clock_of_its_own_is_started_and_waited_for(play: Play) -> None:
    play.run("HOST-05")
    override = play.host.path(f"/etc/systemd/system/{CLOCK}.service.d/lab.conf")
    override.parent.mkdir()
    override.write_text("[Unit]\nConditionVirtualization=\n", encoding="utf-8")  # a container has none, by default
    play.host.exec("systemctl daemon-reload")
    looked, ran = play.check("HOST-05", **OWN_CLOCK), play.run("HOST-05", **OWN_CLOCK)
    assert changed(looked) == changed(ran) != set()
    assert play.eyes.service(CLOCK).is_running
    assert play.run("HOST-05", **OWN_CLOCK).changes == 0
    play.host.exec(f"systemctl stop {CLOCK}")
    silent = play.run("HOST-05", time_own_clock=True, time_wait=2)  # the lab has no time server
    assert silent.end is End.FAILED
    assert "No time server answered within 2 seconds" in silent.why


def test_who_cannot_be_taken_out_is_named(play: Play) -> None:
    play.host.exec("useradd -g sudo own; useradd aexample; useradd mallory; gpasswd -M aexample,mallory sudo")
    for result in (play.check("HOST-06"), play.run("HOST-06")):
        assert result.end is End.FAILED
        assert "own on host1 has sudo as its own group" in result.why
        assert len(changed(result)) == 1
    assert play.eyes.group("sudo").members == ["aexample"]


def test_the_last_member_goes_only_when_told(play: Play) -> None:
    assert play.run("HOST-06", users_may_be_empty=True).end is End.DONE
    assert play.eyes.group("sudo").members == []
    assert play.run("HOST-06").changes == 0


def test_a_restart_is_said_and_not_done(play: Play) -> None:
    play.host.exec("touch /run/reboot-required")
    said = play.run("HOST-08")
    assert (said.end, said.changes) == (End.DONE, 0)
    assert "Restart the host" in _names(said, "skipped")
    assert "Restart the host" in _names(play.check("HOST-08", updates_reboot=True), "changed")


@pytest.mark.parametrize(("newer", "waiting"), [("{}-9", True), ("{}-9-other", False), ("0.1", False)])
def test_a_newer_kernel_waits_for_a_restart(play: Play, newer: str, *, waiting: bool) -> None:
    release, _, sort = play.host.exec("uname -r").stdout.strip().partition("-")
    name = "-".join(filter(None, (newer.format(release), sort)))
    play.host.path(f"/boot/vmlinuz-{name}").touch()
    looked = play.check("HOST-08", updates_reboot=True, updates_container=False)
    assert ("Restart the host" in _names(looked, "changed")) is waiting
    assert "Restart the host" not in _names(play.check("HOST-08", updates_reboot=True), "changed")  # a container


def test_an_excluded_update_stays(play: Play) -> None:
    play.host.exec(PENDING)
    assert play.run("HOST-08", updates_exclude=["lab-agent"]).changes == 0
    assert play.eyes.package("lab-agent").version == "1.0-1"


def _names(result: Any, status: str) -> list[str]:
    return [step.task.partition(" : ")[2] or step.task for step in result.steps if step.status == status]
