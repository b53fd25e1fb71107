"""The district's own tests on real hosts: what they say of each, and what they cannot do here."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agent.model.opinion import Opinion
from agent.model.ports import Clearance
from agent.settings import Settings
from agent.systems.ansible import guardian
from agent.systems.testinfra import examine
from agent.systems.testinfra.examine import ModuleExaminer
from tests.cli.test_switch import wait_until
from tests.hosts.places import account
from tests.opinions.server import CALM, NAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.lab.fixtures import Boot
    from tests.lab.host import Host
    from tests.opinions.server import Server

MOTD = """
def test_motd(host):
    assert host.file("/etc/motd").content_string == "welcome\\n"
"""
FOUR = "def test_a(host):\n    pass\n" + "".join(f"def test_{n}(host):\n    assert 0, '{n}'\n" for n in "bcd")


def test_each_host_has_its_own_word(place: Server, lab_hosts: Boot) -> None:
    good, bad, gone = lab_hosts(3)
    for host in (good, gone):
        host.exec("echo welcome > /etc/motd")
    bad.exec("echo other > /etc/motd")
    gone.refuse()
    hosts = [place.listed(host) for host in (good, bad, gone)]
    said = place.examined(MOTD + "\n\ndef test_of_no_host():\n    assert True\n", *hosts)
    assert said[good.name] == Opinion("passed 2 tests")
    assert said[bad.name].failed
    assert said[bad.name].said.startswith("failed test_motd: assert 'other\\n' == 'welcome\\n'")
    assert not said[gone.name].failed
    assert said[gone.name].said.startswith("could not run: test_motd: ssh: connect to host")
    assert "refused" in said[gone.name].said


@pytest.mark.parametrize(
    ("module", "said"),
    [
        ("import nothing_of_the_kind\n" + MOTD, "could not run: tests/test_it.py cannot be loaded: "),
        ("def test_it(host:\n", "could not run: tests/test_it.py cannot be loaded: "),
        ("x = 1\n", "could not run: there is no test in it"),
        ("import pytest\ndef test_it(host):\n    pytest.skip('not here')\n", "could not run: every test was skipped"),
        ("def test_it(host):\n    host.file(1 / 0)\n", "could not run: test_it: ZeroDivisionError: division by zero"),
        ("import pytest\ndef test_it(host):\n    pytest.fail('because')\n", "failed test_it: because"),
        ("def test_it(host, no_such_fixture):\n    pass\n", "could not run: test_it: "),
        ("import os\nos._exit(0)\n", "could not run: there is no test in it"),
        ("import os\nos._exit(3)\n", "could not run: pytest ended with 3"),
        (FOUR, "failed test_b: b; test_c: c; and 1 more"),
    ],
)  # fmt: skip
def test_what_a_module_may_be(place: Server, web: list[Host], module: str, said: str) -> None:
    opinion = place.examined(module, place.listed(web[0]))["web1"]
    assert opinion.said.startswith(said)
    assert opinion.failed is said.startswith("failed")


def test_it_logs_in_with_the_account_that_reads(place: Server, web: list[Host]) -> None:
    place.authorize(web[0])
    account(web[0], "probe")
    module = "def test_it(host):\n    assert host.check_output('id -un') == '{}'\n"
    plain = place.listed(web[0], driftbell_read_user="probe", ansible_user="nobody-at-all", ansible_become=None)
    assert place.examined(module.format("probe"), plain)["web1"].said == "passed 1 test"
    assert place.examined(module.format("root"), place.listed(web[0]))["web1"].said == "passed 1 test"


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"ansible_connection": "local"}, "it is this server itself"),
        ({"ansible_password": "hunter22"}, "logs in with a password"),
        ({"ansible_become_password": "hunter22"}, "needs a password for sudo"),
        ({"ansible_become_method": "su"}, "not by su"),
        ({"ansible_user": "a'b"}, "holds signs"),
        ({"ansible_host": "-oProxyCommand=x"}, "holds signs"),
        ({"ansible_port": "many"}, "is not a port"),
    ],
)
def test_what_it_is_not_given_it_says(place: Server, web: list[Host], variables: dict[str, str], said: str) -> None:
    opinion = place.examined(MOTD, place.listed(web[0], **variables))["web1"]
    assert opinion.said.startswith("could not run: ")
    assert said in opinion.said
    assert "hunter22" not in opinion.said


def test_a_host_key_that_is_not_trusted_is_not_accepted(place: Server, web: list[Host]) -> None:
    place.trusting = False
    opinion = place.examined(MOTD, place.listed(web[0], ansible_ssh_common_args="-o StrictHostKeyChecking=no"))
    assert "Host key verification failed" in opinion["web1"].said


def test_it_sees_no_secret_of_this_server_and_changes_nothing_of_it(
    place: Server, web: list[Host], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each line is tried by a module: it would pass if it could."""
    vault = tmp_path / "vault-password"
    vault.write_text("geheim")
    monkeypatch.setenv("DRIFTBELL_MAIL_PASSWORD", "geheim")
    monkeypatch.setenv("SSH_AUTH_SOCK", "/tmp/agent")  # ruff: ignore[hardcoded-temp-file]
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    usual = home / ".ssh" / "id_ed25519"
    usual.write_bytes(place.lab.key.read_bytes())
    monkeypatch.setattr(examine, "_home", lambda: home)
    tries = {
        "write_repository": f"open({str(place.root / 'tests' / 'new.py')!r}, 'w')",
        "change_itself": f"open({str(place.root / NAME)!r}, 'a')",
        "remove": f"os.unlink({str(place.root / NAME)!r})",
        "make_folder": f"os.mkdir({str(place.root / 'x')!r})",
        "truncate": f"os.truncate({str(vault)!r}, 0)",
        "rename": f"os.rename({str(place.root / NAME)!r}, os.environ['HOME'] + '/x')",
        "link": f"os.link({str(vault)!r}, os.environ['HOME'] + '/x')",
        "write_state": f"open({str(place.state / 'STOP')!r}, 'w')",
        "write_known_hosts": f"open({str(place.state / 'known_hosts')!r}, 'a')",
        "read_vault": f"open({str(vault)!r}).read()",
        "read_state": f"os.listdir({str(place.state)!r})",
        "read_shadow": "open('/etc/shadow').read()",
        "read_settings": "os.listdir('/etc/driftbell') if os.path.isdir('/etc/driftbell') else open('/etc/fstab')",
        "read_our_environment": f"open('/proc/{os.getpid()}/environ').read()",
        "read_our_home": f"os.listdir({str(Path.home())!r})",
        "through_a_child": f"subprocess.run(['cat', {str(vault)!r}], check=True)",
        "by_ssh_here": "subprocess.run(['sudo', '-n', 'true'], check=True) if os.geteuid() else 1 / 0",
        "find_a_secret": "next(v for v in os.environ.values() if 'geheim' in v)",
        "find_an_agent": "os.environ['SSH_AUTH_SOCK']",
        "read_write_key": f"open({str(place.lab.key)!r}).read()",
        "link_write_key": f"os.symlink({str(place.lab.key)!r}, 'k') or open('k').read()",
        "read_usual_keys": f"open({str(usual)!r}).read()",
        "list_usual_keys": f"os.listdir({str(usual.parent)!r})",
        "find_home": "next(os.scandir(os.path.expanduser('~')))",
        "signal_us": f"os.kill({os.getpid()}, 0)",
    }
    module = "import os, subprocess\n" + "".join(f"def test_{n}():\n    {line}\n" for n, line in tries.items())
    repository = place.repository(module, place.listed(web[0]))
    before = {p: p.read_bytes() for p in place.root.rglob("*") if p.is_file()}
    said = place.asked(repository)["web1"].said
    assert said.startswith("could not run: test_write_repository: PermissionError"), said
    assert {p: p.read_bytes() for p in place.root.rglob("*") if p.is_file()} == before
    assert vault.read_text() == "geheim"
    for name, line in tries.items():  # one at a time: none of them may get through
        one = place.repository(f"import os, subprocess\ndef test_{name}():\n    {line}\n", place.listed(web[0]))
        alone = place.asked(one)["web1"].said
        assert alone.startswith(f"could not run: test_{name}: "), (name, alone)


def test_a_module_that_changed_since_it_was_loaded_is_not_run(place: Server, web: list[Host]) -> None:
    repository = place.repository("def test_it(host):\n    pass\n", place.listed(web[0]))
    (place.root / NAME).write_text("def test_it(host):\n    assert 0\n")
    assert place.asked(repository)["web1"].said == f"could not run: {NAME} changed since it was loaded"
    (place.root / NAME).unlink()
    assert "changed since" in place.asked(repository)["web1"].said
    (place.root / "other.py").write_text("def test_it(host):\n    pass\n")
    (place.root / NAME).symlink_to("../other.py")
    assert "changed since" in place.asked(repository)["web1"].said
    assert "changed since" in place.asked(replace(repository, modules={}))["web1"].said


SLEEPS = """
import os, subprocess, time
def test_quick(host):
    assert True
def test_slow(host):
    subprocess.Popen(["setsid", "sleep", "{nap}"])
    subprocess.Popen(["sleep", "{nap}"], env={{"PATH": os.environ["PATH"]}})
    host.run("sleep {nap}")
"""


def sleeping(nap: str) -> set[int]:
    return {
        p for p in guardian.processes() if guardian._read(p, "cmdline").split(b"\0")[:2] == [b"sleep", nap.encode()]
    }


def test_the_kill_switch_ends_all_of_it(place: Server, web: list[Host]) -> None:
    nap = f"7{os.getpid()}.1"
    switch = threading.Event()
    thrown = Clearance(lambda: "a drill" if switch.is_set() else "")

    def throw() -> None:
        wait_until(lambda: len(sleeping(nap)) >= 2, "the module sleeps")
        switch.set()

    somebody = threading.Thread(target=throw)
    somebody.start()
    opinion = place.examined(SLEEPS.format(nap=nap), place.listed(web[0]), clearance=thrown)["web1"]
    somebody.join()
    assert opinion.said == "could not run: a drill"
    assert {p for p in sleeping(nap) if not _of_a_host(p, web[0])} == set()


def _of_a_host(pid: int, host: Host) -> bool:
    return host.container.leader() in _ancestors(pid)


def _ancestors(pid: int) -> set[int]:
    parents, found = guardian.processes(), set()
    while pid in parents:
        pid = parents[pid]
        found.add(pid)
    return found


def test_a_switch_that_is_on_lets_nothing_begin(place: Server, web: list[Host]) -> None:
    said = place.examined(MOTD, place.listed(web[0]), clearance=Clearance(lambda: "a drill"))
    assert said["web1"].said == "could not run: a drill"
    assert not (place.state / "runs").exists()


def test_what_is_left_running_is_ended_with_it(place: Server, web: list[Host]) -> None:
    nap = f"7{os.getpid()}.2"
    module = f"import subprocess\ndef test_it():\n    subprocess.Popen(['setsid', 'sleep', '{nap}'])\n"
    assert place.examined(module, place.listed(web[0]))["web1"].said == "passed 1 test"
    assert sleeping(nap) == set()


def test_secrets_of_the_inventory_are_taken_out_of_what_tests_say(place: Server, web: list[Host]) -> None:
    module = "def test_it(host):\n    assert host.run('echo db is s3cr3t-s3cr3t').stdout == ''\n"
    opinion = place.examined(module, place.listed(web[0], db_password="s3cr3t-s3cr3t"))["web1"]
    assert opinion.failed
    assert "s3cr3t" not in opinion.said


def test_a_host_that_nobody_lists_has_its_word_too(place: Server) -> None:
    examiner: Callable[..., object] = ModuleExaminer(Settings(str(place.root), place.state)).examine
    said = examiner(place.repository(MOTD), (NAME,), ("host/nobody",), CALM)
    assert said == {"host/nobody": Opinion("could not run: the inventory has no such host")}
