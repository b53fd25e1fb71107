"""The demo's district: the example's policies on this machine in watch only, and one folder that is really mended."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.errors import InputError
from agent.example import Answers, lay_down

if TYPE_CHECKING:
    from pathlib import Path

MARK = ".driftbell-demo"
NOTICE = "This machine belongs to Riverton Unified. Use it for school work."
DRIFTED = "hello from the demo: somebody changed this file by hand"

POLICY = """\
# The demo's own rule: it may fix, because its host is confined to one folder (driftbell_only_under).
policy: DEMO-01
title: Every server says whose it is
why: Somebody who finds a machine must know whom to call.
severity: low
owner: systems@riverton.example
applies_to:
  kind: host
  where:
    groups: {{contains: scratch}}
expect:
  {field}: {notice}
mode: enforce
remedy:
  - do: ansible.playbook
    with:
      playbook: playbooks/notice.yml
      vars: {{notice_path: {path}, notice_text: {notice}}}
    risk: reversible
"""

PLAYBOOK = """\
---
# Used by DEMO-01: one file with one text in it.
- name: Say whose machine this is
  hosts: all
  gather_facts: false
  tasks:
    - name: Write the notice
      ansible.builtin.copy:
        dest: "{{ notice_path }}"
        content: "{{ notice_text }}"
        mode: "0644"
"""

INVENTORY = """\
# This machine, watched only, and `scratch`: the same machine, confined to one folder that the demo made.
servers:
  hosts:
    this-server:
      ansible_connection: local
      site: {site}
scratch:
  hosts:
    scratch-folder:
      ansible_connection: local
      ansible_python_interpreter: "{{{{ ansible_playbook_python }}}}"
      driftbell_only_under: {folder}
      site: {site}
"""


@dataclass(frozen=True, slots=True)
class Demo:
    """Where the demo's parts are."""

    district: Path
    state: Path
    notice: Path  # the file that drifts
    report: Path


def lay_down_demo(folder: Path) -> Demo:
    """Make the demo's folder anew. Only a folder that an earlier demo made is ever removed.

    Raises:
        InputError: the folder is somebody else's, or cannot be written.
    """
    folder = folder.resolve()
    try:
        _clear(folder)
        return _write(folder)
    except OSError as error:
        msg = f"{error.filename or folder} cannot be written: {error.strerror}."
        raise InputError(msg) from error


def _clear(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).is_file():
            msg = f"{folder} is not empty and not a demo's; name a new folder."
            raise InputError(msg)
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()


def _write(folder: Path) -> Demo:
    demo = Demo(folder / "district", folder / "state", folder / "scratch" / "issue.net", folder / "report.html")
    lay_down(demo.district, Answers())
    site = _site(demo.district)
    demo.notice.parent.mkdir()
    demo.notice.write_text(f"{DRIFTED}\n", encoding="utf-8")
    fields = {
        "field": _quoted(f"file.{demo.notice}.content"),
        "path": _quoted(str(demo.notice)),
        "notice": _quoted(f"{NOTICE}\n"),
    }
    (demo.district / "policies" / "hosts" / "DEMO-01.yaml").write_text(POLICY.format(**fields), encoding="utf-8")
    (demo.district / "playbooks" / "notice.yml").write_text(PLAYBOOK, encoding="utf-8")
    inventory = INVENTORY.format(site=site, folder=_quoted(str(demo.notice.parent)))
    (demo.district / "inventory" / "hosts.yml").write_text(inventory, encoding="utf-8")
    return demo


def _site(district: Path) -> str:
    text = (district / "inventory" / "hosts.yml").read_text(encoding="utf-8")
    return text.partition("site: ")[2].partition("\n")[0]


def _quoted(text: str) -> str:
    """Give a text as a YAML scalar: JSON is one, whatever the text holds."""
    return json.dumps(text)
