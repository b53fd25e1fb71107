"""The demo's district: Riverton with lists made up for today, in watch only, and one folder that is really mended."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from agent.errors import InputError, UnseenError
from agent.example import LATER, root, texts
from agent.example.tested import TESTS, tests
from agent.intake.formatting import laid_out
from agent.intake.git_program import plumbing
from agent.intake.schema import schema

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from agent.model.kind import Catalog

MARK = ".driftbell-demo"
GOOD_FOR = timedelta(days=180)
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
      vars:
        notice_path: {path}
        notice_text: {notice}
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
# `scratch-folder` is this machine, confined to one folder that the demo made. Riverton's servers are invented, so they
# are not in this inventory.
scratch:
  hosts:
    scratch-folder:
      ansible_connection: local
      ansible_python_interpreter: "{{{{ ansible_playbook_python }}}}"
      ansible_remote_tmp: {temporary}
      driftbell_only_under: {folder}
      site: office
"""

_FIRST_COMMIT = (
    ("-c", "init.defaultBranch=main", "init", "--quiet", "--template="),
    ("add", "."),
    ("commit", "--quiet", "--message", "Riverton Unified"),
)
_SOMEBODY = {
    f"GIT_{who}_{what}": said
    for who in ("AUTHOR", "COMMITTER")
    for what, said in (("NAME", "Driftbell's demo"), ("EMAIL", "demo@riverton.example"))
}


@dataclass(frozen=True, slots=True)
class Demo:
    """Where the demo's parts are."""

    district: Path
    state: Path
    notice: Path  # the file that drifts
    pages: Path  # the folder that the reports go to

    @property
    def exports(self) -> Path:
        """Give the folder of Riverton's lists."""
        return self.state / "exports"


def lay_down_demo(folder: Path, today: date, catalog: Catalog) -> Demo:
    """Make the demo's folder anew, without the lists. Only a folder that an earlier demo made is ever removed.

    Riverton lives today, whenever that is: its dated values are good for another while.

    Raises:
        InputError: the folder is somebody else's, or cannot be written.
    """
    folder = folder.resolve()
    try:
        _clear(folder)
        return _write(folder, today, catalog)
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


def _write(folder: Path, today: date, catalog: Catalog) -> Demo:
    demo = Demo(folder / "district", folder / "state", folder / "scratch" / "issue.net", folder)
    _copy(demo.district)
    _renew(demo.district / "policies" / "values", today + GOOD_FOR)
    demo.exports.mkdir(mode=0o700, parents=True)
    demo.state.chmod(0o700)
    demo.notice.parent.mkdir()
    demo.notice.write_text(f"{DRIFTED}\n", encoding="utf-8")
    fields = {
        "field": _quoted(f"file.{demo.notice}.content"),
        "path": _quoted(str(demo.notice)),
        "notice": _quoted(f"{NOTICE}\n"),
    }
    policy = laid_out(POLICY.format(**fields).encode(), "DEMO-01.yaml", schema(catalog))  # as `fmt` spells that path
    (demo.district / "policies" / "hosts" / "DEMO-01.yaml").write_text(policy, encoding="utf-8")
    (demo.district / "playbooks" / "notice.yml").write_text(PLAYBOOK, encoding="utf-8")
    temporary = _quoted(str(demo.state / "ansible"))  # not every account has a home that can be written
    inventory = INVENTORY.format(folder=_quoted(str(demo.notice.parent)), temporary=temporary)
    (demo.district / "inventory" / "hosts.yml").write_text(inventory, encoding="utf-8")
    (demo.district / ".gitignore").write_text(texts.GITIGNORE, encoding="utf-8")
    _commit(demo.district)
    return demo


def _commit(district: Path) -> None:
    """Make a git repository with one commit of it, so that changes can be compared with it; without git, make none."""
    # Should the first step not work, git must not take a repository further up for this one.
    env = {**_SOMEBODY, "GIT_CEILING_DIRECTORIES": str(district.parent)}
    with contextlib.suppress(UnseenError):
        all(plumbing(*words, cwd=district, env=env).code == 0 for words in _FIRST_COMMIT)


def _copy(district: Path) -> None:
    """Copy the example as it is, without what would speak to the network: nothing of Riverton is really there."""
    ignored = shutil.ignore_patterns(".*", "driftbell.schema.json", "__pycache__")
    for part in ("policies", "playbooks"):
        shutil.copytree(root() / part, district / part, ignore=ignored)
    shutil.rmtree(district / "policies" / TESTS)
    for policy in list((district / "policies").rglob("*.yaml")):
        if re.search(r"(?m)^  kind: service\b", policy.read_text(encoding="utf-8")):
            policy.unlink()
    for test, place in tests(root() / "policies", district, LATER):
        if place.is_relative_to(district / "policies"):  # the others test what is not there
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(test, place)
    (district / "inventory").mkdir()
    systems = (root() / "inventory" / "systems.yaml").read_text(encoding="utf-8")
    listed = "".join(entry for entry in _entries(systems) if not re.search(r"(?m)^(?!\s*#).*\btype: probe\b", entry))
    (district / "inventory" / "systems.yaml").write_text(listed, encoding="utf-8")


def _renew(values: Path, until: date) -> None:
    for path in values.glob("*.yaml"):
        text = re.sub(r"(?m)^expires: .*$", f"expires: {until}", path.read_text(encoding="utf-8"))
        path.write_text(text, encoding="utf-8")


def _entries(systems: str) -> Iterator[str]:
    """Give the file in pieces: what stands before the first system, and each system."""
    yield from re.split(r"(?m)^(?=  [a-z0-9_-]+:)", systems)


def _quoted(text: str) -> str:
    """Give a text as a YAML scalar: JSON is one, whatever the text holds."""
    return json.dumps(text)
