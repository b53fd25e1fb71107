"""Encrypted values: used by Ansible, never shown; without the password they are a sentence, not a question."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from agent.model.reading import Unknown
from agent.settings import Settings
from agent.systems.ansible.job import End
from agent.systems.ansible.read import PlaybookRehearser
from agent.systems.ansible.runner import run_playbook
from agent.systems.ansible.vault import decrypted
from tests.ansible.district import converge

if TYPE_CHECKING:
    from tests.ansible.district import Place

TASKS = """
- name: write {{ door }}
  ansible.builtin.copy: {content: "it is {{ door }}", dest: "{{ out }}/x", mode: "0600"}
"""


def encrypted(place: Place, text: str) -> tuple[str, Path]:
    """Encrypt a text as a district does; gives the envelope, and the file with the password."""
    password = place.state / "vault"
    password.write_text("open sesame\n")
    program = Path(sys.executable).with_name("ansible-vault")
    words = [sys.executable, program, "encrypt_string", "--vault-password-file", password, text]
    said = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    return "\n".join(line.strip() for line in said.splitlines()[1:]), password


def test_encrypted_values_are_used_and_not_shown(place: Place) -> None:
    envelope, password = encrypted(place, "ali baba")
    place.hosts("web", door={"__ansible_vault": envelope})
    listed = place.repository()
    (place.root / "playbooks" / "host_vars").mkdir()  # a script's inventory holds no encrypted values
    place.hosts("web")
    block = "\n".join(f"  {line}" for line in envelope.splitlines())
    (place.root / "playbooks" / "host_vars" / "web.yml").write_text(f"door: !vault |\n{block}\n")
    playbook = place.tasks(TASKS)
    rehearser = PlaybookRehearser(Settings("", place.state), ("inventory/hosts",), password)
    reading = rehearser.rehearse(listed, converge(playbook), ["host/web"])["host/web"]
    assert reading == (f"write ******** (playbooks/play.yml:4): {place.out}/x: +it is ********",)

    shut = replace(rehearser, vault=None).rehearse(listed, converge(playbook), ["host/web"])["host/web"]
    assert isinstance(shut, Unknown)
    assert "no vault secrets" in shut.why

    missing = run_playbook(place.job(playbook, vault=place.state / "none"))
    assert (missing.hosts["web"].end, "with the vault's password" in missing.hosts["web"].why) == (End.UNTOUCHED, True)
    password.chmod(0o700)
    program = run_playbook(place.job(playbook, vault=password))
    assert "is a program" in program.hosts["web"].why


def test_envelopes_open_only_with_their_password(place: Place) -> None:
    envelope, _ = encrypted(place, "ali baba")
    values = {"a": [{"__ansible_vault": envelope}], "b": "$ANSIBLE_VAULT;1.1;AES256\nnonsense", "c": None}
    assert decrypted(values, b"open sesame") == {"ali baba"}
    assert decrypted(values, b"open barley") == set()
