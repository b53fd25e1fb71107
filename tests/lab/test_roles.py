"""The example's roles on real hosts: check mode tells the truth, a run repairs, a second run changes nothing.

Each role runs as its policy's remedy runs it: the playbook and the variables stand in policies/hosts/ alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from agent.systems.ansible.job import End
from tests.lab import plays
from tests.lab.plays import changed, remedy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.lab.host import Host
    from tests.lab.lab import Lab
    from tests.lab.plays import Play

DROPINS = "/etc/ssh/sshd_config.d"
BANNER = "HOST-02"


@pytest.fixture
def play(lab_pool: Lab, lab_host: Host, tmp_path: Path) -> Play:
    return plays.new(tmp_path, lab_pool, lab_host)


def only_keys(play: Play) -> None:
    said = play.eyes.check_output("sshd -T").splitlines()
    assert {"permitrootlogin no", "passwordauthentication no", "kbdinteractiveauthentication no"} <= set(said)
    assert play.lab.ssh(play.host, "true", user="root").returncode == 255
    methods = play.lab.ssh(play.host, "true", options=["-v", "-o", "PubkeyAuthentication=no"]).stderr
    assert "Authentications that can continue: publickey\n" in methods.replace("\r", "")


def banner_shown(play: Play) -> None:
    text = remedy(BANNER)["vars"]["banner_text"]
    assert play.eyes.file("/etc/issue.net").content_string == text
    assert text in play.lab.ssh(play.host, "true").stderr.replace("\r", "")


def clear_text_gone(play: Play) -> None:
    assert not any(play.eyes.package(name).is_installed for name in ("telnetd", "rsh-server", "vsftpd"))
    assert play.eyes.package("lab-notes").is_installed


def services_up(play: Play) -> None:
    for name in ("ssh", "cron"):
        assert play.eyes.service(name).is_running
        assert play.eyes.service(name).is_enabled


def clock_follows(play: Play) -> None:
    text = remedy("HOST-05")["vars"]["time_conf"]
    assert play.eyes.file("/etc/systemd/timesyncd.conf").content_string == text
    assert play.eyes.service("systemd-timesyncd").is_enabled


def only_the_listed(play: Play) -> None:
    assert play.eyes.group("sudo").members == ["aexample"]
    assert play.host.exec("grep ^sudo: /etc/gshadow").stdout.strip().endswith(":aexample")
    assert play.eyes.user("mallory").exists


def kernel_holds(play: Play) -> None:
    for name, value in remedy("HOST-07")["vars"]["sysctl_values"].items():
        assert str(play.eyes.sysctl(name)) == value, name
        assert f"{name} = {value}\n" in play.eyes.file("/etc/sysctl.d/zz-driftbell.conf").content_string


def secure(play: Play) -> None:
    assert play.eyes.package("lab-agent").version == "1.0-1+deb12u1"
    assert play.eyes.package("lab-notes").version == "2.0-1"  # no security update: somebody else's business


@dataclass(frozen=True, slots=True)
class Case:
    """A policy, the ways to drift from it, and what tells that a host is in line; `ready` is done first."""

    policy: str
    drifts: tuple[str, ...]
    in_line: Callable[[Play], None]
    ready: str = "true"


CASES = (
    Case(
        "HOST-01",
        (
            "true",  # Debian's own configuration
            "sed -i '1i PermitRootLogin yes' /etc/ssh/sshd_config",
            f"rm {DROPINS}/00-driftbell.conf && sed -i '/^Include/d' /etc/ssh/sshd_config",
            f"sed -i 's/Login no/Login yes/' {DROPINS}/00-driftbell.conf",
            f"rm -r {DROPINS}; echo 'UsePAM yes' > /etc/ssh/sshd_config; chmod 600 /etc/ssh/sshd_config",
            f"sed -i 's/driftbell/*/' /etc/ssh/sshd_config; echo 'PasswordAuthentication yes' > {DROPINS}/00-a.conf",
        ),
        only_keys,
    ),
    Case(
        "HOST-02",
        ("true", "echo >> /etc/issue.net", f"sed -i '/^Banner/d' {DROPINS}/00-driftbell.conf"),
        banner_shown,
    ),
    Case("HOST-03", ("apt-get install -y telnetd vsftpd", "apt-get install -y rsh-server"), clear_text_gone),
    Case(
        "HOST-04",
        ("systemctl stop cron", "systemctl disable cron", "systemctl disable --now cron"),
        services_up,
    ),
    Case(
        "HOST-05",
        ("true", "echo '[Time]' > /etc/systemd/timesyncd.conf", "systemctl disable systemd-timesyncd"),
        clock_follows,
    ),
    Case(
        "HOST-06",
        ("gpasswd -a mallory sudo", "sed -i '/^sudo:/s/$/,ghost/' /etc/group"),  # a name that no account stands behind
        only_the_listed,
        ready="useradd aexample; useradd mallory; gpasswd -M aexample sudo",
    ),
    Case(
        "HOST-07",
        (
            "true",
            "sysctl -w net.ipv4.conf.all.accept_redirects=1",  # the file is right, the kernel is not
            "sysctl -w net.ipv4.ip_forward=1",  # turning this off turns the redirects on, if it comes last
            "sed -i /ip_forward/d /etc/sysctl.d/zz-driftbell.conf",
        ),
        kernel_holds,
    ),
    Case(
        "HOST-08",
        ("apt-get install -y --allow-downgrades lab-agent=1.0-1",),
        secure,
        ready="apt-get install -y --allow-downgrades lab-notes=2.0-1",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.policy)
def test_check_mode_tells_the_truth_and_a_run_repairs(play: Play, case: Case) -> None:
    play.host.exec(case.ready)
    for drift in case.drifts:
        play.host.exec(drift)
        before = play.written()
        looked = play.check(case.policy)
        assert play.written() == before, drift
        ran = play.run(case.policy)
        assert (looked.end, ran.end) == (End.DONE, End.DONE), (drift, looked.why, ran.why)
        assert changed(looked) == changed(ran) != set(), drift
        case.in_line(play)
    assert play.run(case.policy).changes == 0
    clean = play.check(case.policy)
    assert (clean.end, clean.changes) == (End.DONE, 0)
    assert [step.where for step in clean.steps if not step.simulated] == []


def test_two_policies_share_the_drop_in(play: Play) -> None:
    for policy in ("HOST-01", BANNER):
        assert play.run(policy).end is End.DONE
    only_keys(play)
    banner_shown(play)
    assert [play.check(policy).changes for policy in ("HOST-01", BANNER)] == [0, 0]


def test_two_policies_share_the_kernel_file(play: Play) -> None:
    other = {"sysctl_values": {"net.ipv4.tcp_rmem": "4096 131072  6291456"}}
    assert play.run("HOST-07").end is play.run("HOST-07", **other).end is End.DONE
    assert play.check("HOST-07").changes == play.check("HOST-07", **other).changes == 0
    kernel_holds(play)
