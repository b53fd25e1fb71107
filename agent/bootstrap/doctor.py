"""The doctor's checks, put together: which function of which room answers each of its questions."""

from __future__ import annotations

import getpass
import os
import re
import sys
import tempfile
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import TYPE_CHECKING

from agent import bootstrap, switch
from agent.bootstrap.registry import examiner, readers
from agent.doctor import approvers, district, machine, places, programs
from agent.doctor.word import Check, broken, examine
from agent.errors import InputError
from agent.intake.programs import find
from agent.intake.settings_file import FILE
from agent.intake.settings_file import read as read_settings
from agent.model.source import ExportSource
from agent.model.sweep import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from agent.doctor.word import Word
    from agent.model.policy import Repository
    from agent.model.sweep import Sweep
    from agent.settings import MailSettings, Settings

MAIL_SECONDS = 10.0  # for each answer of the mail server
LOAD_SECONDS = 60.0  # a git server may be slow
ANSIBLE = ">=2.19,<2.20"  # where we run without having been installed


def look(read: Callable[[], Settings], repo: str | None, state: Path | None, config: Path | None) -> Iterator[Word]:
    """Look at everything: the settings, then the repository, then all the rest side by side."""
    try:
        settings = read()
    except InputError as error:
        why = str(error).replace("\n", " ")
        yield from broken("settings", why, "Correct that; what follows goes by the defaults")
        settings = _defaults().at(repo, state)
    found: list[Repository] = []

    def load() -> Sequence[Word]:
        repository, words = district.repository(lambda: bootstrap.load(settings), settings.repository)
        found.extend([repository] if repository else [])
        return words

    yield from examine([Check("repository", load)], LOAD_SECONDS)
    repository = found[0] if found else None
    yield from examine([*_machine(), *_places(settings, config), *_district(settings, repository)])


def _defaults() -> Settings:
    with tempfile.NamedTemporaryFile() as empty:
        return read_settings(Path(empty.name), {k: v for k, v in os.environ.items() if k == "XDG_DATA_HOME"})


def _machine() -> list[Check]:
    return [
        Check("python", machine.python),
        Check("letters", lambda: machine.letters(sys.stdout.encoding)),
        Check("clock", machine.clock),
        Check("git", lambda: programs.git(find)),
        Check("ssh", lambda: programs.ssh(find)),
        Check("ansible", lambda: programs.ansible(find, _wanted_ansible())),
    ]


def _wanted_ansible() -> str:
    try:
        asked = requires("driftbell") or []
    except PackageNotFoundError:
        return ANSIBLE
    found = next((m for line in asked if (m := re.match(r"ansible-core\s*([<>=,. \d]+)", line))), None)
    return found[1].replace(" ", "") if found else ANSIBLE


def _places(settings: Settings, config: Path | None) -> list[Check]:
    vault = settings.ansible.vault_password_file
    password = settings.mail.password if settings.mail else ""
    held = [Path(vault)] if vault else []
    held += [Path(password.removeprefix("file:"))] if password.startswith("file:") else []
    named = config or Path(os.environ.get("DRIFTBELL_CONFIG") or FILE)
    return [
        Check("state", lambda: places.state(settings.state)),
        Check("disk", lambda: places.disk(settings.state)),
        Check(
            "permissions", lambda: places.private(settings.state / "ledger.db", held, named, settings.state / "exports")
        ),
        *([Check("secrets", lambda: places.secret_file("ansible.vault_password_file", Path(vault)))] if vault else []),
        *([Check("secrets", lambda: places.secret("mail.password", password, vault))] if password else []),
        Check("known hosts", lambda: places.trusted_keys(settings.known_hosts)),
    ]


def _district(settings: Settings, repository: Repository | None) -> list[Check]:
    mail = settings.mail and replace(settings.mail, timeout=min(settings.mail.timeout, MAIL_SECONDS))
    recipients = len(repository.district.recipients) if repository else None
    return [
        *(_named(settings, repository) if repository else _unread(settings)),
        Check("ledger", lambda: district.ledger(lambda: _ledger(settings.state / "ledger.db"))),
        Check("mail", lambda: district.mail(partial(_knock, mail) if mail else None, recipients)),
        Check("kill switch", lambda: district.switch(_stopped(settings, repository))),
    ]


def _unread(settings: Settings) -> list[Check]:
    if not settings.repository:
        return []  # there is none yet, which was said
    return [
        Check(about, partial(district.unread, about)) for about in ("lists", "known hosts", "collections", "approvers")
    ]


def _named(settings: Settings, repository: Repository) -> list[Check]:
    """Give the checks of what the repository names."""
    now = datetime.now(UTC)
    lists = [s for s in repository.sources if isinstance(s, ExportSource)]
    observe = partial(_observed, settings, repository)
    return [
        *(Check(f"list {source.name}", partial(district.export, source, observe, now)) for source in lists),
        Check("known hosts", lambda: district.host_keys(lambda: _untrusted(settings, repository))),
        Check("collections", lambda: programs.collections(Path(repository.root), find)),
        Check("approvers", lambda: approvers.look_at(settings, repository.district, find, _readable)),
        *([Check("second opinion", lambda: programs.testinfra(_lack(settings)))] if _verified(repository) else []),
    ]


def _verified(repository: Repository) -> bool:
    return any(policy.verify for policy in repository.policies)


def _lack(settings: Settings) -> str:
    return examiner(settings).lack()


def _readable(key: str) -> bool:
    from agent.systems.ssh_signature.program import readable

    return readable(key)


def _observed(settings: Settings, repository: Repository, source: ExportSource) -> Sweep:
    """Read a list, without any of its fields: how many rows, how old, what is wrong."""
    reader = readers(settings, repository, bootstrap.catalog())[source.kind][source.name]
    return reader.observe(repository, Request(source.kind, ()))


def _untrusted(settings: Settings, repository: Repository) -> tuple[int, Mapping[str, str]]:
    """Give how many hosts are reached over SSH, and which of them are not known, by why."""
    from agent.systems.host import known_hosts
    from agent.systems.host.answer import SilentError
    from agent.systems.host.connection import target

    trusted = known_hosts.read(settings.known_hosts)
    me, root = getpass.getuser(), Path(repository.root)
    number, missing = 0, {}
    for host in repository.hosts:
        try:
            way = target(host, root, me)
        except SilentError as error:
            number, missing[host.name] = number + 1, str(error)
            continue
        hops = [*way.jumps, *([way.hop] if way.hop else [])]
        number += bool(hops)
        strange = [h for h in hops if not trusted.keys(known_hosts.host_name(h.host, h.port))]
        if strange:
            missing[host.name] = f"the key of {strange[0]} is not trusted yet"
    return number, missing


def _ledger(path: Path) -> tuple[str, str, int]:
    """Give the ledger's version, the newest one, and how many mails wait; nothing is made, changed or raised."""
    from agent.ledger import versions
    from agent.ledger.database import open_file
    from agent.ledger.store import open_ledger

    if not path.exists():
        return "", versions.NEWEST, 0
    with closing(open_file(path, read_only=True)) as database:
        version = versions.current(database)
    versions.refuse_newer(path, version)
    if version != versions.NEWEST:
        return version, versions.NEWEST, 0
    with open_ledger(path, read_only=True) as store:
        return version, versions.NEWEST, len(store.spool.waiting())


def _knock(mail: MailSettings) -> None:
    from agent.report.post import knock

    knock(mail)


def _stopped(settings: Settings, repository: Repository | None) -> str:
    if repository is not None:
        return switch.reason(settings.stop_file, repository.district)
    return f"{settings.stop_file} is there." if settings.stop_file.exists() else ""
