"""Exactly the named hosts, whatever their names and values hold; nothing of the agent's own reaches a playbook."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

from agent.systems.ansible.job import End
from agent.systems.ansible.runner import run_playbook
from tests.ansible import district
from tests.ansible.district import TRACE

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.ansible.district import Place

HOSTILE = (
    *("web[1:3]", "a,b", "a:b", "!no", "&and", "~.*", "@file", "*", "new\nline", "{{ 7*7 }}", "$(reboot)", " lead"),
    *("trail ", "x/y", "<script>", "é☃", "'; DROP TABLE", "-i", "../../up", 'qu"ote', "\x1b[2J", "localhost"),
)
OTHERS = ("web1", "web2", "web3", "a", "b", "no", "and", "file", "new", "line", "49", "lead", "trail", "innocent")

# A host's name cannot be a file's everywhere: the file is named after a number that the inventory gives.
NOTE = f"""
- name: note {{{{ inventory_hostname }}}}
  ansible.builtin.debug: {{msg: "{TRACE}"}}
"""
WRITE = """
- name: write
  ansible.builtin.copy: {content: "x", dest: "{{ out }}/x", mode: "0600"}
"""


def numbered(place: Place, *names: str) -> None:
    for number, name in enumerate(names):
        place.hosts(name, trace=str(number))


def test_hostile_names_mean_themselves(place: Place) -> None:
    numbered(place, *HOSTILE, *OTHERS)
    result = run_playbook(place.job(place.tasks(NOTE), *HOSTILE))
    assert {name: host.end for name, host in result.hosts.items()} == dict.fromkeys(HOSTILE, End.DONE)
    assert place.written() == {str(number): name for number, name in enumerate(HOSTILE)}


def test_a_group_of_the_same_name_is_not_meant(place: Place) -> None:
    groups = {"web": ["innocent"], "db": ["bystander"]}
    place.hosts("web", "db", "innocent", "bystander", groups=groups)  # such a host's own variables go to the group
    note = NOTE.replace("trace", "inventory_hostname")
    result = run_playbook(place.job(place.tasks(note), "web", "db", groups=frozenset(groups)))
    assert {host.end for host in result.hosts.values()} == {End.DONE}, result
    assert place.written() == {"web": "web", "db": "db"}


def test_a_host_that_was_not_named_ends_the_run(place: Place) -> None:
    """The last fence: a group that nobody told us of has a host's name."""
    place.hosts("web", "innocent", groups={"web": ["innocent"]})
    wait = "- ansible.builtin.wait_for: {timeout: 60}\n" + NOTE
    result = run_playbook(place.job(place.tasks(wait), "web"))
    assert result.hosts["web"].end is End.STOPPED
    assert "turned to 'innocent', which it was not asked to touch" in result.hosts["web"].why
    assert not place.written()


def test_a_host_that_is_gone_from_the_inventory(place: Place) -> None:
    numbered(place, "web1", "web2")
    result = run_playbook(place.job(place.tasks(NOTE), "web", "web1"))
    assert place.written() == {"0": "web1"}
    assert result.hosts["web"].end is End.UNTOUCHED
    alone = run_playbook(place.job(place.tasks(NOTE), "web"))
    assert (alone.hosts["web"].end, alone.hosts["web"].why) == (End.UNTOUCHED, "the inventory has no such host")
    assert not alone.hosts["web"].began


SHOW = """
- name: show {{ v }}
  ansible.builtin.copy:
    content: "{{ {'v': v, 'nested': nested, 'again': again, 'keys': nested.map | list} | to_json }}"
    dest: "{{ out }}/shown"
    mode: "0600"
  vars: {again: "{{ v }} {{ nested.list[0] }}"}
- name: render
  ansible.builtin.template: {src: t.j2, dest: "{{ out }}/rendered", mode: "0600"}
- name: loop
  ansible.builtin.copy: {content: "{{ item.key }}", dest: "{{ out }}/{{ item.value }}", mode: "0600"}
  loop: "{{ nested.map | dict2items }}"
"""


def test_variables_are_never_templated(place: Place) -> None:
    place.hosts("web")
    (place.root / "playbooks" / "t.j2").write_text("{{ v }} {% for k in nested.map %}{{ k }}{% endfor %}")
    value = "{{ 7*7 }} {% raw %} $(reboot) '; \x07\x7f\n☃😀"
    variables = {
        "v": value,
        "nested": {
            "list": ["{{ 8*8 }}", [value], 5, 1.5, True, None, 1e16, "no", "0644", "1e3"],
            "map": {"{{ 9*9 }}": "looped"},
        },
    }
    result = run_playbook(place.job(place.tasks(SHOW), variables=variables))
    assert result.hosts["web"].end is End.DONE, result
    shown = json.loads(place.written()["shown"])
    assert shown == {**variables, "again": f"{value} {{{{ 8*8 }}}}", "keys": ["{{ 9*9 }}"]}
    assert place.written()["rendered"] == f"{value} {{{{ 9*9 }}}}"
    assert place.written()["looped"] == "{{ 9*9 }}"
    assert result.hosts["web"].steps[0].task == "show {{ 7*7 }} {% raw %} $(reboot) '; ☃😀"


def test_variables_that_steer_ansible_are_refused(place: Place) -> None:
    numbered(place, "web")
    result = run_playbook(place.job(place.tasks(NOTE), variables={"ansible_host": "10.0.0.1"}))
    assert result.hosts["web"].end is End.UNTOUCHED
    assert "ansible_host steers Ansible itself" in result.hosts["web"].why
    assert not place.written()


SURROUNDINGS = """
- ansible.builtin.shell:
    cmd: "env > env; tty > tty; ps -eo args > ps; ls -la {{ private }}/ > ls"
    chdir: "{{ out }}"
  vars: {private: "{{ lookup('ansible.builtin.env', 'ANSIBLE_CONFIG') | dirname | realpath }}"}
- ansible.builtin.shell: pwd > {{ out }}/pwd
- ansible.builtin.copy:
    content: "{{ lookup('ansible.builtin.env', 'DB_URL') }}"
    dest: "{{ out }}/looked"
    mode: "0600"
"""


def test_only_what_is_meant_surrounds_a_playbook(place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    place.hosts("web")
    (tmp_path / "other.cfg").write_text("[defaults]\nstdout_callback = nonsense\ninventory = /nowhere\n")
    (place.root / "ansible.cfg").write_text("[defaults]\nforks = x\n")
    monkeypatch.setenv("DB_URL", "postgresql://agent:hunter2@db/ledger")
    monkeypatch.setenv("ANSIBLE_CONFIG", str(tmp_path / "other.cfg"))
    monkeypatch.setenv("ANSIBLE_HOST_KEY_CHECKING", "False")
    monkeypatch.setenv("ANSIBLE_LIMIT_HINT", "x")
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("LANG", "xx_XX.nonsense")
    monkeypatch.setenv("AWX_LIB_DIRECTORY", "/nowhere")
    result = run_playbook(place.job(place.tasks(SURROUNDINGS), variables={"pin": "hunter2"}))
    assert result.hosts["web"].end is End.DONE, result
    written = place.written()
    names = {line.partition("=")[0] for line in written["env"].splitlines()}
    assert "hunter2" not in written["env"] + written["looked"] + written["ps"]
    assert names >= {"HOME", "PATH", "LANG", "DRIFTBELL_RUN"}
    assert not names & {"DB_URL", "ANSIBLE_LIMIT_HINT", "AWX_LIB_DIRECTORY", "SSH_AUTH_SOCK"}
    assert "/nowhere" not in written["env"]
    assert written["pwd"].strip() == str(place.root / "playbooks")  # Ansible's own choice for a local connection
    assert written["tty"].strip() == "not a tty"
    assert not [line for line in written["ls"].splitlines()[1:] if line[0] == "-" and line[4:10] != "------"]


ROLE = """
- name: from the role
  ansible.builtin.copy: {src: note, dest: "{{ out }}/note", mode: "0600"}
"""


def test_odd_paths_are_paths(tmp_path: Path) -> None:
    """Lists of paths are split at colons and commas, ssh's options at spaces, templates at braces."""
    place = district.new(tmp_path / "o:d,d 'pa\"th' %h {{ 7*7 }}")
    place.state = tmp_path / "~ s:t,a te %d"
    place.hosts("web")
    for name, text in {"tasks/main.yml": ROLE, "files/note": "noted"}.items():
        path = place.root / "playbooks" / "roles" / "keeper" / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    place.playbook("- hosts: all\n  gather_facts: false\n  roles: [keeper]\n")
    out = tmp_path / "out"
    out.mkdir()
    result = run_playbook(place.job("playbooks/play.yml", variables={"out": str(out)}))
    assert result.hosts["web"].end is End.DONE, result
    assert [step.place for step in result.hosts["web"].steps] == ["playbooks/roles/keeper/tasks/main.yml:2"]
    assert (out / "note").read_text() == "noted"
    assert place.left() == []


def test_the_folder_is_ours_alone_and_gone_afterwards(place: Place) -> None:
    place.hosts("web")
    seen: list[tuple[str, int]] = []

    def look(_: int) -> None:
        seen.extend((path.name, stat.S_IMODE(path.stat().st_mode)) for path in (place.state / "runs").iterdir())

    run_playbook(place.job(place.tasks("- ansible.builtin.ping:"), started=look))
    assert {mode for name, mode in seen if not name.endswith(".lock")} == {0o700}
    assert place.left() == []


def test_a_look_does_not_teach_the_next_run_to_look(place: Place) -> None:
    """ansible-runner writes `--check` down for the next run in the same folder: that one then changes nothing."""
    place.hosts("web")
    playbook = place.tasks(WRITE)
    looked = run_playbook(place.job(playbook, check=True))
    assert (looked.hosts["web"].changes, place.written()) == (1, {})
    wrote = run_playbook(place.job(playbook))
    assert (wrote.hosts["web"].changes, place.written()) == (1, {"x": "x"})
