"""The text of a policy as it was written; where it holds a secret, the same without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agent import bootstrap
from agent.settings import Settings
from tests.cli.fixtures import Driftbell

if TYPE_CHECKING:
    from pathlib import Path

    from agent.model.evidence import PolicyText


@pytest.fixture
def district(tmp_path: Path) -> Driftbell:
    made = Driftbell(tmp_path)
    made.district()
    made.write("inventory/systems.yaml", {"systems": {}})
    made.write("playbooks/x.yml", "- hosts: all\n  tasks: []\n")
    return made


def texts(district: Driftbell, tmp_path: Path, **variables: object) -> dict[str, PolicyText]:
    remedy = [{"do": "ansible.playbook", "with": {"playbook": "playbooks/x.yml", "vars": variables}}]
    expect = {"sshd.passwordauthentication": "no"}
    for name, mode in (("SSH-01", "enforce"), ("SSH-02", "audit"), ("SSH-03", "propose")):
        district.policy(name, mode=mode, expect=expect, remedy=remedy)
    return dict(bootstrap.load(Settings(repository=str(district.repo), state=tmp_path / "state")).texts)


def test_a_text_is_the_file_s_own_and_only_of_what_may_change_anything(district: Driftbell, tmp_path: Path) -> None:
    found = texts(district, tmp_path, port=22)
    assert set(found) == {"SSH-01", "SSH-03"}
    one = found["SSH-01"]
    assert (one.text, one.masked) == ((district.repo / one.file).read_text("utf-8"), False)
    assert one.file == "policies/hosts/SSH-01.yaml"


def test_a_value_whose_name_says_that_it_is_secret_is_masked(district: Driftbell, tmp_path: Path) -> None:
    one = texts(district, tmp_path, db_password={"of": ["tïger", 5]}, user="amy")["SSH-01"]
    assert one.masked
    assert "ger" not in one.text.replace("trigger", "")
    assert '"passwordauthentication": "no"' in one.text or '"sshd.passwordauthentication": "no"' in one.text
    assert '"user": "amy"' in one.text
