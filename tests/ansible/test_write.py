"""The writer: one run over exactly the hosts of its actions, and what it says of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agent.model.action import Action, Written
from agent.model.kind import Argument
from agent.model.ports import Clearance
from agent.settings import AnsibleSettings, Settings
from agent.systems.ansible.spec import PLAYBOOK, VERBS
from agent.systems.ansible.write import PlaybookWriter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.ansible.district import Place

FREE = Clearance(lambda: "")


def actions(*names: str, verb: str = PLAYBOOK, **arguments: object) -> list[Action]:
    return [Action("P-1", f"host/{name}", "", verb, arguments, (), ()) for name in names]


def enforced(place: Place, wanted: list[Action], clearance: Clearance = FREE) -> Mapping[str, Written]:
    writer = PlaybookWriter(Settings("", place.state, ansible=AnsibleSettings(timeout=60)), ("inventory/hosts",))
    groups: list[int] = []
    written = writer.enforce(place.repository(), wanted, groups.append, clearance)
    assert bool(groups) == any(one.ran for one in written.values())
    return written


TASKS = """
- name: write
  ansible.builtin.copy: {content: "{{ text | default('') }}", dest: "{{ out }}/{{ inventory_hostname }}", mode: "0600"}
- name: mode
  ansible.builtin.file: {path: "{{ out }}/{{ inventory_hostname }}", mode: "0640"}
- name: two
  ansible.builtin.assert: {that: ["inventory_hostname != 'two'"], fail_msg: not on two}
"""


def test_it_writes_where_it_was_told_and_says_what_it_did(place: Place) -> None:
    place.hosts("one", "two", "innocent", "gone")
    place.hosts("gone", ansible_connection="ssh", ansible_host="127.0.0.1", ansible_port=9)
    wanted = actions("one", "two", "gone", "stranger", playbook=place.tasks(TASKS), vars={"text": "{{ 7*7 }}"})
    written = enforced(place, wanted)
    said = written["host/gone"].said
    assert said.startswith("unreachable: ssh: ")
    assert written == {
        "host/one": Written(
            "host/one", "changed 2 tasks", ran=True,
            events=("changed: write (playbooks/play.yml:4)", "changed: mode (playbooks/play.yml:6)"),
        ),
        "host/two": Written(
            "host/two", "failed: two at playbooks/play.yml:8: not on two; changed 2 tasks before that", ran=True,
            events=("changed: write (playbooks/play.yml:4)", "changed: mode (playbooks/play.yml:6)",
                    "failed: two (playbooks/play.yml:8)"),
        ),
        "host/gone": Written(
            "host/gone", said, ran=True,
            events=("unreachable: write (playbooks/play.yml:4)",),
        ),
        "host/stranger": Written("host/stranger", "failed: the inventory has no such host", ran=False),
    }  # fmt: skip
    assert place.written() == {"one": "{{ 7*7 }}", "two": "{{ 7*7 }}"}


def test_a_second_run_changes_nothing(place: Place) -> None:
    place.hosts("one", "other")
    playbook = place.tasks('- ansible.builtin.copy: {content: x, dest: "{{ out }}/x", mode: "0600"}', hosts="one")
    assert enforced(place, actions("one", playbook=playbook))["host/one"].said == "changed 1 task"
    again = enforced(place, actions("one", "other", playbook=playbook))
    assert {resource: (one.said, one.ran) for resource, one in again.items()} == {
        "host/one": ("changed 0 tasks", True),
        "host/other": ("the playbook does not run on this host", False),
    }


def test_a_stop_holds_before_anything_runs(place: Place) -> None:
    place.hosts("one")
    written = enforced(place, actions("one", playbook=place.tasks(TASKS)), Clearance(lambda: "the switch is on"))
    assert written == {"host/one": Written("host/one", "stopped: the switch is on", ran=False, halted=True)}
    assert not place.written()


UNLIKE = "refused: one run is for actions that share ansible.playbook and its arguments"
VARIABLE = "refused: The variable"


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (actions("one", playbook="playbooks/none.yml"), "there is no playbook 'playbooks/none.yml' in the repository"),
        (actions("one", playbook="/etc/passwd"), "there is no playbook '/etc/passwd' in the repository"),
        (actions("one", playbook=["x"]), "refused: ansible.playbook needs the playbook's path as text"),
        (actions("one"), "refused: ansible.playbook needs the playbook's path as text"),
        (actions("one", playbook="p", limit="all"), "refused: ansible.playbook has no argument 'limit'"),
        (actions("one", playbook="p", vars=[]), "refused: `vars` is not a map of names to values but list"),
        (actions("one", playbook="p", vars={"a": object()}), f"{VARIABLE} a holds a object, which is no plain value"),
        (actions("one", playbook="p", verb="google.wipe"), UNLIKE),
        (actions("one", playbook="p") + actions("two", playbook="q"), UNLIKE),
    ],
)  # fmt: skip
def test_what_is_not_one_plain_run_is_refused(place: Place, wanted: list[Action], said: str) -> None:
    place.hosts("one", "two")
    written = enforced(place, wanted)
    assert set(written) == {action.resource for action in wanted}
    assert {(one.said, one.ran) for one in written.values()} == {(said, False)}


def test_no_actions_are_no_run(place: Place) -> None:
    place.hosts("one")
    assert enforced(place, []) == {}


def test_the_verb_says_what_plan_and_guards_must_know() -> None:
    [verb] = VERBS
    assert (verb.name, verb.kinds, verb.declares) == ("ansible.playbook", frozenset({"host"}), True)
    assert (verb.effect, verb.risk, verb.undo) == ("sets", "disruptive", "partial")
    assert verb.arguments == (
        Argument("playbook", "playbook", verb.arguments[0].description, required=True),
        Argument("vars", "variables", verb.arguments[1].description),
    )
