"""A policy with `verify` on a real host: the district's own tests speak, and the second look decides."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

from tests.cli.playbooks import WRITE
from tests.cli.test_loop import district_on, writing
from tests.cli.test_switch import wait_until

if TYPE_CHECKING:
    from tests.cli.fixtures import Driftbell
    from tests.lab.fixtures import Boot
    from tests.lab.host import Host
    from tests.lab.lab import Lab

MODULE = """
def test_motd(host):
    assert host.file("/etc/motd").content_string == "welcome\\n"


def test_marker(host):
    assert not host.file("/etc/marker").exists, "there is a marker"
"""
WAIT = """\
    - name: Wait until somebody has changed a test under the agent's feet
      ansible.builtin.wait_for: {path: /run/go-on, timeout: 120}
"""


def reading(driftbell: Driftbell, lab: Lab, machines: list[Host]) -> None:
    """Give a district on these hosts, whose inventory names a key that only reads: one that writes is not shown."""
    key = driftbell.folder / "reads"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    for machine in machines:
        known = machine.path("home/admin/.ssh/authorized_keys")
        known.write_text(known.read_text() + key.with_suffix(".pub").read_text())
    district_on(driftbell, lab, machines, all={"site": "east", "driftbell_read_key": str(key)})


def test_its_own_tests_are_a_second_opinion(driftbell: Driftbell, lab_pool: Lab, lab_hosts: Boot) -> None:
    agrees, differs = lab_hosts(2)
    differs.exec("touch /etc/marker")
    reading(driftbell, lab_pool, [agrees, differs])
    driftbell.write("tests/test_motd.py", MODULE)
    writing(driftbell, verify=["tests/test_motd.py"])
    assert "opinion" not in str(driftbell("check", "--json").json["outcomes"])
    ran = driftbell("run", "--json", "--mail", "never")
    outcomes = {o["resource"].removeprefix("host/"): o for o in ran.json["outcomes"]}
    assert outcomes[agrees.name]["opinion"] == {"said": "passed 2 tests", "failed": False}
    assert outcomes[differs.name]["opinion"]["failed"]
    assert outcomes[differs.name]["opinion"]["said"].startswith("failed test_marker: there is a marker")
    assert {o["outcome"] for o in outcomes.values()} == {"confirmed"}  # it decides nothing
    assert not list((driftbell.state / "runs").iterdir())
    assert sorted(p.name for p in (driftbell.repo / "tests").iterdir()) == ["test_motd.py"]
    shown = driftbell("report")
    assert "its own tests say: failed test_marker" in shown.out


def test_tests_that_changed_since_they_were_loaded_are_not_run(
    driftbell: Driftbell, lab_pool: Lab, lab_hosts: Boot
) -> None:
    (host,) = lab_hosts(1)
    reading(driftbell, lab_pool, [host])
    module = driftbell.write("tests/test_motd.py", MODULE)
    writing(driftbell, WRITE + WAIT, verify=["tests/test_motd.py"])
    running = driftbell.start("run", "--json", "--mail", "never")
    wait_until(lambda: host.exec("cat /etc/motd", check=False).stdout == "welcome\n", "the playbook writes")
    module.write_text("def test_all(host):\n    pass\n", encoding="utf-8")
    host.exec("touch /run/go-on")
    (outcome,) = json.loads(running.communicate(timeout=120)[0])["outcomes"]
    assert outcome["opinion"] == {
        "said": "could not run: tests/test_motd.py changed since it was loaded",
        "failed": False,
    }
    assert outcome["outcome"] == "confirmed"


def test_a_policy_can_ask_for_tests_of_hosts_alone_and_only_for_those_there_are(driftbell: Driftbell) -> None:
    driftbell.hosts({})
    driftbell.policy("HOST-01", expect={"sshd.permitrootlogin": "no"}, verify=["tests/test_gone.py"])
    said = driftbell("validate")
    assert said.code == 2
    assert "There is no file 'tests/test_gone.py'" in said.out + said.err
    driftbell.write("tests/test_gone.py", MODULE)
    assert driftbell("validate").code == 0
    text = (driftbell.repo / "policies/hosts/HOST-01.yaml").read_text()
    driftbell.write("policies/hosts/HOST-01.yaml", text.replace("kind: host", "kind: ticket"))
    said = driftbell("validate")
    assert said.code == 2
