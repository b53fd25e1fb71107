"""A playbook of our own, in the run's folder: what is asked of each host stands in a file, and so does its answer.

The playbook is the same at every run. It tries as root first; where the writing account may not become root, as
itself, and then says what it may not read.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from agent.systems.ansible.folder import write

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from agent.systems.ansible.folder import Folder
    from agent.systems.ansible.job import Errand

_PLAYBOOK = """\
- name: Driftbell itself
  hosts: all
  gather_facts: false
  tasks:
    - name: What is there
      block:
        - name: As root
          driftbell_host:
          become: true
      rescue:
        - name: As the account that writes
          driftbell_host:
"""


def playbook(folder: Folder) -> Path:
    """Give the playbook's path, by the short name of the run's folder."""
    return folder.alias / "errand" / "play.yml"


def write_errand(errand: Errand, folder: Folder, playbooks: Path) -> None:
    """Write the playbook and what is asked. Variables that stand beside the district's playbooks count here too."""
    place = folder.private / "errand"
    for each in (place, place / "asked", place / "answers"):
        each.mkdir(mode=0o700)
    write(place / "play.yml", _PLAYBOOK)
    for beside in ("group_vars", "host_vars"):
        if (playbooks / beside).is_dir():
            (place / beside).symlink_to(playbooks / beside)
    for host, asked in errand.asked.items():
        write(place / "asked" / _name(host), asked)


def environment(errand: Errand, folder: Folder) -> dict[str, str]:
    """Give where Ansible finds our action and our module, and they their files."""
    return {
        "ANSIBLE_LIBRARY": str(errand.modules / "module"),
        "ANSIBLE_ACTION_PLUGINS": str(errand.modules / "action"),
        "DRIFTBELL_ERRAND": str(folder.private / "errand"),
    }


def hand_over(errand: Errand, folder: Folder, hosts: Iterable[str]) -> None:
    """Hand over what was answered; a host without an answer said why in its result."""
    for host in hosts:
        answer = folder.private / "errand" / "answers" / _name(host)
        if answer.is_file():
            errand.answered(host, answer.read_text(encoding="ascii"))


def _name(host: str) -> str:
    return hashlib.sha256(host.encode("utf-8", "surrogatepass")).hexdigest()
