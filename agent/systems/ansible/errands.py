"""A playbook of our own, in the run's folder: what is asked of each host stands in a file, and the answer in an event.

The playbook is the same at every run. It tries as root first; where the writing account may not become root, as
itself, and then says what it may not read. It runs alone, or behind the district's playbook in the same process: then
it waits until the agent has said what is asked, which it may know only when that playbook has ended.

No content gets into an output, a log or an argument of a process: the request is an argument that the module's own
`no_log` hides, and the answer stands where Ansible prints nothing (`invocation`, below -vvv). What Ansible and
ansible-runner write of both is in the run's folder.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from agent.systems.ansible.collect import result_of
from agent.systems.ansible.folder import write

if TYPE_CHECKING:
    from pathlib import Path

    from agent.systems.ansible.folder import Folder
    from agent.systems.ansible.job import Errand

MODULE = "driftbell_host"
_LARGEST = 64 * 1024 * 1024  # characters of an answer: 20 MiB of contents, in base64 twice
# After these a host may be another one, or be reached in another way, for the rest of the process.
_STEERS = frozenset({"add_host", "group_by", "include_vars", "set_fact"})

_PLAYBOOK = """\
- name: Driftbell itself
  hosts: all
  gather_facts: false
  vars:
    driftbell_request: >-
      {{{{ lookup('ansible.builtin.pipe', 'sh {place}/asking ' ~ (inventory_hostname | hash('sha256'))) }}}}
  tasks:
    - name: What is there
      when: driftbell_request | length > 0
      diff: false
{mode}
      block:
        - name: As root
          {module}: {arguments}
          become: true
      rescue:
        - name: As the account that writes
          {module}: {arguments}
"""
_ARGUMENTS = '{{request: "{{{{ driftbell_request }}}}", looks: {looks}}}'
# The patience is for an agent that is busy. One that is gone is noticed at once, by the guardian.
_SCRIPT = """\
left=1200
until [ -e {place}/ready ]; do
  left=$((left - 1))
  [ "$left" -gt 0 ] || exit 1
  sleep 0.05
done
[ ! -e {place}/asked/"$1" ] || cat {place}/asked/"$1"
"""


def playbook(folder: Folder) -> Path:
    """Give the playbook's path, by the short name of the run's folder."""
    return folder.alias / "errand" / "play.yml"


def write_errand(errand: Errand, folder: Folder, playbooks: Path) -> None:
    """Write the playbook. Variables that stand beside the district's playbooks count here too."""
    place = folder.private / "errand"
    for each in (place, place / "asked"):
        each.mkdir(mode=0o700)
    (place / "library").symlink_to(errand.modules)
    named = str(folder.alias / "errand")
    arguments = _ARGUMENTS.format(looks=str(errand.looks).lower())
    mode = "      check_mode: false" if errand.looks else ""  # what looks writes nothing, and has to look now
    write(place / "play.yml", _PLAYBOOK.format(place=named, module=MODULE, arguments=arguments, mode=mode))
    write(place / "asking", _SCRIPT.format(place=named))
    for beside in ("group_vars", "host_vars"):
        if (playbooks / beside).is_dir():
            (place / beside).symlink_to(playbooks / beside)
    if not errand.behind:
        ask(errand.asked(), folder)


def ask(asked: Mapping[str, str], folder: Folder) -> None:
    """Say what is asked of each host; of a host that is not among them nothing is asked."""
    place = folder.private / "errand"
    for host, request in asked.items():
        write(place / "asked" / _name(host), request)
    write(place / "ready", "")


def environment() -> dict[str, str]:
    """Give what makes ansible-runner hand over an answer that is long."""
    return {"MAX_EVENT_RES": str(_LARGEST)}


def steers(event: Mapping[str, object]) -> bool:
    """Say whether after this event of a playbook an errand behind it might come to another host, or by another way."""
    data = event.get("event_data")
    return isinstance(data, Mapping) and str(data.get("task_action")).rpartition(".")[2] in _STEERS


def answer_of(event: Mapping[str, object]) -> tuple[str, str] | None:
    """Give the host and the answer that an event holds, or None."""
    data = event.get("event_data")
    if event.get("event") != "runner_on_ok" or not isinstance(data, Mapping) or data.get("task_action") != MODULE:
        return None
    said = result_of(data).get("invocation")
    answer = said.get("answer") if isinstance(said, Mapping) else None
    return (str(data.get("host")), answer) if isinstance(answer, str) else None


def _name(host: str) -> str:
    return hashlib.sha256(host.encode("utf-8", "surrogatepass")).hexdigest()
