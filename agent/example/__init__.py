"""The example district, Riverton Unified, and what `driftbell init` lays down of it.

Its policies, playbooks and inventory stand at the top of the source tree; the wheel carries them in this folder.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import available_timezones

from agent.errors import InputError
from agent.model.kind import nearest

EXAMPLE_NAME, EXAMPLE_ZONE = "Riverton Unified", "America/Chicago"

INVENTORY = """\
# The hosts that Driftbell looks at: an ordinary Ansible inventory, shared by its probes and your playbooks.
# `site` names a school of policies/district.yaml. The first host is this server itself, read without SSH;
# nothing is ever written to it. Add yours below, then run: driftbell hosts trust
servers:
  hosts:
    this-server:
      ansible_connection: local
      site: {site}
    # web1:
    #   ansible_host: 192.0.2.10          # its address
    #   ansible_user: driftbell           # an account that may use sudo without a password
    #   ansible_become: true
    #   site: {site}
"""

GITIGNORE = """\
# Exports hold student data. They belong into Driftbell's state directory, never into git.
*.csv
*.xlsx
*.zip
/inventory/exports/
/state/
# A secret is named by reference, never written down.
*.key
*.pem
"""


@dataclass(frozen=True, slots=True)
class Answers:
    """What a new district says of itself."""

    name: str = EXAMPLE_NAME
    timezone: str = EXAMPLE_ZONE
    director: str = ""  # mail address


def root() -> Path:
    """Give the folder that holds the example's policies/, playbooks/ and inventory/."""
    here = Path(__file__).parent
    return here if (here / "policies").is_dir() else here.parent.parent


def lay_down(folder: Path, answers: Answers) -> None:
    """Write a district that validates into a folder that is empty or not there yet.

    Raises:
        InputError: the folder holds something, an answer makes no sense, or it cannot be written.
    """
    _refuse_nonsense(answers)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(p.name != ".git" for p in folder.iterdir()):
            msg = f"{folder} is not empty; name a new folder, so that nothing of yours is overwritten."
            raise InputError(msg)
        _write(folder, answers)
    except OSError as error:
        msg = f"{error.filename or folder} cannot be written: {error.strerror}."
        raise InputError(msg) from error


def _refuse_nonsense(answers: Answers) -> None:
    if answers.timezone not in available_timezones():
        hint = nearest(answers.timezone, sorted(available_timezones())) or "."
        msg = f"There is no time zone {answers.timezone!r}{hint}"
        raise InputError(msg)
    if not answers.name.strip() or not answers.name.isprintable():
        msg = "A district needs a name, on one line."
        raise InputError(msg)
    if answers.director and not re.fullmatch(r"[^@\s<>\"']+@[^@\s<>\"']+", answers.director):
        msg = f"{answers.director!r} is not a mail address."
        raise InputError(msg)


def _write(folder: Path, answers: Answers) -> None:
    source = root()
    ignored = shutil.ignore_patterns("driftbell.schema.json", ".*")
    for part in ("policies", "playbooks"):
        shutil.copytree(source / part, folder / part, ignore=ignored)
    for policy in (folder / "policies" / "hosts").glob("*.yaml"):  # the banner's text, which is a block of plain lines
        policy.write_text(policy.read_text(encoding="utf-8").replace(EXAMPLE_NAME, answers.name), encoding="utf-8")
    (folder / "inventory").mkdir()
    shutil.copy(source / "inventory" / "systems.yaml", folder / "inventory" / "systems.yaml")
    district = folder / "policies" / "district.yaml"
    text = _with_answers(district.read_text(encoding="utf-8"), answers)
    district.write_text(text, encoding="utf-8")
    (folder / "inventory" / "hosts.yml").write_text(INVENTORY.format(site=_first_site(text)), encoding="utf-8")
    (folder / ".gitignore").write_text(GITIGNORE, encoding="utf-8")


def _with_answers(text: str, answers: Answers) -> str:
    """Put the answers in the example's places, as YAML text that cannot be anything else."""
    quoted = "'" + answers.name.replace("'", "''") + "'"
    text = text.replace(EXAMPLE_NAME, quoted if answers.name != EXAMPLE_NAME else EXAMPLE_NAME, 1)
    text = text.replace(EXAMPLE_ZONE, answers.timezone)
    return text.replace(
        "director@riverton.example", f"'{answers.director}'" if answers.director else "director@riverton.example"
    )


def _first_site(text: str) -> str:
    after = text.partition("\nsites:")[2]
    match = re.search(r"^  ([a-z0-9_-]+):", after, re.MULTILINE)
    return match[1] if match else "district"
