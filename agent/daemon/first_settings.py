"""The settings that a new server begins with, each answer checked by what reads settings."""

from __future__ import annotations

import json
import re
import socket
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from agent.errors import InputError
from agent.intake import settings_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LOGIN = re.compile(r"[a-z_][a-z0-9_.-]*\$?\Z")
_PERSON = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z")

TEMPLATE = """\
# The settings of this server. `man driftbell` and docs/commands.md say what else can stand here.
repo: {repo}
state: {state}
{mail}
{people}
# approvers:          # whose SSH public keys sign approvals, by the name in district.yaml
#   director: [ssh-ed25519 AAAA...]
# signers:            # whose commits are run; without it unsigned ones are run, too
#   director: [ssh-ed25519 AAAA...]
# daemon: {{report_at: 06:30, listen: 127.0.0.1:9186, heartbeat: {{secret: systemd:heartbeat}}}}
"""
MAIL = """\
mail:
  server: {server}
  from: {sender}
# user: driftbell
# password: {{secret: systemd:mail-password}}    # and LoadCredential= in the unit: systemctl edit driftbell"""
NO_MAIL = """\
# mail: {server: "smtp://mail.example:587", from: "Driftbell <driftbell@district.example>"}"""
NO_PEOPLE = """\
# people: {amy: director}    # who a login of this server is, by the name in district.yaml"""


@dataclass(frozen=True, slots=True)
class Answers:
    """What the settings begin with. `people` says who a login of this server is, by the name in district.yaml."""

    repository: str
    server: str = ""
    sender: str = ""
    people: Mapping[str, str] = field(default_factory=dict)


def settings_text(answers: Answers) -> str:
    """Give the settings file's first text.

    Raises:
        InputError: what it would hold is no setting.
    """
    mail = NO_MAIL
    if answers.server:
        mail = MAIL.format(server=json.dumps(answers.server), sender=json.dumps(answers.sender, ensure_ascii=False))
    people = f"people: {json.dumps(dict(answers.people))}" if answers.people else NO_PEOPLE
    repo = json.dumps(answers.repository, ensure_ascii=False)
    text = TEMPLATE.format(repo=repo, state=settings_file.ROOTS_STATE, mail=mail, people=people)
    _believe(text)
    return text


def repository(said: str) -> str:
    """Check the address of the policy repository.

    Raises:
        InputError: it is none, or it holds a secret.
    """
    if not said.strip():
        msg = "Name the policy repository, such as ssh://git@git.riverton.example/policies.git (--repo)."
        raise InputError(msg)
    if settings_file.holds_secret(said):
        msg = (
            "This address holds a secret, which git would show to everybody here: use ssh with the key of this server."
        )
        raise InputError(msg)
    return said.strip()


def server(said: str) -> str:
    """Check the mail server's address; empty for none.

    Raises:
        InputError: it is no mail server's.
    """
    said = said.strip()
    if said:
        said = said if "://" in said else f"smtp://{said}"
        _believe(json.dumps({"mail": {"server": said, "from": "driftbell@example"}}))
    return said


def sender(said: str) -> str:
    """Check the address that mail comes from.

    Raises:
        InputError: it is no mail address.
    """
    _believe(json.dumps({"mail": {"server": "smtp://localhost", "from": said.strip()}}))
    return said.strip()


def people(said: Sequence[str]) -> dict[str, str]:
    """Read who logins are: LOGIN=PERSON.

    Raises:
        InputError: one of them has another form.
    """
    found = {}
    for pair in filter(None, (one.strip() for one in said)):
        login, _, person = (part.strip() for part in pair.partition("="))
        if not _LOGIN.match(login) or not _PERSON.match(person):
            msg = f"{pair!r} does not say who a login is: LOGIN=PERSON, such as amy=director."
            raise InputError(msg)
        found[login] = person
    return found


def own_sender() -> str:
    """Give an address that mail could come from, or an empty text where this machine knows no domain of its own."""
    name = socket.getfqdn()
    return f"Driftbell <driftbell@{name}>" if "." in name and not name.endswith(".localdomain") else ""


def _believe(text: str) -> None:
    """Read a text as the settings would be read.

    Raises:
        InputError: with the first thing that is wrong.
    """
    with tempfile.TemporaryDirectory(prefix="driftbell-") as made:
        path = Path(made, "driftbell.yaml")
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        try:
            settings_file.read(path, {})
        except InputError as error:
            raise InputError(error.problems[0].sentence) from None
