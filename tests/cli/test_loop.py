"""The whole sentence on real hosts: drift found exactly, repaired, confirmed by a second look, mailed once."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.playbooks import FAIL_ON_ONE, LIE, WRITE
from tests.cli.test_switch import sleepers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.cli.fixtures import Driftbell, Mailbox
    from tests.lab.fixtures import Boot
    from tests.lab.host import Host
    from tests.lab.lab import Lab

ROOT = Path(__file__).parent.parent.parent
BANNER = "This computer belongs to Riverton Unified.\n"


def district_on(driftbell: Driftbell, lab: Lab, hosts: Sequence[Host], **variables: Any) -> None:
    """Put lab hosts into the district's inventory, and trust their keys as a technician would."""
    groups = {"servers": list(hosts)}
    lab.write_inventory(
        driftbell.write("inventory/hosts.yml", ""), hosts, groups, {"all": {"site": "east"}, **variables}
    )
    trusted = driftbell("hosts", "trust", "--yes")
    assert trusted.code == 0, trusted.out + trusted.err


def example_policies(driftbell: Driftbell, *ids: str, mode: str = "enforce") -> None:
    """Take policies of the example district, with its playbooks, in another mode."""
    shutil.copytree(ROOT / "playbooks", driftbell.repo / "playbooks", dirs_exist_ok=True)
    for name in ids:
        text = (ROOT / "policies" / "hosts" / f"{name}.yaml").read_text(encoding="utf-8")
        assert "mode: audit" in text
        text = text.replace("[aexample, bexample]", "[admin]")  # whom the lab's hosts have
        driftbell.write(f"policies/hosts/{name}.yaml", text.replace("mode: audit", f"mode: {mode}"))


def writing(driftbell: Driftbell, playbook: str = WRITE, mode: str = "enforce", **extra: Any) -> None:
    """Give the district one policy: /etc/motd has a certain text, and a playbook that writes it."""
    driftbell.write("playbooks/write.yml", playbook)
    driftbell.policy(
        "MOTD-01",
        expect={"file./etc/motd.content": "welcome\n"},
        mode=mode,
        remedy=[{"do": "ansible.playbook", "with": {"playbook": "playbooks/write.yml", "vars": {
            "path": "/etc/motd", "text": "welcome\n"}}}],
        **extra,
    )  # fmt: skip


IN_EIGHT_FIELDS = ("HOST-01", "HOST-02", "HOST-03", "HOST-04", "HOST-06", "HOST-07")


def bring_in_line(driftbell: Driftbell) -> None:
    said = driftbell("run", "--mail", "never", timeout=400)
    left = driftbell("check", "--json")
    assert left.code == 0, said.out + left.out


def test_drift_in_eight_fields_on_three_of_five_hosts(
    driftbell: Driftbell, lab_pool: Lab, lab_hosts: Boot, mailbox: Mailbox
) -> None:
    hosts = lab_hosts(5)
    one, two, three, four, five = hosts
    district_on(driftbell, lab_pool, hosts)
    example_policies(driftbell, *IN_EIGHT_FIELDS)
    driftbell.settings(mail=mailbox.settings())
    bring_in_line(driftbell)

    one.exec("sed -i 's/^PermitRootLogin .*/PermitRootLogin yes/' /etc/ssh/sshd_config.d/00-driftbell.conf")
    one.exec("echo mine > /etc/issue.net")
    one.exec("systemctl disable --now cron.service")
    two.exec("apt-get install -y telnetd")
    two.exec("sysctl -w net.ipv4.ip_forward=1")
    three.exec("useradd mallory && usermod -aG sudo mallory")
    three.exec("sysctl -w net.ipv4.conf.all.accept_redirects=1")

    found = driftbell("check", "--json")
    assert found.code == 1
    drifted = {(f["resource"], d["field"]) for f in found.json["findings"] for d in f["differences"]}
    assert drifted == {
        (f"host/{one.name}", "sshd.permitrootlogin"),
        (f"host/{one.name}", "file./etc/issue.net.content"),
        (f"host/{one.name}", "service.cron.running"),
        (f"host/{one.name}", "service.cron.enabled"),
        (f"host/{two.name}", "package.telnetd.installed"),
        (f"host/{two.name}", "sysctl.net.ipv4.ip_forward"),
        (f"host/{three.name}", "group.sudo.members"),
        (f"host/{three.name}", "sysctl.net.ipv4.conf.all.accept_redirects"),
    }

    five.take_away()
    before = four.snapshot()
    ran = driftbell("run", "--json", timeout=400)
    document = ran.json
    assert {o["outcome"] for o in document["outcomes"]} == {"confirmed"}, document["outcomes"]
    assert len(document["outcomes"]) == 7  # one for each resource and batch: HOST-04 set two fields of one host
    assert document["findings"] == []
    assert {u["resource"] for u in document["unknown"]} == {f"host/{five.name}"}
    assert ran.code == 3
    assert four.snapshot() == before  # a host that had not drifted was not written to

    assert_in_line(lab_pool, [one, two, three])
    (mail,) = mailbox.messages()
    assert "fixed" in mail["Subject"]
    assert [a.addr_spec for a in mail["To"].addresses] == ["director@riverton.example"]

    again = driftbell("run", "--json", "--mail", "never")
    assert again.json["outcomes"] == []
    assert again.json["findings"] == []
    assert len(mailbox.messages()) == 1


def assert_in_line(lab: Lab, hosts: Sequence[Host]) -> None:
    """Ask a second opinion: pytest-testinfra, over its own connection."""
    import testinfra

    for host in hosts:
        there = testinfra.get_host(
            f"ssh://admin@{host.address}", ssh_config=str(lab.ssh_config), ssh_identity_file=str(lab.key), sudo=True
        )
        assert "permitrootlogin no" in there.check_output("sshd -T").splitlines()
        assert there.file("/etc/issue.net").content_string.startswith("This computer belongs to Riverton Unified.")
        assert there.service("cron").is_running
        assert there.service("cron").is_enabled
        assert not there.package("telnetd").is_installed
        assert there.sysctl("net.ipv4.ip_forward") == 0
        assert there.sysctl("net.ipv4.conf.all.accept_redirects") == 0
        assert "sudo" not in there.user("mallory").groups if there.user("mallory").exists else True


def test_a_tripwire_of_two_and_five_drifted_hosts_changes_nothing_and_says_why(
    driftbell: Driftbell, lab_pool: Lab, lab_hosts: Boot
) -> None:
    hosts = lab_hosts(5)
    district_on(driftbell, lab_pool, hosts)
    writing(driftbell, guard={"per_run": {"count": 2}})
    before = [h.snapshot() for h in hosts]
    ran = driftbell("run", "--json")
    assert ran.code == 4
    (hold,) = ran.json["plan"]["holds"]
    assert "5 hosts" in str(hold)
    assert "limit for one run is 2" in str(hold)
    assert [h.snapshot() for h in hosts] == before

    (batch,) = ran.json["plan"]["batches"]
    approved = driftbell("apply", "--plan", batch["digest"], "--json")
    assert {o["outcome"] for o in approved.json["outcomes"]} == {"confirmed"}
    assert len(approved.json["outcomes"]) == 5


def test_in_audit_nothing_is_ever_written(driftbell: Driftbell, lab_pool: Lab, lab_hosts: Boot) -> None:
    hosts = lab_hosts(2)
    district_on(driftbell, lab_pool, hosts)
    names = [p.stem for p in (ROOT / "policies" / "hosts").glob("*.yaml")]
    example_policies(driftbell, *names, mode="audit")
    before = [h.snapshot() for h in hosts]
    assert driftbell("check").code in {1, 3}
    assert driftbell("plan").code in {1, 3}
    ran = driftbell("run", "--json")
    assert ran.json["counts"]["out_of_line"] > 0
    assert ran.json["plan"]["batches"] == []
    assert [h.snapshot() for h in hosts] == before


def test_a_playbook_that_claims_a_change_and_fixes_nothing_has_failed(
    driftbell: Driftbell, lab_pool: Lab, lab_host: Host
) -> None:
    district_on(driftbell, lab_pool, [lab_host])
    lab_host.exec("echo old > /etc/motd")
    writing(driftbell, LIE)
    ran = driftbell("run", "--json")
    (outcome,) = ran.json["outcomes"]
    assert outcome["outcome"] == "failed"
    assert "changed" in str(outcome)
    assert "old" in str(outcome["before"])
    assert "old" in str(outcome["after"])
    assert ran.code == 1
    explained = driftbell("explain", "MOTD-01", lab_host.name)
    assert "failed" in explained.out
    waiting = driftbell("run", "--json")
    assert waiting.code == 4
    assert "tried once" in str(waiting.json["plan"]["holds"])
    (batch,) = waiting.json["plan"]["batches"]
    for _ in range(2):  # a person need not wait for the next attempt
        assert driftbell("apply", "--plan", batch["digest"], "--json").json["outcomes"][0]["outcome"] == "failed"
    tired = driftbell("run", "--json")
    assert tired.code == 4
    assert "tried 3 times" in str(tired.json["plan"]["holds"])


def test_a_playbook_that_fails_on_one_host_of_three_fixes_the_other_two(
    driftbell: Driftbell, lab_pool: Lab, lab_hosts: Boot
) -> None:
    hosts = lab_hosts(3)
    district_on(driftbell, lab_pool, hosts, servers={"unlucky": hosts[1].name})
    writing(driftbell, FAIL_ON_ONE)
    ran = driftbell("run", "--json")
    outcomes = {o["resource"]: o for o in ran.json["outcomes"]}
    assert outcomes[f"host/{hosts[1].name}"]["outcome"] == "failed"
    assert "this host cannot" in str(outcomes[f"host/{hosts[1].name}"])
    assert outcomes[f"host/{hosts[0].name}"]["outcome"] == "confirmed"
    assert outcomes[f"host/{hosts[2].name}"]["outcome"] == "confirmed"


def break_refuse(host: Host) -> None:
    host.refuse()


def break_hang(host: Host) -> None:
    host.freeze_sshd()


def break_key(host: Host) -> None:
    host.new_host_key()


@pytest.mark.parametrize(
    ("trouble", "said"),
    [(break_refuse, "refuses"), (break_hang, "3 s"), (break_key, "HAS CHANGED")],
    ids=["refuses", "hangs", "changes its key"],
)
def test_one_broken_host_is_unknown_and_holds_nothing_else_up(
    trouble: Any, said: str, driftbell: Driftbell, lab_pool: Lab, lab_hosts: Boot
) -> None:
    broken, well = lab_hosts(2)
    district_on(driftbell, lab_pool, [broken, well])
    writing(driftbell)
    driftbell.settings(hosts={"connect_timeout": 3, "deadline": 6})
    trouble(broken)
    ran = driftbell("run", "--json")
    assert ran.code == 3
    (unknown,) = ran.json["unknown"]
    assert unknown["resource"] == f"host/{broken.name}"
    assert said in unknown["why"]
    assert [o["outcome"] for o in ran.json["outcomes"]] == ["confirmed"]
    assert well.exec("cat /etc/motd").stdout == "welcome\n"


def test_a_full_disk_fails_the_repair_and_says_so(driftbell: Driftbell, lab_pool: Lab, lab_host: Host) -> None:
    district_on(driftbell, lab_pool, [lab_host])
    lab_host.exec("echo old > /etc/motd")
    writing(driftbell)
    lab_host.fill_disk()
    ran = driftbell("run", "--json")
    (outcome,) = ran.json["outcomes"]
    assert outcome["outcome"] == "failed"
    lab_host.free_disk()
    (batch,) = ran.json["plan"]["batches"]
    again = driftbell("apply", "--plan", batch["digest"], "--json")  # by itself it tries again in a quarter of an hour
    assert again.json["outcomes"][0]["outcome"] == "confirmed"


def test_a_host_without_python_is_read_but_not_repaired(driftbell: Driftbell, lab_pool: Lab, lab_host: Host) -> None:
    district_on(driftbell, lab_pool, [lab_host])
    lab_host.exec("echo old > /etc/motd")
    writing(driftbell)
    lab_host.hide_python()
    ran = driftbell("run", "--json")
    (outcome,) = ran.json["outcomes"]
    assert outcome["outcome"] == "failed"
    assert "python" in str(outcome).lower()


def test_two_names_of_one_protected_machine_are_both_left_alone(
    driftbell: Driftbell, lab_pool: Lab, lab_hosts: Boot
) -> None:
    backup, web = lab_hosts(["backup", "web"])
    district_on(driftbell, lab_pool, [backup, web])
    inventory = driftbell.repo / "inventory" / "hosts.yml"
    content = lab_pool.inventory([backup, web], {}, {"all": {"site": "east"}})
    content["all"]["hosts"]["alias"] = dict(content["all"]["hosts"]["backup"])
    driftbell.write(str(inventory.relative_to(driftbell.repo)), content)
    driftbell.district(guards={"per_run": {"count": 25}, "never_touch": ["host/backup"]})
    writing(driftbell)
    ran = driftbell("run", "--json")
    assert {o["resource"] for o in ran.json["outcomes"]} == {"host/web"}
    assert "welcome" not in backup.exec("cat /etc/motd", check=False).stdout
    assert ran.code == 4


def test_the_example_playbooks_leave_nothing_of_ours_behind(
    driftbell: Driftbell, lab_pool: Lab, lab_host: Host
) -> None:
    district_on(driftbell, lab_pool, [lab_host])
    writing(driftbell)
    driftbell("run", "--mail", "never")
    assert sleepers(driftbell.state) == []
    runs = driftbell.state / "runs"
    assert not runs.exists() or list(runs.iterdir()) == []
