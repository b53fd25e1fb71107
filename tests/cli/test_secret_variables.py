"""A secret of the inventory that a policy asks about leaves the command nowhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agent.secrets import MASK

if TYPE_CHECKING:
    from tests.cli.fixtures import Driftbell, Mailbox

HAS, WANTED, FIELD = "hunter2secret", "correct-horse-9", "var.db_password"
REPORTS = ("Driftbell: ", "<!DOCTYPE", "<!doctype")  # say by the policies' titles what was held
BREAKS = re.compile(r"[\u00ad\u200b\u2060]|<wbr ?/?>")  # what lays out a long word would hide it from this test
IDLE = "- hosts: all\n  gather_facts: false\n  tasks: []\n"


def asking(driftbell: Driftbell, **variables: str) -> None:
    """Two policies that want different things of the same secret, one with a remedy that asks first."""
    driftbell.hosts({"here": {"ansible_connection": "local", "site": "east", "db_password": HAS}})
    driftbell.write("playbooks/idle.yml", IDLE)
    given = {"playbook": "playbooks/idle.yml", "vars": {"path": "/nowhere", **variables}}
    remedy = [{"do": "ansible.playbook", "with": given}]
    driftbell.policy("SECRET-01", expect={FIELD: WANTED}, mode="propose", remedy=remedy)
    driftbell.policy("SECRET-02", expect={FIELD: {"starts_with": WANTED}}, mode="propose", remedy=remedy)


def test_the_value_is_in_nothing_that_the_command_says(driftbell: Driftbell, mailbox: Mailbox) -> None:
    asking(driftbell, db_password=WANTED)
    driftbell.settings(mail=mailbox.settings())
    said = [
        driftbell(*words.split())
        for words in (
            "check", "check --json", "plan", "plan --json", "run", "run --json", "explain SECRET-01 here",
            "explain SECRET-01 here --json", "explain SECRET-02 here --fresh", "report --format text",
            "report --format html", "report --format json",
        )
    ]  # fmt: skip
    assert all(FIELD in one.out or one.out.startswith(REPORTS) for one in said)
    texts = [one.out + one.err for one in said]
    texts += [part.get_content() for mail in mailbox.messages() for part in mail.walk() if not part.is_multipart()]
    texts = [BREAKS.sub("", text) for text in texts]
    assert len(texts) > len(said)
    for text in texts:
        assert HAS not in text
        assert WANTED not in text
    assert f"wanted {MASK}; read {MASK}" in said[6].out
    assert said[7].json["expect"]["reading"] == MASK


def test_a_remedy_cannot_take_a_secret_into_its_plan(driftbell: Driftbell) -> None:
    asking(driftbell, given=f"<{FIELD}>")
    refused = driftbell("validate")
    assert refused.code == 2
    assert f"`<{FIELD}>` is a secret" in refused.out + refused.err
