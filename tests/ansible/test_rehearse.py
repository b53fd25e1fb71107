"""Check mode tells the truth: what would change, what could not be simulated, and never more than it knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.model.reading import Unknown
from agent.settings import Settings
from agent.systems.ansible.read import PlaybookRehearser
from tests.ansible.district import converge

if TYPE_CHECKING:
    from pathlib import Path

    from agent.model.reading import Reading
    from tests.ansible.district import Place

# One task a host, and what a look at it must say. `{out}` is a folder that holds the file `kept` and nothing else.
TABLE = {
    "same": ('copy: {content: "kept\\n", dest: "{{ out }}/kept", mode: "0600"}', ()),
    "create": ('copy: {content: "new\\n", dest: "{{ out }}/new", mode: "0600"}', "{out}/new: +new"),
    "edit": ('lineinfile: {path: "{{ out }}/kept", line: "a\\eline"}', "{out}/kept: +aline"),
    "mode": ('file: {path: "{{ out }}/kept", mode: "0640"}', "{out}/kept: mode 0600 -> 0640"),
    "render": (
        'template: {src: t.j2, dest: "{{ out }}/{{ item }}", mode: "0600"}\n  loop: [a, kept]',
        "+rendered; {out}/kept: -kept; +rendered",
    ),
    "secret": ('copy: {content: hunter2, dest: "{{ out }}/secret"}\n  no_log: true', "would change"),
    "command": ("command: touch {{ out }}/never", None),
    "shell": ("shell: touch {{ out }}/never\n  loop: [1, 2]\n  when: item == 2", None),
    "raw": ("raw: touch {{ out }}/never", None),
    "module": ("wait_for: {path: /etc/passwd}", None),
    "when": ("command: touch {{ out }}/never\n  when: false", ()),
    "no-loop": ('command: "{{ item }}"\n  loop: []', ()),
    "there": ('command: {cmd: touch never, creates: "{{ out }}/kept"}', ()),
    "missing": ('command: {cmd: touch never, creates: "{{ out }}/missing"}', "would change"),
    "a-look": ("command: /bin/true\n  check_mode: false\n  changed_when: false", ()),
    "hidden": ("command: /bin/true\n  no_log: true\n  when: false", None),
    "hidden-copy": ('copy: {content: x, dest: "{{ out }}/x"}\n  no_log: true\n  when: false', ()),
}
PLAY = "- hosts: {name}\n  gather_facts: false\n  tasks:\n    - name: {name}\n      ansible.builtin.{task}\n"


def rehearsed(place: Place, playbook: str, *names: str, **variables: object) -> dict[str, Reading]:
    rehearser = PlaybookRehearser(Settings("", place.state), ("inventory/hosts",))
    ids = [f"host/{name}" for name in names]
    return dict(rehearser.rehearse(place.repository(), converge(playbook, **variables), ids))


def expected(name: str, said: object, line: int, out: Path) -> Reading:
    where = f"{name} (playbooks/play.yml:{line})"
    if said is None:
        return Unknown(f"could not simulate: {where}")
    return (f"{where}: {said.format(out=out)}",) if isinstance(said, str) else ()


def test_what_check_mode_can_and_cannot_tell(place: Place) -> None:
    place.hosts(*TABLE)
    (place.root / "playbooks" / "t.j2").write_text("rendered\n")
    (place.out / "kept").write_text("kept\n")
    (place.out / "kept").chmod(0o600)
    text, readings = "", {}
    for name, (task, said) in TABLE.items():
        readings[f"host/{name}"] = expected(name, said, text.count("\n") + 4, place.out)
        text += PLAY.format(name=name, task=task.replace("\n", "\n    "))
    assert rehearsed(place, place.playbook(text), *TABLE) == readings
    assert place.written() == {"kept": "kept\n"}


def test_what_else_a_look_can_meet(place: Place) -> None:
    place.hosts("both", "fails")
    place.hosts("gone", ansible_connection="ssh", ansible_host="127.0.0.1", ansible_port=9)
    tasks = """
    - name: command
      ansible.builtin.command: touch {{ out }}/never
    - name: write
      ansible.builtin.copy: {content: x, dest: "{{ out }}/x"}
    - name: last
      ansible.builtin.assert: {that: ["inventory_hostname == 'both'"], fail_msg: not here}
    """
    at = "playbooks/play.yml"
    readings = rehearsed(place, place.tasks(tasks), "both", "fails", "gone", "stranger")
    assert str(readings.pop("host/gone")).startswith("unknown (unreachable: ssh: ")
    assert readings == {
        "host/both": (f"write ({at}:6): {place.out}/x: +x", f"could not simulate: command ({at}:4)"),
        "host/fails": Unknown(f"check mode failed: last at {at}:8: not here"),
        "host/stranger": Unknown("the inventory has no such host"),
    }
    assert not place.written()


def test_a_playbook_for_other_hosts_tells_nothing(place: Place) -> None:
    place.hosts("web", "db")
    readings = rehearsed(place, place.tasks("- ansible.builtin.ping:", hosts="db"), "web", "db")
    assert readings == {"host/web": Unknown("the playbook does not run on this host"), "host/db": ()}


def test_a_failure_elsewhere_that_ends_the_run_leaves_the_others_unknown(place: Place) -> None:
    place.hosts("web", "db")
    text = """
    - hosts: all
      gather_facts: false
      any_errors_fatal: true
      tasks:
        - ansible.builtin.assert: {that: ["inventory_hostname != 'db'"]}
        - ansible.builtin.copy: {content: x, dest: "{{ out }}/x"}
    """
    readings = rehearsed(place, place.playbook(text), "web", "db")
    assert readings["host/web"] == Unknown("failures on other hosts ended the run before its tasks were done")


def test_two_looks_give_the_same_texts(place: Place) -> None:
    """They are part of a batch's digest, which an approval names."""
    place.hosts("web")
    (place.root / "playbooks" / "t.j2").write_text("rendered\n")
    playbook = place.tasks('- ansible.builtin.template: {src: t.j2, dest: "{{ out }}/t", mode: "0600"}')
    first = rehearsed(place, playbook, "web")
    assert first == rehearsed(place, playbook, "web") != {"host/web": ()}


def test_secrets_of_the_inventory_do_not_reach_the_texts(place: Place) -> None:
    place.hosts("web", db_password="correct horse", apps=[{"api_token": 'ba"ttery'}])
    (place.out / "conf").write_text("login old-correct horse\n")
    playbook = place.tasks(
        """
        - name: "log in with {{ db_password }}"
          ansible.builtin.copy: {content: "{{ db_password }} {{ apps[0].api_token }} {{ pin }}", dest: "{{ out }}/conf"}
        - ansible.builtin.assert: {that: false, fail_msg: "{{ {'k': apps[0].api_token} | to_json }} {{ pin }}"}
        """
    )
    text = str(rehearsed(place, playbook, "web", user_pin="no", pin="x", wifi_key="staple!"))
    assert "correct horse" not in text
    assert "ttery" not in text
    assert "check mode failed" in text


def test_a_broken_playbook_is_unknown_everywhere(place: Place) -> None:
    place.hosts("web")
    reading = rehearsed(place, place.playbook("- hosts: all\n  tasks: ["), "web")["host/web"]
    assert isinstance(reading, Unknown)
    assert reading.why.startswith("check mode failed: ")
